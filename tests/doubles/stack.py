"""The deployment: the template's tables and buckets on moto, the functions' own handlers, and the machine's own definition."""

import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws
from samtranslator.yaml_helper import yaml_parse

from comprehend_local import Comprehend, S3Objects, Settings, connect
from governor.bootstrap import AwsPorts
from governor.config import Deployment
from governor.domain.policy import Policy
from governor.ports import ExecutionFacts
from tests.doubles.asl import Execution
from tests.doubles.clock import SharedClock

ROOT = Path(__file__).parents[2]
REGION, ACCOUNT = "us-east-1", "123456789012"
MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:governor-flywheel"


@dataclass
class LambdaContext:
    """What Powertools wants of Lambda's context object."""

    function_name: str = "test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:test"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"


@dataclass
class Mailbox:
    """Implements `governor.ports.Mail`: keeps what was mailed."""

    mails: list[tuple[str, str]] = field(default_factory=list)

    def send(self, subject: str, body: str) -> None:
        self.mails.append((subject, body))

    def subjects(self) -> list[str]:
        return [subject for subject, _ in self.mails]


class InterpretedMachine:
    """Implements `governor.ports.Machine` with the interpreter; executions run when the test says so."""

    def __init__(self, stack: "Stack") -> None:
        self._stack = stack
        self.executions: dict[str, Execution] = {}
        self.stopped: dict[str, Any] = {}

    def execution_arn(self, name: str) -> str:
        return f"{MACHINE_ARN.replace(':stateMachine:', ':execution:')}:{name}"

    def start(self, name: str, payload: str) -> bool:
        if name in self.executions:
            return self.executions[name].status == "RUNNING"
        self.executions[name] = Execution(self.execution_arn(name), json.loads(payload), self._stack.invoke, self._stack.clock.advance)
        return True

    def describe(self, execution_arn: str) -> ExecutionFacts | None:
        execution = self.executions.get(execution_arn.rpartition(":")[2])
        if execution is None:
            return None
        stopped = None
        if execution.status != "RUNNING":
            stopped = self.stopped.setdefault(execution_arn, self._stack.clock.now())
        return ExecutionFacts(execution.status, stopped)

    def wake(self, token: str) -> None:
        for execution in self.executions.values():
            execution.wake(token)

    def running(self) -> list[Execution]:
        return [execution for execution in self.executions.values() if execution.status == "RUNNING"]


class _Session:
    """A boto3 session whose Comprehend clients speak to the server in this process."""

    def __init__(self, comprehend: Comprehend) -> None:
        self._comprehend = comprehend
        self.clients: list[Any] = []

    def client(self, service: str, config: Any = None) -> Any:
        client = boto3.client(service, region_name=REGION, config=config)  # type: ignore[call-overload]
        if service == "comprehend":
            connect(client, self._comprehend)
        self.clients.append(client)
        return client


class _TestPorts(AwsPorts):
    """The application's own adapters, but for the machine and the mail."""

    def __init__(self, stack: "Stack", session: _Session) -> None:
        super().__init__(Deployment(stack.environment), session, clock=stack.clock)
        self.machine = InterpretedMachine(stack)  # type: ignore[assignment, misc]
        self.notice_mail = Mailbox()  # type: ignore[assignment, misc]
        self.approval_mail = Mailbox()  # type: ignore[assignment, misc]


class Stack:
    """One deployment. Make it with `deployed()`."""

    def __init__(self, settings: Settings) -> None:
        self.clock = SharedClock()
        self.s3 = boto3.client("s3", region_name=REGION)
        self.sqs = boto3.client("sqs", region_name=REGION)
        self.environment = _deploy(self.s3, self.sqs)
        self.service = Comprehend(settings, S3Objects(self.s3), clock=self.clock.service)
        self.session = _Session(self.service)
        self.ports = _TestPorts(self, self.session)
        self.comprehend = self.session.client("comprehend")

    @property
    def machine(self) -> InterpretedMachine:
        return self.ports.machine  # type: ignore[return-value]

    @property
    def notices(self) -> Mailbox:
        return self.ports.notice_mail  # type: ignore[return-value]

    @property
    def approvals(self) -> Mailbox:
        return self.ports.approval_mail  # type: ignore[return-value]

    def invoke(self, function: str, event: Any) -> Any:
        """Call a function's own handler; `function` is its logical name without `Function`."""
        return self.call(_snake(function), event)

    def call(self, name: str, event: Any) -> Any:
        module = _module(name)
        module.ports = lambda: self.ports
        return module.lambda_handler(event, LambdaContext())

    # ---- what people and AWS do

    def put_policy(self, flywheel: str, policy: dict[str, Any]) -> int:
        valid = Policy.model_validate(policy)
        return self.ports.policy_writer.put(flywheel, valid, author="test", now=self.clock.now()).version

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
        """Hand everything on the inspect queue to inspect_upload; return the ids of those that failed."""
        failed: list[str] = []
        url = self.environment["INSPECT_QUEUE_URL"]
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            failed += self._failed(self.call("inspect_upload", _sqs(message["Body"] for message in messages)))
            for message in messages:
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return failed

    def upload(self, key: str, content: bytes) -> None:
        """Drop a file and let it be recorded and inspected."""
        assert self.deliver(self.drop(key, content)) == []
        assert self.inspect() == []

    def start_by_hand(self, payload: Any, name: str = "by-hand") -> Execution:
        assert self.machine.start(name, json.dumps(payload))
        return self.machine.executions[name].run()

    def run(self) -> list[Execution]:
        """Run executions until none is left that could go on; return all there ever were."""
        while going := [each for each in self.machine.running() if each.waiting_token is None or each.woken]:
            for execution in going:
                execution.run()
        return list(self.machine.executions.values())

    def sweep(self, *, look_closely: bool = True) -> dict[str, Any]:
        swept: dict[str, Any] = self.call("sweep", {"look_closely": look_closely})
        return swept

    def rows(self, table: str = "LEDGER_TABLE_NAME") -> Iterator[dict[str, Any]]:
        """Yield all rows of a table."""
        resource = boto3.resource("dynamodb", region_name=REGION).Table(self.environment[table])
        yield from resource.scan()["Items"]

    @staticmethod
    def _failed(reply: dict[str, Any]) -> list[str]:
        return [item["itemIdentifier"] for item in reply["batchItemFailures"]]


@contextmanager
def deployed(settings: Settings | None = None) -> Iterator[Stack]:
    """Deploy in this process and take everything down afterwards."""
    with mock_aws():
        stack = Stack(settings or Settings.instant(account=ACCOUNT))
        try:
            yield stack
        finally:
            stack.service.close()


def _deploy(s3: Any, sqs: Any) -> dict[str, str]:
    dynamodb = boto3.client("dynamodb", region_name=REGION)
    for name in ("LedgerTable", "PolicyTable", "ApprovalsTable"):
        properties = template()["Resources"][name]["Properties"]
        wanted = ("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "BillingMode")
        dynamodb.create_table(TableName=name, **{key: properties[key] for key in wanted if key in properties})
    for bucket in ("inbox", "lake", "records"):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    role = boto3.client("iam").create_role(RoleName="data-access", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    key = boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["KeyId"]
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
def template() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    return parsed


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
    return {"Records": [{"messageId": str(number), "body": body, "eventSource": "aws:sqs"} for number, body in enumerate(bodies)]}
