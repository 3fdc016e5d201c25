"""Points in time on a machine that is not in UTC, and at the ends of months."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from governor.domain.budget import Cost, spent_in_month
from governor.domain.moments import from_text, month_of, next_month, to_text

EAST = timezone(timedelta(hours=14))


@pytest.fixture(autouse=True)
def _far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_text_is_in_utc_wherever_it_is_written_and_read() -> None:
    moment = datetime(2026, 1, 2, 3, tzinfo=UTC)
    assert to_text(moment) == "2026-01-02T03:00:00.000000Z"
    assert from_text("2026-01-02T03:00:00.000000Z").utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("now", "first", "next_"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, 999_999, UTC), datetime(2026, 11, 1, tzinfo=UTC), (2026, 12)),
        (datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), (2027, 1)),
        (datetime(2026, 12, 1, 13, tzinfo=EAST), datetime(2026, 11, 1, tzinfo=UTC), (2026, 12)),
    ],
)
def test_months_are_those_of_utc(now: datetime, first: datetime, next_: tuple[int, int]) -> None:
    assert month_of(now) == first
    assert month_of(now).utcoffset() == timedelta(0)
    assert next_month(now) == datetime(*next_, 1, tzinfo=UTC)


def test_a_cost_belongs_to_the_month_in_which_it_began_in_utc() -> None:
    last = datetime(2026, 12, 1, 13, tzinfo=EAST)
    assert spent_in_month([Cost("training", 3.0, last)], datetime(2026, 11, 5, tzinfo=UTC)) == 3.0
    assert spent_in_month([Cost("training", 3.0, last)], datetime(2026, 12, 5, tzinfo=UTC)) == 0.0
