"""Comprehend's endpoints."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from governor.domain.policy import DataMode


@dataclass(frozen=True)
class EndpointFacts:
    """What DescribeEndpoint says. `model` answers now; `desired_model` will."""

    arn: str
    status: str
    message: str
    model: str | None
    desired_model: str | None
    flywheel_arn: str | None
    units: int
    created: datetime
    desired_units: int = 0
    """What `units` are being changed to; the same if nothing is being changed."""


class EndpointUse(Protocol):
    """How much endpoints are asked."""

    def last_request(self, arn: str, since: datetime, now: datetime) -> datetime | None:
        """Return the beginning of the newest hour with an answer from `since` on, None if there is none.

        Raises a domain error if that cannot be known now.
        """


@dataclass(frozen=True)
class Found:
    """An answer of an endpoint: a label, or an entity's type with the words it stands for."""

    name: str
    score: float
    words: str = ""


class Endpoints(Protocol):
    """Endpoints and their real-time answers."""

    def arn(self, name: str, mode: DataMode) -> str: ...

    def describe(self, arn: str) -> EndpointFacts | None: ...

    def every(self) -> list[EndpointFacts]:
        """Return all endpoints of the account in this region."""

    def create(self, name: str, flywheel_arn: str, units: int, token: str) -> None:
        """Create it, bound to the flywheel; success if the name is taken (the caller describes it next)."""

    def resize(self, arn: str, units: int) -> None:
        """Change its inference units, whatever it serves. Raises ServiceBusyError while it is created or updated."""

    def delete(self, arn: str) -> bool:
        """Delete it; False if it is not there. Raises ServiceBusyError while it is being created or updated."""

    def classify(self, arn: str, text: str) -> list[Found]:
        """Return labels, the most probable first. Of a MULTI_LABEL model those of the document are 0.5 and above."""

    def detect(self, arn: str, text: str) -> list[Found]: ...
