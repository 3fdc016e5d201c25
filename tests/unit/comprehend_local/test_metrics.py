"""The definitions of the metrics against the figures that AWS published (AWS CLI examples and developer guide)."""

import random

import pytest
from sklearn.metrics import accuracy_score, f1_score, hamming_loss, precision_score, recall_score

from comprehend_local.engine.metrics import ConfusionMatrix, EntityDecisions, LabelCounts, LabelDecisions


def ham_and_spam(missed_spam: int, missed_ham: int) -> ConfusionMatrix:
    """1,129 documents, 212 of one class and 917 of the other: what AWS's example for describe-flywheel-iteration is."""
    return ConfusionMatrix(("spam", "ham"), ((212 - missed_spam, missed_spam), (missed_ham, 917 - missed_ham)))


def test_the_published_figures_of_an_active_model_come_out_exactly() -> None:
    found = ham_and_spam(101, 35).averages()

    assert found.f1 == pytest.approx(0.7742663922375772, abs=1e-12)
    assert found.precision == pytest.approx(0.8287636394041166, abs=1e-12)
    assert found.recall == pytest.approx(0.7427084833645399, abs=1e-12)
    assert found.accuracy == pytest.approx(0.8795394154118689, abs=1e-12)


def test_the_published_figures_of_a_new_model_come_out_exactly() -> None:
    found = ham_and_spam(8, 8).averages()

    assert found.f1 == pytest.approx(0.9767700253081214, abs=1e-12)
    assert found.precision == pytest.approx(0.9767700253081214, abs=1e-12)
    assert found.recall == pytest.approx(0.9767700253081214, abs=1e-12)
    assert found.accuracy == pytest.approx(0.9858281665190434, abs=1e-12)


def test_the_mean_f1_is_not_the_harmonic_mean_of_the_two_averages() -> None:
    found = ham_and_spam(101, 35).averages()

    harmonic = 2 * found.precision * found.recall / (found.precision + found.recall)
    assert harmonic == pytest.approx(0.7834, abs=5e-5)
    assert found.f1 == pytest.approx(0.7743, abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "accuracy"),
    [
        ([LabelCounts(8, 2, 0), LabelCounts(7, 3, 1)], 0.75, 0.9375, 0.8125),
        ([LabelCounts(8, 2, 0), LabelCounts(8, 3, 0)], (0.8 + 8 / 11) / 2, 1.0, 1 - 5 / 32),
    ],
)
def test_multi_label_accuracy_counts_decisions(
    counts: list[LabelCounts], precision: float, recall: float, accuracy: float
) -> None:
    found = LabelDecisions(("a", "b"), tuple(counts), documents=16).averages()

    assert found.precision == pytest.approx(precision, abs=1e-12)
    assert found.recall == pytest.approx(recall, abs=1e-12)
    assert found.accuracy == pytest.approx(accuracy, abs=1e-12)
    ones = [2 * c.true_positives / (2 * c.true_positives + c.false_positives + c.false_negatives) for c in counts]
    assert found.f1 == pytest.approx(sum(ones) / 2, abs=1e-12)


def test_the_averages_are_those_of_scikit_learn() -> None:
    chance = random.Random(7)
    for _ in range(20):
        actual = [chance.choice("abcd") for _ in range(30)]
        predicted = [chance.choice("abce") for _ in range(30)]
        found = ConfusionMatrix.of(actual, predicted).averages()
        assert found.f1 == pytest.approx(f1_score(actual, predicted, average="macro", zero_division=0))
        assert found.precision == pytest.approx(precision_score(actual, predicted, average="macro", zero_division=0))
        assert found.recall == pytest.approx(recall_score(actual, predicted, average="macro", zero_division=0))
        assert found.accuracy == pytest.approx(accuracy_score(actual, predicted))


def test_multi_label_averages_are_those_of_scikit_learn() -> None:
    chance = random.Random(8)
    for _ in range(20):
        actual = [{label for label in "abcd" if chance.random() < 0.4} for _ in range(30)]
        predicted = [{label for label in "abce" if chance.random() < 0.4} for _ in range(30)]
        scores = LabelDecisions.of(actual, predicted)
        truth, guess = ([[label in own for label in scores.labels] for own in side] for side in (actual, predicted))
        for found, average in ((scores.averages(), "macro"), (scores.micro(), "micro")):
            assert found.f1 == pytest.approx(f1_score(truth, guess, average=average, zero_division=0))
            assert found.precision == pytest.approx(precision_score(truth, guess, average=average, zero_division=0))
            assert found.recall == pytest.approx(recall_score(truth, guess, average=average, zero_division=0))
            assert 1 - found.accuracy == pytest.approx(hamming_loss(truth, guess))


def test_an_entity_counts_when_place_and_type_are_exact() -> None:
    scores = EntityDecisions.of(
        [[(0, 3, "PER"), (5, 8, "LOC")], [(0, 2, "PER")], []],
        [[(0, 3, "PER"), (5, 8, "ORG")], [(0, 3, "PER")], [(1, 2, "LOC")]],
    )

    assert scores.labels == ("LOC", "ORG", "PER")
    assert scores.per_label == (LabelCounts(0, 1, 1), LabelCounts(0, 1, 0), LabelCounts(1, 1, 1))
    assert scores.documents == 3
    found = scores.averages()
    assert [found.precision, found.recall, found.f1, found.accuracy] == pytest.approx([1 / 4, 1 / 3, 2 / 7, 1 / 6])
    assert scores.micro() == found


def test_rows_are_the_actual_labels() -> None:
    matrix = ConfusionMatrix.of(["a", "a", "b"], ["a", "b", "b"])

    assert matrix.labels == ("a", "b")
    assert matrix.counts == ((1, 1), (0, 1))
    assert matrix.documents == 3
    assert matrix.per_label == (LabelCounts(1, 0, 1), LabelCounts(1, 1, 0))


def test_nothing_scored_has_no_averages() -> None:
    with pytest.raises(ValueError, match="no documents"):
        ConfusionMatrix.of([], []).averages()
