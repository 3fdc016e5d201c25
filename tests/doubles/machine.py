"""The state machine as the application sees it, and the topics that people read."""

import json
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError

from governor.domain.errors import ServiceBusyError
from governor.ports import ExecutionFacts
from tests.doubles.asl import Execution, Invoke
from tests.doubles.clock import SharedClock
from tests.doubles.faults import Faults


class InterpretedMachine:
    """Implements `governor.ports.Machine` with the interpreter; executions run when the test says so.

    `machine`: the name of its definition, with which its ARN ends too.
    """

    def __init__(
        self, arn: str, invoke: Invoke, clock: SharedClock, faults: Faults, *, machine: str = "flywheel"
    ) -> None:
        self._arn = arn
        self._machine = machine
        self._invoke = invoke
        self._clock = clock
        self._faults = faults
        self.executions: dict[str, Execution] = {}

    def execution_arn(self, name: str) -> str:
        return f"{self._arn.replace(':stateMachine:', ':execution:')}:{name}"

    def start(self, name: str, payload: str) -> bool:
        try:
            with self._faults.around("states.StartExecution"):
                if name not in self.executions:
                    self.executions[name] = self._new(name, json.loads(payload))
        except BotoCoreError as error:
            raise ServiceBusyError("StartExecution: no answer.") from error
        return self.executions[name].status == "RUNNING"

    def describe(self, execution_arn: str) -> ExecutionFacts | None:
        try:
            with self._faults.around("states.DescribeExecution"):
                execution = self.executions.get(execution_arn.rpartition(":")[2])
        except BotoCoreError as error:
            raise ServiceBusyError("DescribeExecution: no answer.") from error
        return None if execution is None else ExecutionFacts(execution.status, execution.stopped)

    def wake(self, token: str) -> None:
        try:
            with self._faults.around("states.SendTaskSuccess"):
                for execution in self.executions.values():
                    execution.wake(token)
        except BotoCoreError as error:
            raise ServiceBusyError("SendTaskSuccess: no answer.") from error

    def running(self) -> list[Execution]:
        return [execution for execution in self.executions.values() if execution.status == "RUNNING"]

    def _new(self, name: str, payload: Any) -> Execution:
        return Execution(self.execution_arn(name), payload, self._invoke, self._clock, machine=self._machine)


@dataclass
class Mailbox:
    """Implements `governor.ports.Mail`: keeps what was mailed."""

    faults: Faults
    mails: list[tuple[str, str]] = field(default_factory=list)
    broken: bool = False

    def send(self, subject: str, body: str) -> None:
        if self.broken:
            raise ServiceBusyError("Publish: Throttled.")
        try:
            with self.faults.around("sns.Publish"):
                self.mails.append((subject, body))
        except BotoCoreError as error:
            raise ServiceBusyError("Publish: no answer.") from error

    def subjects(self) -> list[str]:
        return [subject for subject, _ in self.mails]
