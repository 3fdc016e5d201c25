"""Starts the batch's iteration, or finds the one that is already running for it."""

from governor.contracts import StartIterationOutput, Step
from governor.domain.batch import token
from governor.domain.errors import ServiceBusyError
from governor.domain.iteration import OVER_WITHOUT_MODEL, RUNNING, data_complete_since, may_adopt
from governor.domain.moments import seconds_between
from governor.domain.polling import first_look, next_wait
from governor.ports import IterationFacts, Ports
from governor.usecases.batch_in_work import BatchInWork, batch_in_work, pinned_policy

_ENOUGH = 5


def start_iteration(ports: Ports, step: Step) -> StartIterationOutput:
    """Say which iteration to wait for.

    The token derives from batch and attempt, so a repeated call means the same iteration; the attempt grows only
    after the last one was seen FAILED or STOPPED. An iteration that somebody else started is waited for, and
    adopted if it began after the batch's data were complete.
    """
    work = batch_in_work(ports, step)
    rules = pinned_policy(ports, step.flywheel, work).polling
    wait = next_wait(0, rules)
    attempt, known = work.batch.attempt, work.record.iterations.get(work.batch.attempt)
    if known is not None:
        if ports.comprehend.describe_iteration(work.arn, known).status not in OVER_WITHOUT_MODEL:
            return StartIterationOutput(iteration=known, ours=True, wait_seconds=wait)
        attempt += 1
        ports.heads.set_attempt(step.flywheel, step.execution, work.batch.id, attempt)
    since = data_complete_since(work.record.planned_at, work.record.datasets.values())
    latest = ports.comprehend.latest_iterations(work.arn)
    for iteration in latest:
        if may_adopt(iteration, since, work.record.iterations.values()):
            already = seconds_between(iteration.created, ports.clock.now())
            wait = first_look(trainings(latest), already, rules)
            return _record(ports, step, work, attempt, iteration.id, wait)
    started = ports.comprehend.start_iteration(work.arn, token(work.arn, str(work.batch.id), str(attempt)))
    if started is not None:
        return _record(ports, step, work, attempt, started, first_look(trainings(latest), 0, rules))
    return _wait_for_somebody_elses(ports.comprehend.latest_iterations(work.arn), wait)


def trainings(latest: list[IterationFacts]) -> list[float]:
    """Return how many seconds the newest iterations took that trained a model; five are enough."""
    trained = [each for each in latest if each.status == "COMPLETED" and each.exam.candidate and each.ended]
    return [seconds_between(each.created, each.ended) for each in trained[:_ENOUGH] if each.ended is not None]


def _record(
    ports: Ports, step: Step, work: BatchInWork, attempt: int, iteration: str, wait: int
) -> StartIterationOutput:
    ports.batches.record_iteration(step.flywheel, step.execution, work.batch.id, attempt, iteration)
    return StartIterationOutput(iteration=iteration, ours=True, wait_seconds=wait)


def _wait_for_somebody_elses(latest: list[IterationFacts], wait: int) -> StartIterationOutput:
    for iteration in latest:
        if iteration.status in RUNNING:
            return StartIterationOutput(iteration=iteration.id, ours=False, wait_seconds=wait)
    raise ServiceBusyError("Comprehend says that an iteration is running, but lists none yet.")
