"""Metrics, log lines and events: what an operator's tools read.

Metrics are printed in CloudWatch's embedded metric format, which Lambda's log stream carries: no call, no permission.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from governor.adapters.aws import call
from governor.domain.errors import GovernorError, ServiceBusyError
from governor.domain.measures import NAMESPACE, Measure

SOURCE = "flywheel-governor"


class EmbeddedMeter:
    """Implements `ports.Meter` with Powertools, which is loaded when the first metric is emitted."""

    def record(self, values: Mapping[Measure, float], **dimensions: str) -> None:
        from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (  # noqa: PLC0415
            AmazonCloudWatchEMFProvider,
        )

        first = next(iter(values))
        service = os.environ.get("POWERTOOLS_SERVICE_NAME", SOURCE)
        sets = [each for each in first.dimensions if _fits(first, each, dimensions)]
        line = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, service=service)
        for number, names in enumerate(sets):
            wanted = {"service": service} | {name: dimensions[name] for name in names}
            if number:
                line.add_dimensions(**wanted)
                continue
            for name, named in wanted.items():
                line.add_dimension(name, named)
        for measure, value in values.items():
            line.add_metric(measure.name, measure.unit, value)
        line.flush_metrics()


def _fits(measure: Measure, names: tuple[str, ...], dimensions: Mapping[str, str]) -> bool:
    """A counter is in all its sets at once. A gauge's sum over flywheels is a figure of its own."""
    return set(names) <= dimensions.keys() if measure.kind == "counter" else set(names) == dimensions.keys()


class StructuredLog:
    """Implements `ports.Log` with the logger that the function's own module has: one of that service's name."""

    def __init__(self) -> None:
        # Every function has loaded it; the command line need not.
        from aws_lambda_powertools import Logger  # noqa: PLC0415

        self._logger = Logger()

    def know(self, **ids: str | int) -> None:
        self._logger.append_keys(**ids)

    def forget(self, *names: str) -> None:
        self._logger.remove_keys(names)

    @contextmanager
    def about(self, **ids: str) -> Iterator[None]:
        with self._logger.append_context_keys(**ids):
            try:
                yield
            except GovernorError as error:
                self._logger.error(f"{type(error).__name__}: {error}")
                raise

    def warn(self, sentence: str) -> None:
        self._logger.warning(sentence)


class EventBridgeBus:
    """Implements `ports.EventBus` with the account's default bus."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        entry = {"Source": SOURCE, "DetailType": detail_type, "Detail": json.dumps(detail)}
        reply = call(self._client.put_events, Entries=[entry])
        if reply.get("FailedEntryCount"):
            # 200 with the fault inside is how this call says that it could not take an entry.
            raise ServiceBusyError(f"PutEvents: {reply['Entries'][0].get('ErrorCode')}.")
