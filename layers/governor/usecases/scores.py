"""Scores of models in words, for notices and the command line."""

from typing import Literal

from governor.domain.verdict import Metrics
from governor.ports import VerdictRecord

_NAMES: tuple[tuple[str, Literal["f1", "precision", "recall", "accuracy"]], ...] = (
    ("F1", "f1"),
    ("precision", "precision"),
    ("recall", "recall"),
    ("accuracy", "accuracy"),
)


def in_words(metrics: Metrics) -> str:
    """Return `F1 0.8391, precision 0.8407, recall 0.8396, accuracy 0.8396`; `-` for what there is no number of."""
    return ", ".join(f"{name} {_shown(metrics.value(metric))}" for name, metric in _NAMES)


def scores_of(record: VerdictRecord) -> list[str]:
    """Return a line a model that sat the exam; of the active one only if the exam was sat by that very model."""
    exam = record.exam
    scored = [("Candidate's scores", exam.candidate_metrics)]
    if exam.scored_baseline == record.baseline:
        scored.append(("Active model's scores", exam.baseline_metrics))
    return [f"{whose}: {in_words(metrics)}." for whose, metrics in scored if metrics is not None]


def _shown(number: float | None) -> str:
    return "-" if number is None else f"{number:.4f}"
