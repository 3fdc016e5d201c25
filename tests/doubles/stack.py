"""The deployment: the template's tables and buckets on moto, the functions' own handlers, the machine's definition."""

import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

import boto3
from boto3.dynamodb.types import TypeDeserializer
from moto import mock_aws

from comprehend_local import Comprehend, S3Objects, Settings, connect
from comprehend_local.service.data_access import RoleRefused
from governor.adapters.aws import ONE_TRY, STANDARD
from governor.bootstrap import AwsPorts
from governor.domain.policy_document import PolicyFile
from governor.usecases.apply_policy import apply_policy
from tests.doubles.asl import Execution
from tests.doubles.clock import SharedClock
from tests.doubles.faults import Faults, Switchboard
from tests.doubles.grants import Guard, GuardedDeployment
from tests.doubles.machine import InterpretedMachine, Mailbox
from tests.doubles.telemetry import KeptBus, PrintedMeter
from tests.doubles.template import ROOT, template

REGION, ACCOUNT = "us-east-1", "123456789012"
MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:governor-flywheel"
ANALYSIS_MACHINE_ARN = MACHINE_ARN.replace("-flywheel", "-analysis")


@dataclass
class LambdaContext:
    """What Powertools wants of Lambda's context object."""

    function_name: str = "test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:test"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"


class Roles:
    """What the data-access role may do: everything, until a test takes something away."""

    def __init__(self) -> None:
        self.refused: str | None = None
        """Part of the S3 path that is refused."""

    def require(self, role: str, source_arn: str, action: str, resource: str) -> None:
        if self.refused is not None and self.refused in resource:
            raise RoleRefused(f"{action} on {resource} is not allowed.")


class _Now:
    """The Comprehend that answers now, for clients that outlive one deployment."""

    def __init__(self) -> None:
        self.service: Comprehend | None = None

    def call(self, *arguments: Any) -> Any:
        assert self.service is not None
        return self.service.call(*arguments)


_MOST_ROUNDS = 30
_now = _Now()
_plain = TypeDeserializer().deserialize
_switchboard = Switchboard()
_guard = Guard()


@cache
def _client(service: str, tries: int, *, counted: bool) -> Any:
    """Make a client once in a process: making one takes longer than a hundred of its calls on moto."""
    config = ONE_TRY if tries == 1 else STANDARD
    client = boto3.client(service, region_name=REGION, config=config)  # type: ignore[call-overload]
    if service == "comprehend":
        connect(client, _now)  # type: ignore[arg-type]
    if counted:
        client.meta.events.register("provide-client-params", _guard.check_call)
        _switchboard.attach(client)
    return client


class _Session:
    """Stands in for a boto3 session: the functions' clients speak to moto, and to the Comprehend in this process."""

    def client(self, service: str, config: Any = STANDARD) -> Any:
        return _client(service, config.retries["total_max_attempts"], counted=True)


class _TestPorts(AwsPorts):
    """The application's own adapters, but for the machine and the mail."""

    def __init__(self, stack: "Stack") -> None:
        super().__init__(GuardedDeployment(stack.environment, _guard), _Session(), clock=stack.clock)
        around = (stack.invoke, stack.clock, stack.faults)
        self.machine = InterpretedMachine(MACHINE_ARN, *around)  # type: ignore[assignment]
        self.analysis_machine = InterpretedMachine(  # type: ignore[assignment]
            ANALYSIS_MACHINE_ARN, *around, machine="analysis"
        )
        self.notice_mail = Mailbox(stack.faults)  # type: ignore[assignment]
        self.approval_mail = Mailbox(stack.faults)  # type: ignore[assignment]
        self.meter = PrintedMeter()
        self.bus = KeptBus(self._client("events"))


class Stack:
    """One deployment. Make it with `deployed()`. `comprehend`: a client as a person in the console has it."""

    def __init__(self, settings: Settings) -> None:
        self.clock = SharedClock()
        self.roles = Roles()
        self.faults = _switchboard.faults = Faults()
        self.s3, self.sqs = (_client(service, 3, counted=False) for service in ("s3", "sqs"))
        self.environment = _deploy(self.s3, self.sqs)
        objects = S3Objects(self.s3)
        _now.service = self.service = Comprehend(settings, objects, clock=self.clock.service, roles=self.roles)
        self.ports = _TestPorts(self)
        self.comprehend = _client("comprehend", 3, counted=False)

    @property
    def machine(self) -> InterpretedMachine:
        return self.ports.machine  # type: ignore[return-value]

    @property
    def analysis_machine(self) -> InterpretedMachine:
        return self.ports.analysis_machine  # type: ignore[return-value]

    @property
    def notices(self) -> Mailbox:
        return self.ports.notice_mail  # type: ignore[return-value]

    @property
    def approvals(self) -> Mailbox:
        return self.ports.approval_mail  # type: ignore[return-value]

    @property
    def metrics(self) -> PrintedMeter:
        return self.ports.meter  # type: ignore[return-value]

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What was sent to the bus: detail-type and detail."""
        return self.ports.bus.sent  # type: ignore[attr-defined, no-any-return]

    def invoke(self, function: str, event: Any) -> Any:
        """Call a function's own handler; `function` is its logical name without `Function`."""
        return self.call(_snake(function), event)

    def call(self, name: str, event: Any) -> Any:
        module = _module(name)
        module.ports = lambda: self.ports
        with self.faults.active(), _guard.running(name):
            return module.lambda_handler(event, LambdaContext())

    # ---- what people and AWS do

    def apply_policy(self, flywheel: str, policy: dict[str, Any]) -> int:
        wanted = PolicyFile(flywheel, policy)
        applied = apply_policy(self.ports.policy_writer, self.ports.clock, wanted, author="test")
        assert applied.row is not None
        return applied.row.number

    def drop(self, key: str, content: bytes) -> dict[str, Any]:
        """Upload a file and return the event that S3 sends; nobody has received it yet."""
        reply = self.s3.put_object(Bucket=self.environment["INBOX_BUCKET_NAME"], Key=key, Body=content)
        return {
            "source": "aws.s3",
            "account": ACCOUNT,
            "detail-type": "Object Created",
            "detail": {
                "bucket": {"name": self.environment["INBOX_BUCKET_NAME"]},
                "object": {"key": key, "size": len(content), "version-id": reply["VersionId"]},
            },
        }

    def deliver(self, *events: dict[str, Any]) -> list[str]:
        """Hand events to admit_uploads as the queue does; return the ids of those that failed."""
        return self._failed(self.call("admit_uploads", _sqs(json.dumps(event) for event in events)))

    def inspect(self) -> list[str]:
        """Hand everything on the inspect queue to inspect_upload; return the ids of those that failed.

        What failed, or was in the hands of a process that died, is on the queue again afterwards.
        """
        failed: list[str] = []
        url = self.environment["INSPECT_QUEUE_URL"]
        received: list[dict[str, Any]] = []
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            received += messages
        done: list[dict[str, Any]] = []
        try:
            for first in range(0, len(received), 10):
                messages = received[first : first + 10]
                again = self._failed(self.call("inspect_upload", _sqs(message["Body"] for message in messages)))
                failed += again
                done += [message for number, message in enumerate(messages) if str(number) not in again]
        finally:
            for message in received:
                handle = message["ReceiptHandle"]
                if message in done:
                    self.sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
                else:
                    self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
        return failed

    def upload(self, key: str, content: bytes) -> None:
        """Drop a file and let it be recorded and inspected."""
        assert self.deliver(self.drop(key, content)) == []
        assert self.inspect() == []

    def start_by_hand(self, payload: Any, name: str = "by-hand") -> Execution:
        assert self.machine.start(name, json.dumps(payload))
        return self.machine.executions[name].run()

    def run(self) -> list[Execution]:
        """Run executions of both machines until none is left that could go on; return all turns there ever were."""
        for _ in range(_MOST_ROUNDS):
            running = [*self.machine.running(), *self.analysis_machine.running()]
            going = [each for each in running if each.can_go_on]
            if not going:
                break
            for execution in going:
                execution.run()
        else:
            raise AssertionError(f"executions start executions without end: {list(self.machine.executions)[-5:]}")
        return list(self.machine.executions.values())

    def sweep(self, *, look_closely: bool = True) -> dict[str, Any]:
        swept: dict[str, Any] = self.call("sweep", {"look_closely": look_closely})
        return swept

    def rows(self, table: str = "LEDGER_TABLE_NAME") -> Iterator[dict[str, Any]]:
        """Yield all rows of a table."""
        for item in _client("dynamodb", 3, counted=False).scan(TableName=self.environment[table])["Items"]:
            yield {name: _plain(value) for name, value in item.items()}

    @staticmethod
    def _failed(reply: dict[str, Any]) -> list[str]:
        return [item["itemIdentifier"] for item in reply["batchItemFailures"]]


@contextmanager
def deployed(settings: Settings | None = None) -> Iterator[Stack]:
    """Deploy in this process and take everything down afterwards."""
    with mock_aws(), patch("botocore.endpoint.time"):
        stack = Stack(settings or Settings.instant(account=ACCOUNT))
        try:
            yield stack
        finally:
            stack.service.close()


def _deploy(s3: Any, sqs: Any) -> dict[str, str]:
    dynamodb, iam, kms = (_client(service, 3, counted=False) for service in ("dynamodb", "iam", "kms"))
    for name in ("LedgerTable", "PolicyTable", "ApprovalsTable"):
        properties = template()["Resources"][name]["Properties"]
        wanted = ("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "BillingMode")
        dynamodb.create_table(TableName=name, **{key: properties[key] for key in wanted if key in properties})
    for bucket in ("inbox", "lake", "records"):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    role = iam.create_role(RoleName="data-access", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    return {
        "LEDGER_TABLE_NAME": "LedgerTable",
        "POLICY_TABLE_NAME": "PolicyTable",
        "APPROVALS_TABLE_NAME": "ApprovalsTable",
        "INBOX_BUCKET_NAME": "inbox",
        "LAKE_BUCKET_NAME": "lake",
        "RECORDS_BUCKET_NAME": "records",
        "INSPECT_QUEUE_URL": sqs.create_queue(QueueName="inspect")["QueueUrl"],
        "DATA_ACCESS_ROLE_ARN": role,
        "APPROVAL_KEY_ID": key,
        "APPROVAL_PAGE_URL": "https://approvals.example.com/",
        "ACCOUNT_ID": ACCOUNT,
    }


@cache
def _module(name: str) -> Any:
    path = ROOT / "functions" / name / "app.py"
    spec = importlib.util.spec_from_file_location(f"functions_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")


def _sqs(bodies: Iterator[str]) -> dict[str, Any]:
    records = enumerate(bodies)
    return {"Records": [{"messageId": str(number), "body": body, "eventSource": "aws:sqs"} for number, body in records]}
