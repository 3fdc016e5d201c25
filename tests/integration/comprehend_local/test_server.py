"""The server as other programs meet it: over HTTP, as a program of its own, killed and started again."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from comprehend_local import DirectoryObjects, Settings, start_server
from comprehend_local.control import Control, ControlRefused
from comprehend_local.server import HttpServer

from .lab import ACCOUNT, ROLE, TASK, code_of, rows

INPUT = {"DocumentClassifierInputDataConfig": {"S3Uri": "s3://lake/train.csv"}}


def client(url: str, region: str = "us-east-1") -> Any:
    return boto3.client(
        "comprehend",
        endpoint_url=url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=20),
    )


@pytest.fixture
def buckets(tmp_path: Path) -> Path:
    lake = tmp_path / "buckets" / "lake"
    lake.mkdir(parents=True)
    (lake / "train.csv").write_bytes(rows(20))
    return tmp_path / "buckets"


def until(look: Callable[[], str], wanted: str) -> list[str]:
    """Look until it is so; every state that was seen, in order."""
    seen = [look()]
    deadline = time.monotonic() + 30
    while seen[-1] != wanted:
        assert time.monotonic() < deadline, seen
        time.sleep(0.02)
        state = look()
        if state != seen[-1]:
            seen.append(state)
    return seen


def create_flywheel(comprehend: Any, name: str = "news") -> str:
    arn: str = comprehend.create_flywheel(
        FlywheelName=name,
        DataAccessRoleArn=ROLE,
        DataLakeS3Uri="s3://lake/lakes",
        ModelType="DOCUMENT_CLASSIFIER",
        TaskConfig=TASK,
    )["FlywheelArn"]
    return arn


def flywheel_state(comprehend: Any, arn: str) -> Callable[[], str]:
    return lambda: str(comprehend.describe_flywheel(FlywheelArn=arn)["FlywheelProperties"]["Status"])


def dataset_state(comprehend: Any, arn: str) -> Callable[[], str]:
    return lambda: str(comprehend.describe_dataset(DatasetArn=arn)["DatasetProperties"]["Status"])


def iteration_state(comprehend: Any, arn: str, iteration: str) -> Callable[[], str]:
    def look() -> str:
        found = comprehend.describe_flywheel_iteration(FlywheelArn=arn, FlywheelIterationId=iteration)
        return str(found["FlywheelIterationProperties"]["Status"])

    return look


def test_the_way_to_a_model_over_http_with_work_in_the_background(buckets: Path) -> None:
    settings = Settings.instant(
        flywheel_creation_seconds=0.1, dataset_ingestion_seconds=0.1, training_seconds=0.3, evaluation_seconds=0.3
    )
    with start_server(settings, DirectoryObjects(buckets)) as server:
        comprehend = client(server.url, "eu-west-1")
        arn = create_flywheel(comprehend)
        assert arn == f"arn:aws:comprehend:eu-west-1:{ACCOUNT}:flywheel/news", "the region is the signature's"
        assert until(flywheel_state(comprehend, arn), "ACTIVE") == ["CREATING", "ACTIVE"]
        dataset = comprehend.create_dataset(FlywheelArn=arn, DatasetName="d", InputDataConfig=INPUT)["DatasetArn"]
        assert until(dataset_state(comprehend, dataset), "COMPLETED") == ["CREATING", "COMPLETED"]
        iteration = comprehend.start_flywheel_iteration(FlywheelArn=arn)["FlywheelIterationId"]
        seen = until(iteration_state(comprehend, arn, iteration), "COMPLETED")
        assert seen == ["TRAINING", "EVALUATING", "COMPLETED"]
        assert client(server.url).list_flywheels()["FlywheelSummaryList"] == [], "another region is another world"


@contextmanager
def raw(url: str) -> Iterator[Callable[..., tuple[int, dict[str, str], dict[str, Any]]]]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)

    def send(body: bytes | str, target: str | None, method: str = "POST") -> tuple[int, dict[str, str], dict[str, Any]]:
        headers = {"Content-Type": "application/x-amz-json-1.1"} | ({"X-Amz-Target": target} if target else {})
        connection.request(method, "/", body, headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, json.load(answer)

    try:
        yield send
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("body", "target", "status", "code"),
    [
        ("{}", "Comprehend_20171127.DetectSentiment", 400, "UnknownOperationException"),
        ("{}", "Comprehend_20171127.DetectPiiEntities", 400, "UnknownOperationException"),
        ("{}", "Comprehend_20171127.NoSuchThing", 400, "UnknownOperationException"),
        ("{}", "Other.ListFlywheels", 400, "UnknownOperationException"),
        ("{}", None, 400, "UnknownOperationException"),
        ("{", "Comprehend_20171127.ListFlywheels", 400, "SerializationException"),
        ("[" * 100_000, "Comprehend_20171127.ListFlywheels", 400, "SerializationException"),
        (b"\xff\xfe", "Comprehend_20171127.ListFlywheels", 400, "SerializationException"),
        ("[]", "Comprehend_20171127.ListFlywheels", 400, "SerializationException"),
        ('{"MaxResults": "5"}', "Comprehend_20171127.ListFlywheels", 400, "SerializationException"),
        ('{"MaxResults": 0}', "Comprehend_20171127.ListFlywheels", 400, "ValidationException"),
        ("{}", "Comprehend_20171127.DescribeFlywheel", 400, "ValidationException"),
    ],
)
def test_errors_on_the_wire(buckets: Path, body: bytes | str, target: str | None, status: int, code: str) -> None:
    with start_server(Settings.instant(), DirectoryObjects(buckets)) as server, raw(server.url) as send:
        found_status, headers, found = send(body, target)
        assert (found_status, found["__type"], headers["x-amzn-errortype"]) == (status, code, code)
        assert found["Message"] == found["message"]
        assert len(headers["x-amzn-requestid"]) == 36
        assert headers["content-type"] == "application/x-amz-json-1.1"
        status, _, found = send("{}", "Comprehend_20171127.ListFlywheels")
        assert (status, found) == (200, {"FlywheelSummaryList": []}), "the connection and the server live on"


def test_what_is_not_imitated_says_so(buckets: Path) -> None:
    with start_server(Settings.instant(), DirectoryObjects(buckets)) as server, raw(server.url) as send:
        _, _, found = send("{}", "Comprehend_20171127.DetectSentiment")
        assert found["Message"] == "comprehend_local does not imitate DetectSentiment."
        status, _, found = send("", None, "GET")
        assert status == 200
        assert "CreateFlywheel" in found["operations"]


def test_times_are_seconds_with_a_fraction(buckets: Path) -> None:
    with start_server(Settings.instant(), DirectoryObjects(buckets)) as server, raw(server.url) as send:
        arn = create_flywheel(client(server.url))
        _, _, found = send(json.dumps({"FlywheelArn": arn}), "Comprehend_20171127.DescribeFlywheel")
        assert abs(found["FlywheelProperties"]["CreationTime"] - time.time()) < 10


def test_a_request_that_is_too_large_is_refused(buckets: Path) -> None:
    with start_server(Settings.instant(), DirectoryObjects(buckets)) as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
        connection.putrequest("POST", "/")
        connection.putheader("Content-Length", str(5 * 1024 * 1024 + 1))
        connection.endheaders()
        answer = connection.getresponse()
        assert (answer.status, json.load(answer)["__type"]) == (413, "RequestEntityTooLargeException")
        connection.close()


def test_it_listens_on_loopback_only(buckets: Path) -> None:
    with start_server(Settings.instant(), DirectoryObjects(buckets)) as server:
        with pytest.raises(ValueError, match="not a loopback address"):
            HttpServer(server.comprehend, "0.0.0.0")
        assert urlsplit(server.url).hostname == "127.0.0.1"


class Program:
    """`python -m comprehend_local` with its state in a folder."""

    def __init__(self, buckets: Path, state: Path | None, *flags: str) -> None:
        kept = () if state is None else ("--state", str(state))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "comprehend_local", "--port", "0", "--s3", f"dir:{buckets}", *kept, *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.url: str = json.loads(line)["url"] if line else ""

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """(exit code, what it wrote to standard error)."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=20)
        return self.process.returncode, errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(buckets: Path, number: int) -> None:
    program = Program(buckets, None)
    client(program.url).list_flywheels()

    assert program.end(number) == (0, "")


def test_killed_in_the_middle_it_goes_on_where_it_was(buckets: Path, tmp_path: Path) -> None:
    times = ("--time-factor", "0.001", "--training-seconds", "600", "--evaluation-seconds", "200")
    state = tmp_path / "state"
    program = Program(buckets, state, *times)
    comprehend = client(program.url)
    arn = create_flywheel(comprehend)
    until(flywheel_state(comprehend, arn), "ACTIVE")
    dataset = comprehend.create_dataset(
        FlywheelArn=arn, DatasetName="d", InputDataConfig=INPUT, ClientRequestToken="data"
    )["DatasetArn"]
    program.end(signal.SIGKILL)

    program = Program(buckets, state, *times)
    comprehend = client(program.url)
    until(dataset_state(comprehend, dataset), "COMPLETED")
    iteration = comprehend.start_flywheel_iteration(FlywheelArn=arn, ClientRequestToken="go")["FlywheelIterationId"]
    program.end(signal.SIGKILL)

    program = Program(buckets, state, *times)
    comprehend = client(program.url)
    again = comprehend.start_flywheel_iteration(FlywheelArn=arn, ClientRequestToken="go")["FlywheelIterationId"]
    assert again == iteration, "what was acknowledged is known"
    until(iteration_state(comprehend, arn, iteration), "COMPLETED")
    found = comprehend.describe_flywheel_iteration(FlywheelArn=arn, FlywheelIterationId=iteration)
    model = found["FlywheelIterationProperties"]["TrainedModelArn"]
    comprehend.update_flywheel(FlywheelArn=arn, ActiveModelArn=model)
    program.end(signal.SIGKILL)

    program = Program(buckets, state, *times)
    comprehend = client(program.url)
    assert comprehend.describe_flywheel(FlywheelArn=arn)["FlywheelProperties"]["ActiveModelArn"] == model
    evaluation = comprehend.start_flywheel_iteration(FlywheelArn=arn)["FlywheelIterationId"]
    until(iteration_state(comprehend, arn, evaluation), "COMPLETED")
    found = comprehend.describe_flywheel_iteration(FlywheelArn=arn, FlywheelIterationId=evaluation)
    assert found["FlywheelIterationProperties"]["EvaluatedModelArn"] == model, "the model itself was kept"
    assert program.end()[0] == 0


def test_who_may_reach_it_is_said_and_the_control_api_can_be_off(buckets: Path) -> None:
    program = Program(buckets, None, "--allow-remote", "--control", "off")
    with pytest.raises(ControlRefused, match="The control API is off"):
        Control(program.url).rules()

    code, errors = program.end()
    assert code == 0
    assert errors.startswith("comprehend_local: other machines may call it, and it believes whatever access key")


def test_a_state_that_is_none_is_explained(buckets: Path, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "state.sqlite3").write_bytes(b"something else")
    program = Program(buckets, tmp_path / "state")
    _, errors = program.process.communicate(timeout=20)

    assert program.process.returncode == 2
    assert "is not a state of comprehend_local" in errors
    assert "Traceback" not in errors


def test_one_state_has_one_server(buckets: Path, tmp_path: Path) -> None:
    first = Program(buckets, tmp_path / "state")
    second = Program(buckets, tmp_path / "state")
    _, errors = second.process.communicate(timeout=20)

    assert second.process.returncode == 2
    assert errors.startswith("comprehend_local: another comprehend_local is using ")
    assert first.end()[0] == 0


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--port", "0"], "say where s3:// URIs are"),
        (["--port", "0", "--s3", "dir:x", "--authorize", "on"], "--authorize on needs --aws"),
        (["--port", "0", "--s3", "dir:x", "--training-seconds", "-1"], "not a number from 0 up"),
        (["--port", "0", "--s3", "dir:x", "--host", "0.0.0.0"], "is not a loopback address"),
        (["--port", "0", "--s3", "dir:x", "--workers", "0"], "--workers: from 1 up"),
        (["--port", "99999", "--s3", "dir:x"], "--port: from 0 to 65535"),
    ],
)
def test_wrong_flags_are_explained(tmp_path: Path, flags: list[str], message: str) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "comprehend_local", *flags],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=30,
        check=False,
    )

    assert found.returncode == 2
    assert message in found.stderr
    assert len(found.stderr.splitlines()) <= 4, "the message is not lost among 80 flags"


def test_without_a_server_process_an_unknown_flywheel_is_unknown(buckets: Path) -> None:
    with start_server(Settings.instant(), DirectoryObjects(buckets), background=False) as server:
        arn = create_flywheel(client(server.url))
        assert code_of(lambda: client(server.url).describe_flywheel(FlywheelArn=f"{arn}x")) == (
            "ResourceNotFoundException"
        )


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with start_server(Settings.instant(), DirectoryObjects(tmp_path)) as first:
        port = int(first.url.rpartition(":")[2])
        with (
            pytest.raises(OSError, match=f"cannot listen on 127.0.0.1, port {port}: "),
            start_server(Settings.instant(), DirectoryObjects(tmp_path), port=port),
        ):
            pass
