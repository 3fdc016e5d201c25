"""What the answers of an exam are worth: mentions, answers and hits of every label, and the metrics from them.

Equal to scikit-learn's with `zero_division=0` (tests compare to 1e-12). Macro averages are over the labels that have
test documents, the same for both models; micro averages are over all decisions. Accuracy is the share of documents
whose whole set of labels is right; recognizers have none.
"""

from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from governor.domain.gates import MetricName
from governor.domain.sheet import Row, Sheet, sheet_of

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Blocks = tuple[tuple[int, ...], ...]


class Sums(NamedTuple):
    """Of one model, for every label: what there is, what it answered, and how much of both is the same.

    The last axis of each array are labels; one before it, if there is one, are replicates.
    """

    support: Any
    given: Any
    hits: Any


@dataclass(frozen=True)
class Tally:
    """A sheet in arrays. Each entry `i` says that the documents of `row[i]` count in `column[i]`.

    Columns are blocks as wide as there are labels: truth, answers and hits of the candidate, and those of the active
    model. `counts`: how many documents are in a row. `right`: of both models, whether the row's whole answer is.
    """

    sheet: Sheet
    counts: Numbers
    row: Places
    column: Places
    right: tuple[Numbers, Numbers]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.sheet.labels) * (5 if self.sheet.has_baseline else 3)

    def candidate(self, columns: Numbers) -> Sums:
        """Return the candidate's part of sums over columns."""
        return self._part(columns, 1)

    def baseline(self, columns: Numbers) -> Sums:
        """Return the active model's part."""
        return self._part(columns, 3)

    def totals(self) -> Numbers:
        """Return the sums of all columns over all documents."""
        return np.bincount(self.column, weights=self.counts[self.row], minlength=self.width).astype(np.float64)

    def _part(self, columns: Numbers, block: int) -> Sums:
        labels = len(self.sheet.labels)
        starts = (0, block * labels, (block + 1) * labels)
        return Sums(*(columns[..., start : start + labels] for start in starts))


def canonical(sheet: Sheet) -> Sheet:
    """Return the sheet with labels and rows in an order that does not depend on the given one."""
    order = sorted(range(len(sheet.labels)), key=lambda place: sheet.labels[place])
    named = order == list(range(len(order)))
    if named and all(one[1:] < other[1:] for one, other in pairwise(sheet.rows)):
        return sheet
    rank = {place: new for new, place in enumerate(order)}
    rows = (Row(row.count, *(tuple(sorted(rank[place] for place in part)) for part in row[1:])) for row in sheet.rows)
    unanswered = (sheet.unanswered_candidate, sheet.unanswered_baseline)
    labels = [sheet.labels[place] for place in order]
    return sheet_of(sheet.mode, labels, rows, has_baseline=sheet.has_baseline, unanswered=unanswered)


def tally(sheet: Sheet) -> Tally:
    """Return the arrays of a sheet."""
    truth = tuple(row.truth for row in sheet.rows)
    candidate, baseline = tuple(row.candidate for row in sheet.rows), tuple(row.baseline for row in sheet.rows)
    if sheet.mode == "ENTITIES":
        hits = tuple(row.candidate_hits for row in sheet.rows), tuple(row.baseline_hits for row in sheet.rows)
    else:
        hits = _shared(truth, candidate), _shared(truth, baseline)
    blocks = [truth, candidate, hits[0], *([baseline, hits[1]] if sheet.has_baseline else [])]
    found = [_entries(block, number * len(sheet.labels)) for number, block in enumerate(blocks)]
    return Tally(
        sheet,
        np.array([row.count for row in sheet.rows], dtype=float),
        np.concatenate([row for row, _ in found]),
        np.concatenate([column for _, column in found]),
        (_right(truth, candidate), _right(truth, baseline)),
    )


def _shared(truths: Blocks, answers: Blocks) -> Blocks:
    return tuple(
        answer if truth == answer else tuple(place for place in answer if place in truth)
        for truth, answer in zip(truths, answers, strict=True)
    )


def _right(truths: Blocks, answers: Blocks) -> Numbers:
    return np.array([truth == answer for truth, answer in zip(truths, answers, strict=True)], dtype=float)


def _entries(parts: Blocks, first: int) -> tuple[Places, Places]:
    sizes = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    places = np.fromiter(chain.from_iterable(parts), dtype=np.int64, count=int(sizes.sum()))
    return np.repeat(np.arange(len(parts)), sizes), places + first


# ---- metrics ---------------------------------------------------------------------------------------------------------


def ratio(above: Any, below: Any) -> Any:
    """Return above / below, and 0 where there is nothing below."""
    above, below = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    return np.divide(above, below, out=np.zeros(np.broadcast(above, below).shape), where=below > 0)


def per_label(sums: Sums, metric: MetricName) -> Any:
    """Return f1, precision or recall of every label."""
    match metric:
        case "precision":
            return ratio(sums.hits, sums.given)
        case "recall":
            return ratio(sums.hits, sums.support)
    return ratio(2 * sums.hits, sums.given + sums.support)


def pooled(sums: Sums) -> Sums:
    """Return the sums of all labels together, as if they were one."""
    return Sums(*(part.sum(axis=-1, keepdims=True) for part in sums))


def micro(sums: Sums, metric: MetricName) -> Any:
    """Return f1, precision or recall over all decisions together."""
    return per_label(pooled(sums), metric)[..., 0]


def macro(sums: Sums, metric: MetricName) -> Any:
    """Return the unweighted mean over the labels that have test documents; 0 if none has."""
    there = sums.support > 0
    return ratio(np.where(there, per_label(sums, metric), 0.0).sum(axis=-1), there.sum(axis=-1))


def slopes(sums: Sums, metric: MetricName) -> Sums:
    """Return how each label's metric changes with what there is, with what is answered and with what is hit.

    0 where the metric is not defined.
    """
    value, none = per_label(sums, metric), np.zeros(np.shape(sums.hits))
    match metric:
        case "precision":
            return Sums(none, -ratio(value, sums.given), ratio(1.0, sums.given))
        case "recall":
            return Sums(-ratio(value, sums.support), none, ratio(1.0, sums.support))
    both = sums.given + sums.support
    return Sums(-ratio(value, both), -ratio(value, both), ratio(2.0, both))
