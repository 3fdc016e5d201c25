"""When an endpoint was asked for the last time, by CloudWatch.

Comprehend emits `ConsumedInferenceUnits` with the dimension `EndpointArn` once for each request that it answered, and
nothing for one that failed or was throttled, so the number of samples is the number of answers.
Source: https://docs.aws.amazon.com/comprehend/latest/dg/manage-endpoints-monitor.html
"""

from datetime import datetime, timedelta
from typing import Any

from governor.adapters.aws import call
from governor.domain.endpoint_limits import RESOLUTION
from governor.domain.errors import AccessRefusedError, ServiceBusyError

NAMESPACE, METRIC = "AWS/Comprehend", "ConsumedInferenceUnits"
_KEPT = timedelta(days=455)
"""How long CloudWatch keeps hours (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html)."""
_ENOUGH = 24
"""The newest is all that is wanted; hours without requests have no data point."""


class CloudWatchEndpointUse:
    """Implements `ports.EndpointUse`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def last_request(self, arn: str, since: datetime, now: datetime) -> datetime | None:
        statistic = {
            "Metric": {
                "Namespace": NAMESPACE,
                "MetricName": METRIC,
                "Dimensions": [{"Name": "EndpointArn", "Value": arn}],
            },
            "Period": int(RESOLUTION.total_seconds()),
            "Stat": "SampleCount",
        }
        arguments: dict[str, Any] = {
            "MetricDataQueries": [{"Id": "answered", "MetricStat": statistic}],
            "StartTime": max(since, now - _KEPT).replace(minute=0, second=0, microsecond=0),
            "EndTime": now,
            "ScanBy": "TimestampDescending",
            "MaxDatapoints": _ENOUGH,
        }
        while True:
            reply = call(self._client.get_metric_data, **arguments)
            for result in reply["MetricDataResults"]:
                _require_known(result)
                hours = [hour for hour, count in zip(result["Timestamps"], result["Values"], strict=True) if count > 0]
                if hours:
                    newest: datetime = max(hours)
                    return newest
            if not reply.get("NextToken"):
                return None
            arguments["NextToken"] = reply["NextToken"]


def _require_known(result: dict[str, Any]) -> None:
    """Raise if CloudWatch says that it does not know, which must not be read as no requests."""
    match result.get("StatusCode"):
        case "Complete" | "PartialData":
            return
        case "Forbidden":
            raise AccessRefusedError(f"CloudWatch does not show {METRIC} of {NAMESPACE}.")
        case other:
            raise ServiceBusyError(f"CloudWatch could not read {METRIC} of {NAMESPACE}: {other}.")
