"""Metrics as Comprehend computes them (recovered from the figures that AWS published).

F1, precision and recall are unweighted means over the classes ("macro"); in a multi-class model accuracy is correct
documents / documents.
The mean F1 is the mean of the classes' F1, not the harmonic mean of the two averages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Averages:
    """The four figures of a flywheel iteration, each between 0 and 1, at full precision."""

    f1: float
    precision: float
    recall: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """Counts of documents: `counts[actual][predicted]`, both in the order of `labels`."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, actual: Sequence[str], predicted: Sequence[str]) -> ConfusionMatrix:
        """Count pairs. The classes are those that occur on either side, sorted, as in scikit-learn's macro averages."""
        if len(actual) != len(predicted):
            raise ValueError(f"{len(actual)} actual labels and {len(predicted)} predicted ones")
        labels = tuple(sorted({*actual, *predicted}))
        place = {label: index for index, label in enumerate(labels)}
        counts = [[0] * len(labels) for _ in labels]
        for truth, guess in zip(actual, predicted, strict=True):
            counts[place[truth]][place[guess]] += 1
        return cls(labels, tuple(tuple(row) for row in counts))

    @property
    def total(self) -> int:
        """How many documents were scored."""
        return sum(map(sum, self.counts))

    @property
    def correct(self) -> int:
        """How many of them got their own label."""
        return sum(row[index] for index, row in enumerate(self.counts))


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """What a multi-label model did with one label: documents that have it and got it, got it only, have it only."""

    true_positives: int
    false_positives: int
    false_negatives: int


def multi_label_averages(counts: Sequence[LabelCounts], documents: int) -> Averages:
    """The same figures for a multi-label model; accuracy is correct (document, label) decisions / all of them."""
    if not documents or not counts:
        raise ValueError("no documents to score")
    precisions, recalls, scores = [], [], []
    for count in counts:
        predicted = count.true_positives + count.false_positives
        actual = count.true_positives + count.false_negatives
        precisions.append(count.true_positives / predicted if predicted else 0.0)
        recalls.append(count.true_positives / actual if actual else 0.0)
        scores.append(2 * count.true_positives / (actual + predicted) if actual + predicted else 0.0)
    wrong = sum(count.false_positives + count.false_negatives for count in counts)
    size = len(counts)
    return Averages(
        f1=sum(scores) / size,
        precision=sum(precisions) / size,
        recall=sum(recalls) / size,
        accuracy=1 - wrong / (documents * size),
    )


def averages(matrix: ConfusionMatrix) -> Averages:
    """Macro F1, precision and recall, and accuracy. Raises ValueError when nothing was scored."""
    if not matrix.total:
        raise ValueError("no documents to score")
    size = len(matrix.labels)
    precisions, recalls, scores = [], [], []
    for index in range(size):
        hits = matrix.counts[index][index]
        actual = sum(matrix.counts[index])
        predicted = sum(row[index] for row in matrix.counts)
        precisions.append(hits / predicted if predicted else 0.0)
        recalls.append(hits / actual if actual else 0.0)
        scores.append(2 * hits / (actual + predicted) if actual + predicted else 0.0)
    return Averages(
        f1=sum(scores) / size,
        precision=sum(precisions) / size,
        recall=sum(recalls) / size,
        accuracy=matrix.correct / matrix.total,
    )
