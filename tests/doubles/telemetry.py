"""What the functions print and send for an operator's tools, kept for the tests."""

import io
import json
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from governor.adapters.telemetry import EmbeddedMeter, EventBridgeBus
from governor.domain.measures import ALL, Measure
from tests.doubles.template import ROOT

_MEASURES = {measure.name: measure for measure in ALL}


@dataclass(frozen=True)
class Point:
    """One value of one metric in one set of dimensions."""

    name: str
    unit: str
    dimensions: frozenset[tuple[str, str]]
    value: float

    @property
    def names(self) -> frozenset[str]:
        """The dimensions' names."""
        return frozenset(name for name, _ in self.dimensions)


class PrintedMeter(EmbeddedMeter):
    """The application's own meter; what it prints is kept, as CloudWatch would read it."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def record(self, values: Mapping[Measure, float], **dimensions: str) -> None:
        printed = io.StringIO()
        with redirect_stdout(printed):
            super().record(values, **dimensions)
        lines = [json.loads(line) for line in printed.getvalue().splitlines()]
        assert lines, "a metric that is emitted in no set of dimensions is lost"
        for point in (point for line in lines for point in _points(line)):
            declared = _MEASURES[point.name]
            assert point.unit == declared.unit
            assert point.names in [{"service", *names} for names in declared.dimensions], point
        self.lines += lines

    def points(self, name: str | None = None, **dimensions: str) -> list[Point]:
        """Return every value of a metric in exactly these dimensions besides `service`; without arguments all."""
        found = [point for line in self.lines for point in _points(line)]
        if name is None:
            return found
        wanted = frozenset(dimensions.items())
        return [
            each
            for each in found
            if each.name == name and frozenset(item for item in each.dimensions if item[0] != "service") == wanted
        ]

    def values(self, name: str, **dimensions: str) -> list[float]:
        """Return the values of `points`."""
        return [each.value for each in self.points(name, **dimensions)]


@cache
def schema(detail_type: str) -> dict[str, Any]:
    """Return the published schema of an event's detail."""
    path = ROOT / "docs" / "events" / f"{detail_type.lower().replace(' ', '-')}.v1.json"
    found: dict[str, Any] = json.loads(path.read_text())
    return found


class KeptBus(EventBridgeBus):
    """The application's own bus; what was sent is held against its schema and kept."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.broken = False

    def send(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        super().send(detail_type, detail)
        read = json.loads(json.dumps(detail, allow_nan=False))
        Draft202012Validator(schema(detail_type)).validate(read)
        # It may grow fields for those who read it, but whoever adds one publishes it.
        assert read.keys() == schema(detail_type)["properties"].keys(), detail_type
        self.sent.append((detail_type, read))


def _points(line: dict[str, Any]) -> list[Point]:
    found = []
    for directive in line["_aws"]["CloudWatchMetrics"]:
        assert directive["Namespace"] == "FlywheelGovernor"
        for names in directive["Dimensions"]:
            dimensions = frozenset((name, line[name]) for name in names)
            for metric in directive["Metrics"]:
                found += [Point(metric["Name"], metric["Unit"], dimensions, value) for value in line[metric["Name"]]]
    return found
