"""All scores of an exam, for people: overall, per label with the certainty of the difference, and confusions."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from governor.domain.gates import MetricName, Overall
from governor.domain.judgement import scores
from governor.domain.judgement.evidence import Answered, Averages, Evidence
from governor.domain.sheet import Sheet
from governor.domain.verdict import Exam, Interval, Metrics

_OF_LABELS: tuple[MetricName, ...] = ("f1", "precision", "recall")


@dataclass(frozen=True)
class ModelScores:
    """One model's, as fractions. `accuracy` is None for recognizers."""

    accuracy: float | None
    macro: Metrics
    micro: Metrics
    per_label: tuple[Metrics, ...]
    confusions: dict[tuple[str | None, str | None], int]
    """(what is right, what was answered) of every wrong answer; None: nothing (missed, or one too many)."""


@dataclass(frozen=True)
class LabelScores:
    """One label beside the other model. `gain`: where the difference of F1 lies; None without an active model."""

    label: str
    support: int
    candidate: Metrics
    baseline: Metrics | None
    gain: Interval | None


@dataclass(frozen=True)
class Beside:
    """A metric of both models over the whole exam. Bounds: where each, and candidate less active model, lie.

    None: there is no number, or it is not known how sure it is.
    """

    metric: MetricName
    over: Literal["macro", "micro", "documents"]
    candidate: float | None
    baseline: float | None
    candidate_bounds: Interval | None
    baseline_bounds: Interval | None
    gain: Interval | None


@dataclass(frozen=True)
class Scores:
    """A sheet's scores. `labels` are in the sheet's order; those without test documents have a support of 0."""

    documents: int
    candidate: ModelScores
    baseline: ModelScores | None
    labels: tuple[LabelScores, ...]
    overall: tuple[Beside, ...]


def scores_of(sheet: Sheet, *, confidence: float = 0.95) -> Scores:
    """Return the scores of both models. Each end of an interval is a bound with `confidence` of its own."""
    evidence = Answered(sheet)
    counted = scores.tally(sheet)
    totals = counted.totals()
    sums = counted.candidate(totals)
    candidate = _model(counted, sums, counted.right[0], [(row.candidate, row.candidate_hits) for row in sheet.rows])
    baseline = None
    if sheet.has_baseline:
        answers = [(row.baseline, row.baseline_hits) for row in sheet.rows]
        baseline = _model(counted, counted.baseline(totals), counted.right[1], answers)
    labels = tuple(
        LabelScores(
            label,
            int(sums.support[place]),
            candidate.per_label[place],
            None if baseline is None else baseline.per_label[place],
            _gain(evidence, "f1", label, confidence),
        )
        for place, label in enumerate(sheet.labels)
    )
    # Of documents with exactly one label and one answer, all that is micro is accuracy.
    overall: list[Overall] = ["macro"] if sheet.mode == "MULTI_CLASS" else ["micro", "macro"]
    return Scores(sheet.documents, candidate, baseline, labels, tuple(_beside(evidence, overall, confidence)))


def averages_of(exam: Exam, overall: Overall, *, confidence: float = 0.95) -> tuple[Beside, ...]:
    """Return what Comprehend's averages tell of both models; the intervals as those of `scores_of`."""
    return tuple(_beside(Averages(exam, overall), [overall], confidence))


def _beside(evidence: Evidence, overall: Iterable[Overall], confidence: float) -> Iterator[Beside]:
    wanted: list[tuple[MetricName, str, Literal["macro", "micro", "documents"]]] = [
        (metric, over, over) for over in overall if over != "worst" for metric in _OF_LABELS
    ]
    for metric, label, over in [*wanted, ("accuracy", "", "documents")]:
        found = evidence.statistic(metric, label, 0)
        if found is not None and (found.candidate, found.baseline) != (None, None):
            yield Beside(
                metric,
                over,
                found.candidate,
                found.baseline,
                found.value_bounds(confidence),
                found.baseline_bounds(confidence),
                found.gain_bounds(confidence, 1.0),
            )


def _gain(evidence: Answered, metric: MetricName, label: str, confidence: float) -> Interval | None:
    statistic = evidence.of_label(metric, label)
    return None if statistic is None else statistic.gain_bounds(confidence, 1.0)


_Answer = tuple[tuple[int, ...], tuple[int, ...]]


def _model(counted: scores.Tally, sums: scores.Sums, right: scores.Numbers, answers: list[_Answer]) -> ModelScores:
    sheet = counted.sheet
    columns = {metric: scores.per_label(sums, metric) for metric in _OF_LABELS}
    accurate = None if sheet.mode == "ENTITIES" or not sheet.documents else float(counted.counts @ right)
    return ModelScores(
        accuracy=None if accurate is None else accurate / sheet.documents,
        macro=Metrics(**{metric: float(scores.macro(sums, metric)) for metric in _OF_LABELS}),
        micro=Metrics(**{metric: float(scores.micro(sums, metric)) for metric in _OF_LABELS}),
        per_label=tuple(
            Metrics(**{metric: float(columns[metric][place]) for metric in _OF_LABELS})
            for place in range(len(sheet.labels))
        ),
        confusions=_confusions(sheet, answers),
    )


def _confusions(sheet: Sheet, answers: list[_Answer]) -> dict[tuple[str | None, str | None], int]:
    """Count what was answered where something else is right. One missed and one too many in a document are a pair."""
    found: Counter[tuple[str | None, str | None]] = Counter()
    for row, (answer, hits) in zip(sheet.rows, answers, strict=True):
        if sheet.mode == "ENTITIES":
            exact = Counter(hits)
            missed, extra = Counter(row.truth) - exact, Counter(answer) - exact
        else:
            missed, extra = Counter(row.truth) - Counter(answer), Counter(answer) - Counter(row.truth)
        wrong = [sheet.labels[place] for place in missed.elements()]
        said = [sheet.labels[place] for place in extra.elements()]
        if len(wrong) == len(said) == 1:
            found[wrong[0], said[0]] += row.count
            continue
        for label in wrong:
            found[label, None] += row.count
        for label in said:
            found[None, label] += row.count
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0][0] or "", item[0][1] or "")))
