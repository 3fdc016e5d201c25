"""The calls that were seen, the last ones: for a look behind an application's back."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any, NamedTuple

KEPT, LONGEST = 5000, 128


class Seen(NamedTuple):
    """One call, without anything that was in it. `outcome`: `ok`, an error's code, or what a rule did to the reply."""

    number: int
    time: float
    operation: str
    caller: str
    region: str
    outcome: str
    rule: str | None


class Audit:
    """A ring: the newest calls push out the oldest. Numbers grow without gaps, from 1."""

    def __init__(self, kept: int = KEPT) -> None:
        self._seen: deque[Seen] = deque(maxlen=kept)
        self._number = 0
        self._lock = threading.Lock()

    def note(self, time: float, operation: str, caller: str, region: str, outcome: str, rule: str | None) -> None:
        """Remember a call. What the caller chose is cut, so that no caller can fill the memory."""
        with self._lock:
            self._number += 1
            self._seen.append(
                Seen(self._number, time, operation[:LONGEST], caller[:LONGEST], region[:LONGEST], outcome, rule)
            )

    def calls(self, after: int = 0, operation: str | None = None) -> list[dict[str, Any]]:
        """The calls that are remembered, the oldest first: those after a number, those of one operation."""
        with self._lock:
            found = list(self._seen)
        return [
            seen._asdict()
            for seen in found
            if seen.number > after and (operation is None or seen.operation == operation)
        ]
