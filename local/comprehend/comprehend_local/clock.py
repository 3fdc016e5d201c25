"""The time, injectable: tests move it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Seconds since 1970 in UTC, with fractions."""

    def now(self) -> float:
        """The current time."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """The current time, to the millisecond as the service reports it."""
        return round(time.time(), 3)


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> float:
        """The time it was last set to."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move forward."""
        with self._lock:
            self._now = round(self._now + seconds, 3)


class OffsetClock:
    """Another clock, moved forward by `offset` seconds."""

    def __init__(self, base: Clock, offset: float = 0.0) -> None:
        self._base = base
        self._lock = threading.Lock()
        self.offset = offset

    def now(self) -> float:
        """The base's time and the offset."""
        return round(self._base.now() + self.offset, 3)

    def advance(self, seconds: float) -> None:
        """Move further forward."""
        with self._lock:
            self.offset += seconds


def stamp(moment: float) -> str:
    """`20220907T214613Z`: the form of iteration ids and of folders in the data lake (UTC, whole seconds)."""
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y%m%dT%H%M%SZ")
