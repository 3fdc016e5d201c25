"""The ledger's turns: who may work on a flywheel."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from governor.domain.turn import Head, Hold, Phase


class Heads(Protocol):
    """The head rows: one a flywheel, and every write is conditional."""

    def read(self, flywheel: str) -> Head | None:
        """Return the head (strongly consistent), None before the first turn."""

    def fence(self, flywheel: str, me: str) -> Head:
        """Return the head if the execution `me` holds the turn; raise TurnLostError otherwise."""

    def take(self, flywheel: str, turn: int, me: str, now: datetime) -> bool:
        """Move IDLE to RUNNING for `me`; True also if that had already happened by `me`'s own hand."""

    def skip(self, flywheel: str, turn: int) -> bool:
        """Burn a turn number whose execution closed before it took the turn; False if the head has moved."""

    def set_flywheel_arn(self, flywheel: str, me: str, arn: str) -> None:
        """Record the flywheel's ARN. Raises TurnLostError, as do the setters below."""

    def set_phase(self, flywheel: str, me: str, batch: int, phase: Phase) -> None: ...

    def set_attempt(self, flywheel: str, me: str, batch: int, attempt: int) -> None: ...

    def set_baseline(self, flywheel: str, me: str, batch: int, baseline: str) -> None: ...

    def release(self, flywheel: str, me: str, *, failures: int, hold: Hold | None) -> bool:
        """Move RUNNING to IDLE; False if `me` does not hold the turn (any more)."""

    def free(self, flywheel: str, turn: int, holder: str, *, failures: int, hold: Hold | None) -> bool:
        """Move RUNNING to IDLE for a dead holder; False if somebody else was faster."""

    def lift_hold(self, flywheel: str, hold: Hold) -> bool:
        """Remove exactly `hold` and the failures that led to it; False if the head has another one by now."""

    def resume(self, flywheel: str, seen: Head, *, by: str, now: datetime) -> bool:
        """Remove the hold and the failures that `seen` has, and record who did it.

        False if the head has others by now.
        """

    def names(self) -> list[str]:
        """Return the names of all flywheels that ever took a turn."""


@dataclass(frozen=True)
class TurnEnd:
    """How a turn ended. `outcome`: an ending, or the name of the error that it failed with. `cause`: the sentence."""

    turn: int
    outcome: str
    cause: str


class TurnLog(Protocol):
    """One row a turn, for people."""

    def began(self, flywheel: str, turn: int, execution: str, now: datetime) -> None: ...

    def ended(self, flywheel: str, turn: int, outcome: str, cause: str, now: datetime) -> None: ...

    def latest(self, flywheel: str, limit: int) -> Iterator[TurnEnd]:
        """Yield those of the last `limit` turns that have ended, the newest first."""
