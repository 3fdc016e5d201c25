"""What follows a verdict, as a table: every (verdict, approval, frozen, first model) has exactly one outcome."""

from itertools import product
from typing import Literal, get_args

import pytest

from governor.domain.outcome import Decision, Outcome, outcome_of, outcome_of_decision
from governor.domain.policy import Approval, FirstModel
from governor.domain.verdict import Verdict, Word
from tests.unit.policies import a_policy

KEEP, ASK, PROMOTE, HOLD = Outcome("KEEP"), Outcome("ASK"), Outcome("PROMOTE"), Outcome("KEEP", "Regression")

TABLE: dict[tuple[Word, bool, str, bool], tuple[Outcome, Outcome]] = {
    # (verdict, regression, on_regression, frozen): (nobody is asked, people are asked)
    ("PASS", False, "hold", False): (PROMOTE, ASK),
    ("PASS", False, "hold", True): (ASK, ASK),
    ("PASS", False, "continue", False): (PROMOTE, ASK),
    ("PASS", False, "continue", True): (ASK, ASK),
    ("INCONCLUSIVE", False, "hold", False): (KEEP, ASK),
    ("INCONCLUSIVE", False, "hold", True): (KEEP, ASK),
    ("INCONCLUSIVE", False, "continue", False): (KEEP, ASK),
    ("INCONCLUSIVE", False, "continue", True): (KEEP, ASK),
    ("FAIL", False, "hold", False): (KEEP, KEEP),
    ("FAIL", False, "hold", True): (KEEP, KEEP),
    ("FAIL", False, "continue", False): (KEEP, KEEP),
    ("FAIL", False, "continue", True): (KEEP, KEEP),
    ("FAIL", True, "hold", False): (HOLD, HOLD),
    ("FAIL", True, "hold", True): (HOLD, HOLD),
    ("FAIL", True, "continue", False): (KEEP, KEEP),
    ("FAIL", True, "continue", True): (KEEP, KEEP),
    ("NO_CHANGE", False, "hold", False): (KEEP, KEEP),
    ("NO_CHANGE", False, "hold", True): (KEEP, KEEP),
    ("NO_CHANGE", False, "continue", False): (KEEP, KEEP),
    ("NO_CHANGE", False, "continue", True): (KEEP, KEEP),
}
ASKED_FOR: dict[tuple[Approval, FirstModel, bool], bool] = {
    # (approval, first_model, a model is active): whether people are asked
    ("never", "gates", False): False,
    ("never", "gates", True): False,
    ("never", "ask", False): True,
    ("never", "ask", True): False,
    ("always", "gates", False): True,
    ("always", "gates", True): True,
    ("always", "ask", False): True,
    ("always", "ask", True): True,
    ("replacement", "gates", False): False,
    ("replacement", "gates", True): True,
    ("replacement", "ask", False): True,
    ("replacement", "ask", True): True,
}


@pytest.mark.parametrize("who", ASKED_FOR, ids=str)
@pytest.mark.parametrize("row", TABLE, ids=str)
def test_the_table(row: tuple[Word, bool, str, bool], who: tuple[Approval, FirstModel, bool]) -> None:
    word, regression, on_regression, frozen = row
    approval, first_model, has_baseline = who
    policy = a_policy(approval=approval, first_model=first_model, on_regression=on_regression)
    outcome = outcome_of(Verdict(word, "", regression), policy, has_baseline=has_baseline, frozen=frozen)
    assert outcome == TABLE[row][ASKED_FOR[who]]


def test_the_table_is_total() -> None:
    assert {word for word, *_ in TABLE} == set(get_args(Word))
    rows = product(get_args(Word), ["hold", "continue"], [True, False])
    assert {(word, on, frozen) for word, _, on, frozen in TABLE} == set(rows)
    assert set(ASKED_FOR) == set(product(get_args(Approval), get_args(FirstModel), [True, False]))


def test_nothing_but_a_pass_promotes_without_people() -> None:
    promoting = {row[0] for row, outcomes in TABLE.items() if PROMOTE in outcomes}
    assert promoting == {"PASS"}


@pytest.mark.parametrize(
    ("decision", "outcome"),
    [("APPROVED", PROMOTE), ("REJECTED", Outcome("KEEP", "Rejected")), ("EXPIRED", KEEP)],
)
def test_people_s_answer(decision: Literal["APPROVED", "REJECTED", "EXPIRED"], outcome: Outcome) -> None:
    assert outcome_of_decision(decision) == outcome


def test_every_decision_is_in_the_test_above() -> None:
    assert set(get_args(Decision)) == {"APPROVED", "REJECTED", "EXPIRED"}
