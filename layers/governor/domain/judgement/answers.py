"""Both models' answers to an exam as numbers, each worked out once for all gates of a verdict."""

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any, Literal, TypeVar, cast

import numpy as np

from governor.domain.gates import MetricName
from governor.domain.judgement import scores
from governor.domain.judgement.measures import Measure
from governor.domain.judgement.resampling import Resampling
from governor.domain.judgement.scores import Numbers, Places, Sums
from governor.domain.sheet import Sheet

Model = Literal["candidate", "baseline"]
MODELS: tuple[Model, Model] = ("candidate", "baseline")
Made = TypeVar("Made")


class Answers:
    """A sheet's sums, and those of other exams like it."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = scores.canonical(sheet)
        self.tally = scores.tally(self.sheet)
        self.documents = self.sheet.documents
        self.has_baseline = self.sheet.has_baseline
        totals = self.tally.totals()
        self.sums = {"candidate": self.tally.candidate(totals)}
        if self.has_baseline:
            self.sums["baseline"] = self.tally.baseline(totals)
        self.support = [int(number) for number in self.sums["candidate"].support]
        self._resampling = Resampling(self.tally)
        self._made: dict[Hashable, object] = {}

    def per_label(self, model: Model, metric: MetricName) -> Numbers:
        """Return a metric of every label."""
        return self._once((model, metric), lambda: scores.per_label(self.sums[model], metric))

    def value(self, model: Model, measure: Measure) -> float:
        """Return a measure."""
        return float(measure.chosen(measure.values(self.sums[model], self.per_label(model, measure.metric))))

    def spread(self, model: Model, measure: Measure) -> float:
        """Return the standard deviation of a measure over the bootstrap."""
        places = () if measure.is_label else (measure.of, measure.places)
        made = self._once(("spread", model, measure.metric, places), lambda: self._drawn(model, measure).std(axis=0))
        return float(measure.chosen(made))

    def correlation(self, measure: Measure) -> float:
        """Return how both models' values of a measure go together over the bootstrap; 0 if one of them never moves."""
        places = () if measure.is_label else (measure.of, measure.places)
        made = self._once(("correlation", measure.metric, places), lambda: self._correlations(measure))
        return float(measure.chosen(made))

    def error(self, measure: Measure, times: float) -> tuple[float, float]:
        """Return variance and degrees of freedom of the difference: candidate less `times` active model.

        The variance is the bootstrap's, with half a document added that only the candidate answers right and half a
        one that only the active model does (Agresti and Min, 2005), so that few documents never look certain. The
        degrees of freedom say on how many documents it rests (Satterthwaite, 1946): two a document of equal pull.
        """
        places = () if measure.is_label else (measure.of, measure.places)
        variances, freedoms = self._once(("error", measure.metric, places, times), lambda: self._errors(measure, times))
        return float(measure.chosen(variances)), float(measure.chosen(freedoms))

    def swapped(self, measure: Measure, doubt: float) -> Numbers:
        """Return the difference of the models after swaps, for each set of coins."""
        sums = self._resampling.swapped(doubt)
        each = [
            measure.chosen(
                measure.values(part, self._once((model, measure.metric, len(part.hits)), _of(part, measure)))
            )
            for model, part in zip(MODELS, sums, strict=True)
        ]
        return cast(Numbers, each[0] - each[1])

    def _drawn(self, model: Model, measure: Measure) -> Any:
        candidate, baseline = self._resampling.bootstrap
        sums = candidate if model == "candidate" or baseline is None else baseline
        return measure.values(sums, self._once((model, measure.metric, "drawn"), _of(sums, measure)))

    def _correlations(self, measure: Measure) -> Numbers:
        mine, other = (drawn - drawn.mean(axis=0) for drawn in (self._drawn(model, measure) for model in MODELS))
        return cast(
            Numbers, scores.ratio((mine * other).sum(axis=0), np.sqrt((mine**2).sum(axis=0) * (other**2).sum(axis=0)))
        )

    def _errors(self, measure: Measure, times: float) -> tuple[Numbers, Numbers]:
        variance = (self._drawn("candidate", measure) - times * self._drawn("baseline", measure)).var(axis=0)
        mine, other = (measure.slopes(self.sums[model], self.per_label(model, measure.metric)) for model in MODELS)
        pull = np.concatenate(
            [mine.support - times * other.support, mine.given, mine.hits, -times * other.given, -times * other.hits]
        )
        one = (mine.hits**2 + (times * other.hits) ** 2) / 2
        if measure.is_label:
            added = one
            squares, fourths = self._scatter_by_label(pull)
        else:
            shares = np.where(mine.hits != 0, self.sums["candidate"].support, 0.0)
            added = np.atleast_1d(scores.ratio(shares @ one, shares.sum()))
            squares, fourths = self._scatter(pull)
        return variance + added, scores.ratio(2 * (squares + added) ** 2, fourths + added**2)

    def _scatter(self, pull: Numbers) -> tuple[Numbers, Numbers]:
        """Return the sum over documents of their squared pull on a number, and of its fourth power.

        `pull`: what one more in each column of the tally adds to the number.
        """
        counts = self.tally.counts
        squares = np.bincount(self.tally.row, weights=pull[self.tally.column], minlength=len(counts)) ** 2
        return np.atleast_1d(counts @ squares), np.atleast_1d(counts @ squares**2)

    def _scatter_by_label(self, pull: Numbers) -> tuple[Numbers, Numbers]:
        """Return the same of every label's own number: a column pulls only on that of its label."""
        row, label, entry = self._by_label
        squares = np.bincount(entry, weights=pull[self.tally.column], minlength=len(row)) ** 2
        counts, labels = self.tally.counts[row], len(self.sheet.labels)
        second = np.bincount(label, weights=counts * squares, minlength=labels)
        fourth = np.bincount(label, weights=counts * squares**2, minlength=labels)
        return second.astype(np.float64), fourth.astype(np.float64)

    @cached_property
    def _by_label(self) -> tuple[Places, Places, Places]:
        """Pairs of row and label that occur, and for each entry of the tally its pair."""
        labels = len(self.sheet.labels)
        pairs, entry = np.unique(self.tally.row * labels + self.tally.column % labels, return_inverse=True)
        return pairs // labels, pairs % labels, entry

    def _once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        if key not in self._made:
            self._made[key] = make()
        return cast(Made, self._made[key])


def _of(sums: Sums, measure: Measure) -> Callable[[], Numbers]:
    def make() -> Numbers:
        return cast(Numbers, scores.per_label(sums, measure.metric))

    return make
