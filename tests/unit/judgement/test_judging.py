"""The judgement of answers as properties: what never passes, what better answers change, what order changes."""

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain.judgement import judge
from governor.domain.sheet import Row, Sheet, from_json, sheet_of, to_json
from governor.domain.verdict import Exam, Metrics
from tests.unit.judgement.sheets import (
    EXAM,
    LABELS,
    OLD,
    Document,
    amounts,
    confidences,
    counted,
    exams,
    flipping,
    gates,
    golden,
    judged,
    multi_class,
    multi_label,
    searched,
    sheet,
    some_gates,
)

# ---- what never passes -----------------------------------------------------------------------------------------------


@searched
@given(some_gates, exams())
def test_nothing_passes_whose_bare_numbers_do_not_meet_every_rule(rules: list[dict[str, Any]], answers: Sheet) -> None:
    bare = judged([gate | {"confidence": 0.5} for gate in rules], answers)
    verdict = judged(rules, answers)
    for sure, plain in zip(verdict.gates, bare.gates, strict=True):
        if sure.word == "met":
            assert plain.word == "met"
        if sure.word == "missed" and not sure.regression:
            assert plain.word == "missed"
    if verdict.word == "PASS":
        assert bare.word == "PASS"


@searched
@given(exams(), st.floats(0, 1), st.sampled_from([*LABELS, "*", "macro", "micro", "worst", None]), confidences)
def test_no_floor_is_met_from_below(answers: Sheet, floor: float, label: str | None, confidence: float) -> None:
    gate = {"metric": "f1", "at_least": floor, "label": label, "confidence": confidence}
    (result,) = judged([gate], answers).gates
    if result.candidate is not None and result.candidate < floor - 1e-9:
        assert result.word in {"missed", "undecided"}


@searched
@given(some_gates, exams())
def test_shadow_gates_alone_never_pass_and_never_fail(rules: list[dict[str, Any]], answers: Sheet) -> None:
    verdict = judged([gate | {"mode": "shadow"} for gate in rules], answers)
    assert (verdict.word, verdict.regression) == ("INCONCLUSIVE", False)
    assert "mode: enforce" in verdict.reason


@searched
@given(some_gates, some_gates, exams())
def test_a_shadow_gate_changes_nothing_but_remarks(
    rules: list[dict[str, Any]], shadows: list[dict[str, Any]], answers: Sheet
) -> None:
    alone = judged(rules, answers)
    beside = judged([*rules, *(gate | {"mode": "shadow"} for gate in shadows)], answers)
    assert (beside.word, beside.reason, beside.regression) == (alone.word, alone.reason, alone.regression)
    said = [result for result in beside.gates if result.mode == "shadow" and result.word != "met"]
    assert len(beside.remarks) == len(said)


def test_no_gate_never_passes() -> None:
    verdict = judged([], flipping(1000, 200, 0))
    assert verdict.word == "INCONCLUSIVE"
    assert "no gate" in verdict.reason


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"has_test_data": False}, "Drop a TEST file"),
        ({"scored_baseline": None}, "did not sit this exam"),
        ({"scored_baseline": "arn:other"}, "active model changed"),
        ({"baseline_digest": "e"}, "did not sit the same test documents"),
        ({"baseline_digest": None}, "did not sit the same test documents"),
        ({"candidate_digest": None}, "did not sit the same test documents"),
        ({"candidate_digest": None, "baseline_digest": None}, "did not sit the same test documents"),
    ],
)
def test_models_that_did_not_sit_the_same_exam_are_not_compared(changes: dict[str, Any], said: str) -> None:
    policy = golden([{"metric": "f1", "at_least": 0.1}])
    verdict = judge(policy, dataclasses.replace(EXAM, **changes), OLD, flipping(1000, 200, 0))
    assert (verdict.word, verdict.gates) == ("INCONCLUSIVE", ())
    assert said in verdict.reason


def test_one_iteration_scores_both_models_on_the_same_documents() -> None:
    averages = Metrics(0.9, 0.9, 0.9, 0.9)
    exam = Exam("new", averages, OLD, averages, has_test_data=True)
    policy = golden([{"metric": "f1", "at_least": 0.1, "confidence": 0.5}], exam={"kind": "iteration"})
    assert judge(policy, exam, OLD).word == "PASS"
    assert judge(policy, dataclasses.replace(exam, candidate_digest="d"), OLD).word == "INCONCLUSIVE"


def test_answers_without_the_active_models_are_not_compared() -> None:
    alone = dataclasses.replace(flipping(1000, 200, 0), has_baseline=False)
    verdict = judge(golden([{"metric": "f1", "at_least": 0.1}]), EXAM, OLD, alone)
    assert (verdict.word, "answers are missing" in verdict.reason) == ("INCONCLUSIVE", True)


@pytest.mark.parametrize("label", ["question", "*", "macro", "micro", "worst", None])
def test_an_exam_without_documents_is_unknown(label: str | None) -> None:
    empty = sheet_of("MULTI_CLASS", LABELS, [], has_baseline=True)
    (result,) = judged([{"metric": "f1", "at_least": 0.0, "label": label}], empty).gates
    assert (result.word, result.candidate, result.needed) == ("unknown", None, None)


def test_the_worst_label_is_one_with_enough_documents() -> None:
    answers = counted((300, "bug", "bug", "bug"), (300, "idea", "idea", "idea"), (9, "praise", "bug", "bug"))
    rules = [{"metric": "recall", "label": "worst", "at_least": 0.5, "min_support": least} for least in (9, 10, 301)]
    low, high, none = judged(rules, answers, regression_margin=1.0).gates
    assert (low.word, low.candidate, low.decided_by) == ("missed", 0, "praise")
    assert (high.word, high.candidate, high.decided_by) == ("met", 1, "bug")
    assert (none.word, none.candidate, none.needed) == ("undecided", None, 1)
    assert none.words == "Worst recall: no label has the 301 test documents of min_support."


def test_a_label_without_test_documents_is_unknown_and_is_left_out_of_every_label() -> None:
    answers = flipping(2000, 200, 0)
    one, every = judged(
        [{"metric": "f1", "at_least": 0.1, "label": label} for label in ("question", "*")], answers
    ).gates
    assert one.word == "unknown"
    assert every.word == "met"
    assert "not judged for want of test documents: praise, question" in every.words


def test_recognizers_have_no_accuracy() -> None:
    mentions = sheet_of("ENTITIES", LABELS, [Row(50, (0,), (0,), (0,), (0,), (0,))], has_baseline=True)
    policy = golden([{"metric": "accuracy", "at_least": 0.1}])
    (result,) = judge(policy, EXAM, OLD, mentions).gates
    assert result.word == "unknown"


# ---- better is never worse -------------------------------------------------------------------------------------------


@searched
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 20), confidences, amounts)
def test_accuracy_is_monotone_in_the_gain(
    better: int, worse: int, more: int, confidence: float, allowed: float | str
) -> None:
    order = {"missed": 0, "undecided": 1, "met": 2}
    rules = [
        {"metric": "accuracy", "confidence": confidence, "gain_at_least": 0.0},
        {"metric": "accuracy", "confidence": confidence, "drop_at_most": allowed},
    ]
    before = judged(rules, flipping(400, better, worse, wrong=40), regression_margin=1.0)
    after = judged(rules, flipping(400, better + 2 * more, worse, wrong=40), regression_margin=1.0)
    for one, other in zip(before.gates, after.gates, strict=True):
        assert order[other.word] >= order[one.word]


@searched
@given(exams(), st.sampled_from(["accuracy", "f1", "recall"]), confidences)
def test_who_meets_a_rule_meets_every_weaker_one(answers: Sheet, metric: str, confidence: float) -> None:
    rules = [
        {"metric": metric, "confidence": confidence} | rule
        for rule in (
            {"gain_at_least": 0.1},
            {"gain_at_least": 0.02},
            {"gain_at_least": 0.0},
            {"drop_at_most": 0.02},
            {"drop_at_most": 0.1},
        )
    ]
    words = [result.word for result in judged(rules, answers, regression_margin=1.0).gates]
    order = {"missed": 0, "undecided": 1, "met": 2}
    ranks = [order[word] for word in words]
    if confidence > 0.5:
        assert ranks == sorted(ranks)


@searched
@given(exams(), gates())
def test_a_surer_gate_is_met_by_no_more(answers: Sheet, gate: dict[str, Any]) -> None:
    lax, strict = (
        judged([gate | {"confidence": confidence}], answers, regression_margin=1.0).gates[0]
        for confidence in (0.8, 0.95)
    )
    if strict.word == "met":
        assert lax.word == "met"
    if strict.word == "missed":
        assert lax.word == "missed"


def test_an_answer_put_right_does_no_harm() -> None:
    """More and more right answers: a verdict that is reached stays reached, and ends with a PASS."""
    gate = [{"metric": "f1", "gain_at_least": 0.0}]
    words = [judged(gate, flipping(600, better, 10, wrong=60)).word for better in range(0, 61, 6)]
    assert words[0] == "FAIL" or words[0] == "INCONCLUSIVE"
    assert words[-1] == "PASS"
    order = ["FAIL", "INCONCLUSIVE", "PASS"]
    assert words == sorted(words, key=order.index)


# ---- order changes nothing, and the same exam gives the same verdict -------------------------------------------------


@searched
@given(some_gates, multi_class, st.permutations(range(len(LABELS))), st.randoms(use_true_random=False))
def test_the_order_of_labels_rows_and_gates_changes_nothing(
    rules: list[dict[str, Any]], documents: list[Document], order: list[int], draw: Any
) -> None:
    names = [LABELS[place] for place in order]
    moved: Any = [tuple((order.index(part[0]),) for part in document) for document in documents]
    shuffled = draw.sample(rules, len(rules))
    draw.shuffle(moved)
    plain, other = judged(rules, sheet(documents)), judged(shuffled, sheet(moved, labels=names))
    assert (plain.word, plain.regression) == (other.word, other.regression)
    assert sorted(plain.gates, key=repr) == sorted(other.gates, key=repr)


@searched
@given(some_gates, st.lists(st.tuples(*[st.sets(st.integers(0, 3)).map(lambda each: tuple(sorted(each)))] * 3),
                            min_size=1, max_size=30))  # fmt: skip
def test_the_stored_sheet_gives_the_same_verdict(rules: list[dict[str, Any]], documents: list[Any]) -> None:
    answers = sheet(documents, "MULTI_LABEL")
    once, again = judged(rules, answers), judged(rules, from_json(to_json(answers)))
    assert once == again
    assert once.digest() == again.digest()
    assert math.isfinite(sum(value for result in once.gates for value in numbers(result)))


def numbers(result: Any) -> list[float]:
    interval = [] if result.interval is None else [result.interval.low, result.interval.high]
    found = [*interval, *(value for value in (result.candidate, result.baseline, result.needed) if value is not None)]
    assert all(type(value) in {int, float} for value in found), "plain numbers: they go into JSON"
    assert result.interval is None or result.interval.low <= result.interval.high
    return found


@searched
@given(some_gates, multi_label)
def test_intervals_hold_what_was_found(rules: list[dict[str, Any]], documents: list[Document]) -> None:
    for result in judged(rules, sheet(documents, "MULTI_LABEL")).gates:
        assert result.confidence > 0.5 or result.interval is None
        if result.interval is None or result.candidate is None:
            continue
        found = result.candidate
        if result.rule != "at_least":
            assert result.baseline is not None
            found -= result.baseline
        assert result.interval.low - 1e-9 <= found <= result.interval.high + 1e-9
        assert (result.needed is not None) == (result.word == "undecided")
