"""Looks whether the burst of uploads is over, so that it becomes one batch."""

from governor.contracts import CheckQuietInput, CheckQuietOutput
from governor.domain.batch import quiet_wait
from governor.domain.moments import from_text
from governor.ports import Ports


def check_quiet(ports: Ports, step: CheckQuietInput) -> CheckQuietOutput:
    """Say how long to wait; an open batch and an iteration by hand do not wait. Raises PolicyMissingError."""
    head = ports.heads.fence(step.flywheel, step.execution)
    if head.batch is not None:
        ports.log.know(batch=head.batch.id)
        return CheckQuietOutput(word="QUIET")
    pending = ports.uploads.pending(step.flywheel)
    if not pending and not step.iterate:
        return CheckQuietOutput(word="NOTHING")
    policy = ports.policies.current(step.flywheel).policy
    since = [from_text(upload.pending.split("#")[0]) for upload in pending if upload.pending is not None]
    wait = quiet_wait(since, policy.batch, ports.clock.now())
    return CheckQuietOutput(word="WAIT", wait_seconds=wait) if wait else CheckQuietOutput(word="QUIET")
