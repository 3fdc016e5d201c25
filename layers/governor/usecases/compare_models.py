"""Judges the candidate against the model that is active now, once per batch and baseline, and says what follows."""

from governor.contracts import CompareModelsOutput, Step
from governor.domain.batch import NO_BASELINE
from governor.domain.errors import UnexpectedReplyError
from governor.domain.measures import VERDICTS
from governor.domain.outcome import outcome_of
from governor.domain.suspects import sentence
from governor.ports import Ports
from governor.usecases.baseline import baseline_of
from governor.usecases.batch_in_work import batch_in_work, pinned_policy
from governor.usecases.judge_batch import judge_batch
from governor.usecases.notices import announce
from governor.usecases.sat_exam import sat_exam
from governor.usecases.spending import spent_on
from governor.usecases.verdict_notices import verdict_reached


def compare_models(ports: Ports, step: Step) -> CompareModelsOutput:
    """Put or read the verdict, record the decision so that it can be reached again, and return the outcome's word.

    SIT: the model that is active now has not sat the exam yet.
    """
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
        sat = sat_exam(ports, step.flywheel, work, policy, baseline)
        if sat is None:
            return CompareModelsOutput(word="SIT")
        reached = judge_batch(ports, step.flywheel, work, policy, baseline, sat)
        record = ports.batches.put_verdict(step.flywheel, step.execution, reached)
        ports.meter.record({VERDICTS: 1}, flywheel=step.flywheel, verdict=record.verdict.word)
    ports.heads.set_phase(step.flywheel, step.execution, work.batch.id, "JUDGED")
    if work.record.serving_failed is not None and serving.active != record.candidate:
        # It was active already, and taken back: no verdict makes it so again. One that is still active, because the
        # way back broke down, goes the whole way to it once more.
        return CompareModelsOutput(word="KEEP", verdict=record.verdict.word, reason=work.record.serving_failed)
    outcome = outcome_of(record.verdict, policy, has_baseline=baseline != NO_BASELINE, frozen=serving.frozen)
    announce(ports, step.flywheel, verdict_reached(step.flywheel, record, outcome.action, spent_on(work.record)))
    hold = "Regression" if outcome.hold == "Regression" else None
    reason = " ".join(filter(None, (record.verdict.reason, sentence(record.suspects))))
    return CompareModelsOutput(word=outcome.action, verdict=record.verdict.word, reason=reason, hold=hold)
