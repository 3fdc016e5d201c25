"""The policy table."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from governor.domain.policy import PinnedPolicy

Cause = Literal["file", "defaults"]


class Policies(Protocol):
    """The policy table; functions only read it, and only whole policies: defaults are merged when rows are written."""

    def version(self, flywheel: str) -> int:
        """Return the current version's number even if the row is malformed; 0 if there is none."""

    def current(self, flywheel: str) -> PinnedPolicy:
        """Return the current policy.

        Raises PolicyMissingError when there is none, it is malformed, or it was edited past the command line.
        """

    def pinned(self, flywheel: str, version: int) -> PinnedPolicy:
        """Return the policy as it was at `version`; raises PolicyMissingError as `current` does."""

    def names(self) -> list[str]:
        """Return the flywheels that have a row."""


@dataclass(frozen=True)
class PolicyRow:
    """One version of a policy, or of the defaults, as the table has it: whoever repairs a row must be able to see it.

    `number`: 0 if the row's cannot be one. `written_at`: None if that was lost. `document`: the whole policy as JSON
    text; of the defaults what their file gives. `overrides`: what the flywheel's file gives, as JSON text. `defaults`:
    the version of the defaults in it, 0 if there were none. `cause`: what made the version, a file of its own or new
    defaults. `edited`: a text is not the one that was written.
    """

    number: int
    author: str
    written_at: datetime | None
    document: str
    overrides: str
    defaults: int = 0
    cause: Cause = "file"
    edited: bool = False
    seen: Any = field(default=None, repr=False, compare=False)
    """What the table compares when this row is replaced."""


class PolicyWriter(Protocol):
    """Reads and writes rows on behalf of a person; no function has it. `name`: a flywheel's, or `DEFAULTS`."""

    def current(self, name: str) -> PolicyRow | None:
        """Return the row in force, whatever its state."""

    def version(self, name: str, number: int) -> PolicyRow | None:
        """Return one version."""

    def history(self, name: str) -> list[PolicyRow]:
        """Return all versions, the oldest first."""

    def names(self) -> list[str]:
        """Return the flywheels that have a row."""

    def write(
        self,
        name: str,
        document: str,
        overrides: str,
        *,
        over: PolicyRow | None,
        defaults: PolicyRow | None,
        cause: Cause,
        author: str,
        now: datetime,
    ) -> PolicyRow | None:
        """Write the next version over the row that was seen (None: there was none) and return it.

        None if another version was written meanwhile, of this policy or of the `defaults` that are merged into it.
        """
