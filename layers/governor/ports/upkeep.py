"""What retention, adoption and teardown need.

Most of it acts with a person's own rights: no function may delete a flywheel or an object.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from governor.domain.policy import DataMode
from governor.domain.retention import ModelVersion
from governor.ports.notices import Notice


class Models(Protocol):
    """The model versions in Comprehend, and what uses them."""

    def versions(self, mode: DataMode) -> list[ModelVersion]:
        """Return all versions of the account's models of that kind, of whatever flywheel."""

    def users(self) -> Mapping[str, Sequence[str]]:
        """Return the ARNs of endpoints, running jobs and flywheels by the model that they use."""

    def delete(self, model: str) -> Literal["DELETED", "GONE", "IN_USE"]:
        """Delete one version; IN_USE if Comprehend says so, which is final for this time."""


class Retirements(Protocol):
    """One row a model version that retention chose: the intent is written before the call, the outcome after it."""

    def intend(self, flywheel: str, model: str, *, active: str, now: datetime) -> bool:
        """Write DELETING on condition that `active` is the active model and nobody is changing it; False otherwise."""

    def deleting(self, flywheel: str) -> list[str]:
        """Return the models whose deletion was begun and not settled."""

    def settle(self, flywheel: str, model: str, state: Literal["DELETED", "KEPT"], now: datetime) -> None:
        """Write what became of it."""


@dataclass(frozen=True)
class Teardown:
    """What a teardown began with, kept in the head row. `ended`: None while it is under way."""

    by: str
    began: datetime
    arn: str
    mode: DataMode
    lake_uri: str
    ended: datetime | None = None


class Teardowns(Protocol):
    """The head row's record of a teardown. While it is there the hold TornDown keeps turns away."""

    def read(self, flywheel: str) -> Teardown | None: ...

    def begin(self, flywheel: str, teardown: Teardown) -> bool:
        """Write it with the hold TornDown; True also if it is there already, False if a turn is at work."""

    def end(self, flywheel: str, teardown: Teardown, notice: Notice, now: datetime) -> None:
        """Forget ARN, open batch and active model, begin the next generation, and write the notice: one transaction.

        Nothing to do if it has ended. Raises ServiceBusyError if a turn has begun meanwhile.
        """

    def withdraw(self, flywheel: str, uploads: Sequence[str]) -> None:
        """End pending uploads as WITHDRAWN: what was staged of them is gone."""

    def withdraw_documents(self, flywheel: str, uploads: Sequence[str], now: datetime) -> bool:
        """Close the open analysis as TORN_DOWN and end pending documents as WITHDRAWN; False while one is at work."""

    def adopt(self, flywheel: str, arn: str) -> str:
        """Record the ARN for a flywheel that has none; return the one that stands."""
