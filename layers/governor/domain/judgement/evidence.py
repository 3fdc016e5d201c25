"""What an exam tells of one metric: both models' values, and how sure they are. Two kinds: answers and averages."""

from dataclasses import dataclass, field
from typing import Protocol

from governor.domain.gates import OVERALL, MetricName, Overall
from governor.domain.judgement.answers import Answers
from governor.domain.judgement.intervals import of_difference, wilson
from governor.domain.judgement.measures import ONE, Measure
from governor.domain.judgement.statistics import Drawn, Share, accuracy_of
from governor.domain.sheet import Sheet
from governor.domain.verdict import Exam, Interval, Metrics


class Statistic(Protocol):
    """One metric of both models. Bounds are None where it is not known how sure the numbers are."""

    @property
    def label(self) -> str | None:
        """The single label that it is about; None for an overall metric."""

    @property
    def candidate(self) -> float | None:
        """The candidate's value."""

    @property
    def baseline(self) -> float | None:
        """The active model's value."""

    @property
    def support(self) -> int | None:
        """How many test documents (mentions) the values rest on."""

    def value_bounds(self, confidence: float) -> Interval | None:
        """Return the interval of the candidate's value."""

    def baseline_bounds(self, confidence: float) -> Interval | None:
        """Return the interval of the active model's value."""

    def gain_bounds(self, confidence: float, times: float) -> Interval | None:
        """Return the interval of the candidate's value less `times` the active model's."""

    @property
    def by_answers(self) -> bool:
        """Whether both models' answers are known, not only averages."""

    def surely_higher(self, confidence: float) -> bool:
        """Tell whether the candidate is better than the active model for certain."""

    def surely_lower(self, confidence: float) -> bool:
        """Tell whether it is worse for certain."""

    def chance(self, confidence: float) -> float | None:
        """Return how often chance alone gives such a gain to models that are equally good (a one-sided p value).

        None if it is not known; exact enough to be compared with `1 - confidence`.
        """

    def needed_for_any_gain(self, confidence: float) -> int | None:
        """Return how many more documents let the test of any gain decide; None: as many as the interval needs."""

    @property
    def documents(self) -> int | None:
        """How many test documents there are."""


class Evidence(Protocol):
    """An exam's numbers."""

    def statistic(self, metric: MetricName, label: str, min_support: int) -> Statistic | None:
        """Return a metric of a label, of `macro`, `micro` or `worst`; None if it is not known."""

    def labels(self, min_support: int) -> tuple[list[str], list[str]]:
        """Return the labels that `*` is about, and those that have too few test documents; none if not known."""

    def of_label(self, metric: MetricName, label: str) -> Statistic | None:
        """Return a metric of one label, whatever its name."""

    def support(self, label: str) -> int:
        """Return how many test documents (mentions) a label has."""


@dataclass(frozen=True)
class Average:
    """One of Comprehend's averages. `size`: as many independent documents as it is worth; None if that is not known."""

    candidate: float | None
    baseline: float | None
    size: float | None
    documents: int | None
    label: str | None = None
    by_answers = False

    @property
    def support(self) -> int | None:
        return self.documents

    def value_bounds(self, confidence: float) -> Interval | None:
        if self.candidate is None or not self.size:
            return None
        return wilson(self.candidate, self.size, confidence)

    def baseline_bounds(self, confidence: float) -> Interval | None:
        if self.baseline is None or not self.size:
            return None
        return wilson(self.baseline, self.size, confidence)

    def gain_bounds(self, confidence: float, times: float) -> Interval | None:
        if self.candidate is None or self.baseline is None or not self.size:
            return None
        mine, other = wilson(self.candidate, self.size, confidence), wilson(self.baseline, self.size, confidence)
        return of_difference(self.candidate, mine, self.baseline, other, times=times)

    def surely_higher(self, confidence: float) -> bool:
        bounds = self.gain_bounds(confidence, 1.0)
        return bounds is not None and bounds.low > 0

    def surely_lower(self, confidence: float) -> bool:
        bounds = self.gain_bounds(confidence, 1.0)
        return bounds is not None and bounds.high < 0

    def chance(self, confidence: float) -> None:
        del confidence

    def needed_for_any_gain(self, confidence: float) -> None:
        del confidence


@dataclass(frozen=True)
class Averages:
    """The evidence of an exam without answers: Comprehend's averages, and how many test documents there were."""

    exam: Exam
    overall: Overall
    _none: Metrics = field(default_factory=Metrics)

    def statistic(self, metric: MetricName, label: str, min_support: int) -> Average | None:
        del min_support
        if metric != "accuracy" and label != self.overall:
            return None
        candidate, baseline = self.exam.candidate_metrics or self._none, self.exam.baseline_metrics or self._none
        return Average(candidate.value(metric), baseline.value(metric), self._size(metric), self.exam.documents)

    def labels(self, min_support: int) -> tuple[list[str], list[str]]:
        """None: averages tell nothing of labels."""
        del min_support
        return [], []

    def of_label(self, metric: MetricName, label: str) -> None:
        del metric, label

    def support(self, label: str) -> int:
        return self.exam.support.get(label, 0)

    def _size(self, metric: MetricName) -> float | None:
        """Return how many documents an average is worth.

        A mean over labels scatters as if each label had the harmonic mean of their numbers of documents.
        """
        documents = self.exam.documents
        if metric == "accuracy" or self.overall == "micro" or documents is None:
            return documents
        there = [number for number in self.exam.support.values() if number > 0]
        return min(documents, len(there) ** 2 / sum(1 / number for number in there)) if there else None


class Answered:
    """The evidence of a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self._answers = Answers(sheet)
        self._place = {label: place for place, label in enumerate(self._answers.sheet.labels)}

    def statistic(self, metric: MetricName, label: str, min_support: int) -> Share | Drawn | None:
        answers = self._answers
        if answers.documents == 0 or (metric == "accuracy" and answers.sheet.mode == "ENTITIES"):
            return None
        if metric == "accuracy":
            return accuracy_of(answers)
        if label not in OVERALL:
            return self.of_label(metric, label)
        least = max(1, min_support) if label == "worst" else 1
        places = tuple(place for place, number in enumerate(answers.support) if number >= least)
        return Drawn(answers, Measure(metric, label, places)) if places else None

    def labels(self, min_support: int) -> tuple[list[str], list[str]]:
        least = max(1, min_support)
        enough = [label for label in self._place if self.support(label) >= least]
        return enough, [label for label in self._place if self.support(label) < least]

    def of_label(self, metric: MetricName, label: str) -> Drawn | None:
        if self.support(label) == 0:
            return None
        return Drawn(self._answers, Measure(metric, ONE, (self._place[label],)))

    def support(self, label: str) -> int:
        return self._answers.support[self._place[label]] if label in self._place else 0
