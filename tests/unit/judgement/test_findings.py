"""Single rules at their edges: what is missed and what only undecided, and how many more documents would tell."""

import dataclasses
from typing import Any

import pytest
from scipy.stats import binomtest

from governor.domain.judgement import judge
from governor.domain.judgement.intervals import needed_for_gap
from governor.domain.sheet import sheet_of
from governor.domain.verdict import Exam, GateResult, Metrics
from tests.unit.judgement.sheets import FIRST, LABELS, OLD, counted, golden, judged


def only(gate: dict[str, Any], *rows: tuple[int, str, str, str]) -> GateResult:
    """Return what the rule comes to where no loss is a regression."""
    (result,) = judged([gate], counted(*rows), regression_margin=1.0).gates
    return result


# ---- missed, or undecided --------------------------------------------------------------------------------------------


def test_a_loss_beyond_what_is_allowed_is_missed() -> None:
    found = only({"metric": "accuracy", "drop_at_most": 0.05}, (800, "bug", "bug", "bug"), (200, "bug", "idea", "bug"))
    assert (found.word, found.regression) == ("missed", False)


def test_four_flips_are_no_certain_loss_though_the_interval_says_so() -> None:
    """A chance of one in sixteen: whether there is any gain is a question for the test, which asks for five."""
    rows = (4, "bug", "idea", "bug"), (56, "bug", "idea", "idea")
    found = only({"metric": "accuracy", "gain_at_least": 0.0}, *rows)
    assert found.interval is not None
    assert found.interval.high < 0
    assert found.word == "undecided"
    five = only({"metric": "accuracy", "gain_at_least": 0.0}, (5, "bug", "idea", "bug"), *rows[1:])
    assert five.word == "missed"


def test_a_floor_does_not_ask_whether_the_active_model_was_better() -> None:
    """89 % may well be 90 %, also where the active model has 93 % for certain."""
    found = only(
        {"metric": "accuracy", "at_least": 0.9},
        (890, "bug", "bug", "bug"), (40, "bug", "idea", "bug"), (70, "bug", "idea", "idea"),
    )  # fmt: skip
    assert found.word == "undecided"


def test_models_that_never_get_a_label_right_lose_nothing_and_reach_no_floor() -> None:
    rows = (1000, "bug", "idea", "idea"), (1000, "idea", "idea", "idea")
    gate = {"metric": "recall", "label": "bug"}
    words = [only(gate | rule, *rows).word for rule in ({"drop_at_most": 0.05}, {"at_least": 0.0}, {"at_least": 0.5})]
    assert words == ["met", "met", "missed"]


def test_the_precision_of_a_label_that_is_never_answered_is_not_known_to_be_bad() -> None:
    rows = (300, "bug", "idea", "idea"), (300, "idea", "idea", "idea")
    found = only({"metric": "precision", "label": "bug", "at_least": 1.0}, *rows)
    assert (found.word, found.candidate) == ("undecided", 0)


@pytest.mark.parametrize("label", ["*", "worst", "bug", None])
def test_a_first_model_meets_its_floors(label: str | None) -> None:
    """There is no active model, so that none of its numbers is missing."""
    alone = dataclasses.replace(counted((300, "bug", "bug", ""), (300, "idea", "idea", "")), has_baseline=False)
    verdict = judge(golden([{"metric": "recall", "label": label, "at_least": 0.9}]), FIRST, None, alone)
    assert (verdict.word, [result.word for result in verdict.gates]) == ("PASS", ["met"])


# ---- how many more documents -----------------------------------------------------------------------------------------

FLOOR = {"metric": "recall", "label": "*", "at_least": 0.9}


def of_three(bug: int, idea: int, praise: int) -> list[tuple[int, str, str, str]]:
    """Return 100 documents of each of three labels, so many of them right."""
    right = {"bug": bug, "idea": idea, "praise": praise}
    other = {"bug": "idea", "idea": "praise", "praise": "bug"}
    rows = [(count, label, label, label) for label, count in right.items()]
    return rows + [(100 - count, label, other[label], other[label]) for label, count in right.items() if count < 100]


def test_every_label_is_settled_when_the_closest_is() -> None:
    """The lowest label decides; the one that is close to the floor needs far more documents."""
    low, both = only(FLOOR, *of_three(86, 100, 100)), only(FLOOR, *of_three(86, 89, 100))
    assert (low.word, low.decided_by, both.word, both.decided_by) == ("undecided", "bug", "undecided", "bug")
    assert low.needed is not None
    assert both.needed is not None
    assert both.needed > 10 * low.needed


def test_where_one_label_misses_for_certain_no_more_documents_are_asked_for() -> None:
    found = only(FLOOR, *of_three(50, 89, 100))
    assert (found.word, found.decided_by, found.needed) == ("missed", "bug", None)


@pytest.mark.parametrize("label", ["*", "worst"])
def test_an_exam_without_any_document_is_not_a_few_short(label: str) -> None:
    empty = sheet_of("MULTI_CLASS", LABELS, [], has_baseline=True)
    gate = {"metric": "recall", "label": label, "at_least": 0.5, "min_support": 10}
    (found,) = judged([gate], empty).gates
    assert (found.word, found.needed) == ("unknown", None)


def test_a_loss_of_averages_that_may_be_chance_needs_as_many_documents_as_tell() -> None:
    """Nothing right of 20 documents against 10 %: Wilson's intervals are 0 to 0.1192 and 0.0337 to 0.2617.

    Newcombe's upper bound is hypot(0.1192, 0.0663) = 0.1364 above the loss of 0.1, so that it takes
    20 (0.1364 (1.645 + 0.842) / 1.645 / 0.1)^2 - 20 more documents to tell it from none.
    """
    new, old = Metrics(accuracy=0.0), Metrics(accuracy=0.1)
    exam = Exam("new", new, OLD, old, has_test_data=True, documents=20)
    policy = golden([{"metric": "accuracy", "at_least": 0.0}], exam={"kind": "iteration"})
    (found,) = judge(policy, exam, OLD).gates
    assert (found.word, found.regression) == ("undecided", False)
    assert found.needed == 66


@pytest.mark.parametrize("right", [87, 89, 91, 93])
def test_a_share_near_its_floor_needs_what_brings_its_nearer_end_past_it(right: int) -> None:
    """From below the upper end has to come under the floor, from above the lower end over it; whoever else sat it."""
    share = binomtest(right, 100).proportion_ci(0.9, "wilson")
    reach = right / 100 - share.low if right > 90 else share.high - right / 100
    for other in ("bug", "idea"):
        rows = (right, "bug", "bug", "bug"), (100 - right - 3, "bug", "idea", "idea"), (3, "bug", "idea", other)
        found = only({"metric": "accuracy", "at_least": 0.9}, *rows)
        assert (found.word, found.needed) == ("undecided", needed_for_gap(100, reach, (right - 90) / 100, 0.95))


def test_a_regression_needs_no_more_documents() -> None:
    """The floor alone would be undecided at 89 of 100; the loss is certain."""
    rows = (89, "bug", "bug", "bug"), (11, "bug", "idea", "bug")
    (found,) = judged([{"metric": "accuracy", "at_least": 0.9}], counted(*rows)).gates
    assert (found.word, found.regression, found.needed) == ("missed", True, None)


def test_of_an_unknown_number_of_documents_not_one_is_counted_on() -> None:
    exam = Exam("new", Metrics(f1=0.9), OLD, Metrics(f1=0.8), has_test_data=True)
    gate = {"metric": "f1", "at_least": 0.5, "confidence": 0.5}
    policy = golden([gate | {"min_support": least} for least in (0, 1)], exam={"kind": "iteration"})
    without, least = judge(policy, exam, OLD).gates
    assert (without.word, least.word, least.needed) == ("met", "undecided", None)
    assert "it rests on an unknown number of test documents" in least.words
