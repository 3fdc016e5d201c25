"""What an operator wants to know of a flywheel at a glance. Reads the ledger alone, and writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from governor.domain.approval import shown_state
from governor.domain.batch import NO_BASELINE
from governor.domain.budget import spent_in_month
from governor.domain.errors import AccessRefusedError, PolicyMissingError
from governor.domain.moments import OPEN_END
from governor.domain.next_step import PolicyState, Waiting, next_step
from governor.domain.turn import Head, Hold
from governor.domain.upload import place_of, upload_id
from governor.domain.verdict import Metrics
from governor.ports import BatchRecord, Ports, Serving, ServingChange, VerdictRecord
from governor.usecases.held_because import held_because
from governor.usecases.last_failure import LastFailure, last_failure
from governor.usecases.last_word import deciding_recheck, told

_JUST_NOW = timedelta(minutes=15)
"""What no event announced for longer sweep records."""
History = list[tuple[BatchRecord, list[VerdictRecord]]]


@dataclass(frozen=True)
class Documents:
    """Documents to be analysed: how many files wait, whether a job answers them now, and what they rest for."""

    files: int
    at_work: bool
    hold: Hold | None


@dataclass(frozen=True)
class FlywheelStatus:
    """One flywheel now.

    `policy_version` 0: none. `policy_fault`: why the policy cannot be used, if it cannot. `metrics`: the active
    model's, of the exam that it sat last. `spent_this_month`: what its trainings and exams cost, in US dollars;
    `budget`: of a month, None if there is none. `failure`: of the last turn that failed, until one does not.
    `exam_usd`: what the open batch's exam is estimated to cost, until it is judged; 0.0 if there is none, nothing is
    known of it, or all models have sat it for earlier batches. `held_because`: what a hold for the budget is about.
    """

    name: str
    policy_version: int
    serving: Serving | None
    last_change: ServingChange | None
    metrics: Metrics | None
    head: Head | None
    waiting: Waiting
    last_batch: BatchRecord | None
    next_step: str
    documents: Documents
    policy_fault: str | None = None
    spent_this_month: float = 0.0
    budget: float | None = None
    failure: LastFailure | None = None
    exam_usd: float = 0.0
    held_because: str | None = None


def flywheels(ports: Ports) -> list[str]:
    """Return the names of all flywheels that have a policy or ever took a turn."""
    return sorted({*ports.heads.names(), *ports.policies.names()})


def was_torn_down(ports: Ports, name: str) -> bool:
    """Tell whether the flywheel was torn down to its end and nobody began it anew: it waits for nobody.

    One that is half torn down waits for somebody to go on with it.
    """
    head = ports.heads.read(name)
    if head is None or head.state == "RUNNING" or head.hold is None or head.hold.reason != "TornDown":
        return False
    teardown = ports.teardowns.read(name)
    return teardown is not None and teardown.ended is not None


def status_of(ports: Ports, name: str, now: datetime) -> FlywheelStatus:
    """Return the status; of a name that nothing is known of, an empty one."""
    head, serving, version = ports.heads.read(name), ports.serving.read(name), ports.policies.version(name)
    history = ports.batches.history(name)
    fault = _policy_fault(ports, name) if version else None
    waiting = Waiting(
        admitted=len(ports.uploads.admitted_before(name, OPEN_END)),
        pending=len(ports.uploads.pending(name)),
        asked_until=_asked_until(ports, name, head, now),
    )
    exam_usd = _exam_usd(head, history)
    return FlywheelStatus(
        name=name,
        policy_version=version,
        serving=serving,
        last_change=ports.serving.last_change(name),
        metrics=metrics_of(history, serving.active) if serving is not None else None,
        head=head,
        waiting=waiting,
        last_batch=_as_it_ended(*history[-1]) if history else None,
        next_step=next_step(name, head, waiting, policy=_state(version, fault), now=now, exam_usd=exam_usd),
        documents=_documents(ports, name, now),
        policy_fault=fault,
        spent_this_month=spent_in_month((cost for record, _ in history for cost in record.costs), now),
        budget=_budget(ports, name) if version and fault is None else None,
        failure=last_failure(ports, name, head),
        exam_usd=exam_usd,
        held_because=held_because(ports, name, head) if _is_held(head, now) else None,
    )


def _as_it_ended(record: BatchRecord, verdicts: Sequence[VerdictRecord]) -> BatchRecord:
    """Return the batch with the word and the reason of the judgement that decided."""
    recheck = deciding_recheck(record, verdicts[-1]) if verdicts else None
    return record if recheck is None else replace(record, verdict=recheck.word, reason=told(recheck, recheck.reason))


def _exam_usd(head: Head | None, history: History) -> float:
    """Return the estimate of the exam, once it is prepared; until then the one that the batch was planned with."""
    if head is None or head.batch is None or head.batch.phase == "JUDGED":
        return 0.0
    record = next((record for record, _ in reversed(history) if record.id == head.batch.id), None)
    if record is None:
        return 0.0
    return record.exam.cost_usd if record.exam is not None else record.likely_exam_usd


def _budget(ports: Ports, name: str) -> float | None:
    return ports.policies.current(name).policy.budget_usd_per_month


def _policy_fault(ports: Ports, name: str) -> str | None:
    try:
        ports.policies.current(name)
    except PolicyMissingError as error:
        return str(error)
    return None


def _state(version: int, fault: str | None) -> PolicyState:
    if version == 0:
        return "MISSING"
    return "SOUND" if fault is None else "UNUSABLE"


def unrecorded(ports: Ports, name: str, now: datetime) -> int:
    """Return how many files were dropped just now and are not in the ledger yet: their events are on their way.

    Needs the right to list the inbox bucket's versions.
    """
    lately: dict[bool, list[str]] = {True: [], False: []}
    for version in ports.inbox.all_versions(name):
        place = place_of(version.key)
        if place is not None and not version.is_delete_marker and now - version.modified <= _JUST_NOW:
            identity = upload_id(ports.inbox.bucket, version.key, version.version)
            lately[place.kind == "documents"].append(identity)
    known = ports.documents.known(name, lately[True]) | ports.uploads.known(name, lately[False])
    return len({*lately[True], *lately[False]} - known)


def rests(ports: Ports, status: FlywheelStatus) -> bool:
    """Tell whether nothing will happen until somebody does something."""
    now = ports.clock.now()
    if not _looks_at_rest(status, now):
        return False
    if status.waiting.asked_until is not None or _is_held(status.head, now):
        return True
    try:
        if unrecorded(ports, status.name, now):
            return False
    except AccessRefusedError:
        # Whoever may not look into the inbox sees what the ledger has.
        return True
    # A file that was recorded since the status was read is in neither.
    return _looks_at_rest(status_of(ports, status.name, now), now)


def _looks_at_rest(status: FlywheelStatus, now: datetime) -> bool:
    head, waiting = status.head, status.waiting
    if waiting.asked_until is not None:
        return True
    if head is not None and head.state == "RUNNING":
        return False
    return _is_held(head, now) or not (
        waiting.admitted or waiting.pending or (head is not None and head.batch is not None)
    )


def _is_held(head: Head | None, now: datetime) -> bool:
    return head is not None and head.state != "RUNNING" and head.hold is not None and head.hold.binds(now)


def _documents(ports: Ports, name: str, now: datetime) -> Documents:
    head = ports.analyses.read(name)
    files = len(ports.documents.admitted_before(name, OPEN_END)) + len(ports.documents.pending(name))
    hold = head.hold if head is not None and head.state == "IDLE" and files else None
    return Documents(
        files, head is not None and head.state == "RUNNING", hold if hold is not None and hold.binds(now) else None
    )


def metrics_of(history: History, model: str) -> Metrics | None:
    """Return the model's averages on the exam that it sat last, as candidate or as baseline."""
    if model == NO_BASELINE:
        return None
    for _, verdicts in reversed(history):
        for verdict in reversed(verdicts):
            if verdict.candidate == model and verdict.exam.candidate_metrics is not None:
                return verdict.exam.candidate_metrics
            if verdict.exam.scored_baseline == model and verdict.exam.baseline_metrics is not None:
                return verdict.exam.baseline_metrics
    return None


def _asked_until(ports: Ports, name: str, head: Head | None, now: datetime) -> datetime | None:
    if head is None or head.batch is None:
        return None
    record = ports.batches.read(name, head.batch.id)
    row = ports.approvals.read(record.approval) if record.approval is not None else None
    return row.expires if row is not None and shown_state(row, now) == "OPEN" else None
