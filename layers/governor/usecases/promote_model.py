"""Makes the candidate the active model: the one function that calls UpdateFlywheel.

UpdateFlywheel has no compare-and-set, so the ACTIVE row is ours: claim it, read the service again, call once, verify,
settle.
"""

from governor.contracts import PromoteModelOutput, Step
from governor.domain.approval import Approval
from governor.domain.batch import NO_BASELINE
from governor.domain.errors import FlywheelUnavailableError, PromotionRefusedError, TurnLostError
from governor.domain.measures import PROMOTIONS
from governor.domain.outcome import outcome_of
from governor.domain.serving import promotion_of
from governor.ports import Ports, ServingChange, VerdictRecord
from governor.usecases.approval_question import given_approval
from governor.usecases.batch_in_work import BatchInWork, batch_in_work, pinned_policy
from governor.usecases.notices import active_model_changed, announce
from governor.usecases.prepare_flywheel import note_active_model


def promote_model(ports: Ports, step: Step) -> PromoteModelOutput:
    """Promote, or say JUDGE_AGAIN if another model is active by now.

    Idempotent: a promotion that had already happened by this batch's hand is success. Raises PromotionRefusedError.
    """
    work = batch_in_work(ports, step)
    record = ports.batches.read_verdict(step.flywheel, work.batch.id, work.batch.baseline)
    if record is None or record.candidate is None:
        raise TurnLostError(f"Batch {work.batch.id} of flywheel {step.flywheel} has no verdict to promote by.")
    approval = given_approval(ports, work, record)
    if approval is None and not _needs_nobody(ports, step.flywheel, work, record):
        return PromoteModelOutput(
            word="JUDGE_AGAIN", model=record.candidate, reason="The verdict alone does not promote this model."
        )
    if not _claim(ports, step.flywheel, work, record, approval):
        return _settled_or_moved(ports, step.flywheel, work, record.candidate)
    return _change(ports, step.flywheel, work, record, approval)


def _needs_nobody(ports: Ports, flywheel: str, work: BatchInWork, record: VerdictRecord) -> bool:
    """The machine comes here only after PROMOTE or APPROVED; that it did is not taken on trust.

    The claim looks at `frozen` itself.
    """
    policy = pinned_policy(ports, flywheel, work)
    return (
        outcome_of(record.verdict, policy, has_baseline=record.baseline != NO_BASELINE, frozen=False).action
        == "PROMOTE"
    )


def _claim(ports: Ports, flywheel: str, work: BatchInWork, record: VerdictRecord, approval: Approval | None) -> bool:
    """The claim says who approved, so that sweep settles what dies from here on as this function would."""
    return ports.serving.claim(
        flywheel,
        op=promotion_of(work.batch.id),
        baseline=work.batch.baseline,
        target=record.candidate or NO_BASELINE,
        ignore_frozen=approval is not None,
        now=ports.clock.now(),
        who="" if approval is None else approval.person,
        why=_why(record),
    )


def _why(record: VerdictRecord) -> str:
    return f"{record.verdict.word}: {record.verdict.reason}"


def _settled_or_moved(ports: Ports, flywheel: str, work: BatchInWork, candidate: str) -> PromoteModelOutput:
    serving, last = ports.serving.read(flywheel), ports.serving.last_change(flywheel)
    if (
        serving is not None
        and serving.active == candidate
        and last is not None
        and last.op == promotion_of(work.batch.id)
    ):
        return PromoteModelOutput(word="PROMOTED", model=candidate, reason=last.why)
    return PromoteModelOutput(
        word="JUDGE_AGAIN", model=candidate, reason="Another model became active, or automatic promotion was frozen."
    )


def _change(
    ports: Ports, flywheel: str, work: BatchInWork, record: VerdictRecord, approval: Approval | None
) -> PromoteModelOutput:
    candidate = record.candidate or NO_BASELINE
    active = _active_model(ports, work.arn)
    if active != candidate:
        if active != record.baseline:
            return _somebody_else_was_faster(ports, flywheel, work, candidate)
        ports.comprehend.set_active_model(work.arn, candidate)
        active = _active_model(ports, work.arn)
        if active != candidate:
            # The call may still take effect, answered or not: the claim stays, and sweep settles it by what the
            # service says then.
            raise PromotionRefusedError(f"Comprehend still names {active} as the active model after UpdateFlywheel.")
    return _settle(ports, flywheel, work, record, approval)


def _somebody_else_was_faster(ports: Ports, flywheel: str, work: BatchInWork, candidate: str) -> PromoteModelOutput:
    serving = ports.serving.read(flywheel)
    if serving is not None and serving.op == promotion_of(work.batch.id):
        ports.serving.release_claim(flywheel, serving)
    facts = ports.comprehend.describe_flywheel(work.arn)
    if facts is not None:
        note_active_model(ports, flywheel, facts)
    return PromoteModelOutput(
        word="JUDGE_AGAIN", model=candidate, reason="Somebody made another model active while this one was judged."
    )


def _settle(
    ports: Ports, flywheel: str, work: BatchInWork, record: VerdictRecord, approval: Approval | None
) -> PromoteModelOutput:
    candidate = record.candidate or NO_BASELINE
    change = ServingChange(
        op=promotion_of(work.batch.id),
        who="Flywheel Governor" if approval is None else approval.person,
        why=_why(record),
        source=record.baseline,
        target=candidate,
        batch=work.batch.id,
        at=ports.clock.now(),
    )
    notice = active_model_changed(flywheel, change, promoted=True)
    if ports.serving.settle(flywheel, change, notice, active=candidate, thaw=approval is not None):
        ports.meter.record({PROMOTIONS: 1}, flywheel=flywheel)
        announce(ports, flywheel, notice)
        return PromoteModelOutput(word="PROMOTED", model=candidate, reason=change.why)
    return _settled_or_moved(ports, flywheel, work, candidate)


def _active_model(ports: Ports, arn: str) -> str:
    facts = ports.comprehend.describe_flywheel(arn)
    if facts is None or facts.status not in {"ACTIVE", "UPDATING"}:
        raise FlywheelUnavailableError("The flywheel is not there, or not ACTIVE, at the moment of promotion.")
    return facts.active_model or NO_BASELINE
