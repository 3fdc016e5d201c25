"""Whatever is called in whatever order, at any time and across restarts: the service's laws hold.

A small oracle says of every call which answers are right, from what could be seen just before it. Raw JSON calls, so
every answer is also held against the service's model. GOVERNOR_LONG_TESTS=<number of examples> searches for longer.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from comprehend_local import Comprehend, DirectoryObjects, ManualClock, Settings
from tests.conformance.crowds import ARN
from tests.conformance.drivers import InProcess
from tests.conformance.expected import IN_USE, INVALID, NOT_FOUND, OK, RUNNING_JOB, UNAVAILABLE, Expected
from tests.conformance.files import BUCKET, uri, write_files
from tests.conformance.laws import LONG
from tests.conformance.observed import compare, look
from tests.conformance.script import CLASSES, OUTPUT, ROLE

SETTINGS = Settings(
    time_factor=1.0,
    flywheel_creation_seconds=10,
    flywheel_copy_seconds=10,
    flywheel_deletion_seconds=10,
    dataset_ingestion_seconds=10,
    training_seconds=20,
    evaluation_seconds=10,
    endpoint_creation_seconds=10,
    endpoint_update_seconds=10,
    endpoint_deletion_seconds=10,
    job_seconds=20,
)
IN_TRAINING = ("SUBMITTED", "TRAINING", "STOP_REQUESTED")
ONE = f"{ARN}flywheel/one"
flywheels = st.sampled_from([ONE] * 4 + [f"{ARN}flywheel/{name}" for name in ("two", "two", "nine")])
endpoints = st.sampled_from([f"{ARN}document-classifier-endpoint/{name}" for name in ("e", "e", "f")])
number = st.integers(0, 30)


class Life(RuleBasedStateMachine):
    """People who call the service as they like."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp())
        write_files(self._folder / "buckets")
        (self._folder / "buckets" / BUCKET / "in" / "bad.csv").write_text("no data at all\n")
        self._clock = ManualClock()
        self._start()
        self.seen = look(self.server, self._clock.now())

    def _start(self) -> None:
        objects = DirectoryObjects(self._folder / "buckets")
        self._comprehend = Comprehend(SETTINGS, objects, clock=self._clock, state=self._folder / "state")
        self.server = InProcess(self._comprehend)

    def teardown(self) -> None:
        self._comprehend.close()
        shutil.rmtree(self._folder)

    @invariant()
    def the_laws_hold(self) -> None:
        after = look(self.server, self._clock.now())
        compare(self.seen, after)
        self.seen = after

    def call(self, expected: set[str], operation: str, **request: Any) -> None:
        """A call whose outcome is one of those expected."""
        reply = self.server.reply(operation, request)
        outcome = reply.code or OK
        assert outcome in expected, f"{operation} {request}: {outcome}, not {expected}: {reply.body.decode()}"

    @property
    def expected(self) -> Expected:
        """What is right, by what was seen last."""
        return Expected(self.seen)

    def models(self) -> list[str]:
        """The ARNs of all models, and one of none."""
        return [*sorted(self.seen.things["classifier"]), f"{ARN}document-classifier/none"]

    @initialize()
    def begin_with_a_model_that_is_used(self) -> None:
        self.create_flywheel(ONE, None)
        self._pass(10)
        self.create_dataset(ONE, "a", "TRAIN", "train.csv")
        self._pass(10)
        self.a_whole_turn(ONE)
        self.the_laws_hold()
        self.create_endpoint(f"{ARN}document-classifier-endpoint/e", 0, ONE)

    @rule(arn=flywheels, model=st.one_of(st.none(), number))
    def create_flywheel(self, arn: str, model: int | None) -> None:
        request: dict[str, Any] = {"ModelType": "DOCUMENT_CLASSIFIER", "TaskConfig": CLASSES}
        expected = {IN_USE} if arn in self.seen.things["flywheel"] else {OK}
        if model is not None:
            chosen = self._pick(model)
            request = {"ActiveModelArn": chosen}
            expected = (expected - {OK}) | self.expected.usable(chosen) or {OK}
        name = arn.rpartition("/")[2]
        lake = f"s3://{BUCKET}/lakes"
        self.call(expected, "CreateFlywheel", FlywheelName=name, DataAccessRoleArn=ROLE, DataLakeS3Uri=lake, **request)

    @rule(
        arn=flywheels,
        name=st.integers(1, 12).map(str),
        kind=st.sampled_from(["TRAIN", "TRAIN", "TEST"]),
        file=st.sampled_from(["train.csv", "test.csv", "train.csv", "bad.csv"]),
    )
    def create_dataset(self, arn: str, name: str, kind: str, file: str) -> None:
        expected = self.expected.active(arn)
        if f"{arn}/dataset/{name}" in self.seen.things["dataset"]:
            expected = (expected - {OK}) | {IN_USE}
        data = {"DocumentClassifierInputDataConfig": {"S3Uri": uri(file)}}
        request = {"FlywheelArn": arn, "DatasetName": name, "DatasetType": kind, "InputDataConfig": data}
        self.call(expected, "CreateDataset", **request)

    @rule(arn=flywheels)
    def start_iteration(self, arn: str) -> None:
        expected = self.expected.active(arn)
        if self.expected.is_running(arn):
            expected = (expected - {OK}) | {IN_USE}
        elif expected == {OK} and not self.expected.can_learn(arn):
            expected = {INVALID}
        self.call(expected, "StartFlywheelIteration", FlywheelArn=arn)

    @rule(arn=flywheels, model=number)
    def promote(self, arn: str, model: int) -> None:
        """UpdateFlywheel has no error for what is unavailable."""
        chosen = self._pick(model)
        usable = {INVALID if code == UNAVAILABLE else code for code in self.expected.usable(chosen)}
        expected = (self.expected.active(arn) | usable) - {OK} or {OK}
        self.call(expected, "UpdateFlywheel", FlywheelArn=arn, ActiveModelArn=chosen)

    @rule(arn=flywheels)
    def delete_flywheel(self, arn: str) -> None:
        status = self.seen.status("flywheel", arn)
        follows = any(item.get("FlywheelArn") == arn for item in self.seen.every("endpoint"))
        copies = any(
            key.startswith(f"{arn}/") and item["Status"] == "CREATING"
            for key, item in self.seen.things["dataset"].items()
        )
        expected = {OK}
        if status is None:
            expected = {NOT_FOUND}
        elif status == "CREATING":
            expected = {UNAVAILABLE, IN_USE}
        elif status != "DELETING" and (follows or copies or self.expected.is_running(arn)):
            expected = {IN_USE}
        self.call(expected, "DeleteFlywheel", FlywheelArn=arn)

    @rule(name=st.sampled_from("mn"), version=st.sampled_from("vw"), file=st.sampled_from(["train.csv", "bad.csv"]))
    def create_classifier(self, name: str, version: str, file: str) -> None:
        there = f"{ARN}document-classifier/{name}/version/{version}" in self.seen.things["classifier"]
        self.call(
            {IN_USE} if there else {OK},
            "CreateDocumentClassifier",
            DocumentClassifierName=name,
            VersionName=version,
            DataAccessRoleArn=ROLE,
            InputDataConfig={"S3Uri": uri(file)},
            LanguageCode="en",
        )

    @rule(model=number, busy=st.booleans())
    def stop_training(self, model: int, busy: bool) -> None:
        """Of any model, or of one that is in training."""
        training = [arn for arn in self.models() if self.seen.status("classifier", arn) in IN_TRAINING]
        chosen = training[0] if busy and training else self._pick(model)
        there = chosen in self.seen.things["classifier"]
        self.call({OK} if there else {NOT_FOUND}, "StopTrainingDocumentClassifier", DocumentClassifierArn=chosen)

    @rule()
    def stop_an_iteration(self) -> None:
        """New data, an iteration, and a stop while it trains: its model, or there is no other way."""
        self.create_dataset(ONE, f"more-{len(self.seen.things['dataset'])}", "TRAIN", "train.csv")
        self._pass(10)
        self.start_iteration(ONE)
        self.the_laws_hold()
        self.stop_training(0, busy=True)

    @rule(model=number)
    def delete_model(self, model: int) -> None:
        chosen = self._pick(model)
        status = self.seen.status("classifier", chosen)
        expected = {OK}
        if status is None:
            expected = {NOT_FOUND}
        elif status in IN_TRAINING:
            expected = {UNAVAILABLE}
        elif self.expected.is_used(chosen):
            expected = {IN_USE}
        elif self.expected.is_anything_evaluated():
            expected = {OK, IN_USE}
        self.call(expected, "DeleteDocumentClassifier", DocumentClassifierArn=chosen)

    @rule(arn=endpoints, model=number, flywheel=st.one_of(st.none(), flywheels))
    def create_endpoint(self, arn: str, model: int, flywheel: str | None) -> None:
        expected, request = self.expected.served(self._pick(model), flywheel)
        if arn in self.seen.things["endpoint"]:
            expected = (expected - {OK}) | {IN_USE}
        named = {"ModelArn" if name == "DesiredModelArn" else name: value for name, value in request.items()}
        name = arn.rpartition("/")[2]
        self.call(expected, "CreateEndpoint", EndpointName=name, DesiredInferenceUnits=1, **named)

    @rule(arn=endpoints, model=number, flywheel=st.one_of(st.none(), flywheels), units=st.integers(1, 3))
    def update_endpoint(self, arn: str, model: int, flywheel: str | None, units: int) -> None:
        expected, request = self.expected.served(self._pick(model), flywheel)
        rest = {None: NOT_FOUND, "CREATING": IN_USE, "UPDATING": IN_USE, "DELETING": UNAVAILABLE, "FAILED": UNAVAILABLE}
        status = self.seen.status("endpoint", arn)
        if status in rest:
            expected = (expected - {OK}) | {rest[status]}
        self.call(expected, "UpdateEndpoint", EndpointArn=arn, DesiredInferenceUnits=units, **request)

    @rule(arn=endpoints)
    def delete_endpoint(self, arn: str) -> None:
        status = self.seen.status("endpoint", arn)
        expected = {None: {NOT_FOUND}, "CREATING": {IN_USE}, "UPDATING": {IN_USE}}.get(status, {OK})
        self.call(expected, "DeleteEndpoint", EndpointArn=arn)

    @rule(arn=endpoints)
    def classify(self, arn: str) -> None:
        answers = self.seen.status("endpoint", arn) in ("IN_SERVICE", "UPDATING")
        self.call({OK} if answers else {UNAVAILABLE}, "ClassifyDocument", EndpointArn=arn, Text="the cat has a paw")

    @rule(model=number, flywheel=st.one_of(st.none(), flywheels))
    def start_job(self, model: int, flywheel: str | None) -> None:
        expected, request = self.expected.served(self._pick(model), flywheel)
        named = {
            "DocumentClassifierArn" if name == "DesiredModelArn" else name: value for name, value in request.items()
        }
        running = sum(item["JobStatus"] in RUNNING_JOB for item in self.seen.every("classification job"))
        if running >= SETTINGS.maximum_jobs:
            expected = (expected - {OK}) | {"TooManyRequestsException"}
        self.call(
            expected,
            "StartDocumentClassificationJob",
            InputDataConfig={"S3Uri": uri("job.txt")},
            OutputDataConfig=OUTPUT,
            DataAccessRoleArn=ROLE,
            **named,
        )

    @rule(arn=st.one_of(flywheels, endpoints), keys=st.lists(st.sampled_from("xyz"), min_size=1))
    def tag(self, arn: str, keys: list[str]) -> None:
        there = any(arn in things for things in self.seen.things.values())
        tags = [{"Key": key, "Value": "v"} for key in keys]
        self.call({OK} if there else {NOT_FOUND}, "TagResource", ResourceArn=arn, Tags=tags)
        self.call({OK} if there else {NOT_FOUND}, "ListTagsForResource", ResourceArn=arn)

    @rule(seconds=st.sampled_from([1, 5, 10, 40]))
    def time_passes(self, seconds: int) -> None:
        self._clock.advance(seconds)

    @rule()
    def everything_comes_to_rest(self) -> None:
        self._pass(40)

    @rule(arn=flywheels)
    def a_whole_turn(self, arn: str) -> None:
        """An iteration and the promotion of what it trained, so that examples get far."""
        self.start_iteration(arn)
        for _ in range(4):
            self._pass(10)
        latest = self.seen.things["flywheel"].get(arn, {}).get("LatestFlywheelIteration")
        trained = self.seen.things["iteration"].get(f"{arn}#{latest}", {}).get("TrainedModelArn")
        if trained is not None:
            self.promote(arn, self.models().index(trained) if trained in self.models() else -1)

    @rule()
    def restart(self) -> None:
        self._comprehend.close()
        self._start()

    def _pass(self, seconds: int) -> None:
        self._clock.advance(seconds)
        self.the_laws_hold()

    def _pick(self, model: int) -> str:
        models = self.models()
        return models[model % len(models)]


@pytest.mark.slow
@pytest.mark.timeout(0 if LONG else 400)
def test_the_laws_hold_whatever_is_called() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=LONG or 20,
            stateful_step_count=60 if LONG else 40,
            derandomize=not LONG,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink] if LONG else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
