"""The evidence of an exam with both models' answers: paired tests and the paired bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from governor.domain.gates import MetricName
from governor.domain.judgement import scores
from governor.domain.judgement.intervals import (
    correlation_of,
    mcnemar,
    needed_for_mcnemar,
    of_difference,
    quantile,
    wilson,
)
from governor.domain.judgement.resampling import Replicates, resample
from governor.domain.sheet import Sheet
from governor.domain.verdict import Interval


class Answered:
    """The evidence of a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = scores.canonical(sheet)
        self._tally = scores.tally(self._sheet)
        self.documents = self._sheet.documents
        self._candidate = scores.totals(self._tally, self._tally.candidate)
        self._baseline = None if self._tally.baseline is None else scores.totals(self._tally, self._tally.baseline)

    @cached_property
    def replicates(self) -> Replicates:
        return resample(self._tally)

    def labels(self, min_support: int) -> tuple[list[str], list[str]]:
        named = list(zip(self._sheet.labels, self._candidate.support, strict=True))
        least = max(1, min_support)
        enough = [label for label, number in named if number >= least]
        few = [label for label, number in named if number < least]
        return enough, few

    def statistic(self, metric: MetricName, label: str, min_support: int) -> "Share | Drawn | None":
        if self.documents == 0:
            return None
        if metric == "accuracy":
            return self._accuracy()
        values = self._values(metric, label, min_support)
        if values is None:
            return None
        candidate = float(values(self._candidate))
        baseline = None if self._baseline is None else float(values(self._baseline))
        if not np.isfinite(candidate):
            return None
        name = label if label in self._sheet.labels else None
        support = int(self._candidate.support.sum() if name is None else self._candidate.support[self._place(label)])
        return Drawn(self, values, candidate, baseline, support, self.documents, name)

    def _place(self, label: str) -> int:
        return self._sheet.labels.index(label)

    def _values(self, metric: MetricName, label: str, min_support: int) -> Callable[[scores.Totals], Any] | None:
        match label:
            case "macro":
                return lambda sums: scores.macro(sums, metric)
            case "micro":
                return lambda sums: scores.micro(sums, metric)
            case "worst":
                return lambda sums: scores.worst(sums, metric, min_support)
        if label not in self._sheet.labels or self._candidate.support[self._place(label)] == 0:
            return None
        place = self._place(label)
        return lambda sums: scores.per_label(sums, metric)[..., place]

    def _accuracy(self) -> "Share | None":
        if self._sheet.mode == "ENTITIES":
            return None
        counts, mine = self._tally.counts, self._tally.candidate.right
        if self._tally.baseline is None:
            return Share(int(counts @ mine), 0, 0, int(counts @ (1 - mine)), paired=False)
        other = self._tally.baseline.right
        return Share(
            int(counts @ (mine * other)),
            int(counts @ (mine * (1 - other))),
            int(counts @ ((1 - mine) * other)),
            int(counts @ ((1 - mine) * (1 - other))),
            paired=True,
        )


@dataclass(frozen=True)
class Share:
    """Accuracy, from the documents that both, only the candidate, only the active model, or neither answer right."""

    both: int
    only_candidate: int
    only_baseline: int
    neither: int
    paired: bool
    label: str | None = None

    @property
    def documents(self) -> int:
        return self.both + self.only_candidate + self.only_baseline + self.neither

    @property
    def support(self) -> int:
        return self.documents

    @property
    def candidate(self) -> float:
        return (self.both + self.only_candidate) / self.documents

    @property
    def baseline(self) -> float | None:
        return (self.both + self.only_baseline) / self.documents if self.paired else None

    def value_bounds(self, confidence: float) -> Interval:
        return wilson(self.candidate, self.documents, confidence)

    def baseline_bounds(self, confidence: float) -> Interval | None:
        return None if self.baseline is None else wilson(self.baseline, self.documents, confidence)

    def gain_bounds(self, confidence: float, times: float) -> Interval | None:
        if self.baseline is None:
            return None
        return of_difference(
            self.candidate,
            wilson(self.candidate, self.documents, confidence),
            self.baseline,
            wilson(self.baseline, self.documents, confidence),
            correlation=correlation_of(self.both, self.only_candidate, self.only_baseline, self.neither),
            times=times,
        )

    def surely_lower(self, confidence: float) -> bool:
        return self.sign_test()[1] <= 1 - confidence + 1e-12

    def sign_test(self) -> tuple[float, float]:
        more, fewer = self.only_candidate, self.only_baseline
        return mcnemar(more, fewer), mcnemar(fewer, more)

    def needed_for_sign(self, confidence: float) -> int:
        return needed_for_mcnemar(self.documents, self.only_candidate, self.only_baseline, confidence)


@dataclass(frozen=True)
class Drawn:
    """A metric whose scatter the bootstrap tells."""

    source: Answered
    values: Callable[[scores.Totals], Any]
    candidate: float
    baseline: float | None
    support: int
    documents: int
    label: str | None

    def value_bounds(self, confidence: float) -> Interval:
        return self._around(self.candidate, self.source.replicates.candidate, confidence)

    def baseline_bounds(self, confidence: float) -> Interval | None:
        drawn = self.source.replicates.baseline
        return None if self.baseline is None or drawn is None else self._around(self.baseline, drawn, confidence)

    def _around(self, value: float, drawn: scores.Totals, confidence: float) -> Interval:
        reach = quantile(confidence) * _spread(self.values(drawn))
        return Interval(max(0.0, value - reach), min(1.0, value + reach))

    def gain_bounds(self, confidence: float, times: float) -> Interval | None:
        drawn = self.source.replicates
        if self.baseline is None or drawn.baseline is None:
            return None
        with np.errstate(invalid="ignore"):  # a sample may have none of the labels that are looked at: it is left out
            gains = self.values(drawn.candidate) - times * self.values(drawn.baseline)
        reach = quantile(confidence) * _spread(gains)
        gain = self.candidate - times * self.baseline
        return Interval(gain - reach, gain + reach)

    def surely_lower(self, confidence: float) -> bool:
        bounds = self.gain_bounds(confidence, 1.0)
        return bounds is not None and bounds.high < 0

    def sign_test(self) -> None:
        return None

    def needed_for_sign(self, confidence: float) -> None:
        del confidence


def _spread(drawn: Any) -> float:
    usable = drawn[np.isfinite(drawn)]
    return float(usable.std()) if len(usable) else 0.0
