"""Looks how far the iteration is."""

from governor.contracts import CheckIterationInput, CheckIterationOutput
from governor.domain.budget import Cost
from governor.domain.errors import IterationFailedError
from governor.domain.iteration import OVER_WITHOUT_MODEL
from governor.domain.moments import seconds_between
from governor.domain.polling import next_wait
from governor.domain.pricing import training_cost
from governor.ports import IterationFacts, Ports
from governor.usecases.batch_in_work import BatchInWork, batch_in_work, pinned_policy


def check_iteration(ports: Ports, step: CheckIterationInput) -> CheckIterationOutput:
    """Say whether it is over; a status that no rule here knows is waited for.

    Raises IterationFailedError with the service's message.
    """
    work = batch_in_work(ports, step)
    facts = ports.comprehend.describe_iteration(work.arn, step.iteration)
    over = facts.status in OVER_WITHOUT_MODEL or facts.status == "COMPLETED"
    if not over:
        wait = next_wait(step.look + 1, pinned_policy(ports, step.flywheel, work).polling)
        return CheckIterationOutput(word="WAIT", wait_seconds=wait)
    if not step.ours:
        return CheckIterationOutput(word="START_AGAIN")
    _record_cost(ports, step, work, facts)
    if facts.status in OVER_WITHOUT_MODEL:
        raise IterationFailedError(
            f"Iteration {facts.id} ended {facts.status}: {facts.message or 'Comprehend gives no reason'}."
        )
    ports.heads.set_phase(step.flywheel, step.execution, work.batch.id, "TRAINED")
    return CheckIterationOutput(word="COMPLETED")


def _record_cost(ports: Ports, step: CheckIterationInput, work: BatchInWork, facts: IterationFacts) -> None:
    """Write down what the training took and costs: one that failed too, but not one that only scored a model."""
    if facts.ended is None or (facts.exam.candidate is None and facts.status == "COMPLETED"):
        return
    seconds = seconds_between(facts.created, facts.ended)
    cost = Cost("training", training_cost(seconds), facts.created, seconds)
    ports.batches.record_training(step.flywheel, step.execution, work.batch.id, work.batch.attempt, cost)
