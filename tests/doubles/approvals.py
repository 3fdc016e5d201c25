"""A flywheel whose batch waits for people: our adapters on moto, a browser, and a machine that notes who woke it."""

import base64
import importlib.util
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
from moto import mock_aws
from samtranslator.yaml_helper import yaml_parse

from governor.bootstrap import AwsPorts
from governor.config import Deployment
from governor.contracts import ReadDecisionOutput, RequestApprovalInput, Step
from governor.domain.approval import Approval
from governor.domain.batch import NO_BASELINE
from governor.domain.errors import ServiceBusyError
from governor.domain.policy_document import PolicyFile
from governor.domain.turn import OpenBatch
from governor.domain.verdict import Exam, GateResult, Metrics, Verdict
from governor.ports import BatchRecord, Notice, ServingChange, VerdictRecord
from governor.usecases.apply_policy import apply_policy
from governor.usecases.read_decision import read_decision
from governor.usecases.request_approval import request_approval

ROOT = Path(__file__).parents[2]
REGION = "us-east-1"
FLYWHEEL = "reviews"
_ARN = f"arn:aws:comprehend:{REGION}:123456789012:document-classifier/reviews/version/"
CANDIDATE, BASELINE, OTHER = f"{_ARN}2", f"{_ARN}1", f"{_ARN}9"
PAGE = "https://abc.lambda-url.us-east-1.on.aws/"
LONG_TOKEN = ("AQC8/x+y=" * 228)[:2048]
"""As long as a task token may be, with the characters that base64 has."""
ANSWER = {"name": "Ada Lovelace", "reason": "Better recall.", "decision": "approve"}


@dataclass
class SetClock:
    """Implements `ports.Clock`: stands still until it is moved."""

    time: datetime = datetime(2026, 11, 23, 3, 46, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, **span: float) -> None:
        self.time += timedelta(**span)


@dataclass
class NotingMachine:
    """Implements the part of `ports.Machine` that approval uses."""

    woken: list[str] = field(default_factory=list)
    fails: bool = False

    def wake(self, token: str) -> None:
        if self.fails:
            raise ServiceBusyError("SendTaskSuccess: ThrottlingException.")
        self.woken.append(token)


@dataclass
class NotingMail:
    """Implements `ports.Mail`."""

    mails: list[tuple[str, str]] = field(default_factory=list)

    def send(self, subject: str, body: str) -> None:
        self.mails.append((subject, body))


class _OneCallAtATime:
    """moto changes a row in several steps, DynamoDB in one: so one call at a time, however many callers there are."""

    _lock = threading.Lock()

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._client, name)
        if not callable(operation):
            return operation

        def alone(*arguments: Any, **options: Any) -> Any:
            with self._lock:
                return operation(*arguments, **options)

        return alone


class _Session:
    def client(self, service: str, config: Any = None) -> Any:
        return _OneCallAtATime(_client(service, config))


@cache
def _client(service: str, config: Any = None) -> Any:
    """Make each client once: that takes longer than a test, and moto answers whichever client asks."""
    return boto3.client(service, region_name=REGION, config=config)  # type: ignore[call-overload]


class ApprovalPorts(AwsPorts):
    """The application's own adapters, but for the machine and the mails."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.set_clock = SetClock()
        super().__init__(Deployment(environment), _Session(), clock=self.set_clock)
        self.noting_machine, self.approval_mails, self.notice_mails = NotingMachine(), NotingMail(), NotingMail()
        self.machine = self.noting_machine  # type: ignore[assignment]
        self.approval_mail = self.approval_mails  # type: ignore[assignment]
        self.notice_mail = self.notice_mails  # type: ignore[assignment]


@dataclass(frozen=True)
class Letter:
    """An approval mail."""

    subject: str
    body: str

    @property
    def link(self) -> str:
        (link,) = re.findall(r"^https://\S+$", self.body, re.MULTILINE)
        return str(link)

    @property
    def nonce(self) -> str:
        return self.link.removeprefix(PAGE)

    @property
    def code(self) -> str:
        (code,) = re.findall(r"^Code: (\d{6})$", self.body, re.MULTILINE)
        return str(code)

    @property
    def wrong_code(self) -> str:
        return f"{(int(self.code) + 1) % 1_000_000:06}"


@dataclass(frozen=True)
class Answered:
    """What the browser got."""

    status: int
    headers: Mapping[str, str]
    text: str


class WaitingFlywheel:
    """A turn whose batch is judged and whose verdict is put before people. Make it with `waiting_flywheel()`."""

    def __init__(self, ports: ApprovalPorts, baseline: str = BASELINE) -> None:
        self.ports = ports
        self.clock = ports.set_clock
        self.baseline = baseline
        self.turn = 1
        self.execution = "execution-1"
        self._begin()

    def _begin(self) -> None:
        ports, now = self.ports, self.clock.now()
        fields = {
            "flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": ["praise", "complaint"]},
            "gates": [{"metric": "f1", "gain_at_least": 0.0, "confidence": 0.5}],
            "approval": "always",
            "approval_expires_seconds": 3 * 24 * 3600,
        }
        apply_policy(ports.policy_writer, self.clock, PolicyFile(FLYWHEEL, fields), author="test")
        version = ports.policies.version(FLYWHEEL)
        assert ports.heads.take(FLYWHEEL, 1, self.execution, now)
        ports.heads.set_flywheel_arn(
            FLYWHEEL, self.execution, f"arn:aws:comprehend:{REGION}:123456789012:flywheel/{FLYWHEEL}"
        )
        record = BatchRecord(
            FLYWHEEL,
            1,
            "s3://records/manifests/1.json",
            "d" * 64,
            version,
            now,
            {"train": 2, "test": 1},
            {"train": 3200, "test": 800},
        )
        ports.batches.open(FLYWHEEL, self.execution, OpenBatch(1, "PLANNED", 1, self.baseline, version), record)
        ports.heads.set_phase(FLYWHEEL, self.execution, 1, "JUDGED")
        ports.serving.put_first(FLYWHEEL, self.baseline)
        self.judge(self.baseline)

    def judge(self, baseline: str, reason: str = "f1 0.8712 against 0.8534: met.") -> None:
        """Put the verdict of the candidate against `baseline`, as CompareModels does."""
        self.ports.heads.set_baseline(FLYWHEEL, self.execution, 1, baseline)
        scored = None if baseline == NO_BASELINE else baseline
        old = None if scored is None else Metrics(0.8534, 0.8744, 0.8423, 0.8850)
        gate = GateResult("f1", 0.8712, None if old is None else 0.8534, "met", regression=False, words=reason)
        self.ports.batches.put_verdict(
            FLYWHEEL,
            self.execution,
            VerdictRecord(
                batch=1,
                candidate=CANDIDATE,
                baseline=baseline,
                verdict=Verdict("PASS", reason, gates=(gate,)),
                exam=Exam(CANDIDATE, Metrics(0.8712, 0.8744, 0.8700, 0.8801), scored, old, has_test_data=True),
                policy_version=1,
                reached_at=self.clock.now(),
                decision_uri="s3://records/decisions/1.json",
                decision_sha256="e" * 64,
            ),
        )

    # ---- the machine

    def ask(self, token: str = "token-1") -> str:
        """Run RequestApproval and return its word."""
        step = RequestApprovalInput(flywheel=FLYWHEEL, turn=self.turn, execution=self.execution, token=token)
        return request_approval(self.ports, step).word

    def read(self) -> ReadDecisionOutput:
        """Run ReadDecision."""
        return read_decision(self.ports, Step(flywheel=FLYWHEEL, turn=self.turn, execution=self.execution))

    def next_turn(self) -> None:
        """The execution dies, is freed, and another one resumes the batch."""
        assert self.ports.heads.free(FLYWHEEL, self.turn, self.execution, failures=0, hold=None)
        self.turn, self.execution = self.turn + 1, f"execution-{self.turn + 1}"
        assert self.ports.heads.take(FLYWHEEL, self.turn, self.execution, self.clock.now())

    def activate_elsewhere(self, model: str, *, batch: int | None = None) -> None:
        """Another model becomes active, by somebody in the console, or by a promotion of `batch`."""
        seen = self.ports.serving.read(FLYWHEEL)
        assert seen is not None
        now = self.clock.now()
        op = "promote:1" if batch else "drift:1"
        change = ServingChange(op=op, source=seen.active, target=model, at=now, who="somebody", why="", batch=batch)
        assert self.ports.serving.adopt(FLYWHEEL, seen, change, Notice("ActiveModelChanged", "n", now, "s", "b"))

    # ---- what is there

    @property
    def letters(self) -> list[Letter]:
        return [Letter(*mail) for mail in self.ports.approval_mails.mails]

    @property
    def letter(self) -> Letter:
        """The newest mail."""
        return self.letters[-1]

    @property
    def woken(self) -> list[str]:
        return self.ports.noting_machine.woken

    def row(self) -> Approval:
        """The row that the batch names."""
        name = self.ports.batches.read(FLYWHEEL, 1).approval
        row = None if name is None else self.ports.approvals.read(name)
        assert row is not None
        return row

    def items(self) -> list[dict[str, Any]]:
        """All rows of the approvals table as they are kept."""
        return list(_client("dynamodb").scan(TableName="ApprovalsTable")["Items"])

    # ---- a person

    def get(self, link: str, method: str = "GET") -> Answered:
        return self.request(method, link)

    def post(self, link: str, **fields: str) -> Answered:
        return self.request("POST", link, urlencode(fields).encode())

    def answer(self, letter: Letter | None = None, **fields: str) -> Answered:
        """Answer a mail (the newest) with its code, as the form does."""
        letter = letter or self.letter
        return self.post(letter.link, **{"code": letter.code, **ANSWER, **fields})

    def request(self, method: str, link: str, body: bytes | None = None) -> Answered:
        """Send what a function URL makes of a request.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
        """
        event: dict[str, Any] = {
            "version": "2.0",
            "rawPath": "/" + link.removeprefix(PAGE),
            "rawQueryString": "",
            "headers": {"content-type": "application/x-www-form-urlencoded"},
            "requestContext": {"http": {"method": method}, "domainName": "abc.lambda-url.us-east-1.on.aws"},
            "isBase64Encoded": body is not None,
        }
        if body is not None:
            event["body"] = base64.b64encode(body).decode()
        module = _page_function()
        module.ports = lambda: self.ports
        reply = module.lambda_handler(event, _LambdaContext())
        return Answered(reply["statusCode"], reply["headers"], reply["body"])


@dataclass
class _LambdaContext:
    function_name: str = "test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:123456789012:function:test"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"


@cache
def _page_function() -> Any:
    spec = importlib.util.spec_from_file_location(
        "answer_approval_app", ROOT / "functions" / "answer_approval" / "app.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _tables() -> dict[str, Any]:
    resources: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    return {name: resources[name]["Properties"] for name in ("LedgerTable", "PolicyTable", "ApprovalsTable")}


@contextmanager
def waiting_flywheel(baseline: str = BASELINE) -> Iterator[WaitingFlywheel]:
    """Set everything up in this process."""
    with mock_aws():
        dynamodb = _client("dynamodb")
        wanted = ("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes", "BillingMode")
        for name, properties in _tables().items():
            dynamodb.create_table(TableName=name, **{key: properties[key] for key in wanted if key in properties})
        key = _client("kms").create_key()["KeyMetadata"]["KeyId"]
        environment = {
            "LEDGER_TABLE_NAME": "LedgerTable",
            "POLICY_TABLE_NAME": "PolicyTable",
            "APPROVALS_TABLE_NAME": "ApprovalsTable",
            "APPROVAL_KEY_ID": key,
            "APPROVAL_PAGE_URL": PAGE,
        }
        yield WaitingFlywheel(ApprovalPorts(environment), baseline)
