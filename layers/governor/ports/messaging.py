"""What a step sets in motion: a queue, a state machine, a mail, an event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class InspectQueue(Protocol):
    """Where recorded uploads wait for inspection."""

    def send(self, flywheel: str, upload: str, *, documents: bool = False) -> None: ...


@dataclass(frozen=True)
class ExecutionFacts:
    """What DescribeExecution says."""

    status: str
    stopped: datetime | None


class Machine(Protocol):
    """The state machine `flywheel`, or the state machine `analysis`."""

    def start(self, name: str, payload: str) -> bool:
        """Start an execution, True also if the same one is running; False if the name was used by one that closed."""

    def describe(self, execution_arn: str) -> ExecutionFacts | None: ...

    def execution_arn(self, name: str) -> str: ...

    def wake(self, token: str) -> None:
        """Tell a waiting task to look; nothing to do if it no longer waits."""


class Mail(Protocol):
    """An SNS topic."""

    def send(self, subject: str, body: str) -> None: ...


class EventBus(Protocol):
    """EventBridge's default bus: what happened, for programs."""

    def send(self, detail_type: str, detail: Mapping[str, Any]) -> None: ...
