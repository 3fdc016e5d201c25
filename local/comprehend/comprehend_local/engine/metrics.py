"""Metrics as Comprehend computes them (recovered from the figures that AWS published).

Classifiers: F1, precision and recall are unweighted means over the labels ("macro"), and the mean F1 is the mean of the
labels' F1, not the harmonic mean of the two averages. Accuracy is correct documents / documents where a document has
one label, and correct (document, label) decisions / all of them where it has several.
Recognizers: an entity counts when its place and type are exact; F1, precision and recall are over all entities
("micro", developer guide, "Custom entity recognizer metrics").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Averages:
    """Each between 0 and 1, at full precision."""

    f1: float
    precision: float
    recall: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """What a model did with one label or entity type: hits, wrong answers, misses."""

    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float:
        """Hits / answers; 0 without answers."""
        answered = self.true_positives + self.false_positives
        return self.true_positives / answered if answered else 0.0

    @property
    def recall(self) -> float:
        """Hits / what there was; 0 when there was nothing."""
        actual = self.true_positives + self.false_negatives
        return self.true_positives / actual if actual else 0.0

    @property
    def f1(self) -> float:
        """2 hits / (answers + what there was); 0 when there was neither."""
        both = 2 * self.true_positives + self.false_positives + self.false_negatives
        return 2 * self.true_positives / both if both else 0.0


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """A multi-class model's scores: `counts[actual][predicted]` documents, both in the order of `labels`."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, actual: Sequence[str], predicted: Sequence[str]) -> ConfusionMatrix:
        """Count pairs. The labels are those that occur on either side, sorted, as in scikit-learn's macro averages."""
        if len(actual) != len(predicted):
            raise ValueError(f"{len(actual)} actual labels and {len(predicted)} predicted ones")
        labels = tuple(sorted({*actual, *predicted}))
        pairs = Counter(zip(actual, predicted, strict=True))
        return cls(labels, tuple(tuple(pairs[truth, guess] for guess in labels) for truth in labels))

    @property
    def documents(self) -> int:
        """How many documents were scored."""
        return sum(map(sum, self.counts))

    @property
    def per_label(self) -> tuple[LabelCounts, ...]:
        """In the order of `labels`."""
        columns = [sum(column) for column in zip(*self.counts, strict=True)]
        return tuple(
            LabelCounts(row[index], columns[index] - row[index], sum(row) - row[index])
            for index, row in enumerate(self.counts)
        )

    def averages(self) -> Averages:
        """Macro F1, precision and recall; accuracy over documents. Raises ValueError when nothing was scored."""
        correct = sum(row[index] for index, row in enumerate(self.counts))
        total = self.documents
        return macro(self.per_label, accuracy=correct / total if total else 0.0)

    def micro(self) -> Averages:
        """With one label a document, all four equal the accuracy."""
        accuracy = self.averages().accuracy
        return Averages(accuracy, accuracy, accuracy, accuracy)


@dataclass(frozen=True, slots=True)
class LabelDecisions:
    """A multi-label model's scores: one entry a label, in the order of `labels`."""

    labels: tuple[str, ...]
    per_label: tuple[LabelCounts, ...]
    documents: int

    @classmethod
    def of(cls, actual: Sequence[Iterable[str]], predicted: Sequence[Iterable[str]]) -> LabelDecisions:
        """Count label sets. The labels are those that occur on either side, sorted."""
        pairs = (
            ([(label, label) for label in truth], [(label, label) for label in guess])
            for truth, guess in zip(actual, predicted, strict=True)
        )
        return cls(*_counted(pairs), documents=len(actual))

    def averages(self) -> Averages:
        """Macro F1, precision and recall; accuracy over decisions. Raises ValueError when nothing was scored."""
        decisions = self.documents * len(self.labels)
        wrong = sum(count.false_positives + count.false_negatives for count in self.per_label)
        return macro(self.per_label, accuracy=1 - wrong / decisions if decisions else 0.0)

    def micro(self) -> Averages:
        """Over all decisions together; the accuracy as in `averages`."""
        total = summed(self.per_label)
        return Averages(total.f1, total.precision, total.recall, self.averages().accuracy)


@dataclass(frozen=True, slots=True)
class EntityDecisions:
    """A recognizer's scores: one entry a type, in the order of `labels`; `documents` were searched."""

    labels: tuple[str, ...]
    per_label: tuple[LabelCounts, ...]
    documents: int

    @classmethod
    def of(
        cls,
        actual: Sequence[Iterable[tuple[int, int, str]]],
        predicted: Sequence[Iterable[tuple[int, int, str]]],
    ) -> EntityDecisions:
        """Count (begin, end, type) of each document. The types are those that occur on either side, sorted."""
        pairs = (
            ([(span, span[2]) for span in truth], [(span, span[2]) for span in guess])
            for truth, guess in zip(actual, predicted, strict=True)
        )
        return cls(*_counted(pairs), documents=len(actual))

    def averages(self) -> Averages:
        """Micro F1, precision and recall. Raises ValueError when no document was scored.

        Accuracy: hits / (hits + wrong answers + misses), this server's own choice, as it is documented nowhere.
        """
        if not self.documents:
            raise ValueError("no documents to score")
        total = summed(self.per_label)
        all_ = total.true_positives + total.false_positives + total.false_negatives
        return Averages(total.f1, total.precision, total.recall, total.true_positives / all_ if all_ else 0.0)

    def micro(self) -> Averages:
        """The same as `averages`."""
        return self.averages()


Scores = ConfusionMatrix | LabelDecisions | EntityDecisions


def macro(per_label: Sequence[LabelCounts], accuracy: float) -> Averages:
    """Unweighted means over the labels. Raises ValueError when there is none."""
    size = len(per_label)
    if not size:
        raise ValueError("no documents to score")
    return Averages(
        f1=sum(count.f1 for count in per_label) / size,
        precision=sum(count.precision for count in per_label) / size,
        recall=sum(count.recall for count in per_label) / size,
        accuracy=accuracy,
    )


def summed(per_label: Iterable[LabelCounts]) -> LabelCounts:
    """All labels together."""
    found = list(per_label)
    return LabelCounts(
        sum(count.true_positives for count in found),
        sum(count.false_positives for count in found),
        sum(count.false_negatives for count in found),
    )


def _counted(
    pairs: Iterable[tuple[Iterable[tuple[Hashable, str]], Iterable[tuple[Hashable, str]]]],
) -> tuple[tuple[str, ...], tuple[LabelCounts, ...]]:
    """Names and counts; each pair has what a document holds and what was answered, as (thing, its label)."""
    hits, extra, missed = Counter[str](), Counter[str](), Counter[str]()
    for actual, predicted in pairs:
        truth, guess = set(actual), set(predicted)
        hits.update(label for _, label in truth & guess)
        extra.update(label for _, label in guess - truth)
        missed.update(label for _, label in truth - guess)
    names = tuple(sorted({*hits, *extra, *missed}))
    return names, tuple(LabelCounts(hits[name], extra[name], missed[name]) for name in names)
