"""One metric of both models on an exam with answers: accuracy in closed form, the others by resampling."""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from governor.domain.judgement.answers import MODELS, Answers, Model
from governor.domain.judgement.intervals import (
    correlation_of,
    mcnemar,
    needed_for_mcnemar,
    of_difference,
    quantile,
    student,
    wilson,
)
from governor.domain.judgement.measures import ONE, Measure
from governor.domain.judgement.resampling import MOST_SWAPS
from governor.domain.verdict import Interval

_TIE = 1e-12


def _doubt(confidence: float) -> float:
    """Return the largest p value that is certain enough; coins cannot tell finer ones, and the interval must."""
    return max(1 - confidence + _TIE, 1 / (1 + MOST_SWAPS))


@dataclass(frozen=True)
class Share:
    """Accuracy, from the documents that both, only the candidate, only the active model, or neither answer right."""

    both: int
    only_candidate: int
    only_baseline: int
    neither: int
    paired: bool
    label: str | None = None
    by_answers = True

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

    def chance(self, confidence: float) -> float:
        del confidence
        return mcnemar(self.only_candidate, self.only_baseline)

    def surely_higher(self, confidence: float) -> bool:
        return self.chance(confidence) <= 1 - confidence + _TIE

    def surely_lower(self, confidence: float) -> bool:
        return mcnemar(self.only_baseline, self.only_candidate) <= 1 - confidence + _TIE

    def needed_for_any_gain(self, confidence: float) -> int:
        return needed_for_mcnemar(self.documents, self.only_candidate, self.only_baseline, confidence)


def accuracy_of(answers: Answers) -> Share:
    """Return the accuracy of a classifier's answers."""
    counts, (mine, other) = answers.tally.counts, answers.tally.right
    if not answers.has_baseline:
        return Share(int(counts @ mine), 0, 0, int(counts @ (1 - mine)), paired=False)
    return Share(
        int(counts @ (mine * other)),
        int(counts @ (mine * (1 - other))),
        int(counts @ ((1 - mine) * other)),
        int(counts @ ((1 - mine) * (1 - other))),
        paired=True,
    )


@dataclass(frozen=True)
class Drawn:
    """A metric whose scatter the bootstrap tells, and whose gain is tested by swaps besides."""

    answers: Answers
    measure: Measure
    by_answers = True
    _gains: dict[tuple[float, float], Interval] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def documents(self) -> int:
        return self.answers.documents

    @property
    def support(self) -> int:
        return sum(self.answers.support[place] for place in self.measure.places)

    @property
    def label(self) -> str | None:
        if self.measure.of in {"macro", "micro"}:
            return None
        values = self.answers.per_label("candidate", self.measure.metric)
        return self.answers.sheet.labels[min(self.measure.places, key=lambda place: float(values[place]))]

    @cached_property
    def candidate(self) -> float:
        return self.answers.value("candidate", self.measure)

    @cached_property
    def baseline(self) -> float | None:
        return self.answers.value("baseline", self.measure) if self.answers.has_baseline else None

    def value_bounds(self, confidence: float) -> Interval:
        return self._bounds("candidate", confidence)

    def baseline_bounds(self, confidence: float) -> Interval | None:
        return self._bounds("baseline", confidence) if self.answers.has_baseline else None

    def gain_bounds(self, confidence: float, times: float) -> Interval | None:
        """Return the interval of the difference, None without an active model."""
        if self.baseline is None:
            return None
        asked = confidence, times
        if asked not in self._gains:
            self._gains[asked] = self._gain_bounds(self.baseline, confidence, times)
        return self._gains[asked]

    def _gain_bounds(self, baseline: float, confidence: float, times: float) -> Interval:
        """Return estimate -/+ t * standard error; of one label, no narrower than both models' own intervals make it.

        The standard error of a share that rests on twenty answers is itself a guess, and too small where the share
        came out high.
        """
        answers, measure = self.answers, self.measure
        variance, freedom = answers.error(measure, times)
        reach = student(confidence, max(2, math.floor(min(freedom, 1e6)))) * math.sqrt(variance)
        gain = self.candidate - times * baseline
        low, high = gain - reach, gain + reach
        if measure.is_label:
            mine, other = (measure.guard(answers.sums[model], confidence) for model in MODELS)
            both = answers.correlation(measure)
            apart = of_difference(self.candidate, mine, baseline, other, correlation=max(0.0, both), times=times)
            low, high = min(low, apart.low), max(high, apart.high)
        return Interval(max(low, -max(times, 1.0)), min(high, 1.0))

    def chance(self, confidence: float) -> float | None:
        """Return how often swaps alone give as large a gain: a p value, and never 0."""
        return None if self.baseline is None else self._chance(confidence, self.candidate - self.baseline, 1)

    def surely_higher(self, confidence: float) -> bool:
        """Return whether interval and swaps say so.

        Swaps alone ask whether whose answer is whose matters at all: two models that name a label differently often
        differ in that, and may still be equally precise. The interval alone trusts few documents too much.
        """
        bounds = self.gain_bounds(confidence, 1.0)
        if bounds is None or self.baseline is None or bounds.low <= 0:
            return False
        return self._chance(confidence, self.candidate - self.baseline, 1) <= _doubt(confidence)

    def surely_lower(self, confidence: float) -> bool:
        """Return whether interval and swaps say so: nobody is held up by a regression that is none."""
        bounds = self.gain_bounds(confidence, 1.0)
        if bounds is None or self.baseline is None or bounds.high >= 0:
            return False
        return self._chance(confidence, self.baseline - self.candidate, -1) <= _doubt(confidence)

    def _chance(self, confidence: float, found: float, sign: int) -> float:
        gains = sign * self.answers.swapped(self.measure, 1 - confidence)
        return (1 + int(np.count_nonzero(gains >= found - _TIE))) / (1 + len(gains))

    def needed_for_any_gain(self, confidence: float) -> None:
        del confidence

    def _bounds(self, model: Model, confidence: float) -> Interval:
        """Return the interval of one model's value: the bootstrap's on the scale of log odds, or the guard's if wider.

        Of the worst label: the lowest ends of all labels, the upper ones corrected for their number.
        """
        measure, answers = self.measure, self.answers
        if measure.of == "worst":
            each = [Drawn(answers, Measure(measure.metric, ONE, (place,))) for place in measure.places]
            strict = 1 - (1 - confidence) / len(each)
            return Interval(
                min(one._bounds(model, confidence).low for one in each),
                min(one._bounds(model, strict).high for one in each),
            )
        value = answers.value(model, measure)
        guard = measure.guard(answers.sums[model], confidence)
        low, high = guard.low, guard.high
        if 0 < value < 1:
            reach = quantile(confidence) * answers.spread(model, measure) / (value * (1 - value))
            odds = math.log(value / (1 - value))
            low = min(low, 1 / (1 + math.exp(reach - odds)))
            high = max(high, 1 / (1 + math.exp(-reach - odds)))
        return Interval(max(0.0, min(low, value)), min(1.0, max(high, value)))
