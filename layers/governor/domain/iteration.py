"""Which iteration belongs to a batch."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

OVER_WITHOUT_MODEL = frozenset({"FAILED", "STOPPED"})
RUNNING = frozenset({"TRAINING", "EVALUATING", "STOP_REQUESTED"})


class _Dataset(Protocol):
    @property
    def completed_at(self) -> datetime | None: ...


class _Iteration(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def created(self) -> datetime: ...


def data_complete_since(planned_at: datetime, datasets: Collection[_Dataset]) -> datetime:
    """Return when the batch's last dataset was COMPLETED, or when it was planned if it has none."""
    return max([planned_at, *(dataset.completed_at for dataset in datasets if dataset.completed_at is not None)])


def may_adopt(iteration: _Iteration, complete_since: datetime, recorded: Collection[str]) -> bool:
    """Tell whether an iteration that we have no record of contains the batch's data: it began after they were complete.

    That is so after a lost reply (it is our own) and when a person started it in the console. One that ended
    without a model is of no use.
    """
    return (
        iteration.id not in recorded
        and iteration.status not in OVER_WITHOUT_MODEL
        and iteration.created >= complete_since
    )
