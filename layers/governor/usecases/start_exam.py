"""Starts the jobs in which models sit the exam."""

from dataclasses import replace

from governor.contracts import StartExamOutput, Step
from governor.domain.budget import Cost
from governor.domain.polling import next_wait
from governor.domain.pricing import job_cost
from governor.domain.sitting import job_name, job_token
from governor.ports import Ports, Sitting
from governor.usecases.analysis_in_work import is_recognizer
from governor.usecases.batch_in_work import BatchInWork, batch_in_work, pinned_policy
from governor.usecases.exam_jobs import may_still_answer


def start_exam(ports: Ports, step: Step) -> StartExamOutput:
    """Start or find a job for each model that has not answered.

    Name and token of a job derive from paper, model and attempt, so a repeated start means the same job. The attempt
    grows only after the last job was seen FAILED or STOPPED, or Comprehend forgot it; each turn makes one at most, and
    three turns that fail in a row wait for a person. Raises FlywheelUnavailableError if a model is gone.
    """
    work = batch_in_work(ports, step)
    jobs = 0
    for sitting in work.record.sittings:
        if sitting.answered:
            continue
        jobs += 1
        if sitting.job is None:
            _start(ports, step, work, sitting)
        elif not may_still_answer(ports, sitting):
            _start(ports, step, work, replace(sitting, attempt=sitting.attempt + 1))
    wait = next_wait(0, pinned_policy(ports, step.flywheel, work).polling)
    return StartExamOutput(jobs=jobs, wait_seconds=wait if jobs else 0)


def _start(ports: Ports, step: Step, work: BatchInWork, sitting: Sitting) -> None:
    recognizer = is_recognizer(sitting.model)
    started = ports.jobs.start(
        work.arn,
        model=sitting.model,
        recognizer=recognizer,
        language=_language(ports, work) if recognizer else "",
        shape="lines",
        source=ports.exams.documents_uri(step.flywheel, sitting.paper),
        target=ports.lake.output_of(step.flywheel),
        name=job_name(step.flywheel, sitting.paper, sitting.model, sitting.attempt),
        token=job_token(work.arn, sitting.paper, sitting.model, sitting.attempt),
    )
    now = ports.clock.now()
    cost = Cost("exam", job_cost(sitting.units), now)
    sitting = replace(sitting, job=started.id, began=now)
    ports.batches.record_sitting(step.flywheel, step.execution, work.batch.id, sitting, cost)


def _language(ports: Ports, work: BatchInWork) -> str:
    facts = ports.comprehend.describe_flywheel(work.arn)
    return (facts.language if facts is not None else None) or "en"
