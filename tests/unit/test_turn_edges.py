"""Holds of turns, and what a person is told who ends them."""

from datetime import UTC, datetime, timedelta

import pytest

from governor.domain.moments import OPEN_END
from governor.domain.resumption import Resumption
from governor.domain.turn import Hold, hold_for_budget

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_spent_budget_holds_until_the_next_month() -> None:
    assert hold_for_budget(policy_version=4, now=NOW) == Hold("Budget", datetime(2026, 12, 1, tzinfo=UTC), 4)


@pytest.mark.parametrize(
    ("until", "told"),
    [
        (NOW, "(until 2026-11-23T12:00:00.000000Z)"),
        (OPEN_END - timedelta(seconds=1), "(until 9999-12-30T23:59:59.000000Z)"),
        (OPEN_END, "(without an end)"),
    ],
)
def test_a_hold_that_is_ended_is_told_with_its_end(until: datetime, told: str) -> None:
    (sentence,) = Resumption(hold=Hold("Failure", until)).sentences()
    assert f"Failure {told}" in sentence


@pytest.mark.parametrize(("failures", "told"), [(1, "1 turn had failed"), (2, "2 turns in a row had failed")])
def test_failures_that_are_forgotten_are_told(failures: int, told: str) -> None:
    (sentence,) = Resumption(failures=failures).sentences()
    assert told in sentence


def test_a_freeze_that_ends_is_told() -> None:
    assert "Automatic promotion" in Resumption(frozen=True).sentences()[0]
