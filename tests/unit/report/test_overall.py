"""Both models' overall metrics with their intervals, from answers and from Comprehend's averages."""

import pytest

from governor.domain.judgement import averages_of, scores_of
from governor.domain.judgement.intervals import wilson
from governor.domain.sheet import Row, sheet_of
from governor.domain.verdict import Exam, Interval, Metrics

ROWS = [
    Row(50, (0,), (0,), (0,)),
    Row(10, (0,), (1,), (0,)),
    Row(30, (1,), (1,), (1,)),
    Row(10, (1,), (1,), (0,)),
]


def _averages(documents: int | None, **support: int) -> Exam:
    return Exam(
        "new", Metrics(0.9, 0.8, 0.7, 0.95), "old", Metrics(0.6, 0.7, 0.8), True, documents=documents, support=support
    )


def test_answers_give_both_models_and_the_difference_with_intervals_around_them() -> None:
    overall = scores_of(sheet_of("MULTI_CLASS", ["a", "b"], ROWS, has_baseline=True)).overall

    assert [(each.metric, each.over) for each in overall] == [
        ("f1", "macro"),
        ("precision", "macro"),
        ("recall", "macro"),
        ("accuracy", "documents"),
    ]
    for each in overall:
        assert each.candidate is not None
        assert each.baseline is not None
        gain = each.candidate - each.baseline
        for value, bounds in (
            (each.candidate, each.candidate_bounds),
            (each.baseline, each.baseline_bounds),
            (gain, each.gain),
        ):
            assert bounds is not None
            assert bounds.low < value < bounds.high or value == gain == 0
    accuracy = overall[-1]
    assert (accuracy.candidate, accuracy.baseline) == (0.9, 0.9)
    assert accuracy.baseline_bounds == wilson(0.9, 100, 0.95)


def test_several_labels_a_document_have_micro_averages_and_a_first_model_is_alone() -> None:
    rows = [row._replace(baseline=()) for row in ROWS]
    overall = scores_of(sheet_of("MULTI_LABEL", ["a", "b"], rows, has_baseline=False)).overall

    assert [each.over for each in overall] == ["micro"] * 3 + ["macro"] * 3 + ["documents"]
    assert {(each.baseline, each.baseline_bounds, each.gain) for each in overall} == {(None, None, None)}
    assert all(isinstance(each.candidate_bounds, Interval) for each in overall)


def test_averages_have_intervals_where_the_number_of_documents_is_known() -> None:
    known = averages_of(_averages(400, a=200, b=200), "macro")
    assert [(each.metric, each.candidate, each.baseline) for each in known] == [
        ("f1", 0.9, 0.6),
        ("precision", 0.8, 0.7),
        ("recall", 0.7, 0.8),
        ("accuracy", 0.95, None),
    ]
    assert known[0].baseline_bounds == wilson(0.6, 400, 0.95)
    assert known[3].candidate_bounds is not None
    assert known[3].baseline_bounds is None

    for each in averages_of(_averages(None), "macro"):
        assert (each.candidate_bounds, each.baseline_bounds, each.gain) == (None, None, None)


@pytest.mark.parametrize("exam", [Exam(None, None, None, None, False), Exam("new", Metrics(), None, None, True)])
def test_where_there_is_no_number_there_is_no_line(exam: Exam) -> None:
    assert averages_of(exam, "micro") == ()
