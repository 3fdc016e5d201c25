"""What a spent budget says, and what it leaves out."""

import pytest

from governor.domain.budget import over_budget


@pytest.mark.parametrize(
    ("spent", "needed", "names_cost", "says_raise"),
    [(5.0, 0.0, False, False), (5.0, 1.0, True, False), (1.0, 5.0, True, False), (1.0, 5.01, True, True)],
)
def test_only_what_helps_is_said(spent: float, needed: float, names_cost: bool, says_raise: bool) -> None:
    sentence = over_budget(5.0, spent, needed, "this exam")
    assert sentence is not None
    assert ("and this exam would cost about" in sentence) == names_cost
    assert ("raise it" in sentence) == says_raise
    cost = f" and this exam would cost about {needed:.2f} dollars" * names_cost
    alone = " That alone is more than the budget of a month: raise it." * says_raise
    whole = (
        f"This month {spent:.2f} dollars of the 5.00 dollars are spent (budget_usd_per_month){cost}."
        f"{alone} Prices are estimates for us-east-1."
    )
    assert sentence == whole, "nothing between and around them"
