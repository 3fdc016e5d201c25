"""What all classifiers do with their answers: compare them with the truth, or name the most probable labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from comprehend_local.engine import thresholds
from comprehend_local.engine.learner import Entity, Part, Scored
from comprehend_local.engine.metrics import ConfusionMatrix, LabelDecisions, Scores
from comprehend_local.engine.prepared_texts import as_texts

ClassifierMode = Literal["MULTI_CLASS", "MULTI_LABEL"]
_FEW_OF_MANY = 8
"""Up to so many of the highest answers are looked for one by one, which is faster than to sort all of them."""


class Answering(ABC):
    """A model with `labels`, sorted, that answers with documents x labels.

    Multi-class: each row sums to 1. Multi-label: from 0.5 on a label is the document's.
    """

    __slots__ = ()
    mode: ClassifierMode
    labels: tuple[str, ...]

    @abstractmethod
    def answers_to_texts(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Of texts that nothing is known of."""

    @abstractmethod
    def answers_to_parts(self, parts: Sequence[Part]) -> NDArray[np.float64]:
        """Of the chosen documents of all parts, in order."""

    def scores(self, parts: Sequence[Part], allowed: Sequence[str] | None = None) -> Scores:
        """Compare with the documents' own labels. Raises ValueError when no document is left."""
        wanted = None if allowed is None else {*allowed}
        truth, places = [], []
        for prepared, rows in parts:
            labels = as_texts(prepared).labels()
            for row in rows.tolist():
                own = tuple(name for name in labels[row] if wanted is None or name in wanted)
                if own:
                    truth.append(own)
                places.append(bool(own))
        if not truth:
            raise ValueError("no documents to score")
        answers = self.answers_to_parts(parts)[np.flatnonzero(places)]
        if self.mode == "MULTI_CLASS":
            return ConfusionMatrix.of([own[0] for own in truth], self._names(answers.argmax(axis=1)))
        return LabelDecisions.of(truth, [self._names(np.flatnonzero(row)) for row in thresholds.decisions(answers)])

    def classify(self, texts: Sequence[str], most: int = 0) -> list[list[Scored]]:
        """For each text the labels, the most probable first; equally probable ones in the order of their names."""
        answers = self.answers_to_texts(texts)
        wanted = np.full(len(answers), min(most, len(self.labels)) or len(self.labels))
        if most and self.mode == "MULTI_LABEL":
            wanted = np.maximum(wanted, thresholds.decisions(answers).sum(axis=1))
        order = _ranking(answers, int(wanted.max(initial=0)))
        best = answers[np.arange(len(answers))[:, None], order]
        return [
            [Scored(self.labels[place], score) for place, score in zip(places[:count], scores[:count], strict=True)]
            for places, scores, count in zip(order.tolist(), best.tolist(), wanted.tolist(), strict=True)
        ]

    def detect(self, texts: Sequence[str]) -> list[list[Entity]]:
        """Not something that a classifier does: raises TypeError."""
        raise TypeError("a classifier finds no entities")

    def _names(self, places: Iterable[Any]) -> list[str]:
        return [self.labels[place] for place in places]


def _ranking(answers: NDArray[np.float64], most: int) -> NDArray[np.intp]:
    """Documents x `most` places of the highest answers, the highest first; of equals the first place first."""
    if len(answers) == 1 or most > _FEW_OF_MANY or most * 2 > answers.shape[1]:
        return np.asarray((-answers).argsort(axis=1, kind="stable")[:, :most])
    rest, rows = answers.copy(), np.arange(len(answers))
    order = np.empty((len(answers), most), dtype=np.intp)
    for rank in range(most):
        order[:, rank] = rest.argmax(axis=1)
        rest[rows, order[:, rank]] = -1
    return order
