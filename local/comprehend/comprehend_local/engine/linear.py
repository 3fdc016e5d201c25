"""Linear classifiers, one against the rest, on counted words.

Two things make them good and quick. A feature's value is weighted by how strongly it speaks for a label (the logarithm
of the ratio of its frequencies in the label's documents and in the others, as in NB-SVM: Wang and Manning, "Baselines
and Bigrams", ACL 2012), one weight per feature instead of one per feature and label, so that all labels learn from
one matrix. And the log loss is minimised by AdaGrad (Duchi, Hazan and Singer, JMLR 2011) on small batches of documents
for all labels at once: the work is two products of a sparse and a small dense matrix a batch, instead of one pass per
label. docs/comprehend-benchmarks.md compares it with scikit-learn's SGDClassifier, LinearSVC and LogisticRegression.

Everything runs in one thread in a fixed order: the same input and seed give the same weights to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from comprehend_local.engine.features import Features

Matrix = NDArray[np.float32]
Weighting = Literal["for", "both"]
"""How a feature's weight follows from its log-ratios: the highest one, i.e. what speaks for a label; or the mean of
that and the highest absolute one, where frequent words that a label lacks count too. Macro F1 on 10,000 sentences
about 20 subjects, and on banking77: 0.810 and 0.895 with the first, 0.802 and 0.897 with the second, 0.783 and 0.886
with TF-IDF weights."""

MOST_WEIGHTS = 32_000_000
"""Features x labels of a model: 128 MB while learning. Where there are more, the features in fewest documents go."""
RARE_FEATURES_ARE_DROPPED_FROM = 5_000
"""From this many documents on, a feature must be in two of them: less than half the features for the same accuracy."""
_SMALL = 2_000
"""Below this many documents, the log-ratios themselves are where the weights start from."""
_LABELS_AT_ONCE = 128
_ROWS_AT_ONCE = 4096
_SMOOTHING = 0.3
_LEAST = 0.01


class Effort(NamedTuple):
    """How long and how fast to learn. `rate` falls linearly to 0 over all `passes`, `batch` documents at a time.

    `caution` is where AdaGrad's sums of squares start: the higher, the less is learned from rare features.
    """

    passes: int
    rate: float
    caution: float
    batch: int


class Truth(NamedTuple):
    """Which documents have which labels, as pairs of places in growing order of `rows`."""

    rows: NDArray[np.intp]
    labels: NDArray[np.intp]
    documents: int
    width: int
    """How many labels there are."""

    def take(self, chosen: NDArray[np.intp]) -> Truth:
        """The truth about some documents, in the order given."""
        starts = np.searchsorted(self.rows, chosen, side="left")
        sizes = np.searchsorted(self.rows, chosen, side="right") - starts
        before = np.cumsum(sizes) - sizes
        places = np.arange(sizes.sum()) + np.repeat(starts - before, sizes)
        return Truth(np.repeat(np.arange(len(chosen)), sizes), self.labels[places], len(chosen), self.width)

    def matrix(self) -> Any:
        """Documents x labels, sparse, 1 where a document has a label."""
        ones = np.ones(len(self.rows), dtype=np.float32)
        return sparse.csr_matrix((ones, (self.rows, self.labels)), shape=(self.documents, self.width))


@dataclass(frozen=True, slots=True)
class Weights:
    """`ids` are the features in growing order; one `scale` and one row of `weights` each, one bias a label.

    The weights are halves: a thousandth is enough, and the model is half as large.
    """

    ids: NDArray[np.uint32]
    scale: Matrix
    weights: NDArray[np.float16]
    bias: Matrix

    def probabilities(self, features: Features) -> Matrix:
        """Documents x labels: how probable each label is, apart from the others."""
        if len(features) == 1:
            return _logistic(self._score_of_one(features)[None])
        result = np.empty((len(features), len(self.bias)), dtype=np.float32)
        for start in range(0, len(features), _ROWS_AT_ONCE):
            rows = np.arange(start, min(start + _ROWS_AT_ONCE, len(features)))
            counts = _weighted(_counts(self.ids, features.take(rows)), self.scale)
            # Only the rows of features that occur are made floats: a few texts cost little, however large the model.
            columns, places = np.unique(counts.indices, return_inverse=True)
            packed = sparse.csr_matrix((counts.data, places, counts.indptr), shape=(len(rows), len(columns)))
            result[rows] = packed @ self.weights[columns].astype(np.float32)
        result += self.bias
        return _logistic(result)

    def _score_of_one(self, features: Features) -> Matrix:
        """The same without the sparse matrix, whose making takes longer than all the rest."""
        if not len(self.ids):
            return self.bias.copy()
        places = np.minimum(np.searchsorted(self.ids, features.ids), len(self.ids) - 1)
        known = self.ids[places] == features.ids
        places = places[known]
        values = _dampened(features.counts[known]) * self.scale[places]
        length = np.float32(max(1e-6, float(np.sqrt(values @ values))))
        return np.asarray(values @ self.weights[places].astype(np.float32) / length + self.bias)


def learn(features: Features, truth: Truth, weighting: Weighting, effort: Effort, seed: int) -> Weights:
    """Learn from all documents. Features of no document are allowed: then only the biases are learned."""
    ids = _chosen_ids(features, truth.width)
    counts = _counts(ids, features)
    scale = np.full(len(ids), _LEAST, dtype=np.float32)
    start = np.zeros((len(ids), truth.width), dtype=np.float32)
    for rows, ratios in _log_ratios(counts, truth):
        highest = ratios.max(axis=1)
        if weighting == "both":
            highest = (highest + np.abs(ratios).max(axis=1)) / 2
        scale[rows] = np.maximum(highest, _LEAST)
        if truth.documents < _SMALL:
            start[rows] = ratios / (2 * scale[rows, None])
    batches = _batches(_weighted(counts, scale), truth, effort.batch, seed)
    bias = np.zeros(truth.width, dtype=np.float32)
    for first in range(0, truth.width, _LABELS_AT_ONCE):
        labels = slice(first, min(first + _LABELS_AT_ONCE, truth.width))
        start[:, labels], bias[labels] = _descend(batches, start[:, labels], labels, effort, seed, bias[labels])
    return Weights(ids, scale, start.astype(np.float16), bias)


def refresh(old: Weights, features: Features, truth: Truth, effort: Effort, seed: int) -> Weights:
    """Go on learning from new documents, among which some of the old ones should be, lest they are forgotten.

    What is known keeps its scale; features that are in two of these documents and were not known come in.
    """
    ids, frequencies = np.unique(features.ids, return_counts=True)
    ids = np.setdiff1d(ids[frequencies > 1], old.ids, assume_unique=True)
    ids = ids[: max(0, MOST_WEIGHTS // truth.width - len(old.ids))]
    places = np.searchsorted(old.ids, ids)
    all_ids = np.insert(old.ids, places, ids)
    scale = np.insert(old.scale, places, _LEAST).astype(np.float32)
    weights = np.insert(old.weights, places, 0, axis=0).astype(np.float32)
    counts = _counts(all_ids, features)
    added = places + np.arange(len(ids))
    for rows, ratios in _log_ratios(counts[:, added], truth):
        scale[added[rows]] = np.maximum(ratios.max(axis=1), _LEAST)
    batches = _batches(_weighted(counts, scale), truth, effort.batch, seed)
    bias = old.bias.copy()
    for first in range(0, truth.width, _LABELS_AT_ONCE):
        labels = slice(first, min(first + _LABELS_AT_ONCE, truth.width))
        weights[:, labels], bias[labels] = _descend(batches, weights[:, labels], labels, effort, seed, bias[labels])
    return Weights(all_ids, scale, weights.astype(np.float16), bias)


def learn_vectors(vectors: NDArray[np.float16], truth: Truth, effort: Effort, seed: int) -> tuple[Matrix, Matrix]:
    """Learn from documents x dimensions, as they are. Returns weights, dimensions x labels, and a bias a label."""
    batches = _batches(sparse.csr_matrix(vectors.astype(np.float32)), truth, effort.batch, seed)
    start = np.zeros((vectors.shape[1], truth.width), dtype=np.float32)
    return _descend(batches, start, slice(0, truth.width), effort, seed, np.zeros(truth.width, dtype=np.float32))


class _Batch(NamedTuple):
    columns: NDArray[np.intp]
    """The features that occur, as places in the whole; `matrix` has only these."""
    matrix: Any
    transposed: Any
    truth: Truth


def _batches(matrix: Any, truth: Truth, size: int, seed: int) -> list[_Batch]:
    """The documents in random order, `size` at a time."""
    order = np.random.default_rng(seed).permutation(truth.documents)
    batches = []
    for first in range(0, truth.documents, size):
        rows = order[first : first + size]
        part = matrix[rows]
        columns, places = np.unique(part.indices, return_inverse=True)
        packed = sparse.csr_matrix((part.data, places.astype(np.int32), part.indptr), shape=(len(rows), len(columns)))
        batches.append(_Batch(columns, packed, packed.T.tocsr(), truth.take(rows)))
    return batches


def _descend(
    batches: Sequence[_Batch], weights: Matrix, labels: slice, effort: Effort, seed: int, bias: Matrix
) -> tuple[Matrix, Matrix]:
    """AdaGrad on the log loss of some labels, which do not influence each other. Returns weights and biases."""
    chance = np.random.default_rng([seed, labels.start])
    weights = np.ascontiguousarray(weights)
    squares = np.full(weights.shape, effort.caution, dtype=np.float32)
    bias = bias.copy()
    bias_squares = np.full(len(bias), effort.caution, dtype=np.float32)
    steps = effort.passes * len(batches)
    order = np.concatenate([chance.permutation(len(batches)) for _ in range(effort.passes)])
    truths = [_of_labels(batch.truth, labels) for batch in batches]
    for step, number in enumerate(order):
        columns, matrix, transposed, _ = batches[number]
        rate = np.float32(effort.rate * (1 - step / steps))
        here = weights.take(columns, axis=0, mode="clip")
        scores = matrix @ here
        scores += bias
        errors = _logistic(scores)
        errors[truths[number]] -= 1
        slope = transposed @ errors
        summed = squares.take(columns, axis=0, mode="clip")
        summed += slope * slope
        squares[columns] = summed
        np.sqrt(summed, out=summed)
        slope /= summed
        slope *= rate
        here -= slope
        weights[columns] = here
        total = errors.sum(axis=0)
        bias_squares += total * total
        bias -= rate * total / np.sqrt(bias_squares)
    return weights, bias


def _of_labels(truth: Truth, labels: slice) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    chosen = (truth.labels >= labels.start) & (truth.labels < labels.stop)
    return truth.rows[chosen], truth.labels[chosen] - labels.start


def _chosen_ids(features: Features, labels: int) -> NDArray[np.uint32]:
    """The features to learn, in growing order."""
    ids, frequencies = np.unique(features.ids, return_counts=True)
    if len(features) >= RARE_FEATURES_ARE_DROPPED_FROM:
        often = frequencies > 1
        ids, frequencies = ids[often], frequencies[often]
    most = max(1000, MOST_WEIGHTS // labels)
    if len(ids) > most:
        ids = np.sort(ids[np.argsort(-frequencies, kind="stable")[:most]])
    return ids


def _counts(ids: NDArray[np.uint32], features: Features) -> Any:
    """Documents x `ids`, sparse: 1 + log(count) where a feature occurs."""
    places = np.minimum(np.searchsorted(ids, features.ids), max(0, len(ids) - 1)).astype(np.int32)
    known = ids[places] == features.ids if len(ids) else np.zeros(len(places), dtype=bool)
    before = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(known)])
    parts = (_dampened(features.counts[known]), places[known], before[features.indptr])
    return sparse.csr_matrix(parts, shape=(len(features), len(ids)))


def _dampened(counts: NDArray[np.uint16]) -> Matrix:
    return 1 + np.log(counts.astype(np.float32))


def _weighted(counts: Any, scale: Matrix) -> Any:
    """Counts times the features' weights; every document that has features has length 1."""
    data = _unit(counts.data * scale[counts.indices], counts.indptr)
    return sparse.csr_matrix((data, counts.indices, counts.indptr), shape=counts.shape)


def _unit(values: Matrix, indptr: NDArray[Any]) -> Matrix:
    squares = np.concatenate([np.zeros(1), np.cumsum(values.astype(np.float64) ** 2)])
    lengths = np.sqrt(np.maximum(np.diff(squares[indptr]), 1e-12)).astype(np.float32)
    return np.asarray(values / np.repeat(lengths, np.diff(indptr)))


def _log_ratios(counts: Any, truth: Truth) -> Any:
    """Yield slices of the features with their log-ratios, features x labels, smoothed by _SMOOTHING documents."""
    present = counts.copy()
    present.data = np.ones_like(present.data)
    inside = (present.T.tocsr() @ truth.matrix()).tocsr()
    of_feature = np.diff(present.tocsc().indptr).astype(np.float32)[:, None]
    all_inside = np.asarray(inside.sum(axis=0), dtype=np.float32).ravel()
    extra = _SMOOTHING * max(1, len(of_feature))
    least_inside = np.log(all_inside + extra)
    least_outside = np.log(of_feature.sum() - all_inside + extra)
    step = max(1, (1 << 21) // truth.width)
    for first in range(0, len(of_feature), step):
        rows = slice(first, first + step)
        found = inside[rows].toarray()
        # A document with several labels counts for each of them, so that the difference could fall below 0.
        outside = np.maximum(of_feature[rows] - found, 0)
        ratios = np.log(found + _SMOOTHING) - least_inside - np.log(outside + _SMOOTHING) + least_outside
        yield rows, ratios.astype(np.float32)


def _logistic(scores: Matrix) -> Matrix:
    """In place: 1 / (1 + exp(-score))."""
    np.clip(scores, -30, 30, out=scores)
    np.negative(scores, out=scores)
    np.exp(scores, out=scores)
    scores += 1
    np.reciprocal(scores, out=scores)
    return scores
