"""What every call has around it: metrics, the log, the time, randomness."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from governor.domain.measures import Measure


class Meter(Protocol):
    """Metrics. What there is to measure is in `domain/measures.py`."""

    def record(self, values: Mapping[Measure, float], **dimensions: str) -> None:
        """Emit one value of each measure, which have the same sets of dimensions.

        A counter needs all its dimensions; a gauge those of exactly one of its sets.
        """


class Log(Protocol):
    """Structured log lines. No text of a document is ever in one."""

    def know(self, **ids: str | int) -> None:
        """Put ids on every further line of this call: flywheel, turn, batch, upload."""

    def forget(self, *names: str) -> None: ...

    def about(self, **ids: str) -> AbstractContextManager[None]:
        """Put ids on the lines of what is done inside, and log the failure that it ends with."""

    def warn(self, sentence: str) -> None: ...


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime: ...


class Randomness(Protocol):
    """Where nonces and codes come from."""

    def nonce(self) -> str:
        """Return 256 random bits, URL-safe."""

    def code(self) -> str:
        """Return six random digits."""
