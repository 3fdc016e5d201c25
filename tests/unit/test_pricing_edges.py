"""Prices at their steps: the first cent, the hundredth character."""

import pytest

from governor.domain import pricing


@pytest.mark.parametrize(("characters", "units"), [(0, 3), (300, 3), (301, 4), (400, 4), (401, 5), (10_000, 100)])
def test_a_document_is_billed_by_hundreds_of_characters_that_were_begun(characters: int, units: int) -> None:
    assert pricing.units_of(characters) == units


@pytest.mark.parametrize(
    ("amount", "told"), [(0.0099, "less than 0.01 dollars"), (0.01, "0.01 dollars"), (1, "1.00 dollars")]
)
def test_the_first_cent_is_told_as_one(amount: float, told: str) -> None:
    assert pricing.dollars(amount) == told


@pytest.mark.parametrize(("seconds", "dollars"), [(-5, 0), (0, 0), (1200, 1), (3600, 3)])
def test_a_training_is_billed_by_the_second(seconds: float, dollars: float) -> None:
    assert pricing.training_cost(seconds) == pytest.approx(dollars)


def test_a_job_is_billed_by_units() -> None:
    assert pricing.job_cost(2000) == pytest.approx(1)
