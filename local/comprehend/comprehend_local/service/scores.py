"""Selects documents, trains and scores, and puts metrics into the API's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from comprehend_local.engine.learner import CannotLearn, Mode, Model, Part, Prepared
from comprehend_local.engine.metrics import Averages, ConfusionMatrix, EntityDecisions, LabelCounts, Scores
from comprehend_local.service.data_access import DataError
from comprehend_local.service.learned import Learned
from comprehend_local.settings import Settings


def listed(prepared: Sequence[Prepared], mode: Mode, labels: Sequence[str] | None) -> list[Part]:
    """The documents that count: all of a recognizer's; a classifier's that have one of the labels (None = any)."""
    if mode == "ENTITIES" or labels is None:
        return [Part(chunk, np.arange(len(chunk.digests))) for chunk in prepared]
    known = set(labels)
    rows = ([place for place, own in enumerate(chunk.labels()) if not known.isdisjoint(own)] for chunk in prepared)
    return [Part(chunk, np.array(chosen, dtype=np.intp)) for chunk, chosen in zip(prepared, rows, strict=True)]


def size_of(parts: Sequence[Part]) -> int:
    """How many documents there are."""
    return sum(len(part.rows) for part in parts)


def fit(learned: Learned, parts: Sequence[Part], mode: Mode, labels: Sequence[str] | None) -> Model:
    """Train. Raises DataError when the documents cannot make a model."""
    try:
        return learned.train(parts, mode, labels)
    except CannotLearn as error:
        raise DataError(f"INSUFFICIENT_DATA: No model can be trained: {error}.") from error


def score(model: Model, parts: Sequence[Part], labels: Sequence[str] | None) -> Scores | None:
    """How the model did on some documents; None when there are none to score on."""
    return model.scores(parts, labels) if size_of(parts) else None


def flywheel_metrics(scores: Scores | None, settings: Settings) -> dict[str, float] | None:
    """FlywheelModelEvaluationMetrics, at full precision."""
    if scores is None:
        return None
    found = scores.averages()
    scale = settings.entity_iteration_scale if isinstance(scores, EntityDecisions) else 1
    return {
        "AverageF1Score": found.f1 * scale,
        "AveragePrecision": found.precision * scale,
        "AverageRecall": found.recall * scale,
        "AverageAccuracy": found.accuracy * scale,
    }


def hold_out_share(mode: Mode, settings: Settings) -> float:
    """Which part of the training data is held out when there is no test data."""
    return settings.recognizer_hold_out_share if mode == "ENTITIES" else settings.hold_out_share


def metadata(model: Model, mode: Mode, learn: Sequence[Part], scores: Scores | None) -> dict[str, Any]:
    """ClassifierMetadata or RecognizerMetadata of a model that learned from some documents."""
    if mode == "ENTITIES":
        return _recognizer_metadata(model, learn, scores)
    return _classifier_metadata(model, size_of(learn), scores)


def _classifier_metadata(model: Model, trained_on: int, scores: Scores | None) -> dict[str, Any]:
    """ClassifierMetadata, rounded to 4 decimals. In a multi-class model the micro averages equal the accuracy."""
    described: dict[str, Any] = {
        "NumberOfLabels": len(model.labels),
        "NumberOfTrainedDocuments": trained_on,
        "NumberOfTestDocuments": scores.documents if scores else 0,
    }
    if scores is not None:
        macro, micro = scores.averages(), scores.micro()
        described["EvaluationMetrics"] = {
            "Accuracy": round(macro.accuracy, 4),
            "Precision": round(macro.precision, 4),
            "Recall": round(macro.recall, 4),
            "F1Score": round(macro.f1, 4),
            "MicroPrecision": round(micro.precision, 4),
            "MicroRecall": round(micro.recall, 4),
            "MicroF1Score": round(micro.f1, 4),
            "HammingLoss": round(1 - macro.accuracy, 4),
        }
    return described


def _recognizer_metadata(model: Model, learn: Sequence[Part], scores: Scores | None) -> dict[str, Any]:
    """RecognizerMetadata; percentages from 0 to 100, as the service has them for plain-text models."""
    mentions = Counter[str]()
    for prepared, rows in learn:
        labels = prepared.labels()
        mentions.update(type_ for row in rows for type_ in labels[row])
    per_type = dict(zip(scores.labels, scores.per_label, strict=True)) if scores else {}
    described: dict[str, Any] = {
        "NumberOfTrainedDocuments": size_of(learn),
        "NumberOfTestDocuments": scores.documents if scores else 0,
        "EntityTypes": [
            {
                "Type": type_,
                "NumberOfTrainMentions": mentions[type_],
                **({"EvaluationMetrics": _percent(per_type.get(type_, NOTHING))} if scores else {}),
            }
            for type_ in model.labels
        ],
    }
    if scores is not None:
        described["EvaluationMetrics"] = _percent(scores.averages())
    return described


NOTHING = LabelCounts(0, 0, 0)


def _percent(found: Averages | LabelCounts) -> dict[str, float]:
    return {
        "Precision": round(found.precision * 100, 4),
        "Recall": round(found.recall * 100, 4),
        "F1Score": round(found.f1 * 100, 4),
    }


def confusion_document(scores: Scores) -> dict[str, Any]:
    """`confusion_matrix.json` as AWS publishes it.

    Multi-class: rows = actual, columns = predicted. Multi-label: for each label [[TN, FP], [FN, TP]]. For recognizers
    AWS publishes none; theirs has the three counts of each type.
    """
    if isinstance(scores, ConfusionMatrix):
        kind, matrix = "multi_class", [list(row) for row in scores.counts]
    elif isinstance(scores, EntityDecisions):
        counts = zip(scores.labels, scores.per_label, strict=True)
        names = ("true_positives", "false_positives", "false_negatives")
        entities = {label: {name: getattr(count, name) for name in names} for label, count in counts}
        return {"type": "entities", "documents": scores.documents, "entities": entities}
    else:
        kind, matrix = "multi_label", [_two_by_two(count, scores.documents) for count in scores.per_label]
    labels = list(scores.labels)
    return {"type": kind, "confusion_matrix": matrix, "labels": labels, "all_labels": labels}


def _two_by_two(count: LabelCounts, documents: int) -> list[Any]:
    wrong = count.false_positives + count.false_negatives
    true_negatives = documents - count.true_positives - wrong
    return [[true_negatives, count.false_positives], [count.false_negatives, count.true_positives]]
