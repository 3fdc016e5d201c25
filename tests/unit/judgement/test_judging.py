"""The judgement of answers as properties: what never passes, what better answers change, what order changes."""

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain.judgement import judge
from governor.domain.policy import Policy
from governor.domain.sheet import Row, Sheet, from_json, sheet_of, to_json
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
    multi_label,
    searched,
    sheet,
)

amounts = st.sampled_from([0.0, 0.01, 0.05, 0.2, "5%", "20%"])
confidences = st.sampled_from([0.5, 0.6, 0.9, 0.95, 0.99])


@st.composite
def gates(draw: st.DrawFn) -> dict[str, Any]:
    metric = draw(st.sampled_from(["f1", "precision", "recall", "accuracy"]))
    rule = draw(st.sampled_from(["at_least", "gain_at_least", "drop_at_most"]))
    amount = draw(st.sampled_from([0.2, 0.5, 0.8]) if rule == "at_least" else amounts)
    gate = {"metric": metric, rule: amount, "confidence": draw(confidences)}
    if metric != "accuracy":
        gate["label"] = draw(st.sampled_from([None, "*", "macro", "micro", "worst", *LABELS[:2]]))
    if draw(st.booleans()):
        gate["min_support"] = draw(st.sampled_from([1, 5, 40]))
    return gate


some_gates = st.lists(gates(), min_size=1, max_size=4)


@st.composite
def exams(draw: st.DrawFn) -> Sheet:
    """Documents as they come, times a number: so that some gates are surely met and others surely missed."""
    documents = draw(multi_class)
    content = [Row(draw(st.sampled_from([1, 3, 50])), *document) for document in documents]
    return sheet_of("MULTI_CLASS", LABELS, content, has_baseline=True)


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
    exam = dataclasses.replace(EXAM, candidate_metrics=Metrics(f1=0.9), baseline_metrics=Metrics(f1=0.8))
    assert [result.word for result in judge(policy, exam, OLD).gates] == ["unknown"] * 4


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


def test_averages_are_taken_at_their_word_for_a_regression() -> None:
    verdict = averaged({"metric": "f1", "at_least": 0.1}, Metrics(f1=0.7), Metrics(f1=0.75), documents=50)
    assert (verdict.word, verdict.regression) == ("FAIL", True)
    assert "margin of 0.0200" in verdict.reason


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
