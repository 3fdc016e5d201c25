"""The paired bootstrap: how far metrics of both models would scatter in other exams of the same kind.

Whole documents are drawn, with the truth and both models' answers together, so that the difference of the two is as
sure as it is and no less. One set of replicates serves all gates of a verdict.
Sources: Efron and Tibshirani (1993), An introduction to the bootstrap; Berg-Kirkpatrick, Burkett and Klein (2012), An
empirical investigation of statistical significance in NLP; Dror et al. (2018), The hitchhiker's guide to testing
statistical significance in NLP.
"""

import hashlib
import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from governor.domain.judgement.scores import Answers, Entries, Numbers, Tally, Totals
from governor.domain.sheet import Sheet, to_json

REPLICATES = 400
_UNITS = 2048
"""So many parts of an exam are drawn at most: documents of a larger exam are dealt out to them at random first."""


@dataclass(frozen=True)
class Replicates:
    """Sums of both models, one row a replicate."""

    candidate: Totals
    baseline: Totals | None


def seed_of(sheet: Sheet) -> int:
    """Return a number that the sheet's content alone decides."""
    return int.from_bytes(hashlib.sha256(json.dumps(to_json(sheet)).encode()).digest()[:8])


def resample(whole: Tally) -> Replicates:
    """Draw the replicates of a sheet; the same sheet gives the same ones."""
    random = np.random.default_rng(seed_of(whole.sheet))
    labels = len(whole.sheet.labels)
    rows = len(whole.counts)
    if rows <= _UNITS:
        weights = random.poisson(whole.counts, size=(REPLICATES, rows)).astype(np.float32)
        places, counts = np.arange(rows), np.ones(rows, dtype=np.int64)
        size = rows
    else:
        counts = whole.counts.astype(np.int64)
        places, size = random.permutation(int(counts.sum())) % _UNITS, _UNITS
        weights = random.poisson(1.0, size=(REPLICATES, size)).astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(counts)])

    def sums(entries: Entries) -> Numbers:
        times = counts[entries.row]
        first = np.repeat(starts[entries.row] - np.concatenate([[0], np.cumsum(times)[:-1]]), times)
        unit = places[first + np.arange(len(first))]
        cells = np.bincount(unit * labels + np.repeat(entries.label, times), minlength=size * labels)
        matrix: NDArray[np.float32] = cells.reshape(size, labels).astype(np.float32)
        return (weights @ matrix).astype(float)

    support = sums(whole.truth)

    def of(answers: Answers) -> Totals:
        return Totals(support, sums(answers.given), sums(answers.hits))

    return Replicates(of(whole.candidate), None if whole.baseline is None else of(whole.baseline))
