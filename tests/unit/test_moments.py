"""Points in time as text: text order is time order, and nothing is lost."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from governor.domain.moments import OPEN_END, from_text, seconds_between, to_text

moments = st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(moments)
def test_text_reads_back_as_the_same_moment(moment: datetime) -> None:
    assert from_text(to_text(moment)) == moment


@given(moments, moments)
def test_text_order_is_time_order(one: datetime, other: datetime) -> None:
    assert (to_text(one) < to_text(other)) == (one < other)


@given(moments)
def test_every_text_is_as_long_as_every_other(moment: datetime) -> None:
    assert len(to_text(moment)) == len(to_text(OPEN_END))


@given(st.datetimes(min_value=datetime(1000, 1, 3), max_value=datetime(9998, 1, 1), timezones=offsets))  # noqa: DTZ001
def test_other_time_zones_are_written_as_utc(moment: datetime) -> None:
    assert to_text(moment) == to_text(moment.astimezone(UTC))
    assert from_text(to_text(moment)) == moment


def test_the_form_is_pinned_because_sort_keys_are_made_of_it() -> None:
    assert to_text(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)) == "2026-01-02T03:04:05.000006Z"
    assert from_text("9999-12-31T00:00:00Z") == OPEN_END


@given(moments, moments)
def test_seconds_between_is_signed_and_exact(one: datetime, other: datetime) -> None:
    assert seconds_between(one, other) == -seconds_between(other, one)
    assert seconds_between(one, one + timedelta(milliseconds=250)) == 0.25 if one < OPEN_END else True
