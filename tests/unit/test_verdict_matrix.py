"""The golden matrix: for policies and exams that people can picture, the verdict and each gate's word.

Read a row as: with these gates, and an exam in which the candidate alone is right about so many documents, the active
model about so many, the verdict is this. Two labels of equal frequency; both models are wrong about every tenth
document.
"""

from typing import Any, NamedTuple

import pytest

from governor.domain.judgement import judge
from governor.domain.verdict import Exam, GateResult, Metrics, Word
from tests.unit.judgement.sheets import OLD, counted, flipping, golden, judged


class Case(NamedTuple):
    """`better`, `worse`: documents that only the candidate, only the active model answers right. `words`: per rule."""

    documents: int
    better: int
    worse: int
    verdict: Word
    words: str
    regression: bool = False


FLOOR = [{"metric": "f1", "at_least": 0.8}]
BARE_FLOOR = [{"metric": "f1", "at_least": 0.8, "confidence": 0.5}]
ANY_GAIN = [{"metric": "accuracy", "gain_at_least": 0.0}]
ANY_F1_GAIN = [{"metric": "f1", "gain_at_least": 0.0}]
BARE_GAIN = [{"metric": "accuracy", "gain_at_least": 0.0, "confidence": 0.5}]
TWO_POINTS = [{"metric": "f1", "gain_at_least": 0.02}]
FIVE_PERCENT = [{"metric": "f1", "gain_at_least": "5%"}]
NO_GREAT_LOSS = [{"metric": "f1", "drop_at_most": 0.02}]
EVERY_LABEL = [{"metric": "recall", "label": "*", "drop_at_most": 0.05}]
WORST = [{"metric": "f1", "label": "worst", "at_least": 0.8}]
SUPPORTED = [{"metric": "f1", "label": "bug", "at_least": 0.5, "min_support": 300}]
TWO_GATES = [{"metric": "f1", "at_least": 0.5}, {"metric": "accuracy", "gain_at_least": 0.0}]
BOTH_RULES = [{"metric": "f1", "at_least": 0.8, "drop_at_most": 0.02}]
SHADOWED = [{"metric": "f1", "at_least": 0.5}, {"metric": "f1", "at_least": 0.999, "mode": "shadow"}]

MATRIX: list[tuple[str, list[dict[str, Any]], Case]] = [
    # a floor: the active model has 0.9 - worse / documents
    ("floor", FLOOR, Case(1000, 0, 0, "PASS", "met")),
    ("floor", FLOOR, Case(100, 0, 0, "PASS", "met")),
    ("floor", FLOOR, Case(50, 0, 0, "INCONCLUSIVE", "undecided")),
    ("floor", FLOOR, Case(50, 0, 4, "INCONCLUSIVE", "undecided")),
    ("floor", FLOOR, Case(1000, 0, 100, "FAIL", "missed", True)),
    ("bare floor", BARE_FLOOR, Case(50, 0, 0, "PASS", "met")),
    ("bare floor", BARE_FLOOR, Case(50, 0, 2, "PASS", "met")),
    ("bare floor", BARE_FLOOR, Case(50, 0, 6, "FAIL", "missed", True)),
    # any gain at all, by McNemar's test: 5 to 0 is the least that can be sure, 8 to 2 is not
    ("any gain", ANY_GAIN, Case(200, 0, 0, "INCONCLUSIVE", "undecided")),
    ("any gain", ANY_GAIN, Case(200, 4, 0, "INCONCLUSIVE", "undecided")),
    ("any gain", ANY_GAIN, Case(200, 6, 0, "PASS", "met")),
    ("any gain", ANY_GAIN, Case(200, 8, 2, "INCONCLUSIVE", "undecided")),
    ("any gain", ANY_GAIN, Case(200, 10, 2, "PASS", "met")),
    ("any gain", ANY_GAIN, Case(200, 2, 2, "INCONCLUSIVE", "undecided")),
    ("any gain", ANY_GAIN, Case(1000, 40, 40, "INCONCLUSIVE", "undecided")),
    ("any gain", ANY_GAIN, Case(1000, 50, 30, "PASS", "met")),
    ("any gain", ANY_GAIN, Case(1000, 2, 16, "FAIL", "missed")),
    ("any gain", ANY_GAIN, Case(1000, 2, 40, "FAIL", "missed", True)),
    ("any F1 gain", ANY_F1_GAIN, Case(200, 4, 0, "INCONCLUSIVE", "undecided")),
    ("any F1 gain", ANY_F1_GAIN, Case(200, 10, 2, "PASS", "met")),
    ("any F1 gain", ANY_F1_GAIN, Case(1000, 40, 40, "INCONCLUSIVE", "undecided")),
    ("any F1 gain", ANY_F1_GAIN, Case(1000, 2, 40, "FAIL", "missed", True)),
    ("bare gain", BARE_GAIN, Case(200, 0, 0, "PASS", "met")),
    ("bare gain", BARE_GAIN, Case(200, 2, 0, "PASS", "met")),
    ("bare gain", BARE_GAIN, Case(200, 0, 2, "FAIL", "missed")),
    # more than any gain
    ("two points", TWO_POINTS, Case(1000, 80, 20, "PASS", "met")),
    ("two points", TWO_POINTS, Case(1000, 50, 20, "INCONCLUSIVE", "undecided")),
    ("two points", TWO_POINTS, Case(1000, 20, 20, "FAIL", "missed")),
    ("five percent", FIVE_PERCENT, Case(1000, 80, 10, "PASS", "met")),
    ("five percent", FIVE_PERCENT, Case(1000, 60, 10, "INCONCLUSIVE", "undecided")),
    ("five percent", FIVE_PERCENT, Case(1000, 20, 10, "FAIL", "missed")),
    # a loss that is allowed
    ("no great loss", NO_GREAT_LOSS, Case(1000, 10, 10, "PASS", "met")),
    ("no great loss", NO_GREAT_LOSS, Case(100, 2, 2, "INCONCLUSIVE", "undecided")),
    ("no great loss", NO_GREAT_LOSS, Case(1000, 10, 26, "INCONCLUSIVE", "undecided")),
    ("no great loss", NO_GREAT_LOSS, Case(1000, 10, 70, "FAIL", "missed", True)),
    # of labels
    ("every label", EVERY_LABEL, Case(2000, 10, 10, "PASS", "met")),
    ("every label", EVERY_LABEL, Case(100, 2, 2, "INCONCLUSIVE", "undecided")),
    ("every label", EVERY_LABEL, Case(2000, 0, 200, "FAIL", "missed", True)),
    ("worst", WORST, Case(1000, 0, 0, "PASS", "met")),
    ("worst", WORST, Case(50, 0, 0, "INCONCLUSIVE", "undecided")),
    ("worst", WORST, Case(1000, 0, 150, "FAIL", "missed", True)),
    ("min support", SUPPORTED, Case(1000, 0, 0, "PASS", "met")),
    ("min support", SUPPORTED, Case(400, 0, 0, "INCONCLUSIVE", "undecided")),
    # several rules
    ("two gates", TWO_GATES, Case(1000, 50, 10, "PASS", "met met")),
    ("two gates", TWO_GATES, Case(1000, 10, 10, "INCONCLUSIVE", "met undecided")),
    ("two gates", TWO_GATES, Case(1000, 10, 40, "FAIL", "missed missed", True)),
    ("both rules", BOTH_RULES, Case(1000, 10, 10, "PASS", "met met")),
    ("both rules", BOTH_RULES, Case(100, 10, 10, "INCONCLUSIVE", "undecided undecided")),
    ("shadowed", SHADOWED, Case(1000, 10, 10, "PASS", "met missed")),
    ("none", [], Case(1000, 100, 0, "INCONCLUSIVE", "")),
]


NAMES = [f"{name} {case[:3]}" for name, _, case in MATRIX]


@pytest.mark.parametrize(("gates", "case"), [row[1:] for row in MATRIX], ids=NAMES)
def test_the_matrix(gates: list[dict[str, Any]], case: Case) -> None:
    exam = flipping(case.documents, case.better, case.worse, wrong=case.documents // 10)
    verdict = judged(gates, exam)
    assert " ".join(result.word for result in verdict.gates) == case.words
    assert (verdict.word, verdict.regression) == (case.verdict, case.regression)


AVERAGES: list[tuple[dict[str, Any], float, float | None, int | None, Word]] = [
    # gate, the candidate's, the active model's, documents, verdict
    ({"at_least": 0.8}, 0.85, 0.84, 2000, "PASS"),
    ({"at_least": 0.8}, 0.85, 0.84, 100, "INCONCLUSIVE"),
    ({"at_least": 0.8}, 0.85, 0.84, None, "INCONCLUSIVE"),
    ({"at_least": 0.8, "confidence": 0.5}, 0.85, 0.84, None, "PASS"),
    ({"at_least": 0.8}, 0.70, 0.70, 2000, "FAIL"),
    ({"at_least": 0.8}, 0.85, None, 2000, "INCONCLUSIVE"),
    ({"gain_at_least": 0.0}, 0.88, 0.84, 2000, "PASS"),
    ({"gain_at_least": 0.0}, 0.85, 0.84, 2000, "INCONCLUSIVE"),
    ({"gain_at_least": 0.0}, 0.80, 0.84, 2000, "FAIL"),
    ({"gain_at_least": 0.0, "confidence": 0.5}, 0.84, 0.84, None, "PASS"),
    ({"drop_at_most": 0.03}, 0.84, 0.84, 2000, "PASS"),
    ({"drop_at_most": 0.03}, 0.84, 0.84, 200, "INCONCLUSIVE"),
    ({"drop_at_most": "10%"}, 0.83, 0.84, 60, "INCONCLUSIVE"),
    ({"drop_at_most": "10%"}, 0.83, 0.84, 2000, "PASS"),
    ({"min_support": 500, "at_least": 0.1, "confidence": 0.5}, 0.85, 0.84, 499, "INCONCLUSIVE"),
    ({"min_support": 500, "at_least": 0.1, "confidence": 0.5}, 0.85, 0.84, 500, "PASS"),
]


@pytest.mark.parametrize("row", AVERAGES, ids=lambda row: f"{row[0]} {row[1:4]}")
def test_the_matrix_of_averages(row: tuple[dict[str, Any], float, float | None, int | None, Word]) -> None:
    """Macro F1 of two equally frequent labels, as Comprehend tells it."""
    gate, new, old, documents, word = row
    support = {} if documents is None else {"bug": documents // 2, "idea": documents - documents // 2}
    exam = Exam("new", Metrics(f1=new), OLD, Metrics(f1=old), has_test_data=True, documents=documents, support=support)
    policy = golden([{"metric": "f1"} | gate], exam={"kind": "iteration"})
    assert judge(policy, exam, OLD).word == word


# ---- what a line says ------------------------------------------------------------------------------------------------


def line(gate: dict[str, Any], documents: int, better: int, worse: int) -> GateResult:
    return judged([gate], flipping(documents, better, worse, wrong=documents // 10)).gates[0]


def test_a_line_has_the_numbers_that_decide() -> None:
    found = line({"metric": "accuracy", "gain_at_least": 0.0}, 1000, 50, 30)
    assert (found.candidate, found.baseline, found.support, found.needed) == (0.87, 0.85, 1000, None)
    assert (found.rule, found.threshold, found.confidence, found.mode) == ("gain_at_least", 0.0, 0.95, "enforce")
    assert (found.label, found.decided_by) == (None, None)
    assert found.interval is not None
    assert 0.004 < found.interval.low < 0.02 < found.interval.high < 0.036


@pytest.mark.parametrize(
    ("gate", "exam", "words"),
    [
        (
            {"metric": "accuracy", "gain_at_least": 0.0},
            (1000, 50, 30),
            (
                "Accuracy 0.8700 against 0.8500: met, a gain of +0.0200 (90 % sure between +0.0052 and +0.0350) "
                "where any gain is asked for; chance alone gives as much in 1.6 % of such exams."
            ),
        ),
        (
            {"metric": "accuracy", "gain_at_least": 0.0},
            (1000, 32, 30),
            (
                "Accuracy 0.8700 against 0.8680: undecided, a gain of +0.0020 (90 % sure between -0.0112 and +0.0152) "
                "where any gain is asked for; chance alone gives as much in 45.0 % of such exams; "
                "about 95,000 more test documents would settle it."
            ),
        ),
        (
            {"metric": "accuracy", "gain_at_least": 0.0, "confidence": 0.5},
            (1000, 30, 30),
            "Accuracy 0.8700 against 0.8700: met, no difference where no loss is allowed.",
        ),
        (
            {"metric": "accuracy", "drop_at_most": 0.05},
            (1000, 10, 50),
            (
                "Accuracy 0.8500 against 0.8900: missed, a regression: 0.0400 below the active model, more than the "
                "margin of 0.0200, and surely worse, though within the loss of 0.0500 that is allowed (the difference "
                "is 90 % sure between -0.0531 and -0.0275)."
            ),
        ),
        (
            {"metric": "accuracy", "at_least": 0.8},
            (1000, 0, 0),
            "Accuracy 0.9000 against 0.9000: met, not under the floor of 0.8000 (90 % sure between 0.8833 and 0.9145).",
        ),
        (
            {"metric": "recall", "label": "bug", "at_least": 0.1, "min_support": 600, "confidence": 0.5},
            (1000, 0, 0),
            (
                "Recall of bug 0.9000 against 0.9000: undecided, not under the floor of 0.1000; it rests on "
                "500 test documents, min_support is 600; about 100 more test documents would settle it."
            ),
        ),
        (
            {"metric": "f1", "label": "question", "at_least": 0.1},
            (1000, 0, 0),
            "F1 of question: this exam has nothing to tell it by.",
        ),
        (
            {"metric": "f1", "label": "*", "at_least": 0.1, "min_support": 501},
            (1000, 0, 0),
            "F1 of every label: no label has the 501 test documents of min_support.",
        ),
    ],
)
def test_a_line_reads_well(gate: dict[str, Any], exam: tuple[int, int, int], words: str) -> None:
    assert line(gate, *exam).words == words


def test_a_line_about_every_label_names_the_one_that_decides() -> None:
    every = line({"metric": "f1", "label": "*", "at_least": 0.1}, 1000, 0, 0)
    worst = line({"metric": "f1", "label": "worst", "at_least": 0.1}, 1000, 0, 0)
    assert every.words.startswith("F1 of bug 0.9000 against 0.9000: met, not under the floor of 0.1000")
    assert every.words.endswith("not judged for want of test documents: praise, question.")
    assert worst.words.startswith("Worst F1 (of bug) 0.9000 against 0.9000")
    assert (every.decided_by, worst.decided_by, every.support, worst.support) == ("bug", "bug", 500, 1000)


REGRESSION = "missed, a regression: 0.0800 below the active model, more than the margin of 0.0200"


@pytest.mark.parametrize(
    ("gate", "rest"),
    [
        ({"metric": "accuracy", "at_least": 0.3}, ", and surely worse, though not under the floor of 0.3000."),
        ({"metric": "accuracy", "at_least": 0.9}, ", and surely worse; also under the floor of 0.9000."),
        ({"metric": "accuracy", "drop_at_most": 0.1}, ", and surely worse, though within the loss of 0.1000 that is "),
        ({"metric": "accuracy", "drop_at_most": 0.01}, ", and surely worse; also more than the loss of 0.0100 that is"),
        ({"metric": "accuracy", "drop_at_most": 0.0}, ", and surely worse; no loss is allowed."),
        ({"metric": "accuracy", "gain_at_least": "-20%"}, ", and surely worse, though within the loss of 20 % of "),
        ({"metric": "accuracy", "gain_at_least": 0.0}, ", and surely worse; no loss is allowed."),
        ({"metric": "accuracy", "gain_at_least": 0.02}, ", and surely worse; a gain of 0.0200 is asked for."),
        ({"metric": "f1", "label": "worst", "at_least": 0.3}, ", and surely worse, though not under the floor of "),
        ({"metric": "recall", "label": "*", "at_least": 0.3}, ", and surely worse, though not under the floor of "),
        ({"metric": "recall", "label": "*", "at_least": 0.9}, "; also under the floor of 0.9000"),
    ],
)
def test_a_regression_says_first_that_it_is_one_and_then_how_its_rule_stands(gate: dict[str, Any], rest: str) -> None:
    words = line(gate | {"confidence": 0.5}, 1000, 0, 80).words
    assert f": {REGRESSION}{rest}" in words


def test_averages_do_not_say_that_a_regression_is_sure() -> None:
    exam = Exam("new", Metrics(f1=0.82), OLD, Metrics(f1=0.9), has_test_data=True)
    policy = golden([{"metric": "f1", "at_least": 0.3, "confidence": 0.5}], exam={"kind": "iteration"})
    reason = judge(policy, exam, OLD).reason
    assert reason == f"Macro F1 0.8200 against 0.9000: {REGRESSION}, though not under the floor of 0.3000."


def test_a_label_that_misses_its_floor_is_not_called_the_regression_of_another() -> None:
    """Recall of bug is as bad as it was, that of idea falls from 1 to 0.75."""
    bugs = ((60, "bug", "idea", "idea"), (40, "bug", "bug", "bug"))
    exam = counted(*bugs, (300, "idea", "idea", "idea"), (100, "idea", "bug", "idea"))
    verdict = judged([{"metric": "recall", "label": "*", "at_least": 0.6, "confidence": 0.5, "min_support": 1}], exam)
    assert verdict.regression
    assert verdict.reason.startswith(
        "Recall of bug 0.4000 against 0.4000: missed, under the floor of 0.6000; another label is a regression, below "
        "the active model by more than the margin of 0.0200;"
    )
