"""Judges the candidate against the model that is active now, once per batch and baseline, and says what follows."""

import dataclasses
import json

from governor.contracts import CompareModelsOutput, Step
from governor.domain.batch import NO_BASELINE, digest_of
from governor.domain.errors import UnexpectedReplyError
from governor.domain.judgement import judge
from governor.domain.measures import VERDICTS
from governor.domain.outcome import outcome_of
from governor.domain.policy import Policy
from governor.domain.verdict import Exam
from governor.ports import IterationFacts, Ports, VerdictRecord
from governor.usecases.baseline import baseline_of
from governor.usecases.batch_in_work import BatchInWork, batch_in_work, pinned_policy
from governor.usecases.notices import announce, verdict_reached


def compare_models(ports: Ports, step: Step) -> CompareModelsOutput:
    """Put or read the verdict, record the decision so that it can be reached again, and return the outcome's word."""
    work = batch_in_work(ports, step)
    policy = pinned_policy(ports, step.flywheel, work)
    serving = ports.serving.read(step.flywheel)
    if serving is None:
        raise UnexpectedReplyError(f"Flywheel {step.flywheel} has a batch but no row that says which model is active.")
    baseline = baseline_of(ports, step.flywheel, serving, work)
    if baseline != work.batch.baseline:
        ports.heads.set_baseline(step.flywheel, step.execution, work.batch.id, baseline)
    record = ports.batches.read_verdict(step.flywheel, work.batch.id, baseline)
    if record is None:
        record = ports.batches.put_verdict(
            step.flywheel, step.execution, _judge(ports, step.flywheel, work, policy, baseline)
        )
        ports.meter.record({VERDICTS: 1}, flywheel=step.flywheel, verdict=record.verdict.word)
    ports.heads.set_phase(step.flywheel, step.execution, work.batch.id, "JUDGED")
    if work.record.serving_failed is not None and serving.active != record.candidate:
        # It was active already, and taken back: no verdict makes it so again. One that is still active, because the
        # way back broke down, goes the whole way to it once more.
        return CompareModelsOutput(word="KEEP", verdict=record.verdict.word, reason=work.record.serving_failed)
    outcome = outcome_of(record.verdict, policy, has_baseline=baseline != NO_BASELINE, frozen=serving.frozen)
    announce(ports, step.flywheel, verdict_reached(step.flywheel, record, outcome.action))
    hold = "Regression" if outcome.hold == "Regression" else None
    return CompareModelsOutput(
        word=outcome.action, verdict=record.verdict.word, reason=record.verdict.reason, hold=hold
    )


def _judge(ports: Ports, flywheel: str, work: BatchInWork, policy: Policy, baseline: str) -> VerdictRecord:
    iteration = ports.comprehend.describe_iteration(work.arn, work.record.iterations[work.batch.attempt])
    has_test_data = ports.comprehend.has_test_data(work.arn, iteration.created)
    exam = dataclasses.replace(iteration.exam, has_test_data=has_test_data)
    verdict = judge(policy, exam, None if baseline == NO_BASELINE else baseline)
    content = _decision(flywheel, work, policy, exam, iteration, baseline, dataclasses.asdict(verdict))
    key = f"decisions/{flywheel}/{work.batch.id:09}-{digest_of(baseline.encode())[:12]}.json"
    return VerdictRecord(
        batch=work.batch.id,
        candidate=exam.candidate,
        baseline=baseline,
        verdict=verdict,
        exam=exam,
        policy_version=work.batch.policy_version,
        reached_at=ports.clock.now(),
        decision_uri=ports.records.put(key, content),
        decision_sha256=digest_of(content),
    )


def _decision(
    flywheel: str,
    work: BatchInWork,
    policy: Policy,
    exam: Exam,
    iteration: IterationFacts,
    baseline: str,
    verdict: dict[str, object],
) -> bytes:
    """Everything that `judge` was given, and what it said: enough to reach the same decision again."""
    document = {
        "schema": 1,
        "flywheel": flywheel,
        "batch": work.batch.id,
        "manifest": {"uri": work.record.manifest_uri, "sha256": work.record.digest},
        "iteration": iteration.id,
        "baseline": baseline,
        "policy_version": work.batch.policy_version,
        "policy": policy.model_dump(mode="json"),
        "exam": dataclasses.asdict(exam),
        "verdict": verdict,
    }
    return json.dumps(document, sort_keys=True, indent=2).encode()
