"""What an exam tells of one metric: both models' values, and how sure they are. Two kinds: answers and averages."""

from dataclasses import dataclass, field
from typing import Protocol

from governor.domain.gates import MetricName, Overall
from governor.domain.judgement.intervals import of_difference, wilson
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

    def sign_test(self) -> tuple[float, float] | None:
        """Return the p values of "no better" and "no worse", where a test is sharper than the interval."""

    def needed_for_sign(self, confidence: float) -> int | None:
        """Return how many more documents that test needs; None if there is no test."""

    def surely_lower(self, confidence: float) -> bool:
        """Tell whether the candidate is lower than the active model for certain; averages take it at its word."""

    @property
    def documents(self) -> int | None:
        """How many test documents there are."""


class Evidence(Protocol):
    """An exam's numbers."""

    def statistic(self, metric: MetricName, label: str, min_support: int) -> Statistic | None:
        """Return a metric of a label, of `macro`, `micro` or `worst`; None if it is not known."""

    def labels(self, min_support: int) -> tuple[list[str], list[str]] | None:
        """Return the labels that `*` is about, and those that have too few test documents; None if not known."""


@dataclass(frozen=True)
class Average:
    """One of Comprehend's averages. `size`: as many independent documents as it is worth; None if that is not known."""

    candidate: float | None
    baseline: float | None
    size: float | None
    documents: int | None
    label: str | None = None

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

    def surely_lower(self, confidence: float) -> bool:
        del confidence
        return True

    def sign_test(self) -> None:
        return None

    def needed_for_sign(self, confidence: float) -> None:
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

    def labels(self, min_support: int) -> None:
        del min_support

    def _size(self, metric: MetricName) -> float | None:
        """Return how many documents an average is worth.

        A mean over labels scatters as if each label had the harmonic mean of their numbers of documents.
        """
        documents = self.exam.documents
        if metric == "accuracy" or self.overall == "micro" or documents is None:
            return documents
        there = [number for number in self.exam.support.values() if number > 0]
        return min(documents, len(there) ** 2 / sum(1 / number for number in there)) if there else None
