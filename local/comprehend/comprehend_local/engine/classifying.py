"""Classifiers with one label a document, or several: `ClassifierLearner` (see `learner` for what it promises)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comprehend_local.engine import thresholds
from comprehend_local.engine.answering import Answering, ClassifierMode
from comprehend_local.engine.continuing import LARGE, Remembered, base_of, key
from comprehend_local.engine.documents import Document
from comprehend_local.engine.features import VERSION, Features, features
from comprehend_local.engine.learner import CannotLearn, Part, Prepared
from comprehend_local.engine.linear import Effort, Matrix, Truth, Weighting, Weights, learn, refresh
from comprehend_local.engine.packing import Arrays, pack, unpack
from comprehend_local.engine.prepared_texts import (
    PreparedTexts,
    Task,
    as_texts,
    features_of,
    joined_texts,
    prepare,
    task_of,
)

_KIND = f"classifier/1.{VERSION}"

FEW, MANY = 1_000, 50_000
"""Documents. Below FEW nothing is tried out; from MANY on a document is seen less often, in larger batches."""
_EFFORT = Effort(passes=10, rate=1.0, caution=0.01, batch=128)
_EFFORT_MANY = Effort(passes=4, rate=2.0, caution=0.01, batch=512)
_EFFORT_LABELS = Effort(passes=5, rate=1.0, caution=1.0, batch=128)
"""More caution where labels are rare and vague: on goemotions it is worth 3 points of micro F1 and 4 of macro F1."""
_EFFORT_MORE = Effort(passes=2, rate=0.5, caution=0.1, batch=128)
_TRIED = 5_000
"""Documents that a choice is tried out with, at most; a quarter as many more decide."""
_FOLDS_BELOW = 4_000
"""Below this many documents, thresholds are chosen with each third held out in turn; from there on with one fifth."""


@dataclass(frozen=True, slots=True)
class Classifier(Answering):
    """A trained model. `cuts` has one threshold a label in MULTI_LABEL mode, and none in MULTI_CLASS mode."""

    mode: ClassifierMode
    labels: tuple[str, ...]
    weights: Weights
    cuts: Matrix

    def to_bytes(self) -> bytes:
        """For the store."""
        arrays: Arrays = {
            "ids": self.weights.ids,
            "scale": self.weights.scale,
            "weights": self.weights.weights,
            "bias": self.weights.bias,
            "cuts": self.cuts,
        }
        return pack(_KIND, {"mode": self.mode, "labels": self.labels}, arrays)

    def answers_to_texts(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """See `Answering`."""
        return self._answers(features(texts))

    def answers_to_parts(self, parts: Sequence[Part]) -> NDArray[np.float64]:
        """See `Answering`."""
        return self._answers(features_of(parts))

    def _answers(self, found: Features) -> NDArray[np.float64]:
        probabilities = self.weights.probabilities(found)
        if self.mode == "MULTI_LABEL":
            return thresholds.answers(probabilities, self.cuts)
        exact = probabilities.astype(np.float64)
        return np.asarray(exact / exact.sum(axis=1, keepdims=True))


_bases: Remembered[Classifier] = Remembered(96 << 20)
"""Models of bases (see `continuing`), up to 96 MB."""


@dataclass(frozen=True, slots=True)
class ClassifierLearner:
    """Learns classifiers of one mode."""

    mode: ClassifierMode

    def prepare(self, chunks: Sequence[Sequence[Document]]) -> list[Prepared]:
        """The features of each chunk; all cores take part when there is much text."""
        return [*prepare(chunks)]

    def load_prepared(self, content: bytes) -> PreparedTexts:
        """What `PreparedTexts.to_bytes` wrote. Raises ValueError when it is something else or of another version."""
        return PreparedTexts.from_bytes(content)

    def joined(self, chunks: Sequence[Prepared]) -> Prepared:
        """The documents of some chunks, in order, as one."""
        return joined_texts([as_texts(chunk) for chunk in chunks])

    def train(self, parts: Sequence[Part], allowed: Sequence[str] | None, seed: int) -> Classifier:
        """Learn from the documents that have an allowed label. Raises CannotLearn.

        Few documents after many are learned on top of what the many gave (see `continuing`).
        """
        task = task_of(parts, allowed, one=self.mode == "MULTI_CLASS")
        if len(task.labels) < 2:
            raise CannotLearn(f"at least two labels are needed and the training data has {len(task.labels)}")
        base = base_of(task.sizes)
        if base < len(parts):
            basis = task_of(parts[:base], allowed, one=self.mode == "MULTI_CLASS")
            if basis.labels == task.labels:
                return self._more(self._anew(parts[:base], basis, allowed, seed), task, basis.truth.documents, seed)
        return self._anew(parts, task, allowed, seed)

    def _anew(self, parts: Sequence[Part], task: Task, allowed: Sequence[str] | None, seed: int) -> Classifier:
        if task.truth.documents < LARGE:
            return self._learned(parts, task, seed)
        name = key(parts, self.mode, None if allowed is None else sorted({*allowed}), seed)
        return _bases.get(name, lambda: self._learned(parts, task, seed), lambda model: model.weights.weights.nbytes)

    def _learned(self, parts: Sequence[Part], task: Task, seed: int) -> Classifier:
        found, truth = features_of(parts).take(task.rows), task.truth
        if not len(found.ids):
            raise CannotLearn("the documents contain no words")
        if self.mode == "MULTI_CLASS":
            effort = _EFFORT if truth.documents < MANY else _EFFORT_MANY
            weights = learn(found, truth, _weighting(found, truth, seed), effort, seed)
            return Classifier(self.mode, task.labels, weights, np.zeros(0, dtype=np.float32))
        cuts = thresholds.chosen(*_unseen(found, truth, seed))
        return Classifier(self.mode, task.labels, learn(found, truth, "for", _EFFORT_LABELS, seed), cuts)

    def _more(self, base: Classifier, task: Task, known: int, seed: int) -> Classifier:
        """Learn the documents after the `known` first ones, together with twice as many of these."""
        new = np.arange(known, task.truth.documents)
        old = np.sort(np.random.default_rng([seed, 3]).permutation(known)[: 2 * len(new)])
        chosen = np.concatenate([old, new])
        found = features_of(task.parts).take(task.rows[chosen])
        weights = refresh(base.weights, found, task.truth.take(chosen), _EFFORT_MORE, seed)
        return Classifier(self.mode, task.labels, weights, base.cuts)

    def load(self, content: bytes) -> Classifier:
        """What `Classifier.to_bytes` wrote. Raises ValueError when it is something else."""
        facts, arrays = unpack(_KIND, content)
        if facts["mode"] != self.mode:
            raise ValueError(f"this is a {facts['mode']} model, not a {self.mode} one")
        weights = Weights(arrays["ids"], arrays["scale"], arrays["weights"], arrays["bias"])
        return Classifier(self.mode, tuple(facts["labels"]), weights, arrays["cuts"])


def _weighting(found: Features, truth: Truth, seed: int) -> Weighting:
    """Which weighting suits these documents: tried out on some of them. Topics want "for", questions "both"."""
    if truth.documents < FEW:
        return "for"
    order = np.random.default_rng([seed, 1]).permutation(truth.documents)[: _TRIED * 5 // 4]
    ends = len(order) * 4 // 5
    some, others = np.sort(order[:ends]), np.sort(order[ends:])
    features_of_others, labels_of_others = found.take(others), truth.take(others).labels

    def right(weighting: Weighting) -> int:
        weights = learn(found.take(some), truth.take(some), weighting, _EFFORT, seed)
        return int((weights.probabilities(features_of_others).argmax(axis=1) == labels_of_others).sum())

    return "for" if right("for") >= right("both") else "both"


def _unseen(found: Features, truth: Truth, seed: int) -> tuple[Matrix, Truth]:
    """Probabilities of documents by models that did not learn from them, and the truth about these documents."""
    folds, held = (3, 3) if truth.documents < _FOLDS_BELOW else (5, 1)
    order = np.random.default_rng([seed, 2]).permutation(truth.documents)
    places, probabilities = [], []
    for fold in range(held):
        test = np.sort(order[fold::folds])
        rest = np.sort(np.concatenate([order[other::folds] for other in range(folds) if other != fold]))
        weights = learn(found.take(rest), truth.take(rest), "for", _EFFORT_LABELS, seed)
        places.append(test)
        probabilities.append(weights.probabilities(found.take(test)))
    return np.concatenate(probabilities), truth.take(np.concatenate(places))
