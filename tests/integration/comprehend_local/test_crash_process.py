"""The real process, killed with -9 at moments that a seed draws, and ended while it trains."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from .lab import ROLE, TASK, rows
from .test_server import INPUT, Program, client, create_flywheel, dataset_state, flywheel_state, iteration_state, until

FAST = ("--time-factor", "0.0002")
LONG_TEXT = "word%d other%d common text that goes on for a while"


class Mortal:
    """A server that is killed now and then and started again; calls are made until they are answered."""

    def __init__(self, buckets: Path, state: Path, seed: int, kills: int) -> None:
        self._start: Callable[[], Program] = lambda: Program(buckets, state, *FAST)
        self._chance = random.Random(seed)
        self.kills_left = kills
        self._born()

    def _born(self) -> None:
        self.program = self._start()
        self._client = client(self.program.url)
        if self.kills_left:
            self.kills_left -= 1
            killer = threading.Timer(self._chance.uniform(0.0, 0.6), self.program.process.kill)
            killer.daemon = True
            killer.start()

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        while True:
            try:
                answer: dict[str, Any] = getattr(self._client, operation)(**request)
                return answer
            except ClientError:
                raise
            except BotoCoreError:
                self.program.process.wait(timeout=20)
                self.program.process.communicate()
                self._born()


@pytest.fixture
def buckets(tmp_path: Path) -> Path:
    lake = tmp_path / "buckets" / "lake"
    lake.mkdir(parents=True)
    (lake / "train.csv").write_bytes(rows(20))
    return tmp_path / "buckets"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_nothing_acknowledged_is_lost_and_what_runs_ends(buckets: Path, tmp_path: Path, seed: int) -> None:
    server = Mortal(buckets, tmp_path / "state", seed, kills=5)
    acknowledged: list[str] = []
    for number in range(3):
        arn = server.call(
            "create_flywheel",
            FlywheelName=f"f{number}",
            DataAccessRoleArn=ROLE,
            DataLakeS3Uri="s3://lake/lakes",
            ModelType="DOCUMENT_CLASSIFIER",
            TaskConfig=TASK,
            ClientRequestToken=f"f{number}",
        )["FlywheelArn"]
        acknowledged.append(arn)
        _until(lambda: server.call("describe_flywheel", FlywheelArn=arn)["FlywheelProperties"]["Status"], "ACTIVE")  # noqa: B023
        dataset = server.call(
            "create_dataset",
            FlywheelArn=arn,
            DatasetName="d",
            InputDataConfig=INPUT,
            ClientRequestToken="d",
        )["DatasetArn"]
        acknowledged.append(dataset)
        _until(lambda: server.call("describe_dataset", DatasetArn=dataset)["DatasetProperties"]["Status"], "COMPLETED")  # noqa: B023
        started = server.call("start_flywheel_iteration", FlywheelArn=arn, ClientRequestToken="i")
        started.pop("ResponseMetadata")
        found: dict[str, Any] = {}

        def state() -> str:
            found.update(server.call("describe_flywheel_iteration", **started)["FlywheelIterationProperties"])  # noqa: B023
            return str(found["Status"])  # noqa: B023

        _until(state, "COMPLETED")
        server.call("update_flywheel", FlywheelArn=arn, ActiveModelArn=found["TrainedModelArn"])
        acknowledged.append(found["TrainedModelArn"])
    flywheels = {
        item["FlywheelArn"]: item["ActiveModelArn"] for item in server.call("list_flywheels")["FlywheelSummaryList"]
    }
    datasets = {item["DatasetArn"] for item in server.call("list_datasets")["DatasetPropertiesList"]}

    assert flywheels == dict(zip(acknowledged[::3], acknowledged[2::3], strict=True))
    assert datasets == set(acknowledged[1::3])
    assert server.program.end(signal.SIGTERM)[0] in (0, -signal.SIGKILL)


def _until(look: Callable[[], str], wanted: str) -> None:
    deadline = time.monotonic() + 60
    while (state := look()) != wanted:
        assert state != "FAILED"
        assert time.monotonic() < deadline, state
        time.sleep(0.02)


@pytest.fixture
def training(buckets: Path, tmp_path: Path) -> tuple[Program, Any, dict[str, str]]:
    """A server that has begun to train on enough data to be busy for a while; (it, a client, the iteration)."""
    lines = (f"{label},{LONG_TEXT % (n % 5000, n * 7)}\n" for n in range(40_000) for label in TASK_LABELS)
    (buckets / "lake" / "large.csv").write_text("".join(lines))
    program = Program(buckets, tmp_path / "state", "--time-factor", "0", "--maximum-file-bytes", str(10**9))
    comprehend = client(program.url)
    arn = create_flywheel(comprehend)
    until(flywheel_state(comprehend, arn), "ACTIVE")
    config = {"DocumentClassifierInputDataConfig": {"S3Uri": "s3://lake/large.csv"}}
    dataset = comprehend.create_dataset(FlywheelArn=arn, DatasetName="d", InputDataConfig=config)["DatasetArn"]
    until(dataset_state(comprehend, dataset), "COMPLETED")
    started = comprehend.start_flywheel_iteration(FlywheelArn=arn)
    started.pop("ResponseMetadata")
    assert iteration_state(comprehend, arn, started["FlywheelIterationId"])() == "TRAINING"
    return program, comprehend, started


TASK_LABELS = ("pets", "cars", "food")


def descendants(pid: int) -> set[int]:
    """The processes that a process has started, and theirs."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= more
    return found


def gone(pids: set[int]) -> bool:
    """Whether no such process runs; one that waits to be reaped does not."""
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            return False
    return True


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_ended_while_it_trains_it_leaves_no_process_and_trains_again_later(
    training: tuple[Program, Any, dict[str, str]], buckets: Path, tmp_path: Path, number: int
) -> None:
    program, _, started = training
    time.sleep(0.3)
    children = descendants(program.process.pid)

    code, errors = program.end(number)

    assert (code, errors) == ((0, "") if number == signal.SIGTERM else (-9, ""))
    deadline = time.monotonic() + 20
    while not gone(children):
        assert time.monotonic() < deadline, f"of {children} some go on"
        time.sleep(0.05)
    again = Program(buckets, tmp_path / "state", "--time-factor", "0")
    comprehend = client(again.url)
    until(iteration_state(comprehend, started["FlywheelArn"], started["FlywheelIterationId"]), "COMPLETED")
    assert again.end()[0] == 0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_the_way_to_find_processes_finds_them() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in descendants(os.getpid())
        assert not gone({child.pid})
        child.communicate(b"\n")
    assert gone({child.pid})
