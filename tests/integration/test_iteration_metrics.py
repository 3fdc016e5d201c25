"""Metrics that are no numbers: an iteration with one is judged, and its decision is on record."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest

from governor.adapters.comprehend import AwsComprehend
from governor.domain.decision import from_bytes, to_bytes
from governor.domain.verdict import Metrics
from tests.unit.decisions import a_record

ARN = "arn:aws:comprehend:us-east-1:123456789012"


class Replying:
    """Answers DescribeFlywheelIteration with these metrics of the trained model."""

    def __init__(self, **metrics: float) -> None:
        self._metrics = metrics

    def describe_flywheel_iteration(self, **_: str) -> dict[str, Any]:
        properties = {
            "FlywheelIterationId": "20261123T120000Z",
            "Status": "COMPLETED",
            "CreationTime": datetime(2026, 11, 23, 12, tzinfo=UTC),
            "TrainedModelArn": f"{ARN}:document-classifier/reviews/version/v2",
            "TrainedModelMetrics": self._metrics,
        }
        return {"FlywheelIterationProperties": properties}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_metric_that_is_no_number_is_a_missing_one(number: float) -> None:
    client = Replying(AverageF1Score=number, AveragePrecision=0.8)
    comprehend = AwsComprehend(client, client, arn_prefix=ARN, data_access_role="", lake_uri="")

    exam = comprehend.describe_iteration(f"{ARN}:flywheel/reviews", "20261123T120000Z").exam
    record = a_record(exam=exam)

    assert exam.candidate_metrics == Metrics(precision=0.8)
    assert record.verdict.word == "INCONCLUSIVE"
    assert from_bytes(to_bytes(record)) == record
