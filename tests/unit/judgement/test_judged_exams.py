"""Exams with a known outcome: first models, must-pass documents, remarks, averages, regressions."""

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from scipy.stats import binomtest

from governor.domain.judgement import judge
from governor.domain.policy import Policy
from governor.domain.sheet import Sheet
from governor.domain.verdict import Exam, Metrics, MustPass, Verdict
from tests.unit.judgement.sheets import (
    EXAM,
    FIRST,
    LABELS,
    OLD,
    Document,
    counted,
    flipping,
    golden,
    judged,
    multi_class,
    searched,
    sheet,
    some_gates,
)

# ---- first models, must-pass documents, remarks ----------------------------------------------------------------------


@searched
@given(some_gates, multi_class)
def test_a_first_model_is_judged_by_floors(rules: list[dict[str, Any]], documents: list[Document]) -> None:
    alone = dataclasses.replace(sheet([(truth, new, ()) for truth, new, _ in documents]), has_baseline=False)
    verdict = judge(golden(rules), FIRST, None, alone)
    floors = [gate for gate in rules if "at_least" in gate]
    assert [result.rule for result in verdict.gates] == ["at_least"] * len(floors)
    assert all(result.baseline is None and not result.regression for result in verdict.gates)
    if not floors:
        assert (verdict.word, "at_least" in verdict.reason) == ("INCONCLUSIVE", True)


def test_a_first_model_is_no_regression_of_a_model_that_is_not_active() -> None:
    gate = [{"metric": "accuracy", "at_least": 0.1}]
    (result,) = judge(golden(gate), FIRST, None, flipping(1000, 0, 200)).gates
    assert (result.word, result.baseline, result.regression) == ("met", None, False)
    better = Metrics(accuracy=0.9)
    exam = Exam("new", Metrics(accuracy=0.5), None, better, has_test_data=True, documents=1000)
    (result,) = judge(golden(gate, exam={"kind": "iteration"}), exam, None).gates
    assert (result.word, result.baseline, result.regression) == ("met", None, False)


def asking(must_pass: MustPass | None, gate: dict[str, Any]) -> Verdict:
    rules = {"kind": "golden", "must_pass": ["never.csv"]}
    exam = dataclasses.replace(EXAM, must_pass=must_pass)
    return judge(golden([gate], exam=rules), exam, OLD, flipping(1000, 200, 0))


def test_one_wrong_answer_to_a_must_pass_document_fails() -> None:
    gate = {"metric": "f1", "gain_at_least": 0.0}
    verdict = asking(MustPass(12, ("never.csv:3",), 1), gate)
    assert (verdict.word, verdict.regression) == ("FAIL", False)
    assert verdict.reason == "The candidate answers 1 of 12 must-pass documents wrongly: never.csv:3."
    assert [result.word for result in verdict.gates] == ["met"]
    many = asking(MustPass(120, tuple(f"never.csv:{line}" for line in range(100)), 110), gate)
    assert "110 of 120 must-pass documents wrongly: never.csv:0, " in many.reason
    assert "never.csv:4 and 105 more." in many.reason
    assert asking(MustPass(12), gate).word == "PASS"


def test_must_pass_documents_that_were_not_asked_never_pass() -> None:
    assert asking(None, {"metric": "f1", "gain_at_least": 0.0}).word == "INCONCLUSIVE"
    assert asking(MustPass(0), {"metric": "f1", "gain_at_least": 0.0}).word == "INCONCLUSIVE"


def test_a_wrong_must_pass_answer_fails_where_nothing_else_can_be_judged() -> None:
    exam = dataclasses.replace(EXAM, has_test_data=False, must_pass=MustPass(1, ("a.csv:1",), 1))
    assert judge(golden([{"metric": "f1", "at_least": 0.1}]), exam, OLD, flipping(10, 0, 0)).word == "FAIL"


@pytest.mark.parametrize(("uses", "said"), [(4, ()), (5, ("This exam has decided 5 promotions",))])
def test_an_exam_wears_out(uses: int, said: tuple[str, ...]) -> None:
    verdict = judge(golden([{"metric": "f1", "at_least": 0.1}]), EXAM, OLD, flipping(1000, 200, 0), uses=uses)
    assert verdict.word == "PASS"
    assert [remark.split(":")[0] for remark in verdict.remarks] == list(said)


def test_documents_without_an_answer_are_told() -> None:
    silent = dataclasses.replace(flipping(1000, 200, 0), unanswered_candidate=1, unanswered_baseline=20)
    assert judged([{"metric": "f1", "at_least": 0.1}], silent).remarks == (
        "The candidate gave no answer to 1 document, which counts as wrong.",
        "The active model gave no answer to 20 documents, which count as wrong.",
    )


# ---- averages --------------------------------------------------------------------------------------------------------


def averaged(gate: dict[str, Any], new: Metrics, old: Metrics, **changes: Any) -> Verdict:
    exam = Exam("new", new, OLD, old, has_test_data=True, **changes)
    return judge(golden([gate], exam={"kind": "iteration"}), exam, OLD)


@pytest.mark.parametrize(
    ("documents", "support", "word"),
    [
        (None, {}, "INCONCLUSIVE"),
        (2000, {}, "INCONCLUSIVE"),
        (200, {"bug": 100, "idea": 100}, "INCONCLUSIVE"),
        (2000, {"bug": 1000, "idea": 1000}, "PASS"),
        (2000, {"bug": 1990, "idea": 10}, "INCONCLUSIVE"),
    ],
)
def test_averages_are_as_sure_as_their_documents(documents: int | None, support: dict[str, int], word: str) -> None:
    gate = {"metric": "f1", "at_least": 0.8}
    verdict = averaged(gate, Metrics(f1=0.82), Metrics(f1=0.82), documents=documents, support=support)
    assert verdict.word == word
    (result,) = verdict.gates
    assert (result.interval is None) == (not support)
    if word == "INCONCLUSIVE":
        assert (result.needed is None) == (not support)


def test_accuracy_and_micro_averages_rest_on_documents() -> None:
    gate = {"metric": "accuracy", "gain_at_least": 0.0}
    few, many = (
        averaged(gate, Metrics(accuracy=0.84), Metrics(accuracy=0.8), documents=number) for number in (300, 3000)
    )
    assert (few.word, many.word) == ("INCONCLUSIVE", "PASS")
    policy = golden(
        [{"metric": "f1", "at_least": 0.8}],
        exam={"kind": "iteration"},
        flywheel={"model_type": "ENTITY_RECOGNIZER", "language": "en", "entity_types": ["A", "B"]},
    )
    exam = Exam("new", Metrics(f1=0.83), OLD, Metrics(f1=0.8), has_test_data=True, documents=2000)
    assert judge(policy, exam, OLD).word == "PASS"


def test_averages_tell_nothing_of_labels() -> None:
    policy = golden([{"metric": "f1", "at_least": 0.1, "label": label} for label in ("bug", "*", "micro", "worst")])
    averages: dict[str, Any] = {"candidate_metrics": Metrics(f1=0.9), "baseline_metrics": Metrics(f1=0.8)}
    exam = dataclasses.replace(EXAM, kind="iteration", **averages)
    assert [result.word for result in judge(policy, exam, OLD).gates] == ["unknown"] * 4


def test_a_golden_exam_without_answers_never_passes_by_averages() -> None:
    averages: dict[str, Any] = {"candidate_metrics": Metrics(f1=0.9), "baseline_metrics": Metrics(f1=0.8)}
    exam = dataclasses.replace(EXAM, documents=9000, **averages)
    verdict = judge(golden([{"metric": "f1", "at_least": 0.1, "confidence": 0.5}]), exam, OLD)
    assert (verdict.word, verdict.reason) == ("INCONCLUSIVE", "The answers to the golden exam are missing.")


# ---- regressions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("documents", "worse", "regression"),
    [(100, 4, False), (100, 12, True), (2000, 80, True), (2000, 30, False)],
)
def test_a_regression_is_certain_and_beyond_the_margin(documents: int, worse: int, regression: bool) -> None:
    """4 of 100 may be chance; 30 of 2,000 are no chance, but within the margin of two points."""
    for gate in ({"metric": "accuracy", "at_least": 0.1}, {"metric": "f1", "drop_at_most": 0.9}):
        for confidence in (0.5, 0.95):
            verdict = judged([gate | {"confidence": confidence}], flipping(documents, 0, worse))
            assert verdict.regression == regression
            assert (verdict.word == "FAIL") == regression


@pytest.mark.parametrize(
    ("documents", "now", "confidence", "word", "regression"),
    [
        (200, 0.60, 0.95, "FAIL", True),
        (200, 0.80, 0.95, "INCONCLUSIVE", False),  # as much as chance makes, and still no reason to let it in
        (1000, 0.80, 0.95, "FAIL", True),
        (1000, 0.81, 0.95, "PASS", False),  # within the margin
        (200, 0.80, 0.5, "FAIL", True),  # the gate asks for bare numbers
        (None, 0.80, 0.95, "FAIL", True),  # nobody knows how sure they are
    ],
)
def test_averages_that_lost_more_than_the_margin_never_pass_and_hold_only_if_it_is_certain(
    documents: int | None, now: float, confidence: float, word: str, regression: bool
) -> None:
    support = {"bug": documents // 2, "idea": documents // 2} if documents else {}
    gate = {"metric": "f1", "at_least": 0.5, "confidence": confidence}
    verdict = averaged(gate, Metrics(f1=now), Metrics(f1=0.83), documents=documents, support=support)
    assert (verdict.word, verdict.regression) == (word, regression)
    (result,) = verdict.gates
    assert ("do not tell from chance" in result.words) == (word == "INCONCLUSIVE")
    assert ("surely worse" in result.words) == (regression and confidence > 0.5 and documents is not None)
    if word == "INCONCLUSIVE":
        # Two shares of 0.8 and 0.83 that are 0.03 apart, one-sided at 0.95 with a power of 0.8: 2,068 documents.
        assert result.needed is not None
        assert 1_700 < 200 + result.needed < 2_400


def test_one_bad_label_is_a_regression_of_every_label_only_if_it_is_certain() -> None:
    def exam(lost: int) -> Sheet:
        return counted(
            (400, "bug", "bug", "bug"),
            (400, "idea", "idea", "idea"),
            (100 - lost, "praise", "praise", "praise"),
            (lost, "praise", "bug", "praise"),
        )

    gate = [{"metric": "recall", "label": "*", "drop_at_most": 0.5}]
    assert [judged(gate, exam(lost)).regression for lost in (0, 3, 20)] == [False, False, True]


def four_labels(lost: int, *, by: str = "candidate") -> Sheet:
    """100 documents of each label, all right but `lost` of praise: by the candidate alone, or by both."""
    old = "praise" if by == "candidate" else "bug"
    rest = [(100, label, label, label) for label in LABELS if label != "praise"]
    return counted(*rest, (100 - lost, "praise", "praise", "praise"), (lost, "praise", "bug", old))


def test_a_certain_miss_of_one_label_among_many_is_corrected_for_their_number() -> None:
    """84 of 100: surely under 0.9 by itself, but one of four labels may be so low by chance."""
    one, every = (
        judged([{"metric": "recall", "label": label, "at_least": 0.9}], four_labels(16, by="both")).gates[0]
        for label in ("praise", "*")
    )
    assert (one.word, every.word) == ("missed", "undecided")
    assert (every.decided_by, every.interval) == ("praise", one.interval)
    surely = judged([{"metric": "recall", "label": "*", "at_least": 0.9}], four_labels(25, by="both")).gates[0]
    assert surely.word == "missed"


def test_a_regression_of_one_label_among_many_is_corrected_for_their_number() -> None:
    """6 lost and none won: one chance in 64, which is enough for one label and not for one of four."""
    gates = [{"metric": "recall", "label": label, "at_least": 0.1} for label in ("praise", "*")]
    assert [result.regression for result in judged(gates, four_labels(6)).gates] == [True, False]
    assert [result.regression for result in judged(gates, four_labels(9)).gates] == [True, True]


def test_too_few_documents_for_min_support_may_be_too_few_for_the_gate_as_well() -> None:
    floor = {"metric": "recall", "label": "praise", "at_least": 0.9, "min_support": 101}
    close, clear = (judged([floor], four_labels(lost, by="both")).gates[0] for lost in (8, 0))
    assert (close.word, clear.word, clear.needed) == ("undecided", "undecided", 1)
    assert close.needed is not None
    assert close.needed > 100


def a_policy_with(**changes: Any) -> Policy:
    return golden([{"metric": "f1", "at_least": 0.5}], **changes)


def test_nothing_trained_is_no_change_whatever_else_there_is() -> None:
    exam = dataclasses.replace(EXAM, candidate=None, must_pass=MustPass(1, ("a.csv:1",), 1))
    assert judge(a_policy_with(), exam, OLD, flipping(10, 0, 0), uses=99).word == "NO_CHANGE"


# ---- models that are unlike each other -------------------------------------------------------------------------------


def naming(times: int, right: int) -> Sheet:
    """Return an exam of 1,000: the candidate calls `times` documents bugs, the active model 350; 60 % of these are."""
    return counted(
        (right, "bug", "bug", "idea"),
        (times - right, "idea", "bug", "idea"),
        (210, "bug", "idea", "bug"),
        (140, "idea", "idea", "bug"),
        (650 - times, "idea", "idea", "idea"),
    )


@pytest.mark.parametrize(("times", "right", "word"), [(20, 15, "undecided"), (20, 19, "met"), (100, 66, "undecided")])
def test_the_precision_of_a_few_answers_is_a_share_of_a_few(times: int, right: int, word: str) -> None:
    (result,) = judged([{"metric": "precision", "label": "bug", "gain_at_least": 0.0}], naming(times, right)).gates
    assert (result.word, result.candidate, result.baseline) == (word, right / times, 0.6)
    assert result.interval is not None
    # Newcombe's interval for independent shares (1998, method 10): no document is called a bug by both models, so
    # that the bootstrap finds hardly any correlation.
    mine, other = (binomtest(*share).proportion_ci(0.9, "wilson") for share in ((right, times), (210, 350)))
    low = right / times - 0.6 - math.hypot(right / times - mine.low, other.high - 0.6)
    high = right / times - 0.6 + math.hypot(mine.high - right / times, 0.6 - other.low)
    assert result.interval.low <= low + 0.01
    assert result.interval.high >= high - 0.01
