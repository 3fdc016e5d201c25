"""Asking for an execution of the machine `analysis`: publish, then look, as for a turn."""

import json
from typing import Literal

from governor.domain.analysis import execution_name, may_start
from governor.domain.batch import NO_BASELINE
from governor.ports import Ports

_MOST_BURNT = 3


def request_analysis(ports: Ports, flywheel: str) -> Literal["STARTED", "NOT_NOW"]:
    """Start the execution that may analyse what waits, if something does and nothing forbids it.

    Whoever has made documents wait, or released the row, calls this afterwards. Only the execution itself takes the
    row, so it does no harm to call it twice. A number that was used up by a dead execution is skipped.
    """
    for burnt in range(_MOST_BURNT + 1):
        head = ports.analyses.read(flywheel)
        held = head is not None and head.hold is not None
        if not may_start(
            head,
            anything_pending=ports.documents.anything_pending(flywheel),
            has_model=held and has_model(ports, flywheel),
            policy_version=ports.policies.version(flywheel) if held else 0,
            now=ports.clock.now(),
        ):
            return "NOT_NOW"
        number = (head.number if head is not None else 0) + 1
        payload = json.dumps({"flywheel": flywheel, "number": number}, separators=(",", ":"))
        if ports.analysis_machine.start(execution_name(flywheel, number), payload):
            return "STARTED"
        if burnt < _MOST_BURNT:
            ports.analyses.skip(flywheel, number)
    return "NOT_NOW"


def has_model(ports: Ports, flywheel: str) -> bool:
    """Tell whether a model is active as far as the ledger knows."""
    serving = ports.serving.read(flywheel)
    return serving is not None and serving.active != NO_BASELINE
