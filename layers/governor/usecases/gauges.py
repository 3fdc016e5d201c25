"""What sweep measures: what waits, what is at work, what is old and what costs money. Reads, and emits gauges."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from governor.domain.approval import Approval, shown_state
from governor.domain.batch import NO_BASELINE
from governor.domain.errors import PolicyMissingError
from governor.domain.measures import (
    APPROVAL_AGE,
    APPROVALS_WAITING,
    ENDPOINT_COST,
    ENDPOINT_HOURS,
    ENDPOINT_UNITS,
    HELD_FLYWHEELS,
    MODEL_AGE,
    PENDING_AGE,
    PENDING_UPLOADS,
    TURN_AGE,
    Measure,
)
from governor.domain.moments import from_text, seconds_between
from governor.domain.pricing import UNIT_HOUR
from governor.domain.turn import Head
from governor.ports import Ports
from governor.usecases.approval_question import approval_of

Gauges = Mapping[Measure, float]
_OF_A_FLYWHEEL = (TURN_AGE, APPROVALS_WAITING, APPROVAL_AGE, PENDING_UPLOADS, PENDING_AGE)
_OF_THE_STACK = (*_OF_A_FLYWHEEL, HELD_FLYWHEELS)
_OF_ENDPOINTS = (ENDPOINT_UNITS, ENDPOINT_HOURS, ENDPOINT_COST)
_DAY, _HOUR = 24 * 3600, 3600


def read_gauges(ports: Ports, flywheel: str, head: Head | None, now: datetime, *, closely: bool) -> Gauges:
    """Return what there is to tell of one flywheel. `closely`: its endpoints too, which is a call to Comprehend."""
    found: dict[Measure, float] = dict.fromkeys(_OF_THE_STACK, 0.0)
    approval = approval_of(ports, flywheel, head) if head is not None else None
    if approval is not None and shown_state(approval, now) == "OPEN":
        found |= {APPROVALS_WAITING: 1, APPROVAL_AGE: _asked_for(approval, now) / _HOUR}
    elif head is not None and head.state == "RUNNING" and head.since is not None:
        found[TURN_AGE] = _since(head.since, now) / _HOUR
    if ports.uploads.anything_pending(flywheel):
        since = [from_text(each.pending.partition("#")[0]) for each in ports.uploads.pending(flywheel) if each.pending]
        oldest = max((_since(each, now) for each in since), default=0.0)
        found |= {PENDING_UPLOADS: len(since), PENDING_AGE: oldest / _HOUR}
    hold = head.hold if head is not None else None
    if hold is not None and hold.reason == "TornDown":  # nobody waits for it, and its model is gone
        return found | (_of_its_endpoints(ports, flywheel, head, now) if closely else {})
    if hold is not None and hold.binds(now):
        found[HELD_FLYWHEELS] = 1
    changed = _model_changed(ports, flywheel)
    if changed is not None:
        found[MODEL_AGE] = _since(changed, now) / _DAY
    return found | (_of_its_endpoints(ports, flywheel, head, now) if closely else {})


def emit_gauges(ports: Ports, found: Mapping[str, Gauges], *, closely: bool) -> None:
    """Emit the whole stack's gauges, and each flywheel's own if it has something to tell."""
    wanted = [*_OF_THE_STACK, *(_OF_ENDPOINTS if closely else ())]
    stack = {each: _together(each, found.values()) for each in wanted}
    if any(MODEL_AGE in each for each in found.values()):
        stack[MODEL_AGE] = _together(MODEL_AGE, found.values())
    ports.meter.record(stack)
    for flywheel, gauges in found.items():
        own = {each: gauges.get(each, 0.0) for each in wanted if ("flywheel",) in each.dimensions}
        if any(own.values()):
            ports.meter.record(own, flywheel=flywheel)


def _together(measure: Measure, found: Iterable[Gauges]) -> float:
    values = [gauges.get(measure, 0.0) for gauges in found]
    return sum(values) if measure.together == "sum" else max(values, default=0.0)


def _asked_for(approval: Approval, now: datetime) -> float:
    return 0.0 if approval.mailed_at is None else _since(approval.mailed_at, now)


def _model_changed(ports: Ports, flywheel: str) -> datetime | None:
    serving, last = ports.serving.read(flywheel), ports.serving.last_change(flywheel)
    return last.at if last is not None and serving is not None and serving.active != NO_BASELINE else None


def _of_its_endpoints(ports: Ports, flywheel: str, head: Head | None, now: datetime) -> dict[Measure, float]:
    """The one that the policy names, and every other that follows the flywheel, whoever made it: all of them cost."""
    named, followed = _named_endpoint(ports, flywheel), head.flywheel_arn if head is not None else None
    found = [
        each
        for each in ports.endpoints.every()
        if each.status != "FAILED" and (each.arn == named or (followed is not None and each.flywheel_arn == followed))
    ]
    if not found:
        return {}
    units = sum(each.units for each in found)
    return {
        ENDPOINT_UNITS: units,
        ENDPOINT_HOURS: max(_since(each.created, now) for each in found) / _HOUR,
        ENDPOINT_COST: units * UNIT_HOUR * 24,
    }


def _named_endpoint(ports: Ports, flywheel: str) -> str | None:
    try:
        policy = ports.policies.current(flywheel).policy
    except PolicyMissingError:
        return None
    if policy.serving is None:
        return None
    return ports.endpoints.arn(policy.serving.endpoint_of(flywheel), policy.flywheel.data_mode)


def _since(moment: datetime, now: datetime) -> float:
    return max(0.0, seconds_between(moment, now))
