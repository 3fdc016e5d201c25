"""The budget of a month, in UTC, and the prices that it is made of."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain.budget import FIRST_TRAINING, Cost, likely_training, over_budget, spent_in_month
from governor.domain.forecast import forecast
from governor.domain.moments import month_of, next_month
from governor.domain.pricing import job_cost, training_cost, units_of

NOW = datetime(2026, 12, 15, 12, tzinfo=UTC)
moments = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments)
def test_every_moment_is_in_its_month(now: datetime) -> None:
    assert month_of(now) <= now < next_month(now)
    assert next_month(now).day == 1
    assert month_of(next_month(now) - timedelta(microseconds=1)) == month_of(now)
    assert timedelta(days=28) <= next_month(now) - month_of(now) <= timedelta(days=31)


def test_a_month_begins_at_midnight_in_utc() -> None:
    east = timezone(timedelta(hours=9))
    assert month_of(datetime(2027, 1, 1, 8, tzinfo=east)) == datetime(2026, 12, 1, tzinfo=UTC)
    assert next_month(NOW) == datetime(2027, 1, 1, tzinfo=UTC)


def test_what_began_in_another_month_is_not_counted() -> None:
    edges = [month_of(NOW) - timedelta(seconds=1), month_of(NOW), NOW, next_month(NOW)]
    costs = [Cost("exam", 10.0**number, at) for number, at in enumerate(edges)]
    assert spent_in_month(costs, NOW) == 110.0


def test_a_training_is_estimated_by_the_dearest_of_the_last_five() -> None:
    costs = [Cost("training", usd, NOW + timedelta(days=day)) for day, usd in enumerate([9.0, 1.0, 2.0, 5.0, 3.0, 2.0])]
    assert likely_training([*costs[::-1], Cost("exam", 100.0, NOW)]) == 5.0


def test_a_first_training_is_taken_to_cost_what_the_shorter_published_one_did() -> None:
    assert forecast(trains=True).usd.low == pytest.approx(FIRST_TRAINING)
    assert likely_training([]) == likely_training([Cost("exam", 100.0, NOW)]) == FIRST_TRAINING == 4.05
    assert likely_training([Cost("training", 0.5, NOW)]) == 0.5, "what is known counts, however little it is"
    assert over_budget(FIRST_TRAINING, 0.0, FIRST_TRAINING, "this training") is None


@pytest.mark.parametrize(
    ("budget", "spent", "needed", "said"),
    [
        (None, 1000.0, 1000.0, None),
        (5.0, 2.0, 3.0, None),
        (5.0, 2.0, 3.01, "2.00 dollars of the 5.00 dollars are spent .* would cost about 3.01 dollars"),
        (5.0, 5.0, 0.0, "5.00 dollars of the 5.00 dollars are spent"),
        (5.0, 4.99, 0.0, None),
        (5.0, 0.0, 6.0, "more than the budget of a month: raise it"),
    ],
)
def test_more_than_the_budget_is_not_spent(budget: float | None, spent: float, needed: float, said: str | None) -> None:
    sentence = over_budget(budget, spent, needed, "this training")
    if said is None:
        assert sentence is None
    else:
        assert sentence is not None
        assert re.search(said, sentence)


@given(st.integers(0, 10_000_000))
def test_a_document_is_billed_by_the_hundred_and_three_units_at_least(characters: int) -> None:
    units = units_of(characters)
    assert units >= 3
    assert units == 3 or (units - 1) * 100 < characters <= units * 100


def test_prices_of_jobs_and_trainings() -> None:
    assert job_cost(3000) == pytest.approx(1.5)
    assert training_cost(2700) == pytest.approx(2.25)
    assert training_cost(-1) == 0.0
