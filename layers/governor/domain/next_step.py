"""What a flywheel does next, in a sentence for people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from governor.domain.moments import OPEN_END
from governor.domain.pricing import dollars
from governor.domain.turn import Head, Phase

AT_WORK: dict[Phase, str] = {
    "PLANNED": "registering the batch's datasets",
    "REGISTERED": "training: an iteration runs",
    "TRAINED": "models sit the exam, then the candidate is judged",
    "JUDGED": "promoting, or asking people",
}
"""What a turn is doing while its batch has this phase."""
CURES = {
    "Regression": "a person decides: `governor resume {name}`, or a second flywheel from the active model",
    "Rejected": "a person decides: `governor resume {name}`",
    "ServingFailed": "a person looks at the model and its smoke documents, then `governor resume {name}`",
    "NeedsYou": "correct the cause, then `governor resume {name}`",
    "Aborted": "`governor resume {name}`",
    "PolicyMissing": "`governor policy apply FILE`",
    "TooFewDocuments": "drop more files",
    "Budget": "goes on next month, or with a higher budget_usd_per_month in its policy",
    "QuotaFull": "ask for a higher quota, or delete what is not needed",
    "NoActiveModel": "documents wait for the first active model",
    "TornDown": "it was torn down; `governor resume {name}` begins it anew",
    "Failure": "tries again by itself",
}
"""What ends a hold, by its reason."""


PolicyState = Literal["SOUND", "MISSING", "UNUSABLE"]

_NO_POLICY = {
    "MISSING": "write its policy: `governor policy apply FILE`",
    "UNUSABLE": "its policy cannot be used: `governor doctor` says why, `governor policy show {name}` shows it",
}


@dataclass(frozen=True)
class Waiting:
    """What waits: uploads not inspected yet, uploads that are, and people, who are asked until `asked_until`."""

    admitted: int = 0
    pending: int = 0
    asked_until: datetime | None = None


def next_step(
    name: str, head: Head | None, waiting: Waiting, *, policy: PolicyState, now: datetime, exam_usd: float = 0.0
) -> str:
    """Return what happens next and what it takes. `exam_usd`: the estimate of the open batch's exam, 0.0 if none."""
    if head is not None and head.state == "RUNNING":
        return _at_work(head, waiting, exam_usd)
    if head is not None and head.hold is not None and head.hold.binds(now):
        cure = CURES[head.hold.reason].format(name=name)
        return f"held until {_short(head.hold.until)}: {cure}" if head.hold.until < OPEN_END else f"held: {cure}"
    if policy != "SOUND":
        return _NO_POLICY[policy].format(name=name)
    if head is not None and head.batch is not None:
        return f"a turn resumes batch {head.batch.id} within a minute{_exam(exam_usd)}"
    if waiting.admitted:
        return "inspecting uploads"
    return "a turn starts within a minute" if waiting.pending else "waits for uploads"


def _at_work(head: Head, waiting: Waiting, exam_usd: float) -> str:
    if head.batch is None:
        return "waiting for quiet, then planning a batch"
    if waiting.asked_until is None:
        return AT_WORK[head.batch.phase] + _exam(exam_usd)
    until = _short(waiting.asked_until)
    return f"people are asked about batch {head.batch.id} until {until}: `governor approve`"


def _exam(usd: float) -> str:
    return f"; estimated cost of the exam: {dollars(usd)}" if usd else ""


def _short(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
