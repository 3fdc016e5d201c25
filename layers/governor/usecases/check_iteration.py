"""Looks how far the iteration is."""

from governor.contracts import CheckIterationInput, CheckIterationOutput
from governor.domain.errors import IterationFailedError
from governor.domain.iteration import OVER_WITHOUT_MODEL
from governor.domain.polling import next_wait
from governor.ports import Ports
from governor.usecases.batch_in_work import batch_in_work, pinned_policy


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
    if facts.status in OVER_WITHOUT_MODEL:
        raise IterationFailedError(
            f"Iteration {facts.id} ended {facts.status}: {facts.message or 'Comprehend gives no reason'}."
        )
    ports.heads.set_phase(step.flywheel, step.execution, work.batch.id, "TRAINED")
    return CheckIterationOutput(word="COMPLETED")
