"""Points in time, in UTC: as text of fixed width, so that text order is time order; and where months begin."""

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


def month_of(now: datetime) -> datetime:
    """Return when the month of `now` began, in UTC."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(now: datetime) -> datetime:
    """Return when the next month begins, in UTC."""
    first = month_of(now)
    return first.replace(year=first.year + 1, month=1) if first.month == 12 else first.replace(month=first.month + 1)
