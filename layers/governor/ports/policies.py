"""The policy table."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from governor.domain.policy import PinnedPolicy, Policy


class Policies(Protocol):
    """The policy table; functions only read it."""

    def version(self, flywheel: str) -> int:
        """Return the current version's number even if the row is malformed; 0 if there is none."""

    def current(self, flywheel: str) -> PinnedPolicy:
        """Return the current policy; raises PolicyMissingError when there is none or it is malformed."""

    def pinned(self, flywheel: str, version: int) -> PinnedPolicy:
        """Return the policy as it was at `version`."""

    def names(self) -> list[str]: ...


@dataclass(frozen=True)
class PolicyVersion:
    """One version of a policy: its number, who wrote it and when."""

    number: int
    author: str
    written_at: datetime


@dataclass(frozen=True)
class PolicyPut:
    """What became of an attempt to write a policy.

    WRITTEN: `version` is the new one, `previous` the one before. SAME: `version` says the same already. LOST:
    `version` was written meanwhile by somebody else (None if the row was spoilt or deleted meanwhile).
    """

    word: Literal["WRITTEN", "SAME", "LOST"]
    version: PolicyVersion | None
    previous: PolicyVersion | None = None


class PolicyWriter(Protocol):
    """Writes the policy table on behalf of a person; no function has it."""

    def put(self, flywheel: str, policy: Policy, *, author: str, now: datetime) -> PolicyPut:
        """Make `policy` the next version, unless the current one is the same, or is no longer the one that was read."""
