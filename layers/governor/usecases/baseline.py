"""Which model a batch's candidate is compared with."""

from governor.domain.serving import promotion_of
from governor.ports import Ports, Serving
from governor.usecases.batch_in_work import BatchInWork


def baseline_of(ports: Ports, flywheel: str, serving: Serving, work: BatchInWork) -> str:
    """Return the model to compare with: the active one.

    A promotion of this very batch that died half-way, or just before its turn ended, must find its own verdict again
    and not judge the candidate against itself.
    """
    mine = promotion_of(work.batch.id)
    last = ports.serving.last_change(flywheel)
    promoted = last is not None and last.op == mine and last.target == serving.active
    return work.batch.baseline if serving.op == mine or promoted else serving.active
