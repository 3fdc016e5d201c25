"""Looks once more before a promotion whether a stricter policy is in force than the batch was planned with."""

from dataclasses import replace

from governor.contracts import RecheckPolicyOutput, Step
from governor.domain.batch import NO_BASELINE, digest_of
from governor.domain.decided import deciding_line
from governor.domain.decision import DecisionRecord, to_bytes
from governor.domain.errors import TurnLostError
from governor.domain.judgement import judge
from governor.domain.outcome import Action, Outcome, outcome_of
from governor.domain.policy import PinnedPolicy, Policy
from governor.domain.strictness import stricter
from governor.domain.verdict import Exam, Verdict
from governor.ports import Ports, Recheck, VerdictRecord
from governor.usecases.approval_question import given_approval
from governor.usecases.batch_in_work import BatchInWork, batch_in_work, pinned_policy
from governor.usecases.decisions import read_decision_record
from governor.usecases.notices import announce
from governor.usecases.verdict_notices import verdict_rechecked
from governor.version import VERSION

_OTHER_EXAM = (
    "The newer policy wants a golden exam that the models have not sat. The next batch will sit it; "
    "`governor promote` makes this candidate active past the gates."
)


def recheck_policy(ports: Ports, step: Step) -> RecheckPolicyOutput:
    """Judge again from the stored record under the newer policy, if that one is stricter; otherwise go on.

    What was pinned decides the batch, with one exception: nothing becomes active that a stricter policy, written
    before the promotion, refuses. A person's approval stands unless the newer verdict is a FAIL, or doubts what that
    person approved as a PASS. Raises UnexpectedReplyError if the record was changed.
    """
    work = batch_in_work(ports, step)
    record = ports.batches.read_verdict(step.flywheel, work.batch.id, work.batch.baseline)
    if record is None:
        raise TurnLostError(f"Batch {work.batch.id} of flywheel {step.flywheel} has no verdict to promote by.")
    newer = _newer(ports, step.flywheel, work)
    if newer is None:
        return RecheckPolicyOutput(word="PROMOTE")
    why = stricter(newer.policy, pinned_policy(ports, step.flywheel, work))
    if not why:
        return RecheckPolicyOutput(word="PROMOTE")
    decision = read_decision_record(ports.records, record.decision_uri, record.decision_sha256)
    exam = _exam_for(newer.policy, decision)
    again = replace(
        decision,
        policy=newer.policy,
        policy_version=newer.version,
        exam=exam,
        verdict=judge(newer.policy, exam, decision.judged_against, decision.sheet, uses=decision.uses),
        code_version=VERSION,
    )
    outcome = _outcome(ports, step, work, record, again.verdict, newer)
    recheck = _write(ports, step, work, again, outcome.action)
    reason = (
        f"Version {newer.version} of the policy is stricter than version {work.batch.policy_version}, which the batch "
        f"was planned with ({'; '.join(why)}). Under it: {again.verdict.word}. {again.verdict.reason}"
    )
    notice = verdict_rechecked(
        step.flywheel, record, recheck, outcome.action, reason, regression=again.verdict.regression
    )
    announce(ports, step.flywheel, notice)
    hold = "Regression" if outcome.hold == "Regression" else None
    return RecheckPolicyOutput(word=outcome.action, reason=reason, hold=hold)


def _newer(ports: Ports, flywheel: str, work: BatchInWork) -> PinnedPolicy | None:
    """Return the policy in force if it is another version; raises PolicyMissingError if it cannot be read."""
    if ports.policies.version(flywheel) == work.batch.policy_version:
        return None
    current = ports.policies.current(flywheel)
    return current if current.version != work.batch.policy_version else None


def _exam_for(policy: Policy, decision: DecisionRecord) -> Exam:
    """Return what the record tells of the exam that `policy` wants.

    Right answers to some must-pass files say nothing of one that was added since: then the candidate was not asked.
    Nor do averages, or another set, tell of the golden exam that it wants.
    """
    exam, wanted, sat = decision.exam, policy.exam, decision.policy.exam
    if set(wanted.must_pass) - set(sat.must_pass) and exam.must_pass and not exam.must_pass.failures:
        exam = replace(exam, must_pass=None)
    other = wanted.kind == "golden" and (sat.kind, sat.set) != (wanted.kind, wanted.set)
    return replace(exam, obstacle=_OTHER_EXAM) if other else exam


def _write(ports: Ports, step: Step, work: BatchInWork, again: DecisionRecord, action: Action) -> Recheck:
    content = to_bytes(again)
    digest = digest_of(content)
    name = f"{work.batch.id:09}-{digest[:12]}-policy-{again.policy_version}.json"
    recheck = Recheck(
        policy_version=again.policy_version,
        word=again.verdict.word,
        reason=again.verdict.reason,
        decision_uri=ports.records.put(f"decisions/{step.flywheel}/{name}", content),
        decision_sha256=digest,
        action=action,
        baseline=again.baseline,
        line=deciding_line(again.verdict),
    )
    ports.batches.record_recheck(step.flywheel, step.execution, work.batch.id, recheck)
    return recheck


def _outcome(
    ports: Ports, step: Step, work: BatchInWork, record: VerdictRecord, verdict: Verdict, newer: PinnedPolicy
) -> Outcome:
    """Return what follows the newer verdict.

    Who approved a PASS before there was a doubt did not approve the doubt, and is not asked a second time: the active
    model stays. Who was asked because of the newer policy was told of it.
    """
    if given_approval(ports, work, record) is not None and verdict.word in {"PASS", "INCONCLUSIVE"}:
        before = work.record.recheck
        told = before is not None and before.policy_version == newer.version and before.action in {"ASK", "PROMOTE"}
        doubted = verdict.word == "INCONCLUSIVE" and record.verdict.word == "PASS"
        return Outcome("KEEP" if doubted and not told else "PROMOTE")
    serving = ports.serving.read(step.flywheel)
    frozen = serving is not None and serving.frozen
    return outcome_of(verdict, newer.policy, has_baseline=work.batch.baseline != NO_BASELINE, frozen=frozen)
