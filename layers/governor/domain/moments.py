"""Points in time as text: UTC, fixed width, so that text order is time order."""

from datetime import UTC, datetime, timedelta

_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
OPEN_END = datetime(9999, 12, 31, tzinfo=UTC)
"""A hold that only a person or a new policy ends."""


def to_text(moment: datetime) -> str:
    """Return `moment` as `2026-11-23T03:25:34.000000Z`."""
    return moment.astimezone(UTC).strftime(_FORMAT)


def from_text(text: str) -> datetime:
    """Return the aware UTC datetime of `to_text`'s output (a form without fraction is read too)."""
    return datetime.fromisoformat(text).astimezone(UTC)


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Return how many seconds `later` is after `earlier` (negative if before)."""
    return (later - earlier) / timedelta(seconds=1)
