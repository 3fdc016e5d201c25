"""Reads what became of the question: the row decides, and only for the question as it stands now."""

from typing import Literal

from governor.contracts import ReadDecisionOutput, Step
from governor.domain.approval import TOO_MANY_CODES, Approval, ApprovalState, Ending, Reading, read_row
from governor.domain.errors import ServiceBusyError
from governor.domain.outcome import outcome_of_decision
from governor.ports import Notice, Ports
from governor.usecases.approval_question import read_question
from governor.usecases.notices import announce, make

_MOVED = "What it asked about has changed since: the active model, the verdict or the policy is another one."
_TOO_LATE = "Nobody answered in time, so the active model stays."
_WHY: dict[Ending, str] = {"EXPIRED": _TOO_LATE, "SUPERSEDED": _MOVED, "CANCELLED": TOO_MANY_CODES}
_TOLD: dict[str, ApprovalState] = {"EXPIRED": "EXPIRED", "JUDGE_AGAIN": "SUPERSEDED"}
"""With which word people are told that the row has ended; also if an attempt that crashed had ended it."""


def read_decision(ports: Ports, step: Step) -> ReadDecisionOutput:
    """Expire what is past its time, supersede what has moved, and return what follows.

    Raises TurnLostError; ServiceBusyError if somebody answered at the very moment the row was to end, and the machine
    looks again.
    """
    question = read_question(ports, step)
    now = ports.clock.now()
    row, reading = question.row, read_row(question.row, question.binding, question.work.record.approval_expires, now)
    if row is not None and reading.end is not None:
        if not ports.approvals.end(row.id, reading.end, _WHY[reading.end], now):
            raise ServiceBusyError("The approval was answered at this very moment; look again.")
        row = ports.approvals.read(row.id)
    if row is not None and row.state == _TOLD.get(reading.word):
        announce(ports, step.flywheel, approval_closed(row))
    return _output(row, reading)


def _output(row: Approval | None, reading: Reading) -> ReadDecisionOutput:
    match reading.word:
        case "APPROVED" | "REJECTED" if row is not None:
            verb = "Approved" if reading.word == "APPROVED" else "Rejected"
            hold: Literal["Rejected"] | None = (
                "Rejected" if outcome_of_decision(reading.word).hold == "Rejected" else None
            )
            return ReadDecisionOutput(word=reading.word, reason=f"{verb} by {row.person}: {row.reason}", hold=hold)
        case "EXPIRED":
            return ReadDecisionOutput(word="EXPIRED", reason=_TOO_LATE)
        case "JUDGE_AGAIN":
            return ReadDecisionOutput(word="JUDGE_AGAIN", reason=_MOVED)
    return ReadDecisionOutput(word="ASK_AGAIN", reason="Nobody has answered yet.")


def approval_closed(row: Approval) -> Notice:
    """Return the notice that a row which has ended cannot be answered any more; the same for every attempt to tell."""
    expired = row.state == "EXPIRED"
    lines = [
        f"The question whether the model of batch {row.batch} may become active in flywheel {row.flywheel} is closed.",
        row.end_reason or "",
        *([f"{row.person} had answered: {row.reason}"] if row.by else []),
        "",
        "The active model is unchanged."
        if expired
        else "The candidate is judged again; if approval is still needed, a new mail is sent.",
        f"Candidate: {row.candidate}",
    ]
    subject = f"[{row.flywheel}] Approval {'expired' if expired else 'withdrawn'}: batch {row.batch}"
    told = {"batch": row.batch, "state": row.state, "candidate": row.candidate}
    at, body = row.ended_at or row.expires, "\n".join(lines)
    return make("ApprovalClosed", at, subject, body, row.flywheel, row.id, **told)
