"""What would be asked now: the batch, its verdict, and whether the model it compares with is still the active one."""

from dataclasses import dataclass

from governor.contracts import Step
from governor.domain.approval import Approval, Binding, bind
from governor.domain.turn import Head
from governor.ports import Ports, Serving, VerdictRecord
from governor.usecases.batch_in_work import BatchInWork, batch_in_work


@dataclass(frozen=True)
class Terms:
    """A question that can be put to people. `frozen`: automatic promotion is switched off since a rollback."""

    binding: Binding
    verdict: VerdictRecord
    frozen: bool


@dataclass(frozen=True)
class Question:
    """The batch in work, its approval row, and the terms as they are now: None if they have moved."""

    work: BatchInWork
    row: Approval | None
    terms: Terms | None

    @property
    def binding(self) -> Binding | None:
        return None if self.terms is None else self.terms.binding


def approval_of(ports: Ports, flywheel: str, head: Head) -> Approval | None:
    """Return the approval row of the flywheel's open batch, whatever became of it."""
    if head.batch is None:
        return None
    record = ports.batches.read(flywheel, head.batch.id)
    return ports.approvals.read(record.approval) if record.approval is not None else None


def read_question(ports: Ports, step: Step) -> Question:
    """Read the fence first, then all that an approval is bound to; raises TurnLostError."""
    work = batch_in_work(ports, step)
    row = None if work.record.approval is None else ports.approvals.read(work.record.approval)
    return Question(work, row, _terms(ports, step.flywheel, work))


def _terms(ports: Ports, flywheel: str, work: BatchInWork) -> Terms | None:
    serving = ports.serving.read(flywheel)
    verdict = ports.batches.read_verdict(flywheel, work.batch.id, work.batch.baseline)
    if serving is None or verdict is None or not _still_stands(ports, flywheel, serving, verdict):
        return None
    judged = verdict.verdict
    binding = bind(
        work.batch.id, verdict.candidate, verdict.baseline, judged.word, judged.digest(), work.batch.policy_version
    )
    return Terms(binding, verdict, serving.frozen)


def _still_stands(ports: Ports, flywheel: str, serving: Serving, verdict: VerdictRecord) -> bool:
    """The baseline is still active; or the candidate is, by this batch's own promotion that died half-way."""
    if serving.active == verdict.baseline:
        return True
    if serving.active != verdict.candidate:
        return False
    last = ports.serving.last_change(flywheel)
    return last is not None and last.target == verdict.candidate and last.batch == verdict.batch


def given_approval(ports: Ports, work: BatchInWork, record: VerdictRecord) -> Approval | None:
    """Return the batch's approval if it was given for exactly this candidate, baseline and verdict."""
    if work.record.approval is None:
        return None
    approval = ports.approvals.read(work.record.approval)
    if approval is None or approval.state != "APPROVED":
        return None
    bound = (approval.candidate, approval.baseline, approval.verdict_digest, approval.policy_version)
    return (
        approval
        if bound == (record.candidate, record.baseline, record.verdict.digest(), record.policy_version)
        else None
    )
