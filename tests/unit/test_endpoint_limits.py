"""An endpoint is deleted for being idle only if it answered once and then was asked nothing for as long as allowed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from governor.domain.endpoint_limits import RESOLUTION, idle, may_be_idle, too_old
from governor.domain.policy import ServingRules

CREATED = datetime(2026, 3, 1, 8, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
limits = st.floats(1, 2000)
ages = st.floats(0, 5000).map(lambda hours: timedelta(hours=hours))


def rules(**limit: float) -> ServingRules:
    return ServingRules(**limit)


@given(limits, ages)
def test_age_alone_counts_for_max_hours(limit: float, age: timedelta) -> None:
    found = list(too_old(rules(max_hours=limit), CREATED, CREATED + age))
    assert [each.reason for each in found] == (["AGE"] if age > timedelta(hours=limit) else [])
    assert all(each.may_delete and each.since <= CREATED + age for each in found)


@given(limits, ages, ages)
def test_a_request_within_the_limit_keeps_it(limit: float, age: timedelta, ago: timedelta) -> None:
    now = CREATED + age
    # CloudWatch tells the hour's beginning; what it stands for came at most an hour later.
    last = max(CREATED, now - ago).replace(minute=0)
    found = list(idle(rules(idle_hours=limit), CREATED, last, now))
    if now - last <= timedelta(hours=limit):
        assert found == []
    if found:
        (overrun,) = found
        assert (overrun.reason, overrun.may_delete, overrun.last_request) == ("IDLE", True, last)
        assert age > timedelta(hours=limit)
        assert now - (last + RESOLUTION) > timedelta(hours=limit)


@given(limits, ages)
def test_no_figures_are_told_and_never_delete(limit: float, age: timedelta) -> None:
    found = list(idle(rules(idle_hours=limit), CREATED, None, CREATED + age))
    assert [each.reason for each in found] == (["NEVER_ASKED"] if age > timedelta(hours=limit) else [])
    assert not any(each.may_delete for each in found)
    assert bool(found) == may_be_idle(rules(idle_hours=limit), CREATED, CREATED + age)


def test_without_limits_nothing_is_over() -> None:
    now = CREATED + 5000 * HOUR
    assert [*too_old(rules(), CREATED, now), *idle(rules(), CREATED, CREATED, now)] == []
    assert not may_be_idle(rules(), CREATED, now)
