"""The protocol itself, over HTTP: what is not imitated, what is no request, what no client would send."""

from __future__ import annotations

import ast
import http.client
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import comprehend_local
from comprehend_local import Comprehend, DirectoryObjects, Settings
from comprehend_local.arns import Scope
from comprehend_local.service.callers import Credential
from comprehend_local.service.errors import ServiceError
from docs.coverage.errors import OUTSIDE_THE_MODEL
from tests.conformance.drivers import Boto, Cli, Driver, Http, InProcess, Refused
from tests.conformance.replies import Reply, wrong_reply
from tests.conformance.script import NOWHERE, REGION, operations
from tests.conformance.shapes import document, errors_of

OTHERS = sorted(set(document()["operations"]) - operations())


@pytest.fixture
def plain(url: str) -> Http:
    """HTTP without an AWS library."""
    return Http(url)


def checked(reply: Reply) -> Reply:
    """The reply, which is as the model or the table of common errors wants it."""
    assert wrong_reply(reply) == []
    return reply


@pytest.mark.parametrize("operation", OTHERS)
def test_what_is_not_imitated_says_so(server: InProcess, operation: str) -> None:
    reply = server.reply(operation, {})

    assert (reply.status, reply.code) == (400, "UnknownOperationException")
    assert reply.message == f"comprehend_local does not imitate {operation}."


def test_what_is_not_imitated_says_so_to_clients(url: str, tmp_path: Path) -> None:
    clients: list[Driver] = [Boto(url), Http(url), Cli(url, tmp_path)]
    for client in clients:
        with pytest.raises(Refused) as caught:
            client.call("DetectSentiment", {"Text": "good", "LanguageCode": "en"})
        assert caught.value.code == "UnknownOperationException"
        assert caught.value.message == "comprehend_local does not imitate DetectSentiment."


@pytest.mark.parametrize(
    "target",
    [
        "Comprehend_20171127.NoSuchOperation",
        "Comprehend_20171127.listFlywheels",
        "Comprehend_20171127.",
        "Comprehend_20171127",
        "Comprehend_20171127.ListFlywheels.More",
        "ComprehendMedical_20181030.DetectEntities",
        "Comprehend_20991231.ListFlywheels",
        "DynamoDB_20120810.ListTables",
        "ListFlywheels",
        ".",
        "",
    ],
)
def test_targets_that_are_no_operation(plain: Http, target: str) -> None:
    reply = plain.send("", b"{}", {"X-Amz-Target": target})

    assert checked(reply).code == "UnknownOperationException"


def test_other_protocols_find_no_operation(url: str) -> None:
    """AWS's query protocol has the operation in a form, its REST protocols in the path."""
    for path, body in (("/", b"Action=ListFlywheels&Version=2017-11-27"), ("/flywheels", b"{}")):
        request = urllib.request.Request(url + path, data=body, method="POST")
        with pytest.raises(urllib.error.HTTPError) as caught, urllib.request.urlopen(request):
            pass
        with caught.value as answer:
            assert (answer.code, json.loads(answer.read())["__type"]) == (400, "UnknownOperationException")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_other_methods_are_refused(plain: Http, method: str) -> None:
    assert plain.send("ListFlywheels", b"", method=method).status in (400, 405, 501)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b'"text"',
        b"1",
        b"{",
        b"{}}",
        b"{'MaxResults': 1}",
        b"\xff\xfe{\x00}\x00\x00",
        b'{"NextToken": "\xff"}',
        b"{" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b"[" * 100_000,
        b'{"MaxResults": ' + b"9" * 10_000 + b"}",
        b'{"Filter": {"CreationTimeAfter": NaN}}',
        b'{"Filter": {"CreationTimeAfter": -Infinity}}',
        b"Action=ListFlywheels",
    ],
    ids=lambda body: str(body[:20]),
)
def test_bodies_that_are_no_request(plain: Http, body: bytes) -> None:
    reply = checked(plain.send("ListFlywheels", body))

    assert reply.code == "SerializationException"


@pytest.mark.parametrize("body", [b"", b"{}", b" {} ", b'{"Unknown": [{}], "MaxResults": 1, "NextToken": null}'])
def test_bodies_that_are_one(plain: Http, body: bytes) -> None:
    assert checked(plain.send("ListFlywheels", body)).content == {"FlywheelSummaryList": []}


def test_a_request_that_is_too_large(plain: Http) -> None:
    reply = plain.send("ListFlywheels", b'{"NextToken": "' + b"a" * 5 * 1024 * 1024 + b'"}')

    assert checked(reply).code == "RequestEntityTooLargeException"


def test_a_connection_serves_many_calls(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    for operation, status in (
        ("ListFlywheels", 200),
        ("NoSuch", 400),
        ("DescribeFlywheel", 400),
        ("ListEndpoints", 200),
    ):
        connection.request("POST", "/", b"{}", {"x-amz-target": f"Comprehend_20171127.{operation}"})
        answer = connection.getresponse()
        reply = Reply(operation, answer.status, dict(answer.getheaders()), answer.read())
        assert checked(reply).status == status
    connection.close()


def test_an_unsigned_request_acts_in_the_server_s_own_region(build: Any) -> None:
    server: InProcess = build(Settings.instant(region="eu-west-1", account="111122223333"))
    request = {
        "FlywheelName": "a",
        "DataAccessRoleArn": "arn:aws:iam::111122223333:role/data",
        "DataLakeS3Uri": "s3://lake",
    }
    request |= {"ModelType": "DOCUMENT_CLASSIFIER"}
    task = {"LanguageCode": "en", "DocumentClassificationConfig": {"Mode": "MULTI_CLASS"}}
    body = json.dumps({**request, "TaskConfig": task}).encode()
    unsigned = server.send("CreateFlywheel", body, {"Authorization": ""})
    signed = server.send("CreateFlywheel", body)

    assert checked(unsigned).content["FlywheelArn"] == "arn:aws:comprehend:eu-west-1:111122223333:flywheel/a"
    assert checked(signed).content["FlywheelArn"] == f"arn:aws:comprehend:{REGION}:111122223333:flywheel/a"


class _Nobody:
    """Refuses who signs with the key of a test, as the authorisation by IAM does."""

    def admit(self, credential: Credential, scope: Scope, operation: str, request: dict[str, Any]) -> None:
        raise ServiceError(credential.access_key, f"may not {operation}")


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "UnrecognizedClientException", "MissingAuthenticationTokenException"]
)
@pytest.mark.parametrize("operation", ["ListFlywheels", "ClassifyDocument", "TagResource"])
def test_who_may_not_is_told_so_whatever_the_operation(buckets: Path, code: str, operation: str) -> None:
    comprehend = Comprehend(Settings.instant(), DirectoryObjects(buckets), authorizer=_Nobody())
    server = InProcess(comprehend)
    by = f"AWS4-HMAC-SHA256 Credential={code}/20260101/us-east-1/comprehend/aws4_request, Signature=0"
    request = {"EndpointArn": NOWHERE["endpoint"], "Text": "a", "ResourceArn": NOWHERE["flywheel"], "Tags": []}
    try:
        assert checked(server.send(operation, json.dumps(request).encode(), {"Authorization": by})).code == code
    finally:
        comprehend.close()


def test_a_broken_server_says_so_without_details(build: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server: InProcess = build()
    monkeypatch.setitem(server.comprehend._operations, "ListFlywheels", lambda *_: 1 / 0)

    reply = server.reply("ListFlywheels", {})

    assert (reply.status, reply.code) == (500, "InternalServerException")
    assert "zero" not in reply.message


def test_every_error_in_the_program_is_in_the_model_or_in_the_table() -> None:
    modelled = set().union(*(errors_of(operation) for operation in document()["operations"]))
    settings = {item.default for item in fields(Settings) if item.name.endswith("_error")}

    of_iam = {"NoSuchEntityException"}  # which the server reads and never answers with
    assert (set(_codes()) | settings) - of_iam <= modelled | set(OUTSIDE_THE_MODEL)
    assert not {code for code, outside in OUTSIDE_THE_MODEL.items() if not outside.why}


def _codes() -> Iterator[str]:
    """The codes that the program's source names."""
    for file in Path(comprehend_local.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith("Exception"):
                yield node.value
