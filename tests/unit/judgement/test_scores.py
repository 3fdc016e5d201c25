"""Metrics against scikit-learn, to 1e-12: several classes, several labels, mentions; both models of a sheet."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from governor.domain.judgement import ModelScores, scores, scores_of
from governor.domain.judgement.averages import averages, worse_labels
from governor.domain.judgement.scores import Sums
from governor.domain.sheet import Row, Sheet, sheet_of
from governor.domain.verdict import Metrics
from tests.unit.judgement.sheets import LABELS, Document, multi_class, multi_label, searched, sheet

CLOSE = 1e-12
NUMBERS = range(len(LABELS))


def indicator(parts: Sequence[tuple[int, ...]]) -> Any:
    """One row a document, one column a label."""
    return np.array([[number in part for number in NUMBERS] for part in parts], dtype=int)


def same(ours: Metrics, theirs: tuple[Any, ...], place: int | None = None) -> None:
    for name, number in zip(("precision", "recall", "f1"), theirs, strict=False):
        expected = number if place is None else number[place]
        assert getattr(ours, name) == pytest.approx(float(expected), abs=CLOSE)


def check(ours: ModelScores, truth: Sequence[tuple[int, ...]], answers: Sequence[tuple[int, ...]]) -> None:
    right, given = indicator(truth), indicator(answers)

    def theirs(**options: Any) -> tuple[Any, ...]:
        return tuple(precision_recall_fscore_support(right, given, zero_division=0, **options))

    for place in NUMBERS:
        same(ours.per_label[place], theirs(average=None), place)
    there = [number for number in NUMBERS if right[:, number].any()]
    if there:
        same(ours.macro, theirs(average="macro", labels=there))
    same(ours.micro, theirs(average="micro"))
    assert ours.accuracy == pytest.approx(accuracy_score(right, given), abs=CLOSE)


@searched
@given(multi_class)
def test_several_classes(documents: list[Document]) -> None:
    found = scores_of(sheet(documents))
    truth, new, old = zip(*documents, strict=True)
    assert found.baseline is not None
    check(found.candidate, truth, new)
    check(found.baseline, truth, old)
    theirs = confusion_matrix([part[0] for part in truth], [part[0] for part in new], labels=list(NUMBERS))
    for right in NUMBERS:
        for wrong in NUMBERS:
            if right != wrong:
                confused = found.candidate.confusions.get((LABELS[right], LABELS[wrong]), 0)
                assert confused == theirs[right, wrong]


@searched
@given(multi_label)
def test_several_labels(documents: list[Document]) -> None:
    found = scores_of(sheet(documents, "MULTI_LABEL"))
    truth, new, old = zip(*documents, strict=True)
    assert found.baseline is not None
    check(found.candidate, truth, new)
    check(found.baseline, truth, old)


@searched
@given(multi_class)
def test_an_answer_that_is_missing_is_wrong(documents: list[Document]) -> None:
    silent = [(truth, (), old) for truth, _, old in documents]
    found = scores_of(sheet(silent))
    check(found.candidate, [part[0] for part in silent], [() for _ in silent])
    assert found.candidate.accuracy == 0
    assert set(found.candidate.confusions) == {(LABELS[truth[0]], None) for truth, _, _ in documents}


mentions = st.lists(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 2)), max_size=6, unique_by=lambda each: each[0]),
    min_size=1,
    max_size=20,
)


@searched
@given(mentions, st.randoms(use_true_random=False))
def test_mentions_count_where_place_and_type_are_exact(documents: list[list[tuple[str, int]]], draw: Any) -> None:
    """Beside scikit-learn on the places: a place without a mention has the type `none`."""
    rows, truth, answers = [], [], []
    for document in documents:
        answer = {(place, draw.choice([kind, draw.randrange(3)])) for place, kind in document if draw.random() < 0.8}
        answer |= {("made up", draw.randrange(3))} if draw.random() < 0.3 else set()
        hits = [kind for place, kind in answer if (place, kind) in document]
        kinds = tuple(sorted(kind for _, kind in document))
        rows.append(Row(1, kinds, tuple(sorted(kind for _, kind in answer)), (), tuple(sorted(hits)), ()))
        said, there = dict(answer), dict(document)
        for spot in {*said, *there}:
            truth.append(there.get(spot, 3))
            answers.append(said.get(spot, 3))
    found = scores_of(sheet_of("ENTITIES", ["x", "y", "z"], rows, has_baseline=True))

    def theirs(labels: list[int], average: str | None) -> tuple[Any, ...]:
        found = precision_recall_fscore_support(truth, answers, labels=labels, average=average, zero_division=0)
        return tuple(found)

    if truth:
        for place in range(3):
            same(found.candidate.per_label[place], theirs([0, 1, 2], None), place)
        same(found.candidate.micro, theirs([0, 1, 2], "micro"))
    present = sorted({kind for document in documents for _, kind in document})
    if present:
        same(found.candidate.macro, theirs(present, "macro"))
    assert found.candidate.accuracy is None
    assert found.baseline is not None
    assert (found.baseline.micro.f1, found.baseline.accuracy) == (0, None)


@searched
@given(multi_class, st.permutations(NUMBERS))
def test_the_order_of_labels_and_rows_changes_nothing(documents: list[Document], order: list[int]) -> None:
    names = [LABELS[place] for place in order]
    moved = [tuple((order.index(part[0]),) for part in document) for document in reversed(documents)]
    plain, other = scores_of(sheet(documents)), scores_of(sheet(moved, labels=names))  # type: ignore[arg-type]
    assert plain.overall == other.overall
    assert sorted(plain.labels, key=lambda each: each.label) == sorted(other.labels, key=lambda each: each.label)
    assert plain.candidate.confusions == other.candidate.confusions


@searched
@given(multi_class)
def test_averages_are_those_of_the_scores(documents: list[Document]) -> None:
    answers = sheet(documents)
    found = scores_of(answers)
    new, old = averages(answers, "macro")
    assert found.baseline is not None
    assert old is not None
    for ours, theirs in ((new, found.candidate), (old, found.baseline)):
        assert (ours.f1, ours.accuracy) == (theirs.macro.f1, theirs.accuracy)
    assert averages(answers, "micro")[0].recall == found.candidate.micro.recall
    lower = [
        each.label
        for each in found.labels
        if each.baseline is not None and (each.candidate.f1 or 0) < (each.baseline.f1 or 0)
    ]
    assert sorted(worse_labels(answers)) == sorted(lower)


def test_a_first_model_has_no_baseline() -> None:
    alone = sheet_of("MULTI_CLASS", LABELS, [Row(3, (0,), (0,), ())], has_baseline=False)
    found = scores_of(alone)
    assert found.baseline is None
    assert [(each.baseline, each.gain) for each in found.labels] == [(None, None)] * len(LABELS)
    assert averages(alone, "macro")[1] is None
    assert worse_labels(alone) == []


def test_an_exam_without_documents_has_no_scores() -> None:
    found = scores_of(sheet_of("MULTI_CLASS", LABELS, [], has_baseline=True))
    assert (found.documents, found.candidate.accuracy) == (0, None)
    assert found.overall == ()
    assert all(each.gain is None for each in found.labels)


def test_a_label_that_is_called_like_an_average_is_a_label() -> None:
    documents = [((0,), (0,), (1,))] * 30 + [((1,), (1,), (1,))] * 30
    odd = scores_of(sheet(documents, labels=["macro", "worst", "*", "micro"]))
    plain = scores_of(sheet(documents))
    assert [each.gain is None for each in odd.labels] == [each.gain is None for each in plain.labels]
    assert odd.labels[0].gain is not None
    assert odd.labels[0].gain.low > 0.3


ONE_TO_THREE = (Row(1, (0,), (1,), (0,)), Row(2, (0,), (1,), (1,)), Row(3, (1,), (0,), (0,)))


@pytest.mark.parametrize("rows", list(itertools.permutations(ONE_TO_THREE)))
def test_rows_that_were_stored_in_any_order_are_drawn_in_one(rows: tuple[Row, ...]) -> None:
    """The draws of an exam hang on the order of its rows: it must not be that of the file."""
    stored = Sheet("MULTI_CLASS", ("bug", "idea"), rows, True, 4, 5)
    assert scores.canonical(stored) == Sheet("MULTI_CLASS", ("bug", "idea"), ONE_TO_THREE, True, 4, 5)


def test_rows_that_are_stored_twice_are_one() -> None:
    twice = Sheet("MULTI_CLASS", ("bug", "idea"), (ONE_TO_THREE[0], ONE_TO_THREE[1], ONE_TO_THREE[1]), True)
    assert [row.count for row in scores.canonical(twice).rows] == [1, 4]


def test_labels_are_renamed_in_every_part_and_nothing_is_lost() -> None:
    found = scores.canonical(Sheet("MULTI_CLASS", ("idea", "bug"), ONE_TO_THREE, True, 4, 5))
    moved = (Row(3, (0,), (1,), (1,)), Row(2, (1,), (0,), (0,)), Row(1, (1,), (0,), (1,)))
    assert found == Sheet("MULTI_CLASS", ("bug", "idea"), moved, True, 4, 5)


@pytest.mark.parametrize("metric", ["f1", "precision", "recall"])
def test_many_exams_at_once_have_each_their_own_averages(metric: Any) -> None:
    """The second has no document of the first label, the third none at all."""
    support, given, hits = [[4.0, 6.0], [0.0, 8.0], [0.0, 0.0]], [[5.0, 5.0], [3.0, 5.0], [1.0, 2.0]], [[3.0, 4.0]]
    hits += [[0.0, 4.0], [0.0, 0.0]]
    together = Sums(np.array(support), np.array(given), np.array(hits))
    for mean in (scores.macro, scores.micro):
        each = [float(mean(Sums(*(part[number] for part in together)), metric)) for number in range(3)]
        assert mean(together, metric).tolist() == each


def test_averages_of_a_known_exam() -> None:
    """Four bugs, two of them found; six ideas, all found: precision 1 and 3/4, recall 1/2 and 1."""
    rows = [Row(2, (0,), (0,), (1,)), Row(2, (0,), (1,), (1,)), Row(6, (1,), (1,), (1,))]
    new, old = averages(sheet_of("MULTI_CLASS", ("bug", "idea"), rows, has_baseline=True), "macro")
    assert (new.precision, new.recall, new.accuracy) == pytest.approx((7 / 8, 3 / 4, 0.8))
    assert new.f1 == pytest.approx((2 / 3 + 6 / 7) / 2)
    assert old is not None
    assert (old.precision, old.recall, old.accuracy) == pytest.approx((0.3, 0.5, 0.6))


def test_recognizers_and_empty_exams_have_no_accuracy() -> None:
    mentions = sheet_of("ENTITIES", LABELS, [Row(5, (0,), (0,), (), (0,), ())], has_baseline=True)
    for answers in (mentions, sheet_of("MULTI_CLASS", LABELS, [], has_baseline=True)):
        new, old = averages(answers, "micro")
        assert old is not None
        assert (new.accuracy, old.accuracy) == (None, None)
    assert averages(mentions, "micro")[0].f1 == 1


def test_mistakes_are_counted_by_what_was_missed_and_what_was_one_too_many() -> None:
    """Most frequent first, then by name; one missed and one too many in a document are a pair."""
    rows = [
        Row(2, (0, 1), (0,), ()),
        Row(3, (1,), (), ()),
        Row(4, (1,), (0, 1), ()),
        Row(1, (2,), (0, 2), ()),
        Row(5, (2,), (3,), ()),
        Row(5, (2,), (1,), ()),
        Row(5, (3,), (), ()),
        Row(5, (), (2,), ()),
        Row(5, (1,), (2,), ()),
        Row(7, (1,), (1,), ()),
    ]
    found = scores_of(sheet_of("MULTI_LABEL", ("A", "B", "C", "D"), rows, has_baseline=False)).candidate.confusions
    assert list(found.items()) == [
        ((None, "A"), 5),
        ((None, "C"), 5),
        (("B", None), 5),
        (("B", "C"), 5),
        (("C", "B"), 5),
        (("C", "D"), 5),
        (("D", None), 5),
    ]


def test_mentions_are_mistakes_where_place_or_type_is_another() -> None:
    """Two of a in a document, one of them found where it is and one elsewhere; b that is called a; c that is missed."""
    rows = [
        Row(3, (0, 0), (0, 0), (), (0,), ()),
        Row(4, (1,), (0,), (), (), ()),
        Row(2, (2,), (), (), (), ()),
        Row(1, (0, 1), (0, 1, 1), (), (0, 1), ()),
    ]
    found = scores_of(sheet_of("ENTITIES", ("a", "b", "c"), rows, has_baseline=False)).candidate.confusions
    assert list(found.items()) == [(("b", "a"), 4), (("a", "a"), 3), (("c", None), 2), ((None, "b"), 1)]
