"""Asking for a turn: publish, then look.

Whoever has made work (or released a turn) looks whether an execution should start.
"""

import json
from typing import Literal

from governor.domain.turn import execution_name, may_start
from governor.ports import Ports

_MOST_BURNT = 3


def request_turn(ports: Ports, flywheel: str, *, new_upload: bool = False) -> Literal["STARTED", "NOT_NOW"]:
    """Start the execution that may take the next turn, if there is work and nothing forbids it.

    Only the execution itself takes the turn, so nothing needs healing if this is called twice or dies half-way. A
    turn number whose execution closed before it took the turn is burnt: it is skipped, at most three a call.
    """
    for burnt in range(_MOST_BURNT + 1):
        head = ports.heads.read(flywheel)
        pending = ports.uploads.anything_pending(flywheel)
        if not may_start(head, anything_pending=pending, now=ports.clock.now(), new_upload=new_upload):
            return "NOT_NOW"
        turn = (head.turn if head is not None else 0) + 1
        payload = json.dumps({"flywheel": flywheel, "turn": turn}, separators=(",", ":"))
        if ports.machine.start(execution_name(flywheel, turn), payload):
            return "STARTED"
        if burnt < _MOST_BURNT:
            ports.heads.skip(flywheel, turn)
    return "NOT_NOW"
