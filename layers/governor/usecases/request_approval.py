"""Asks people, or finds that there is nothing to wait for.

A mail's link works only if the batch's row names its approval, so that order is: put the row, name it, mail it, mark
it mailed. A crash between any two leaves a link that nobody has, or one that the next attempt supersedes.
"""

from datetime import datetime, timedelta

from governor.contracts import RequestApprovalInput, RequestApprovalOutput
from governor.domain.approval import Approval, approval_id, code_hash, next_request
from governor.domain.policy import Policy
from governor.ports import Ports
from governor.usecases.approval_facts import approval_facts
from governor.usecases.approval_mail import approval_body, approval_subject
from governor.usecases.approval_question import Terms, read_question
from governor.usecases.batch_in_work import BatchInWork, pinned_policy


def request_approval(ports: Ports, step: RequestApprovalInput) -> RequestApprovalOutput:
    """Mail a question, or give the waiting task to one that was mailed, or wake the task at once.

    DECIDED means that ReadDecision knows what follows: an answer, an expiry, or terms that have moved. Raises
    TurnLostError.
    """
    question = read_question(ports, step)
    row, terms, now = question.row, question.terms, ports.clock.now()
    request = next_request(row, question.binding, question.work.record.approval_expires, now)
    if (
        request == "WAIT"
        and row is not None
        and ports.approvals.set_token(row.id, ports.vault.seal(row.id, step.token), step.turn)
    ):
        return RequestApprovalOutput(word="WAITING")
    if request in {"ASK", "ASK_AGAIN"} and terms is not None:
        unsure = row if request == "ASK_AGAIN" else None
        if _ask(ports, step, question.work, terms, unsure, now):
            return RequestApprovalOutput(word="MAILED")
    ports.machine.wake(step.token)
    return RequestApprovalOutput(word="DECIDED")


def _ask(
    ports: Ports, step: RequestApprovalInput, work: BatchInWork, terms: Terms, unsure: Approval | None, now: datetime
) -> bool:
    """Put a row, name it, mail it; False if `unsure`, whose mail may have gone out, was just answered."""
    nonce, code = ports.randomness.nonce(), ports.randomness.code()
    row = _new_row(ports, step, work, terms, nonce, code, now)
    if unsure is None:
        ports.approvals.put(row)
    elif not ports.approvals.replace(unsure.id, row, now):
        return False
    ports.batches.record_approval(
        step.flywheel, step.execution, row.batch, row.id, row.expires, previous=work.record.approval
    )
    link = f"{ports.approval_page_url.rstrip('/')}/{nonce}"
    ports.approval_mail.send(approval_subject(row), approval_body(row, link, code, now))
    ports.approvals.mark_mailed(row.id, now)
    return True


def _new_row(
    ports: Ports, step: RequestApprovalInput, work: BatchInWork, terms: Terms, nonce: str, code: str, now: datetime
) -> Approval:
    """The first question sets when the batch's approval expires; later ones keep it, so nobody waits longer."""
    expires = work.record.approval_expires
    if expires is None:
        expires = now + timedelta(seconds=_asking_policy(ports, step.flywheel, work).approval_expires_seconds)
    row = approval_id(nonce)
    return Approval(
        id=row,
        state="OPEN",
        flywheel=step.flywheel,
        batch=terms.binding.batch,
        candidate=terms.binding.candidate,
        baseline=terms.binding.baseline,
        verdict_digest=terms.binding.verdict_digest,
        policy_version=terms.binding.policy_version,
        expires=expires,
        code_hash=code_hash(nonce, code),
        token=ports.vault.seal(row, step.token),
        turn=step.turn,
        facts=approval_facts(work.record, terms.verdict, frozen=terms.frozen, now=now),
    )


def _asking_policy(ports: Ports, flywheel: str, work: BatchInWork) -> Policy:
    """Return the policy that wants people asked: the batch's own, or a stricter one that came since."""
    recheck = work.record.recheck
    if recheck is None:
        return pinned_policy(ports, flywheel, work)
    return ports.policies.pinned(flywheel, recheck.policy_version).policy
