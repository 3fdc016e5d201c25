"""Random other exams: the paired bootstrap, and swaps of the two models' answers. Deterministic.

Bootstrap: whole documents are drawn, with the truth and both models' answers together, so that the difference of the
two models is as sure as it is and no less. How often a document is drawn is Poisson(1): that is drawing with
replacement with a number of documents that varies, which ratios like F1 do not notice.
Swaps: if the models are equally good, which of two different answers is whose is a coin's choice. Swapping them at
random shows what gains chance alone makes; no other assumption is needed, so it holds for rare labels too.
One set of either serves all gates of a verdict.

Sources: Efron and Tibshirani (1993), An introduction to the bootstrap, and Chamandy et al. (2012), Estimating
uncertainty for massive data streams (Poisson); Noreen (1989), Computer-intensive methods for testing hypotheses
(approximate randomization); Berg-Kirkpatrick, Burkett and Klein (2012), An empirical investigation of statistical
significance in NLP; Dror et al. (2018), The hitchhiker's guide to testing statistical significance in NLP.
"""

import hashlib
import math
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from governor.domain.judgement.scores import Numbers, Places, Sums, Tally

REPLICATES = 400
SWAPS = 999
MOST_SWAPS = 9999
_UNITS = 2048
"""So many parts of an exam are drawn or swapped at most: documents of a larger one are dealt out to them at random."""
_TABLED = 64
"""So large means are drawn from a table, larger ones from the normal distribution, which is as good there."""
_PIECE = 200_000
Weights = NDArray[np.float32]


class Resampling:
    """Other exams of the kind of this one: `bootstrap` and `swapped` are drawn when they are first asked for."""

    def __init__(self, whole: Tally) -> None:
        self._whole = whole
        content = (whole.sheet.mode, whole.sheet.labels, whole.sheet.has_baseline)
        digest = hashlib.sha256(repr(content).encode())
        for numbers in (whole.counts, whole.row, whole.column):
            digest.update(np.ascontiguousarray(numbers, dtype="<f8").tobytes())
        self._seed = int.from_bytes(digest.digest()[:16])
        self._swaps: dict[int, tuple[Sums, Sums]] = {}

    @cached_property
    def bootstrap(self) -> tuple[Sums, Sums | None]:
        """Sums of both models, one row a replicate."""
        random, whole = self._random("bootstrap"), self._whole
        if len(whole.counts) <= _UNITS:
            weights = _poisson(random, whole.counts)
            columns = _product(weights, _matrix(whole.row, whole.column, len(whole.counts), whole.width))
        else:
            units, column = _dealt(random, whole, np.ones(len(whole.counts), dtype=bool))
            columns = _product(_poisson(random, np.ones(_UNITS)), _matrix(units, column, _UNITS, whole.width))
        sums = columns.astype(float)
        return whole.candidate(sums), whole.baseline(sums) if whole.sheet.has_baseline else None

    def swapped(self, doubt: float) -> tuple[Sums, Sums]:
        """Return sums of both models after swaps, one row a set of coins: enough to tell a p value of `doubt`."""
        coins = min(MOST_SWAPS, max(SWAPS, math.ceil(4 / doubt) - 1))
        if coins not in self._swaps:
            self._swaps[coins] = self._swap(coins)
        return self._swaps[coins]

    def _swap(self, coins: int) -> tuple[Sums, Sums]:
        random, whole = self._random("swaps"), self._whole
        labels = len(whole.sheet.labels)
        rows = whole.sheet.rows
        apart = np.array([row[2] != row[3] or row[4] != row[5] for row in rows], dtype=bool)
        units, column = _dealt(random, whole, apart)
        size = min(_UNITS, int(whole.counts[apart].sum()))
        matrix = _matrix(units, column, size, whole.width)
        moved = matrix[:, 3 * labels :] - matrix[:, labels : 3 * labels]
        heads = np.unpackbits(np.frombuffer(random.bytes(coins * (size // 8 + 1)), dtype=np.uint8))
        shift = _product(heads.reshape(coins, -1)[:, :size].astype(np.float32), moved).astype(float)
        totals = whole.totals()
        support = np.broadcast_to(totals[:labels], (coins, labels))
        shifted = [totals[labels : 3 * labels] + shift, totals[3 * labels :] - shift]
        candidate, baseline = (Sums(support, part[:, :labels], part[:, labels:]) for part in shifted)
        return candidate, baseline

    def _random(self, purpose: str) -> np.random.Generator:
        return np.random.default_rng([self._seed, *purpose.encode()])


def _product(weights: Weights, matrix: Weights) -> Weights:
    """Return the matrix product; a small one in pieces for which BLAS starts no threads.

    On a busy machine threads wait for each other far longer than such a product takes.
    """
    rows = _PIECE // max(1, matrix.size)
    if rows < 1:
        return weights @ matrix
    made = np.empty((len(weights), matrix.shape[1]), dtype=np.float32)
    for start in range(0, len(weights), rows):
        np.matmul(weights[start : start + rows], matrix, out=made[start : start + rows])
    return made


def _matrix(unit: Places, column: Places, size: int, width: int) -> Weights:
    """Return what each unit adds to each column."""
    cells = np.bincount(unit * width + column, minlength=size * width)
    return cells.reshape(size, width).astype(np.float32)


def _dealt(random: np.random.Generator, whole: Tally, chosen: NDArray[np.bool_]) -> tuple[Places, Places]:
    """Deal the documents of the chosen rows out to `_UNITS` units, fewer documents to one each.

    Returns the entries anew, once a document: their unit and their column.
    """
    counts = np.where(chosen, whole.counts, 0).astype(np.int64)
    documents = int(counts.sum())
    unit_of = random.permutation(documents) % _UNITS if documents > _UNITS else np.arange(documents)
    first = np.cumsum(counts) - counts
    times = counts[whole.row]
    nth = np.arange(int(times.sum())) - np.repeat(np.cumsum(times) - times, times)
    return unit_of[np.repeat(first[whole.row], times) + nth], np.repeat(whole.column, times)


def _poisson(random: np.random.Generator, means: Numbers) -> Weights:
    """Return Poisson numbers, a row a replicate, a column a mean (whole numbers)."""
    drawn = np.zeros((len(means), REPLICATES), dtype=np.float32)
    for mean in np.unique(means[(means > 0) & (means <= _TABLED)]):
        (places,) = np.nonzero(means == mean)
        at = np.frombuffer(random.bytes(2 * REPLICATES * len(places)), dtype="<u2")
        drawn[places] = _table(int(mean))[at].reshape(len(places), REPLICATES)
    (places,) = np.nonzero(means > _TABLED)
    normal = random.standard_normal((len(places), REPLICATES), dtype=np.float32)
    drawn[places] = np.maximum(0, means[places, None] + np.sqrt(means[places, None]) * normal)
    return drawn.T


@cache
def _table(mean: int) -> NDArray[np.uint8]:
    """Return the Poisson distribution as 65,536 equally likely numbers: ten times faster to draw from."""
    log = math.log(mean)
    most = mean + 12 * math.isqrt(mean) + 12
    shares = [math.exp(number * log - mean - math.lgamma(number + 1)) for number in range(most)]
    ends = np.rint(65536 * np.cumsum(shares)).astype(np.int64)
    return np.repeat(np.arange(most, dtype=np.uint8), np.diff(ends, prepend=0))
