"""Answers a flywheel's open approval with the caller's IAM identity instead of a mail's code.

The right to do so is the right to write the approvals table. Sweep wakes the waiting execution.
"""

from governor.domain.approval import Answer, Approval, shown_state
from governor.domain.errors import NothingToAnswerError, UnknownFlywheelError
from governor.ports import Ports


def answer_by_name(
    ports: Ports, flywheel: str, batch: int | None, answer: Answer, *, by: str, because: str
) -> Approval:
    """Record the answer and return the row as it is then. `batch`: which one is meant; None = whichever is asked about.

    Raises NothingToAnswerError, with what became of the approval if there was one.
    """
    row = open_approval(ports, flywheel, batch)
    if not ports.approvals.decide(row.id, answer, by=by, reason=because, now=ports.clock.now(), proof="iam"):
        row = ports.approvals.read(row.id) or row
        raise NothingToAnswerError(
            f"The approval of batch {row.batch} of flywheel {flywheel} is {shown_state(row, ports.clock.now())} by now"
            + (f": {row.person}, {row.reason}" if row.by else ".")
        )
    return ports.approvals.read(row.id) or row


def open_approval(ports: Ports, flywheel: str, batch: int | None) -> Approval:
    """Return the approval that people are asked for now. Raises NothingToAnswerError and UnknownFlywheelError."""
    head = ports.heads.read(flywheel)
    if head is None and not ports.policies.version(flywheel):
        raise UnknownFlywheelError(f"Nothing is known of a flywheel named {flywheel}. Look for a slip in the name.")
    if head is None or head.batch is None:
        raise NothingToAnswerError(f"Flywheel {flywheel} has no batch in work, so nobody is asked for anything.")
    if batch is not None and batch != head.batch.id:
        raise NothingToAnswerError(f"Flywheel {flywheel} is at batch {head.batch.id}, not {batch}.")
    record = ports.batches.read(flywheel, head.batch.id)
    row = ports.approvals.read(record.approval) if record.approval is not None else None
    if row is None:
        raise NothingToAnswerError(f"Nobody is asked about batch {head.batch.id} of flywheel {flywheel} (yet).")
    return row
