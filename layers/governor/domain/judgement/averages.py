"""The averages of a sheet, as Comprehend would tell them; no interval, and so no resampling."""

from governor.domain.gates import MetricName, Overall
from governor.domain.judgement import scores
from governor.domain.sheet import Sheet
from governor.domain.verdict import Metrics

_OF_LABELS: tuple[MetricName, ...] = ("f1", "precision", "recall")
_A_HAIR = 1e-9


def averages(sheet: Sheet, overall: Overall) -> tuple[Metrics, Metrics | None]:
    """Return both models' metrics over all documents. `overall`: `macro` or `micro`. Recognizers have no accuracy."""
    counted = scores.tally(scores.canonical(sheet))
    totals = counted.totals()
    candidate = _of(counted, counted.candidate(totals), counted.right[0], overall)
    if not sheet.has_baseline:
        return candidate, None
    return candidate, _of(counted, counted.baseline(totals), counted.right[1], overall)


def _of(counted: scores.Tally, sums: scores.Sums, right: scores.Numbers, overall: Overall) -> Metrics:
    mean = scores.macro if overall == "macro" else scores.micro
    documents = counted.counts.sum()
    accurate = right @ counted.counts / documents if documents and counted.sheet.mode != "ENTITIES" else None
    values = {metric: float(mean(sums, metric)) for metric in _OF_LABELS}
    return Metrics(**values, accuracy=None if accurate is None else float(accurate))


def worse_labels(sheet: Sheet) -> list[str]:
    """Return the labels whose F1 is lower than the active model's, the largest loss first."""
    if not sheet.has_baseline:
        return []
    counted = scores.tally(scores.canonical(sheet))
    totals = counted.totals()
    now, before = (scores.per_label(part(totals), "f1") for part in (counted.candidate, counted.baseline))
    gains = zip((now - before).tolist(), counted.sheet.labels, strict=True)
    return [name for gain, name in sorted(gains) if gain < -_A_HAIR]
