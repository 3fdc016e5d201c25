"""Trains and scores, and puts metrics into the API's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from comprehend_local.engine.documents import Document
from comprehend_local.engine.metrics import ConfusionMatrix, averages
from comprehend_local.service.data_access import DataError
from comprehend_local.service.learned import Learned

if TYPE_CHECKING:
    from comprehend_local.engine.learning import Classifier


def fit(learned: Learned, documents: Sequence[Document]) -> Classifier:
    """Train. Raises DataError when the documents cannot make a classifier."""
    from comprehend_local.engine.learning import CannotLearn  # noqa: PLC0415  (takes seconds: only when it is needed)

    try:
        return learned.train(documents)
    except CannotLearn as error:
        raise DataError(f"INSUFFICIENT_DATA: No model can be trained: {error}.") from error


def score(classifier: Classifier, documents: Sequence[Document]) -> ConfusionMatrix | None:
    """The confusion matrix on some documents; None when there are none to score on."""
    if not documents:
        return None
    predicted = classifier.predict([document.text for document in documents])
    return ConfusionMatrix.of([document.label for document in documents], predicted)


def flywheel_metrics(matrix: ConfusionMatrix | None) -> dict[str, float] | None:
    """FlywheelModelEvaluationMetrics, at full precision."""
    if matrix is None:
        return None
    found = averages(matrix)
    return {
        "AverageF1Score": found.f1,
        "AveragePrecision": found.precision,
        "AverageRecall": found.recall,
        "AverageAccuracy": found.accuracy,
    }


def metadata(classifier: Classifier, trained_on: int, matrix: ConfusionMatrix | None) -> dict[str, Any]:
    """ClassifierMetadata, rounded to 4 decimals. In a multi-class model the micro averages equal the accuracy."""
    described: dict[str, Any] = {
        "NumberOfLabels": len(classifier.labels),
        "NumberOfTrainedDocuments": trained_on,
        "NumberOfTestDocuments": matrix.total if matrix else 0,
    }
    if matrix is not None:
        found = averages(matrix)
        described["EvaluationMetrics"] = {
            "Accuracy": round(found.accuracy, 4),
            "Precision": round(found.precision, 4),
            "Recall": round(found.recall, 4),
            "F1Score": round(found.f1, 4),
            "MicroPrecision": round(found.accuracy, 4),
            "MicroRecall": round(found.accuracy, 4),
            "MicroF1Score": round(found.accuracy, 4),
            "HammingLoss": round(1 - found.accuracy, 4),
        }
    return described
