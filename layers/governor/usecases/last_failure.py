"""Why the last turn of a flywheel failed, as long as nothing has made its failures good. Reads the ledger alone."""

from dataclasses import dataclass
from typing import get_args

from governor.contracts.turn import Ending
from governor.domain.turn import Head, counts_as_failure
from governor.ports import Ports
from governor.usecases.approval_question import approval_of

_LOOKED_BACK = 20
"""Turns that count as no failure may lie between: such as found too few documents, a full quota or no policy."""


@dataclass(frozen=True)
class LastFailure:
    """The failures in a row that the head counts, and the last one. `cause`: a sentence, mostly with its remedy."""

    in_a_row: int
    turn: int
    error: str
    cause: str


def last_failure(ports: Ports, flywheel: str, head: Head | None) -> LastFailure | None:
    """Return what the turn log says of it; None if no failure counts, or none of the last turns is on record as one.

    None also while people are asked: whatever failed before, the turn that asks them got past it.
    """
    if head is None or head.failures == 0:
        return None
    asked = approval_of(ports, flywheel, head)
    if head.state == "RUNNING" and asked is not None and asked.state == "OPEN":
        return None
    for end in ports.turns.latest(flywheel, _LOOKED_BACK):
        if end.outcome not in get_args(Ending) and counts_as_failure(end.outcome):
            return LastFailure(head.failures, end.turn, end.outcome, end.cause)
    return None
