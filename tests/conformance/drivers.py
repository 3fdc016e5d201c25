"""Ways to call a server: raw JSON in this process or over HTTP, boto3, and the AWS CLI. All check what they receive."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from comprehend_local import Comprehend
from comprehend_local.service import wire
from tests.conformance.replies import Reply, wrong_reply
from tests.conformance.script import REGION, Act, Names, Request, Settled
from tests.conformance.shapes import wrong_answer

AWS = Path(__file__).parents[2] / ".venv-sam" / "bin" / "aws"
SIGNED = f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/comprehend/aws4_request, SignedHeaders=host, Signature=0"
TIMEOUT = 120


class Refused(Exception):
    """An error answer."""

    def __init__(self, operation: str, code: str, message: str = "") -> None:
        super().__init__(f"{operation}: {code}: {message}")
        self.code = code
        self.message = message


class Driver(Protocol):
    """Calls operations; raises Refused for an error, AssertionError for an answer that is not as the model says."""

    def call(self, operation: str, request: Request) -> dict[str, Any]:
        """The members of the answer."""
        ...


@dataclass(frozen=True, slots=True)
class InProcess:
    """JSON straight into the server, past all that a client checks."""

    comprehend: Comprehend

    def send(self, operation: str, body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """One request, as it comes. The answer is not checked."""
        sent = {"X-Amz-Target": f"Comprehend_20171127.{operation}", "Authorization": SIGNED, **(headers or {})}
        answer = wire.answer(self.comprehend, sent, body)
        return Reply(operation, answer.status, answer.headers, answer.body)

    def reply(self, operation: str, request: Any) -> Reply:
        """The answer, right or an error, checked."""
        reply = self.send(operation, json.dumps(request).encode())
        wrong = wrong_reply(reply)
        assert not wrong, wrong
        return reply

    def call(self, operation: str, request: Request) -> dict[str, Any]:
        """As every driver."""
        return _content(self.reply(operation, request))


@dataclass(frozen=True, slots=True)
class Http:
    """Plain HTTP, without any AWS library."""

    url: str

    def send(
        self, operation: str, body: bytes, headers: Mapping[str, str] | None = None, method: str = "POST"
    ) -> Reply:
        """One request, as it comes. The answer is not checked."""
        sent = {"X-Amz-Target": f"Comprehend_20171127.{operation}", "Authorization": SIGNED}
        sent |= {"Content-Type": "application/x-amz-json-1.1", **(headers or {})}
        request = urllib.request.Request(self.url, data=body, headers=sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return Reply(operation, answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(operation, error.code, dict(error.headers), error.read())

    def call(self, operation: str, request: Request) -> dict[str, Any]:
        """As every driver."""
        reply = self.send(operation, json.dumps(request).encode())
        wrong = wrong_reply(reply)
        assert not wrong, wrong
        return _content(reply)


class Boto:
    """boto3, over HTTP. What comes over the wire is checked before boto3 has read it."""

    def __init__(self, url: str) -> None:
        self._client: Any = boto3.client(
            "comprehend",
            endpoint_url=url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=TIMEOUT),
        )
        self._wrong: list[str] = []
        self._client.meta.events.register("before-parse.comprehend", self._check)

    def _check(self, operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
        status, headers, body = (response_dict[name] for name in ("status_code", "headers", "body"))
        self._wrong += wrong_reply(Reply(operation_model.name, status, headers, body))

    def call(self, operation: str, request: Request) -> dict[str, Any]:
        """As every driver; times are datetimes."""
        try:
            answer: dict[str, Any] = getattr(self._client, xform_name(operation))(**request)
        except ClientError as error:
            raise Refused(operation, error.response["Error"]["Code"], error.response["Error"]["Message"]) from error
        finally:
            assert not self._wrong, self._wrong
        del answer["ResponseMetadata"]
        return answer


@dataclass(frozen=True, slots=True)
class Cli:
    """The AWS CLI: a program of its own for every call."""

    url: str
    home: Path
    options: tuple[str, ...] = field(default=())

    def call(self, operation: str, request: Request) -> dict[str, Any]:
        """As every driver; times are as on the wire."""
        ended = self.run(xform_name(operation, "-"), *_arguments(request))
        if ended.returncode != 0:
            _, _, said = ended.stderr.partition("An error occurred (")
            code, _, message = said.partition(")")
            assert code, ended.stderr
            raise Refused(operation, code, message.partition(": ")[2].strip())
        answer: dict[str, Any] = json.loads(ended.stdout or "{}")
        wrong = wrong_answer(operation, answer)
        assert not wrong, wrong
        return answer

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`aws comprehend ...`."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "AWS_ENDPOINT_URL_COMPREHEND": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "PYTHONUTF8": "1",
        }
        return subprocess.run(
            [str(AWS), "comprehend", *arguments, *self.options],
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )


def perform(act: Act, driver: Driver, names: dict[str, Any], looker: Driver | None = None) -> dict[str, Any]:
    """Make a call, keep what it brings, and wait for what it began, looking through another driver if one is given."""
    answer = driver.call(act.operation, act.request(names))
    for name, path in act.keep.items():
        value: Any = answer
        for part in path.split("."):
            value = value[part]
        names[name] = value
    if act.settled is not None:
        _wait(act.settled, looker or driver, names)
    if act.gone is not None:
        _wait(act.gone, looker or driver, names, gone=True)
    return answer


def _wait(settled: Settled, driver: Driver, names: Names, *, gone: bool = False) -> None:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        try:
            found = driver.call(settled.operation, {settled.member: names[settled.name], **settled.also(names)})
        except Refused as refused:
            if gone and refused.code == "ResourceNotFoundException":
                return
            raise
        properties = found[settled.path[0]]
        status = properties[settled.path[1]]
        if not gone and status == settled.good:
            return
        assert status not in ("FAILED", "IN_ERROR", "STOPPED"), properties
        time.sleep(0.02)
    raise AssertionError(f"{settled.operation} has not come to rest")


def _content(reply: Reply) -> dict[str, Any]:
    if reply.code is not None:
        raise Refused(reply.operation, reply.code, reply.message)
    content: dict[str, Any] = reply.content
    return content


def _arguments(request: Request) -> list[str]:
    """`--flywheel-name news --tags '[{...}]'`."""
    found = []
    for name, value in request.items():
        text = value if isinstance(value, str) else json.dumps(value)
        found += [f"--{xform_name(name, '-')}", text]
    return found
