"""The laws of ClientRequestToken: the same request with the same token is one request, also across a restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehend_local import Comprehend, DirectoryObjects, ManualClock, Settings
from tests.conformance.crowds import HOME, LISTINGS, QUOTAS, Crowd
from tests.conformance.drivers import InProcess
from tests.conformance.files import write_files
from tests.conformance.laws import lawful
from tests.conformance.script import example, operations
from tests.conformance.shapes import document, input_of, shape

LISTED = {str(listing): listing for listing in LISTINGS}
TOKENS: dict[str, tuple[str, str | None, dict[str, Any]]] = {
    "CreateFlywheel": ("ListFlywheels", "FlywheelName", {"FlywheelName": "named"}),
    "CreateDataset": ("ListDatasets", "DatasetName", {"FlywheelArn": HOME}),
    "StartFlywheelIteration": ("ListFlywheelIterationHistory", None, {"FlywheelArn": HOME}),
    "CreateDocumentClassifier": ("ListDocumentClassifiers", "VersionName", {}),
    "CreateEntityRecognizer": ("ListEntityRecognizers", "VersionName", {}),
    "CreateEndpoint": (
        "ListEndpoints",
        "EndpointName",
        {"ModelArn": "arn:aws:comprehend:us-east-1:000000000000:document-classifier/trained"},
    ),
    "StartDocumentClassificationJob": ("ListDocumentClassificationJobs", None, {}),
    "StartEntitiesDetectionJob": (
        "ListEntitiesDetectionJobs",
        None,
        {"EntityRecognizerArn": "arn:aws:comprehend:us-east-1:000000000000:entity-recognizer/trained"},
    ),
}
"""By operation: the list that shows its effect, the member with a name that must be new, changes to the example."""
every_operation = pytest.mark.parametrize("operation", TOKENS)


class Servant:
    """A server with a state, which can be started anew."""

    def __init__(self, folder: Path, operation: str) -> None:
        self._folder = folder
        self._listing = LISTED[TOKENS[operation][0]]
        self._operation = operation
        self.clock = ManualClock()
        self._start()
        self._crowd = Crowd(self.server, self.clock)
        if operation == "StartDocumentClassificationJob":
            self._crowd.call("DescribeFlywheel", FlywheelArn=HOME)
        self.before = self.count()

    def _start(self) -> None:
        long = dict.fromkeys(("training_seconds", "job_seconds", "evaluation_seconds"), 0.0)
        settings = Settings.instant(**{**QUOTAS, **long, "nothing_to_train": "fail"})
        self._comprehend = Comprehend(
            settings, DirectoryObjects(self._folder / "buckets"), clock=self.clock, state=self._folder / "state"
        )
        self.server = InProcess(self._comprehend)

    def restart(self) -> None:
        """End, and begin with the same state."""
        self._comprehend.close()
        self._start()
        self._crowd.server = self.server

    def close(self) -> None:
        """End."""
        self._comprehend.close()

    def request(self, variant: str, token: str | None, **changes: Any) -> dict[str, Any]:
        """A valid request; variants differ in a name, or in a detail where there is no name."""
        _, name, own = TOKENS[self._operation]
        request = {**example(self._operation), **own, **changes}
        if self._operation == "StartDocumentClassificationJob":
            del request["FlywheelArn"]
            request["DocumentClassifierArn"] = "arn:aws:comprehend:us-east-1:000000000000:document-classifier/trained"
        del request["ClientRequestToken"]
        if name is not None:
            request[name] = f"named-{variant}"
        elif "JobName" in request:
            request["JobName"] = variant
        return request if token is None else {**request, "ClientRequestToken": token}

    def count(self) -> int:
        """How many things there are."""
        return len(self._listing.every(self._crowd))


@contextmanager
def serving(tmp_path_factory: pytest.TempPathFactory, operation: str) -> Iterator[Servant]:
    """A server for one example."""
    folder = tmp_path_factory.mktemp("tokens")
    write_files(folder / "buckets")
    servant = Servant(folder, operation)
    try:
        yield servant
    finally:
        servant.close()


def test_every_operation_with_a_token_is_here() -> None:
    with_token = {name for name in operations() if "ClientRequestToken" in shape(input_of(name))["members"]}

    assert set(TOKENS) == with_token
    assert with_token <= set(document()["operations"])


@every_operation
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["t1", "t2", None]), st.sampled_from("ab"), st.sampled_from([False, False, True])),
        min_size=2,
        max_size=7,
    )
)
@lawful
def test_a_token_stands_for_one_request(
    tmp_path_factory: pytest.TempPathFactory, operation: str, steps: list[tuple[str | None, str, bool]]
) -> None:
    """What must happen follows from what happened: answers by token, and the names that are taken."""
    named = TOKENS[operation][1] is not None
    one_variant = operation == "StartFlywheelIteration"
    answers: dict[str, tuple[str, Any]] = {}
    taken: set[str] = set()
    made: list[Any] = []
    with serving(tmp_path_factory, operation) as servant:
        for token, drawn, restarts in steps:
            variant = "a" if one_variant else drawn
            if restarts:
                servant.restart()
            servant.clock.advance(1)
            reply = servant.server.reply(operation, servant.request(variant, token))
            if token in answers and answers[token][0] == variant:
                assert reply.content == answers[token][1]
            elif token in answers:
                assert reply.code == "InvalidRequestException"
                assert token in reply.message
            elif named and variant in taken:
                assert reply.code == "ResourceInUseException"
            else:
                assert reply.status == 200, reply.body
                assert reply.content not in made
                made.append(reply.content)
                taken.add(variant)
                if token is not None:
                    answers[token] = (variant, reply.content)
            assert servant.count() - servant.before == len(made)


@every_operation
def test_what_is_the_same_request(tmp_path_factory: pytest.TempPathFactory, operation: str) -> None:
    with serving(tmp_path_factory, operation) as servant:
        request = servant.request("a", "t")
        first = servant.server.reply(operation, request)
        turned = dict(reversed(request.items()))
        nothing_said = {
            **request,
            "Unknown": 1,
            "Tags": request.get("Tags"),
            "VolumeKmsKeyId": request.get("VolumeKmsKeyId"),
        }

        assert servant.server.reply(operation, turned).content == first.content
        assert servant.server.reply(operation, nothing_said).content == first.content
        assert servant.count() == servant.before + 1


@every_operation
def test_a_request_that_was_refused_does_not_use_its_token(
    tmp_path_factory: pytest.TempPathFactory, operation: str
) -> None:
    with serving(tmp_path_factory, operation) as servant:
        member = next(
            name
            for name in (
                "ModelArn",
                "DocumentClassifierArn",
                "EntityRecognizerArn",
                "FlywheelArn",
                "LanguageCode",
                "TaskConfig",
            )
            if name in servant.request("a", "t")
        )
        wrong: Any = {"LanguageCode": "ja", "TaskConfig": {"LanguageCode": "ja"}}.get(member)
        wrong = wrong or servant.request("a", "t")[member].replace("trained", "gone").replace("home", "gone")

        assert servant.server.reply(operation, {**servant.request("a", "t"), member: wrong}).status == 400
        assert servant.server.reply(operation, servant.request("a", "t")).status == 200
        assert servant.count() == servant.before + 1


@every_operation
def test_a_token_is_of_one_operation_and_region(tmp_path_factory: pytest.TempPathFactory, operation: str) -> None:
    elsewhere = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/comprehend/aws4_request, Signature=0"
    with serving(tmp_path_factory, operation) as servant:
        servant.server.reply(operation, servant.request("a", "t"))
        body = json.dumps(servant.request("b", "t")).encode()
        reply = servant.server.send(operation, body, {"Authorization": elsewhere})

        names_something = any(":comprehend:" in str(value) for value in servant.request("b", "t").values())
        if names_something:
            assert b"ResourceNotFoundException" in reply.body, "a region knows nothing of another one's resources"
        else:
            assert reply.status == 200, reply.body


def test_a_thing_that_is_deleted_can_be_made_again_with_its_token(tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving(tmp_path_factory, "CreateFlywheel") as servant:
        request = servant.request("a", "t")
        arn = servant.server.call("CreateFlywheel", request)["FlywheelArn"]
        servant.server.call("DescribeFlywheel", {"FlywheelArn": arn})
        servant.server.call("DeleteFlywheel", {"FlywheelArn": arn})
        assert servant.count() == servant.before
        servant.server.call("CreateFlywheel", request)
        assert servant.count() == servant.before + 1


@every_operation
def test_the_same_request_from_many_at_once_has_one_effect(
    tmp_path_factory: pytest.TempPathFactory, operation: str
) -> None:
    with serving(tmp_path_factory, operation) as servant, ThreadPoolExecutor(8) as threads:
        request = servant.request("a", "t")
        replies = list(threads.map(lambda _: servant.server.reply(operation, request), range(24)))

        assert len({reply.body for reply in replies}) == 1
        assert replies[0].status == 200
        assert servant.count() == servant.before + 1
