"""What is measured: name, unit and dimensions of every metric, here and nowhere else.

Alarms and the dashboard in template.yaml are written against this list; a contract test compares the two, and both with
what the functions really emit. Every metric has the dimension `service`, which is the stack's name, in each of its
sets: two stacks in one account do not mix. A metric is billed for the hours in which it gets data, so what is about one
flywheel is emitted only when there is something to tell. Ages are in hours and days, as the thresholds of alarms are:
a template cannot multiply.
"""

from dataclasses import dataclass
from typing import Literal

NAMESPACE = "FlywheelGovernor"


@dataclass(frozen=True)
class Measure:
    """One metric.

    A counter is emitted once where the thing happens, in all its sets of dimensions. A gauge is emitted by sweep for
    the whole stack (the set without `flywheel`), and for each flywheel that has something to tell.
    """

    name: str
    kind: Literal["counter", "gauge"]
    unit: Literal["Count", "None"]
    dimensions: tuple[tuple[str, ...], ...]
    """Sets of dimensions besides `service`."""
    together: Literal["sum", "max"] = "sum"
    """How a gauge of the whole stack comes from those of its flywheels."""


_STACK: tuple[tuple[str, ...], ...] = ((),)
_BOTH: tuple[tuple[str, ...], ...] = ((), ("flywheel",))

TURNS_ENDED = Measure("TurnsEnded", "counter", "Count", (("outcome",), ("flywheel", "outcome")))
TURNS_FAILED = Measure("TurnsFailed", "counter", "Count", _BOTH)
ANALYSES_ENDED = Measure("AnalysesEnded", "counter", "Count", (("outcome",), ("flywheel", "outcome")))
ANALYSES_FAILED = Measure("AnalysesFailed", "counter", "Count", _BOTH)
"""Not those that only wait: for a first model, or for a quota."""
UPLOADS_REFUSED = Measure("UploadsRefused", "counter", "Count", _BOTH)
VERDICTS = Measure("Verdicts", "counter", "Count", (("verdict",), ("flywheel", "verdict")))
PROMOTIONS = Measure("Promotions", "counter", "Count", _BOTH)
ROLLBACKS = Measure("Rollbacks", "counter", "Count", _BOTH)
OVERRIDES = Measure("Overrides", "counter", "Count", _BOTH)
OUTSIDE_CHANGES = Measure("OutsideChanges", "counter", "Count", _BOTH)

TURN_AGE = Measure("TurnHours", "gauge", "None", _BOTH, "max")
"""Of a turn that waits for nobody: while people are asked, `ApprovalHours` counts."""
APPROVALS_WAITING = Measure("ApprovalsWaiting", "gauge", "Count", _BOTH)
APPROVAL_AGE = Measure("ApprovalHours", "gauge", "None", _BOTH, "max")
PENDING_UPLOADS = Measure("PendingUploads", "gauge", "Count", _BOTH)
PENDING_AGE = Measure("PendingHours", "gauge", "None", _BOTH, "max")
HELD_FLYWHEELS = Measure("HeldFlywheels", "gauge", "Count", _STACK)
MODEL_AGE = Measure("DaysSinceModelChanged", "gauge", "None", _STACK, "max")
ENDPOINT_UNITS = Measure("EndpointUnits", "gauge", "Count", _BOTH)
ENDPOINT_HOURS = Measure("EndpointHours", "gauge", "None", _BOTH, "max")
ENDPOINT_COST = Measure("EndpointDollarsPerDay", "gauge", "None", _BOTH)

ALL = (
    TURNS_ENDED,
    TURNS_FAILED,
    ANALYSES_ENDED,
    ANALYSES_FAILED,
    UPLOADS_REFUSED,
    VERDICTS,
    PROMOTIONS,
    ROLLBACKS,
    OVERRIDES,
    OUTSIDE_CHANGES,
    TURN_AGE,
    APPROVALS_WAITING,
    APPROVAL_AGE,
    PENDING_UPLOADS,
    PENDING_AGE,
    HELD_FLYWHEELS,
    MODEL_AGE,
    ENDPOINT_UNITS,
    ENDPOINT_HOURS,
    ENDPOINT_COST,
)
