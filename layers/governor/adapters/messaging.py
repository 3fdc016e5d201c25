"""The inspect queue, the state machine, and the SNS topics."""

import json
from typing import Any

from governor.adapters.aws import KnownReply, call
from governor.ports import ExecutionFacts

_NAME_USED = frozenset({"ExecutionAlreadyExists"})
_UNKNOWN = frozenset({"ExecutionDoesNotExist"})
_NO_LONGER_WAITING = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


class SqsInspectQueue:
    """Implements `ports.InspectQueue`."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, flywheel: str, upload: str, *, documents: bool = False) -> None:
        body = json.dumps({"flywheel": flywheel, "upload": upload} | ({"documents": True} if documents else {}))
        call(self._client.send_message, QueueUrl=self._url, MessageBody=body)


class StepFunctionsMachine:
    """Implements `ports.Machine`."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn

    def start(self, name: str, payload: str) -> bool:
        try:
            call(self._client.start_execution, known=_NAME_USED, stateMachineArn=self._arn, name=name, input=payload)
        except KnownReply:
            # AWS answers a running execution of the same name and input with its ARN; the emulator with
            # this error. Both mean "started".
            facts = self.describe(self.execution_arn(name))
            return facts is None or facts.status == "RUNNING"
        return True

    def describe(self, execution_arn: str) -> ExecutionFacts | None:
        try:
            reply = call(self._client.describe_execution, known=_UNKNOWN, executionArn=execution_arn)
        except KnownReply:
            return None
        return ExecutionFacts(reply["status"], reply.get("stopDate"))

    def execution_arn(self, name: str) -> str:
        return f"{self._arn.replace(':stateMachine:', ':execution:')}:{name}"

    def wake(self, token: str) -> None:
        # The row decides, the callback only wakes: it carries nothing.
        try:
            call(self._client.send_task_success, known=_NO_LONGER_WAITING, taskToken=token, output="{}")
        except KnownReply:
            return


class SnsMail:
    """Implements `ports.Mail`."""

    def __init__(self, client: Any, topic: str) -> None:
        self._client = client
        self._topic = topic

    def send(self, subject: str, body: str) -> None:
        call(self._client.publish, TopicArn=self._topic, Subject=subject, Message=body)
