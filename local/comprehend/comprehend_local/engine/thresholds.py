"""From which probability on a document of a multi-label model has a label.

The probabilities of rare labels are rightly small, so 0.5 for all leaves most documents with none. One threshold a
label is chosen where its F1 is best on documents that were not learned from, and drawn towards the threshold that is
best for all labels together, the more the fewer of its documents were seen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from comprehend_local.engine.linear import Matrix, Truth

_CANDIDATES = np.array([0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.23, 0.26, 0.3, 0.34,
                        0.38, 0.42, 0.46, 0.5, 0.55, 0.6, 0.7])  # fmt: skip
_DRAWN = 50
"""A label that so many held-out documents have is half drawn."""


def chosen(probabilities: Matrix, truth: Truth) -> Matrix:
    """One threshold a label, between 0.02 and 0.7. `probabilities` is documents x labels."""
    actual = np.zeros(probabilities.shape, dtype=bool)
    actual[truth.rows, truth.labels] = True
    had = actual.sum(axis=0)
    hits, given = np.empty((len(_CANDIDATES), truth.width)), np.empty((len(_CANDIDATES), truth.width))
    quality = np.empty(len(_CANDIDATES))
    best = probabilities.argmax(axis=1)
    for place, threshold in enumerate(_CANDIDATES):
        decided = probabilities >= threshold
        hits[place], given[place] = (decided & actual).sum(axis=0), decided.sum(axis=0)
        without = np.flatnonzero(~decided.any(axis=1))
        decided[without, best[without]] = True
        right, answers = (decided & actual).sum(axis=0), decided.sum(axis=0)
        # Micro and macro F1 together: one alone lets either rare or frequent labels go.
        quality[place] = _f1(right.sum(), answers.sum(), had.sum()) + _f1(right, answers, had).mean()
    common = np.log(_best(quality[:, None]))
    own = np.log(_best(_f1(hits, given, had)))
    found: Matrix = np.exp((own * had + common * _DRAWN) / (had + _DRAWN)).astype(np.float32)
    return found


def answers(probabilities: NDArray[Any], thresholds: Matrix) -> NDArray[np.float64]:
    """The probabilities bent so that each label's threshold is at 0.5; 0 stays 0, 1 stays 1, the order stays."""
    return np.asarray(probabilities.astype(np.float64) ** (np.log(0.5) / np.log(thresholds.astype(np.float64))))


def decisions(bent: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which labels each document has: those from 0.5 on, or the most probable one where there is none."""
    decided = bent >= 0.5
    without = np.flatnonzero(~decided.any(axis=1))
    decided[without, bent[without].argmax(axis=1)] = True
    return decided


def _best(quality: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each column the best candidate; the middle one of several, which is farthest from doing worse."""
    best = quality >= quality.max(axis=0) - 1e-9
    middle = (best.cumsum(axis=0) * 2 > best.sum(axis=0)).argmax(axis=0)
    return np.asarray(_CANDIDATES[middle])


def _f1(hits: NDArray[np.float64], given: NDArray[np.float64], had: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(2 * hits / np.maximum(given + had, 1))
