"""Heals what crashes, lost events and the passing of time leave behind.

Runs every minute, and for executions that ended badly.

It frees dead turns, sends stale uploads to inspection again, records objects that no event announced, wakes
approvals, lifts holds, settles promotions that were left half-way, notes changes made past this application, mails
notices that did not go out, reports endpoints that are too old and gives them the inference units that a policy was
changed to, deletes model versions that no policy keeps, and asks for turns. It never calls UpdateFlywheel.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from governor.domain.approval import needs_wake
from governor.domain.errors import GovernorError
from governor.domain.measures import OVERRIDES, PROMOTIONS, ROLLBACKS, Measure
from governor.domain.turn import (
    STALE_ADMISSION,
    Head,
    counts_as_failure,
    hold_after_failure,
    lifted_by_policy,
    may_free,
    next_hold,
)
from governor.domain.upload import NO_FLYWHEEL, ObjectVersion, is_read_in_place, place_of, upload_id
from governor.ports import Ports, ServingChange
from governor.usecases.admit_uploads import admit_version
from governor.usecases.approval_question import approval_of
from governor.usecases.end_turn import backoff_base_seconds, count_end
from governor.usecases.gauges import Gauges, emit_gauges, read_gauges
from governor.usecases.notices import active_model_changed, deliver, flywheel_held, order_carried_out, turn_failed
from governor.usecases.prepare_flywheel import note_active_model
from governor.usecases.request_turn import request_turn
from governor.usecases.resize_endpoint import resize_endpoint
from governor.usecases.retire_models import retire_models
from governor.usecases.sweep_analyses import sweep_analyses, sweep_ended_analysis
from governor.usecases.watch_endpoint import watch_endpoint

_LISTED_TOGETHER = 1000
SETTLE_AFTER = timedelta(seconds=120)
"""promote_model runs 30 s at most; only long after that may its claim be settled by somebody else."""
_COUNTED: dict[str, Measure] = {"promote": PROMOTIONS, "rollback": ROLLBACKS, "override": OVERRIDES}
LOOK_EVERY = timedelta(minutes=15)
"""How often the inbox is listed, Comprehend asked for drift, and what was not inspected sent to inspection again."""


@dataclass(frozen=True)
class Fault:
    """What could not be swept, and why; everything else was."""

    subject: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.sentence}"


@dataclass(frozen=True)
class Swept:
    """What became of one sweep."""

    flywheels: int
    faults: tuple[Fault, ...] = ()


def sweep(ports: Ports, *, look_closely: bool) -> Swept:
    """Sweep all flywheels; `look_closely` also does what is due only every `LOOK_EVERY`."""
    faults: list[Fault] = []
    gauges: dict[str, Gauges] = {}
    names = {*ports.heads.names(), *ports.policies.names()}
    for name in sorted(names):
        ports.log.know(flywheel=name)
        _attempt(faults, name, sweep_flywheel, ports, name, look_closely, faults)
        _attempt(faults, name, _look_at, ports, name, look_closely, gauges)
    ports.log.forget("flywheel")
    _attempt(faults, "metrics", _emit, ports, gauges, look_closely)
    _attempt(faults, "objects outside the layout", send_notices, ports, NO_FLYWHEEL)
    if look_closely:
        # Last, because a large inbox may take all the time there is.
        _attempt(faults, "the inbox", _sweep_inbox, ports, names, faults)
    return Swept(len(names), tuple(faults))


def _look_at(ports: Ports, flywheel: str, closely: bool, gauges: dict[str, Gauges]) -> None:
    gauges[flywheel] = read_gauges(ports, flywheel, ports.heads.read(flywheel), ports.clock.now(), closely=closely)


def _emit(ports: Ports, gauges: dict[str, Gauges], closely: bool) -> None:
    emit_gauges(ports, gauges, closely=closely)


def is_close_look_due(now: datetime) -> bool:
    """Tell whether the scheduled sweep of this minute is one that looks closely."""
    return now.minute % (LOOK_EVERY // timedelta(minutes=1)) == 0


def sweep_ended_execution(ports: Ports, execution: str) -> None:
    """Free the turn that an execution held when it ended badly; nothing to do if it had released it."""
    for name in ports.heads.names():
        head = ports.heads.read(name)
        if head is not None and head.holder == execution:
            free_dead_turn(ports, name, head)
            request_turn(ports, name)
        sweep_ended_analysis(ports, name, execution)


def sweep_flywheel(ports: Ports, flywheel: str, look_closely: bool, faults: list[Fault]) -> None:
    """Do everything that time or a crash may ask for, then look for work. What fails does not keep the rest undone."""
    head = ports.heads.read(flywheel)
    if head is not None:
        closely = [_note_drift, watch_endpoint, resize_endpoint, retire_models] if look_closely else []
        for act in (free_dead_turn, wake_approval, _lift_hold, settle_serving, *closely):
            _attempt(faults, flywheel, act, ports, flywheel, head)
    if look_closely:
        _attempt(faults, flywheel, _inspect_again, ports, flywheel)
    request_turn(ports, flywheel)
    _attempt(faults, flywheel, sweep_analyses, ports, flywheel, look_closely)
    send_notices(ports, flywheel)


def _inspect_again(ports: Ports, flywheel: str) -> None:
    """Not every minute: what waits in a long queue, or can never be inspected, would be sent over and over."""
    for upload in ports.uploads.admitted_before(flywheel, ports.clock.now() - STALE_ADMISSION):
        ports.inspect_queue.send(flywheel, upload.id)


def _sweep_inbox(ports: Ports, swept: set[str], faults: list[Fault]) -> None:
    """Record what no event announced; sweep the flywheels that have uploads, but neither a policy nor a turn yet."""
    for name in sorted(find_unannounced(ports) - swept):
        _attempt(faults, name, sweep_flywheel, ports, name, True, faults)


def find_unannounced(ports: Ports) -> set[str]:
    """Record every object version of the inbox that no event announced; return whose data are in the inbox."""
    seen: set[str] = set()
    versions = (version for version in ports.inbox.all_versions(None) if not version.is_delete_marker)
    while some := list(itertools.islice(versions, _LISTED_TOGETHER)):
        by_flywheel: dict[tuple[str, bool], dict[str, ObjectVersion]] = defaultdict(dict)
        for version in some:
            if is_read_in_place(version.key):
                continue
            place = place_of(version.key)
            flywheel = place.flywheel if place is not None else NO_FLYWHEEL
            documents = place is not None and place.kind == "documents"
            identity = upload_id(ports.inbox.bucket, version.key, version.version)
            by_flywheel[flywheel, documents][identity] = version
        for (flywheel, documents), found in by_flywheel.items():
            rows = ports.documents if documents else ports.uploads
            for unknown in found.keys() - rows.known(flywheel, list(found)):
                admit_version(ports, found[unknown])
            seen.add(flywheel)
    return seen - {NO_FLYWHEEL}


def free_dead_turn(ports: Ports, flywheel: str, head: Head) -> None:
    """Release a turn whose holder can no longer do anything.

    One that a person aborted also holds the flywheel and cancels its approval.
    """
    if head.state != "RUNNING" or head.holder is None:
        return
    execution = ports.machine.describe(head.holder)
    now = ports.clock.now()
    status, stopped = (None, None) if execution is None else (execution.status, execution.stopped)
    if not may_free(head, status=status, stopped=stopped, now=now):
        return
    error = "Aborted" if status == "ABORTED" else "TurnDied"
    cause = f"The execution {head.holder} is {status or 'not known to Step Functions'} and had not released the turn."
    if error == "Aborted":
        _cancel_approval(ports, flywheel, head, now)
    version = ports.policies.version(flywheel)
    failures = head.failures + counts_as_failure(error)
    backoff = backoff_base_seconds(ports, flywheel)
    new = hold_after_failure(error, failures=failures, backoff_base_seconds=backoff, policy_version=version, now=now)
    hold = next_hold(head.hold, new)
    at = head.since or now
    ports.notices.put(flywheel, turn_failed(flywheel, head.turn, error, cause, at))
    if hold is not None and hold != head.hold:
        ports.notices.put(flywheel, flywheel_held(flywheel, hold, cause, at, str(head.turn)))
    if ports.heads.free(flywheel, head.turn, head.holder, failures=failures, hold=hold):
        ports.turns.ended(flywheel, head.turn, error, cause, now)
        count_end(ports, flywheel, error, failed=True)


def wake_approval(ports: Ports, flywheel: str, head: Head) -> None:
    """Wake the task that waits for people if its row is decided or past its time.

    A lost callback must not keep the turn for 30 days.
    """
    approval = approval_of(ports, flywheel, head)
    if head.state != "RUNNING" or approval is None:
        return
    if needs_wake(approval, ports.clock.now()):
        ports.machine.wake(ports.vault.open(approval.id, approval.token))


def settle_serving(ports: Ports, flywheel: str, head: Head) -> None:
    """Settle a change that its maker left half-way, by what Comprehend says; it is never made here."""
    serving = ports.serving.read(flywheel)
    now = ports.clock.now()
    if serving is None or serving.phase != "CHANGING" or serving.op is None or head.flywheel_arn is None:
        return
    if serving.claimed_at is not None and now - serving.claimed_at <= SETTLE_AFTER:
        return
    facts = ports.comprehend.describe_flywheel(head.flywheel_arn)
    active = facts.active_model if facts is not None else None
    if active is None or active != serving.target:
        ports.serving.release_claim(flywheel, serving)
        return
    kind, _, batch = serving.op.partition(":")
    half_way = "The change was left half-way and had taken effect in Comprehend."
    change = ServingChange(
        op=serving.op,
        who=serving.who or "Flywheel Governor",
        why=f"{serving.why} ({half_way})" if serving.why else half_way,
        source=serving.active,
        target=active,
        batch=int(batch) if kind == "promote" else None,
        at=now,
    )
    ordered = kind in {"rollback", "override"}
    notice = order_carried_out(flywheel, change) if ordered else active_model_changed(flywheel, change, promoted=True)
    # Only a promotion that a person approved names one, and an approval ends the freeze.
    approved = kind == "promote" and bool(serving.who)
    if ports.serving.settle(flywheel, change, notice, active=active, thaw=approved, freeze=kind == "rollback"):
        ports.meter.record({_COUNTED[kind]: 1}, flywheel=flywheel)


def send_notices(ports: Ports, flywheel: str) -> None:
    """Mail what was written and did not go out."""
    for notice in ports.notices.unsent(flywheel):
        deliver(ports, flywheel, notice)


def _note_drift(ports: Ports, flywheel: str, head: Head) -> None:
    if head.flywheel_arn is None:
        return
    facts = ports.comprehend.describe_flywheel(head.flywheel_arn)
    if facts is not None and facts.status == "ACTIVE":
        note_active_model(ports, flywheel, facts)


def _lift_hold(ports: Ports, flywheel: str, head: Head) -> None:
    if head.hold is not None and lifted_by_policy(head.hold, ports.policies.version(flywheel)):
        ports.heads.lift_hold(flywheel, head.hold)


def _cancel_approval(ports: Ports, flywheel: str, head: Head, now: datetime) -> None:
    approval = approval_of(ports, flywheel, head)
    if approval is not None:
        ports.approvals.end(approval.id, "CANCELLED", "The execution that asked was aborted.", now)


def _attempt(faults: list[Fault], subject: str, act: Callable[..., None], *arguments: Any) -> None:
    """One flywheel's trouble must not keep the others from being swept."""
    try:
        act(*arguments)
    except GovernorError as error:
        faults.append(Fault(subject, f"{type(error).__name__}: {error}"))
