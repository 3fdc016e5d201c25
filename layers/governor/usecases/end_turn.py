"""Ends the turn, whatever became of it.

Closes the batch if it is concluded, writes hold and notices, releases the flywheel, then looks for work.
"""

from datetime import datetime

from governor.contracts import EndTurnInput, EndTurnOutput
from governor.domain.errors import PolicyMissingError
from governor.domain.measures import TURNS_ENDED, TURNS_FAILED
from governor.domain.moments import OPEN_END, to_text
from governor.domain.turn import (
    Head,
    Hold,
    counts_as_failure,
    hold_after_failure,
    hold_for_budget,
    hold_for_more_documents,
    next_hold,
)
from governor.ports import BatchOutcome, Notice, Ports
from governor.usecases.notices import announce, flywheel_held, turn_failed
from governor.usecases.request_turn import request_turn

_DEFAULT_BACKOFF_SECONDS = 600
_CLOSES: dict[str, BatchOutcome] = {
    "PROMOTED": "PROMOTED",
    "KEPT": "KEPT",
    "NO_CHANGE": "NO_CHANGE",
    "DatasetsRefusedError": "DATASETS_REFUSED",
}


def end_turn(ports: Ports, step: EndTurnInput) -> EndTurnOutput:
    """Release the turn and ask for the next.

    The latter also if the release is refused, because whoever was faster may have died before it asked.
    """
    head = ports.heads.read(step.flywheel)
    released = False
    if head is not None and head.batch is not None:
        ports.log.know(batch=head.batch.id)
    if head is not None and head.state == "RUNNING" and head.holder == step.execution:
        released = _release(ports, step, head)
    more = step.ending == "TOO_FEW" and head is not None and _has_come_since(ports, step.flywheel, head.since)
    request_turn(ports, step.flywheel, new_upload=more)
    return EndTurnOutput(
        ending=step.ending,
        flywheel=step.flywheel,
        turn=step.turn,
        reason=_sentence(step),
        error=step.failure.error if step.failure is not None else "",
        released=released,
    )


def _has_come_since(ports: Ports, flywheel: str, began: datetime | None) -> bool:
    """Tell whether an upload became pending while the turn ran: the turn that it asked for could not start."""
    pending = ((upload.pending or "").partition("#")[0] for upload in ports.uploads.pending(flywheel))
    return began is not None and any(moment > to_text(began) for moment in pending)


def _release(ports: Ports, step: EndTurnInput, head: Head) -> bool:
    error = step.failure.error if step.failure is not None else ""
    failures, hold = _afterwards(ports, step, head, error)
    notices = _notices(step, head, hold, error)
    for notice in notices:
        ports.notices.put(step.flywheel, notice)
    outcome = _CLOSES.get(error or step.ending)
    if head.batch is not None and outcome is not None:
        # With its hold: no later turn looks at a closed batch again and could find that the flywheel must rest.
        ports.batches.close(step.flywheel, step.execution, head.batch.id, outcome, ports.clock.now(), hold=hold)
    ports.turns.ended(step.flywheel, step.turn, error or step.ending, _sentence(step), ports.clock.now())
    released = ports.heads.release(step.flywheel, step.execution, failures=failures, hold=hold)
    if released:
        count_end(ports, step.flywheel, error or step.ending, failed=bool(error))
    for notice in notices:
        announce(ports, step.flywheel, notice)
    return released


def count_end(ports: Ports, flywheel: str, outcome: str, *, failed: bool) -> None:
    """Emit the end of a turn, by whoever released it."""
    ports.meter.record({TURNS_ENDED: 1}, flywheel=flywheel, outcome=outcome)
    if failed:
        ports.meter.record({TURNS_FAILED: 1}, flywheel=flywheel)


def _afterwards(ports: Ports, step: EndTurnInput, head: Head, error: str) -> tuple[int, Hold | None]:
    """Return the failures in a row and the hold that the head has from now on."""
    if step.ending == "NOTHING_TO_DO":
        return head.failures, head.hold
    version = ports.policies.version(step.flywheel)
    now = ports.clock.now()
    backoff = backoff_base_seconds(ports, step.flywheel)
    if error:
        failures = head.failures + counts_as_failure(error)
        new = hold_after_failure(
            error, failures=failures, backoff_base_seconds=backoff, policy_version=version, now=now
        )
        return failures, next_hold(head.hold, new)
    if step.ending == "TOO_FEW":
        new = hold_for_more_documents(backoff_base_seconds=backoff, policy_version=version, now=now)
        return head.failures, next_hold(head.hold, new)
    if step.ending == "BUDGET":
        return head.failures, next_hold(head.hold, hold_for_budget(policy_version=version, now=now))
    return 0, next_hold(head.hold, Hold(step.hold, OPEN_END, version) if step.hold is not None else None)


def backoff_base_seconds(ports: Ports, flywheel: str) -> int:
    """Return the policy's base of the back-off, or the default where there is no usable policy."""
    try:
        return ports.policies.current(flywheel).policy.backoff_base_seconds
    except PolicyMissingError:
        return _DEFAULT_BACKOFF_SECONDS


def _notices(step: EndTurnInput, head: Head, hold: Hold | None, error: str) -> list[Notice]:
    at = head.since or OPEN_END
    if _still_the_same(hold, head.hold):
        return []
    notices = []
    if error and error != "TurnLostError":
        notices.append(turn_failed(step.flywheel, step.turn, error, _sentence(step), at))
    if hold is not None and hold != head.hold:
        notices.append(flywheel_held(step.flywheel, hold, _sentence(step), at, str(step.turn)))
    return notices


def _still_the_same(hold: Hold | None, before: Hold | None) -> bool:
    """People were told the first time; every look since has found the same."""
    return hold is not None and before is not None and hold.reason == before.reason in {"TooFewDocuments", "QuotaFull"}


def _sentence(step: EndTurnInput) -> str:
    return step.failure.cause if step.failure is not None else step.reason
