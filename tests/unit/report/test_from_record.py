"""Every field of a report is what the record says, and the order of what is listed is the same each time."""

import dataclasses
import json

import pytest

from governor.domain.decision import DecisionRecord, UploadFacts
from governor.domain.outcome import Outcome
from governor.domain.report import document_of
from governor.domain.report.content import ConfusionLine, Cost
from governor.domain.report.words import headline
from governor.domain.sheet import Row, Sheet, sheet_of
from governor.domain.verdict import Exam, GateResult, Interval, MustPass, Verdict
from tests.unit.report.records import a_policy, a_record, a_report, a_sheet

# ---- fields ----------------------------------------------------------------------------------------------------------


def test_the_decision_is_the_verdicts_and_what_follows_the_outcomes() -> None:
    verdict = Verdict("FAIL", "Worse.", regression=True, remarks=("The exam wears out.", "One answer is missing."))
    decision = a_report(a_record(a_sheet(), verdict=verdict), Outcome("KEEP", "Regression")).decision
    assert (decision.verdict, decision.regression, decision.action) == ("FAIL", True, "KEEP")
    assert (decision.hold, decision.remarks) == ("Regression", verdict.remarks)
    calm = a_report(a_record(a_sheet()), Outcome("ASK")).decision
    assert (calm.verdict, calm.regression, calm.action, calm.hold) == ("PASS", False, "ASK", None)


@pytest.mark.parametrize("mode", ["MULTI_CLASS", "MULTI_LABEL", "ENTITIES"])
def test_the_kind_of_data_is_the_policys(mode: str) -> None:
    assert a_report(a_record(a_sheet(mode), a_policy(mode))).data_mode == mode  # type: ignore[arg-type]


def test_the_exam_is_that_of_the_answers_and_without_them_that_of_the_averages() -> None:
    silent = dataclasses.replace(a_sheet(), unanswered_candidate=3, unanswered_baseline=4)
    exam = a_report(a_record(silent, exam={"documents": 12_345})).exam
    assert (exam.documents, exam.unanswered_candidate, exam.unanswered_baseline) == (100, 3, 4)
    exam = a_report(a_record(exam={"documents": 12_345})).exam
    assert (exam.documents, exam.unanswered_candidate, exam.unanswered_baseline) == (12_345, 0, 0)


def test_a_gate_is_told_with_all_its_numbers() -> None:
    gate = GateResult(
        metric="recall",
        candidate=0.8,
        baseline=0.7,
        word="undecided",
        regression=True,
        words="So it is.",
        label="worst",
        decided_by="b",
        rule="gain_at_least",
        threshold=0.02,
        confidence=0.9,
        mode="shadow",
        interval=Interval(0.05, 0.15),
        support=40,
        needed=120,
    )
    (line,) = a_report(a_record(a_sheet(), verdict=Verdict("PASS", "", gates=(gate,)))).gates
    told = dataclasses.asdict(gate) | {"low": 0.05, "high": 0.15}
    del told["interval"]
    assert dataclasses.asdict(line) == told | {"asks": "Worst recall: a gain of at least 0.0200, 90 % sure"}


def test_only_differences_of_f1_have_an_interval() -> None:
    for line in a_report(a_record(a_sheet())).labels:
        assert line.f1.difference is not None
        assert line.f1.difference.low is not None
        for other in (line.precision.difference, line.recall.difference):
            assert other is not None
            assert (other.low, other.high) == (None, None)


def test_answers_of_a_model_that_is_no_candidate_are_not_scored() -> None:
    report = a_report(a_record(a_sheet(), trained=False))
    assert (report.labels, report.confusions_gained, report.confusions_lost) == ((), (), ())


# ---- orders ----------------------------------------------------------------------------------------------------------


def mistakes(*rows: Row) -> DecisionRecord:
    """Return an exam of A, B, C and D where each document may have several."""
    labels = ("A", "B", "C", "D")
    sheet: Sheet = sheet_of("MULTI_LABEL", labels, [Row(50, (0,), (0,), (0,)), *rows], has_baseline=True)
    return a_record(sheet, a_policy("MULTI_LABEL", labels))


def test_a_mistake_that_was_made_once_and_is_made_no_more_is_told() -> None:
    report = a_report(mistakes(Row(1, (1,), (1,), (2,)), Row(1, (2,), (1,), (2,))))
    assert report.confusions_lost == (ConfusionLine("B", "C", 0, 1),)
    assert report.confusions_gained == (ConfusionLine("C", "B", 1, 0),)


def test_mistakes_are_in_order_of_their_change_then_of_their_number_then_of_their_names() -> None:
    report = a_report(
        mistakes(
            Row(3, (0,), (0,), (1,)),
            Row(2, (1,), (1,), (2,)),
            Row(2, (1,), (1,), (0,)),
            Row(2, (1,), (1,), ()),
            Row(2, (), (), (3,)),
            Row(2, (), (), (2,)),
            Row(3, (3,), (3,), (2,)),
            Row(1, (3,), (2,), (2,)),
            Row(2, (3,), (3,), (1,)),
            Row(1, (3,), (1,), (1,)),
        )
    )
    assert report.confusions_gained == ()
    assert report.confusions_lost == (
        ConfusionLine("D", "C", 1, 4),
        ConfusionLine("A", "B", 0, 3),
        ConfusionLine("D", "B", 1, 3),
        ConfusionLine(None, "C", 0, 2),
        ConfusionLine(None, "D", 0, 2),
        ConfusionLine("B", None, 0, 2),
        ConfusionLine("B", "A", 0, 2),
        ConfusionLine("B", "C", 0, 2),
    )


def test_after_a_regression_of_averages_the_largest_file_comes_first() -> None:
    """Averages do not tell which labels got worse."""
    uploads = (
        UploadFacts("t/train/a.csv", "v", "train", 10, {"a": 10}),
        UploadFacts("t/train/b.csv", "v", "train", 90, {"b": 90}),
    )
    verdict = Verdict("FAIL", "Worse.", regression=True)
    assert [each.key for each in a_report(a_record(uploads=uploads, verdict=verdict)).added] == [
        "t/train/b.csv",
        "t/train/a.csv",
    ]


# ---- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("must_pass", [None, MustPass(9), MustPass(9, ("a.csv:1",), 1)])
def test_a_failure_is_said_by_what_failed(must_pass: MustPass | None) -> None:
    exam = Exam("new", None, "old", None, has_test_data=True, must_pass=must_pass)
    said = headline(7, Verdict("FAIL", ""), exam, Outcome("KEEP"), has_baseline=True)
    wrong = "its model gets 1 document wrong that must be right"
    expected = wrong if must_pass is not None and must_pass.failures else "its model is not good enough"
    assert said == f"Batch 7 fails: {expected}."


def because(word: str, reason: str, gates: str, *told: str) -> str:
    results = tuple(GateResult("f1", 0.5, None, gates, regression=False, words=each) for each in told)  # type: ignore[arg-type]
    verdict = Verdict(word, reason, gates=results)  # type: ignore[arg-type]
    return a_report(a_record(a_sheet(), verdict=verdict), Outcome("KEEP")).decision.because


def test_why_in_short() -> None:
    assert because("PASS", "One.", "met", "One.") == "One."
    assert because("PASS", "One. Two.", "met", "One.", "Two.") == "All 2 gates are met."
    assert because("INCONCLUSIVE", "One. Two. Three.", "undecided", "One.", "Two.", "Three.") == (
        "One. 2 more gates are open."
    )
    assert because("FAIL", "Same. Same. Same.", "missed", "Same.", "Same.", "Same.") == "Same. 2 more gates are missed."
    assert because("NO_CHANGE", "Nothing was trained.", "met") == "Nothing was trained."


# ---- the document ----------------------------------------------------------------------------------------------------


def test_labels_of_any_script_stay_readable_in_the_document() -> None:
    sheet = dataclasses.replace(a_sheet(), labels=("a", "\u00e4\u30d0\u30b0"))
    content = document_of(a_report(a_record(sheet, a_policy(labels=sheet.labels))))
    assert "\u00e4\u30d0\u30b0" in content.decode()
    assert [each["label"] for each in json.loads(content)["labels"]] == ["\u00e4\u30d0\u30b0", "a"]


def test_a_number_that_json_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        document_of(dataclasses.replace(a_report(a_record(a_sheet())), cost=Cost(training_usd=float("nan"))))
