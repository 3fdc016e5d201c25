"""What a budget that holds a flywheel would have had to pay for. Reads the ledger alone."""

from governor.domain.turn import Head
from governor.ports import Ports

_LOOKED_BACK = 20
"""Turns that found nothing to do may lie between: they leave a hold as it is."""


def held_because(ports: Ports, flywheel: str, head: Head | None) -> str | None:
    """Return what was spent, what comes next would cost, and the budget, in words; None if that is not what holds it.

    The turn that ended in the hold has said so in the turn log.
    """
    if head is None or head.hold is None or head.hold.reason != "Budget":
        return None
    return next((end.cause for end in ports.turns.latest(flywheel, _LOOKED_BACK) if end.outcome == "BUDGET"), None)
