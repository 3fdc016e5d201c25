"""What the answers of an exam are worth: hits, answers and mentions of every label, and the metrics from them.

Equal to scikit-learn's with `zero_division=0` (tests compare to 1e-12). Macro averages are over the labels that have
test documents, the same for both models; micro averages over all decisions. Accuracy is the share of documents whose
whole set of labels is right; recognizers have none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from governor.domain.gates import MetricName
from governor.domain.sheet import Row, Sheet, sheet_of

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Entries:
    """Which row counts for which label, once per entry: `row[i]` adds its count to `label[i]`."""

    row: Places
    label: Places


@dataclass(frozen=True)
class Answers:
    """One model's side of a sheet. `right`: of every row, whether the whole answer is (empty for recognizers)."""

    given: Entries
    hits: Entries
    right: Numbers


@dataclass(frozen=True)
class Tally:
    """A sheet in arrays. `counts`: the documents of every row, and 1 per row to be weighted by others."""

    sheet: Sheet
    counts: Numbers
    truth: Entries
    candidate: Answers
    baseline: Answers | None


@dataclass(frozen=True)
class Totals:
    """Sums over documents, of one model: arrays of one number a label, or of rows of them (replicates)."""

    support: Any
    given: Any
    hits: Any


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
    """Return the arrays of a (canonical) sheet."""
    rows, recognizer = sheet.rows, sheet.mode == "ENTITIES"

    def answers(given: Sequence[tuple[int, ...]], hits: Sequence[tuple[int, ...]]) -> Answers:
        if recognizer:
            return Answers(_entries(given), _entries(hits), np.zeros(0))
        shared = [_shared(row.truth, answer) for row, answer in zip(rows, given, strict=True)]
        right = [row.truth == answer for row, answer in zip(rows, given, strict=True)]
        return Answers(_entries(given), _entries(shared), np.array(right, dtype=float))

    candidate = answers([row.candidate for row in rows], [row.candidate_hits for row in rows])
    baseline = answers([row.baseline for row in rows], [row.baseline_hits for row in rows])
    counts = np.array([row.count for row in rows], dtype=float)
    truth = _entries([row.truth for row in rows])
    return Tally(sheet, counts, truth, candidate, baseline if sheet.has_baseline else None)


def _shared(truth: tuple[int, ...], answer: tuple[int, ...]) -> tuple[int, ...]:
    return answer if truth == answer else tuple(place for place in answer if place in truth)


def _entries(parts: Sequence[tuple[int, ...]]) -> Entries:
    sizes = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    places = np.fromiter(chain.from_iterable(parts), dtype=np.int64, count=int(sizes.sum()))
    return Entries(np.repeat(np.arange(len(parts)), sizes), places)


def summed(entries: Entries, counts: Numbers, labels: int) -> Numbers:
    """Return the documents (mentions) of every label."""
    return np.bincount(entries.label, weights=counts[entries.row], minlength=labels).astype(np.float64)


def totals(whole: Tally, answers: Answers) -> Totals:
    """Return the sums of one model over all documents."""
    labels = len(whole.sheet.labels)
    return Totals(*(summed(each, whole.counts, labels) for each in (whole.truth, answers.given, answers.hits)))


def ratio(above: Any, below: Any) -> Any:
    """Return above / below, and 0 where there is nothing below."""
    return np.divide(above, below, out=np.zeros(np.broadcast(above, below).shape), where=below > 0)


def per_label(sums: Totals, metric: MetricName) -> Any:
    """Return f1, precision or recall of every label."""
    match metric:
        case "precision":
            return ratio(sums.hits, sums.given)
        case "recall":
            return ratio(sums.hits, sums.support)
    return ratio(2 * sums.hits, sums.given + sums.support)


def micro(sums: Totals, metric: MetricName) -> Any:
    """Return f1, precision or recall over all decisions together."""
    return per_label(Totals(*(part.sum(axis=-1) for part in (sums.support, sums.given, sums.hits))), metric)


def macro(sums: Totals, metric: MetricName) -> Any:
    """Return the unweighted mean over the labels that have test documents; 0 if none has."""
    there = sums.support > 0
    return ratio(np.where(there, per_label(sums, metric), 0.0).sum(axis=-1), there.sum(axis=-1))


def worst(sums: Totals, metric: MetricName, least: float) -> Any:
    """Return the lowest value of the labels with at least `least` test documents, one of them at any rate."""
    there = sums.support >= max(least, 1e-9)
    return np.where(there, per_label(sums, metric), np.inf).min(axis=-1, initial=np.inf)
