"""Dead at any moment and started again, it has everything that it acknowledged, and ends what was running.

The server dies just before and just after everything that it writes: transactions, documents, files in the lake.
"""

from __future__ import annotations

import random
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from comprehend_local import Comprehend, DirectoryObjects, ManualClock, Settings
from comprehend_local.service import api
from comprehend_local.service.errors import ServiceError
from comprehend_local.store.database import Store

from .lab import ROLE, TASK, rows

FLYWHEEL = "arn:aws:comprehend:us-east-1:000000000000:flywheel/news"


class Died(BaseException):
    """The process ended."""


class Death:
    """Comes when so many things were written; 0 = never."""

    def __init__(self) -> None:
        self.at = 0
        self.passed = 0

    def pass_by(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            raise Died

    @contextmanager
    def around(self) -> Iterator[None]:
        self.pass_by()
        yield
        self.pass_by()


class MortalStore(Store):
    """Dies before and after each commit."""

    death: Death

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(folder)
        self._db.execute("PRAGMA synchronous = OFF")  # what survives a power cut is not the question, and takes long

    @contextmanager
    def transaction(self) -> Iterator[None]:
        outermost = self._depth == 0
        with super().transaction():
            yield
            if outermost:
                self.death.pass_by()
        if outermost:
            self.death.pass_by()

    def put_blob(self, key: str, content: bytes) -> None:
        with self._alone():
            super().put_blob(key, content)

    def delete_blobs(self, prefix: str) -> None:
        with self._alone():
            super().delete_blobs(prefix)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Inside a transaction it is a part of that."""
        with ExitStack() as stack:
            if self._depth == 0:
                stack.enter_context(self.death.around())
            yield


class MortalObjects(DirectoryObjects):
    """Dies before and after each write."""

    def __init__(self, folder: Path, death: Death) -> None:
        super().__init__(folder)
        self._death = death

    def write(self, bucket: str, key: str, content: bytes | IO[bytes]) -> None:
        with self._death.around():
            super().write(bucket, key, content)


class World:
    """A folder with buckets and state, and servers that live there one after the other."""

    def __init__(self, folder: Path, death: Death) -> None:
        self._folder = folder
        self._clock = ManualClock()
        self.death = death
        lake = folder / "buckets" / "lake"
        lake.mkdir(parents=True)
        for name, first in (("train-1", 0), ("train-2", 100), ("test-1", 500)):
            (lake / f"{name}.csv").write_bytes(rows(20, first))
        (lake / "texts.txt").write_bytes(b"cat dog fur\nwheel motor\n" * 40)
        self.born()

    def born(self) -> None:
        objects = MortalObjects(self._folder / "buckets", self.death)
        settings = Settings.instant()
        self._server = Comprehend(settings, objects, clock=self._clock, state=self._folder / "state")

    def die(self) -> None:
        self._server.close()

    def predictions(self, job: str) -> list[str]:
        """The lines that a job wrote."""
        found = self.call("DescribeDocumentClassificationJob", JobId=job)["DocumentClassificationJobProperties"]
        assert found["JobStatus"] == "COMPLETED"
        key = found["OutputDataConfig"]["S3Uri"].removeprefix("s3://")
        with tarfile.open(self._folder / "buckets" / key) as archive:
            member = archive.extractfile(archive.getnames()[0])
            assert member is not None
            return member.read().decode().splitlines()

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call until there is an answer, as clients do; a server that died is started again."""
        while True:
            try:
                return self._server.call(operation, request)
            except Died:
                self.die()
                self.born()


def live(world: World) -> dict[str, Any]:
    """What a client does in a flywheel's life; all that can be seen at the end."""
    world.call(
        "CreateFlywheel",
        FlywheelName="news",
        DataAccessRoleArn=ROLE,
        DataLakeS3Uri="s3://lake/lakes",
        ModelType="DOCUMENT_CLASSIFIER",
        TaskConfig=TASK,
        Tags=[{"Key": "team", "Value": "a"}],
        ClientRequestToken="flywheel",
    )
    for name, kind in (("train-1", "TRAIN"), ("test-1", "TEST")):
        _dataset(world, name, kind)
    first = _iterate(world, "first")
    world.call("UpdateFlywheel", FlywheelArn=FLYWHEEL, ActiveModelArn=first["TrainedModelArn"])
    endpoint = world.call(
        "CreateEndpoint",
        EndpointName="live",
        FlywheelArn=FLYWHEEL,
        DesiredInferenceUnits=1,
        ClientRequestToken="endpoint",
    )["EndpointArn"]
    _dataset(world, "train-2", "TRAIN")
    second = _iterate(world, "second")
    world.call("UpdateFlywheel", FlywheelArn=FLYWHEEL, ActiveModelArn=second["TrainedModelArn"])
    job = world.call(
        "StartDocumentClassificationJob",
        InputDataConfig={"S3Uri": "s3://lake/texts.txt", "InputFormat": "ONE_DOC_PER_LINE"},
        OutputDataConfig={"S3Uri": "s3://lake/answers"},
        DataAccessRoleArn=ROLE,
        FlywheelArn=FLYWHEEL,
        ClientRequestToken="job",
    )["JobId"]
    plain = world.call(
        "CreateDocumentClassifier",
        DocumentClassifierName="plain",
        VersionName="one",
        DataAccessRoleArn=ROLE,
        LanguageCode="en",
        InputDataConfig={"S3Uri": "s3://lake/train-1.csv"},
        OutputDataConfig={"S3Uri": "s3://lake/statistics"},
        ClientRequestToken="plain",
    )["DocumentClassifierArn"]
    copy = world.call(
        "CreateFlywheel",
        FlywheelName="copy",
        DataAccessRoleArn=ROLE,
        DataLakeS3Uri="s3://lake/lakes",
        ActiveModelArn=plain,
        ClientRequestToken="copy",
    )["FlywheelArn"]
    copied = world.call("ListDatasets", FlywheelArn=copy)["DatasetPropertiesList"]
    assert [item["Status"] for item in copied] == ["COMPLETED"]
    _once(world, "DeleteFlywheel", FlywheelArn=copy)
    _once(world, "DeleteDocumentClassifier", DocumentClassifierArn=first["TrainedModelArn"])
    seen = {
        "flywheel": world.call("DescribeFlywheel", FlywheelArn=FLYWHEEL),
        "tags": world.call("ListTagsForResource", ResourceArn=FLYWHEEL),
        "datasets": world.call("ListDatasets"),
        "iterations": world.call("ListFlywheelIterationHistory", FlywheelArn=FLYWHEEL),
        "flywheels": world.call("ListFlywheels"),
        "models": world.call("ListDocumentClassifiers"),
        "endpoint": world.call("DescribeEndpoint", EndpointArn=endpoint),
        "answer": world.call("ClassifyDocument", EndpointArn=endpoint, Text="bread butter"),
        "job": world.predictions(job),
    }
    assert len(seen["job"]) == 80
    return seen


def _once(world: World, operation: str, **request: Any) -> None:
    """A deletion, which has no token: made again it may find nothing."""
    try:
        world.call(operation, **request)
    except ServiceError as error:  # it took effect before the server died
        assert error.code == "ResourceNotFoundException"  # noqa: PT017


def _dataset(world: World, name: str, kind: str) -> None:
    world.call(
        "CreateDataset",
        FlywheelArn=FLYWHEEL,
        DatasetName=name,
        DatasetType=kind,
        InputDataConfig={"DocumentClassifierInputDataConfig": {"S3Uri": f"s3://lake/{name}.csv"}},
        ClientRequestToken=name,
    )


def _iterate(world: World, token: str) -> dict[str, Any]:
    started = world.call("StartFlywheelIteration", FlywheelArn=FLYWHEEL, ClientRequestToken=token)
    found: dict[str, Any] = world.call("DescribeFlywheelIteration", **started)["FlywheelIterationProperties"]
    assert found["Status"] == "COMPLETED"
    return found


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], World]]:
    """Makes a world whose first server dies at a moment."""
    death = Death()
    monkeypatch.setattr(MortalStore, "death", death, raising=False)
    monkeypatch.setattr(api, "Store", MortalStore)
    worlds: list[World] = []

    def build(at: int) -> World:
        death.at = death.passed = 0
        world = World(tmp_path / str(len(worlds)), death)
        death.at, death.passed = at, 0
        worlds.append(world)
        return world

    yield build
    for world in worlds:
        world.die()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_whenever_it_dies_the_end_is_the_same(make: Callable[[int], World], part: int) -> None:
    undisturbed = make(0)
    expected = live(undisturbed)
    moments = undisturbed.death.passed
    assert moments > 100

    for moment in range(1 + part, moments + 1, 4):
        world = make(moment)
        assert live(world) == expected, f"it died at moment {moment} of {moments}"
        assert world.death.passed >= moment


@pytest.mark.parametrize("seed", range(3))
def test_however_often_it_dies_the_end_is_the_same(make: Callable[[int], World], seed: int) -> None:
    expected = live(make(0))
    chance = random.Random(seed)
    world = make(0)
    deaths = 0
    born = world.born

    def born_to_die() -> None:
        nonlocal deaths
        deaths += 1
        world.death.at, world.death.passed = chance.randint(2, 25), 0
        born()

    world.born = born_to_die  # type: ignore[method-assign]
    world.death.at = 5

    assert live(world) == expected
    assert deaths > 5
