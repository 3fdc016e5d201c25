"""The published prices, and the sums that people are told."""

import pytest

from governor.domain import pricing


def test_an_endpoint_costs_what_is_published() -> None:
    assert pytest.approx(1.80) == pricing.UNIT_HOUR
    assert pricing.endpoint_month(1) == pytest.approx(1296)
    assert pricing.endpoint_cost(2, 3600) == pytest.approx(3.60)


def test_a_minute_is_the_least() -> None:
    assert pricing.endpoint_cost(1, 1) == pricing.endpoint_cost(1, 60) == pytest.approx(0.03)


def test_what_is_kept() -> None:
    assert pricing.models_month(3) == pytest.approx(1.50)
    assert pricing.storage_month(2 * 1024**3) == pytest.approx(0.046)


@pytest.mark.parametrize(
    ("amount", "told"),
    [(0, "0.00 dollars"), (0.004, "less than 0.01 dollars"), (1296, "1,296.00 dollars"), (1.8, "1.80 dollars")],
)
def test_amounts_for_people(amount: float, told: str) -> None:
    assert pricing.dollars(amount) == told
