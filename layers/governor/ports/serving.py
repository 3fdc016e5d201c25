"""What the ledger knows of the active model."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from governor.domain.serving import Change
from governor.ports.notices import Notice


@dataclass(frozen=True)
class Serving:
    """The ACTIVE row: which model is active as far as we know, and who is changing it."""

    phase: Literal["SETTLED", "CHANGING"]
    active: str
    """A model's ARN, or `NONE`."""
    seq: int = 0
    previous: str | None = None
    target: str | None = None
    op: str | None = None
    frozen: bool = False
    claimed_at: datetime | None = None
    who: str = ""
    """Who ordered or approved the change that is under way; empty for a promotion that needed nobody."""
    why: str = ""


@dataclass(frozen=True)
class ServingChange(Change):
    """A row of the serving history: a change with who made it and why. `batch` is None outside promotions."""

    who: str
    why: str
    batch: int | None


class ServingRows(Protocol):
    """The ACTIVE row and its history: the compare-and-set that UpdateFlywheel lacks."""

    def read(self, flywheel: str) -> Serving | None: ...

    def put_first(self, flywheel: str, active: str) -> None:
        """Put the row if there is none."""

    def claim(
        self,
        flywheel: str,
        *,
        op: str,
        baseline: str,
        target: str,
        ignore_frozen: bool,
        now: datetime,
        who: str = "",
        why: str = "",
    ) -> bool:
        """Move SETTLED to CHANGING if `baseline` is still active (and promotion is not frozen); False if refused.

        A claim that `op` has already begins anew: whoever tries again has all the time of a first try. `who` and
        `why` are kept for whoever settles what a crash left half-way.
        """

    def settle(
        self,
        flywheel: str,
        change: ServingChange,
        notice: Notice,
        *,
        active: str,
        thaw: bool = False,
        freeze: bool = False,
    ) -> bool:
        """Move CHANGING to SETTLED with `active`, history row and notice in one transaction.

        `freeze` switches automatic promotion off, `thaw` on again. False if `change.op` has no claim.
        """

    def release_claim(self, flywheel: str, seen: Serving) -> bool:
        """Move CHANGING back to SETTLED with nothing changed; False if the claim is not the one in `seen` any more."""

    def adopt(self, flywheel: str, seen: Serving, change: ServingChange, notice: Notice) -> bool:
        """Record that somebody else changed the active model to `change.target`.

        False if the row is not `seen` any more.
        """

    def thaw(self, flywheel: str) -> bool:
        """Switch automatic promotion on again; False if it was on."""

    def last_change(self, flywheel: str) -> ServingChange | None: ...

    def history(self, flywheel: str) -> list[ServingChange]:
        """Return every change of the active model, oldest first."""
