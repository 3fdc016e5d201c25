"""What a gate can be about: a metric of one label, over labels, or of the label that is worst."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from governor.domain.gates import MetricName
from governor.domain.judgement import scores
from governor.domain.judgement.intervals import wilson
from governor.domain.judgement.scores import Numbers, Sums
from governor.domain.verdict import Interval

ONE = ""
"""What a measure of one label is `of`: a name that no overall metric has, as labels may."""


@dataclass(frozen=True)
class Measure:
    """A metric of one label, or `of` `macro`, `micro` or `worst`. `places`: the labels that it rests on."""

    metric: MetricName
    of: str
    places: tuple[int, ...]

    @property
    def is_label(self) -> bool:
        """Whether it is about one label."""
        return self.of == ONE

    def values(self, sums: Sums, per_label: Numbers) -> Any:
        """Return the measure, one number each replicate; of a label: those of all labels.

        `per_label` is the metric of every label.
        """
        match self.of:
            case "macro":
                there = sums.support > 0
                return scores.ratio(np.where(there, per_label, 0.0).sum(axis=-1), there.sum(axis=-1))[..., None]
            case "micro":
                return scores.micro(sums, self.metric)[..., None]
            case "worst":
                return per_label[..., self.places].min(axis=-1, keepdims=True)
        return per_label

    def chosen(self, values: Any) -> Any:
        """Return the measure of what `values` (or anything of that shape) says of all labels."""
        return values[..., self.places[0] if self.is_label else 0]

    def slopes(self, sums: Sums, per_label: Numbers) -> Sums:
        """Return how the measure (of a label: each label's own) changes with the sums of each label."""
        if self.of == "micro":
            whole = scores.slopes(scores.pooled(sums), self.metric)
            return Sums(*(np.broadcast_to(part, sums.hits.shape) for part in whole))
        each = scores.slopes(sums, self.metric)
        if self.is_label:
            return each
        share = np.zeros(len(sums.hits))
        if self.of == "macro":
            share[list(self.places)] = 1 / len(self.places)
        else:
            share[min(self.places, key=lambda place: float(per_label[place]))] = 1.0
        return Sums(*(part * share for part in each))

    def guard(self, sums: Sums, confidence: float) -> Interval:
        """Return an interval that does not trust labels with few documents: from Wilson's of each label.

        The labels' intervals are put together as if they were independent (Zou and Donner, 2008).
        """
        if self.of == "micro":
            return _of_counts(self.metric, *(float(part[0]) for part in scores.pooled(sums)), confidence=confidence)[1]
        found = [
            _of_counts(self.metric, *(float(part[place]) for part in sums), confidence=confidence)
            for place in self.places
        ]
        mean = sum(value for value, _ in found) / len(found)
        low = math.sqrt(sum((value - bounds.low) ** 2 for value, bounds in found)) / len(found)
        high = math.sqrt(sum((bounds.high - value) ** 2 for value, bounds in found)) / len(found)
        return Interval(mean - low, mean + high)


def _of_counts(
    metric: MetricName, support: float, given: float, hits: float, *, confidence: float
) -> tuple[float, Interval]:
    """Return a label's metric and its interval.

    Precision and recall are shares. F1 is 2 J / (1 + J) of the share J = hits / (hits, misses and wrong answers), so
    the ends of its interval are those of J's.
    """
    sizes = {"precision": given, "recall": support, "f1": given + support - hits}
    size = sizes[metric]

    def curve(share: float) -> float:
        return 2 * share / (1 + share) if metric == "f1" else share

    if size <= 0:
        return 0.0, Interval(0.0, 1.0)
    bounds = wilson(hits / size, size, confidence)
    return curve(hits / size), Interval(curve(bounds.low), curve(bounds.high))
