"""Many things of every kind that Comprehend lists, made through its API and cheap: no list asks how good they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore import xform_name

from comprehend_local import Comprehend, DirectoryObjects, ManualClock, Settings
from comprehend_local.store.records import Model
from tests.conformance.drivers import InProcess
from tests.conformance.files import BUCKET, uri
from tests.conformance.script import ACCOUNT, CLASSES, OUTPUT, REGION, ROLE

ARN = f"arn:aws:comprehend:{REGION}:{ACCOUNT}:"
HOME = f"{ARN}flywheel/home"
CLASSIFIER, RECOGNIZER = f"{ARN}document-classifier/trained", f"{ARN}entity-recognizer/trained"
QUOTAS = {name: 1000 for name in Settings.__dataclass_fields__ if name.startswith("maximum_") and "bytes" not in name}
Item = dict[str, Any]


class Crowd:
    """A server with a flywheel, and two models that never learned anything."""

    def __init__(self, server: InProcess, clock: ManualClock) -> None:
        self.server = server
        self.clock = clock
        self._made = 0
        for arn, mode in ((CLASSIFIER, "MULTI_CLASS"), (RECOGNIZER, "ENTITIES")):
            model = Model(arn, "trained", ROLE, "en", mode, "TRAINED", submitted=clock.now(), ended=clock.now())
            server.comprehend._store.put(model)
        self.flywheel("home")

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """A call; what it starts has ended when the next one looks."""
        return self.server.call(operation, request)

    def flywheel(self, name: str) -> str:
        """Create one."""
        request = {"FlywheelName": name, "DataAccessRoleArn": ROLE, "DataLakeS3Uri": f"s3://{BUCKET}/lakes"}
        made = self.call("CreateFlywheel", **request, ModelType="DOCUMENT_CLASSIFIER", TaskConfig=CLASSES)
        return str(made["FlywheelArn"])

    def add(self, listing: Listing) -> str:
        """Make one more thing of a kind, a second later than all others. Returns what tells it from others."""
        self._made += 1
        self.clock.advance(1)
        return listing.add(self, self._made)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list operation: the members of its answer, how things come and go, and what its filters mean."""

    operation: str
    items: str
    key: str
    add: Callable[[Crowd, int], str]
    remove: Callable[[Crowd, str], Any] | None = None
    always: tuple[tuple[str, Any], ...] = ()
    moment: str = ""
    """The member that has the time that `filters` are about."""
    equal: tuple[tuple[str, str], ...] = ()
    """(filter, member) of filters that compare."""
    one_filter: str | None = "InvalidFilterException"
    """The error for a second filter, or None when filters can be combined."""
    oldest_first: str | None = None
    """The filter with which the order is the other way around."""

    @property
    def time_filters(self) -> tuple[str, str]:
        """The names of the filters after and before a moment."""
        stem = "SubmitTime" if self.moment == "SubmitTime" else "CreationTime"
        return f"{stem}After", f"{stem}Before"

    @property
    def method(self) -> str:
        """The operation's name in boto3."""
        return xform_name(self.operation)

    def page(self, crowd: Crowd, **request: Any) -> tuple[list[Item], str | None]:
        """One page, and the token of the next."""
        answer = crowd.call(self.operation, **dict(self.always), **request)
        return answer[self.items], answer.get("NextToken")

    def every(self, crowd: Crowd, **request: Any) -> list[Item]:
        """The whole list, in one page."""
        items, token = self.page(crowd, MaxResults=500, **request)
        assert token is None
        return items

    def keys(self, items: list[Item]) -> list[str]:
        """What tells the items apart."""
        return [item[self.key] for item in items]

    def __str__(self) -> str:
        return self.operation


def _dataset(crowd: Crowd, number: int) -> str:
    data = {"DocumentClassifierInputDataConfig": {"S3Uri": uri("train.csv" if number % 2 else "none.csv")}}
    made = crowd.call(
        "CreateDataset",
        FlywheelArn=HOME,
        DatasetName=f"d-{number}",
        DatasetType=("TRAIN", "TEST")[number % 3 == 0],
        InputDataConfig=data,
    )
    return str(made["DatasetArn"])


def _model(noun: str, name: str, config: dict[str, Any]) -> Callable[[Crowd, int], str]:
    def add(crowd: Crowd, number: int) -> str:
        request = {name: f"m-{number % 4}", "VersionName": f"v-{number}", "DataAccessRoleArn": ROLE}
        made = crowd.call(f"Create{noun}", **request, LanguageCode="en", InputDataConfig=config)
        return str(made[f"{noun}Arn"])

    return add


def _endpoint(crowd: Crowd, number: int) -> str:
    model = (CLASSIFIER, RECOGNIZER)[number % 2]
    made = crowd.call("CreateEndpoint", EndpointName=f"e-{number}", ModelArn=model, DesiredInferenceUnits=1)
    return str(made["EndpointArn"])


def _job(noun: str, member: str, model: str, more: dict[str, Any]) -> Callable[[Crowd, int], str]:
    def add(crowd: Crowd, number: int) -> str:
        request = {
            "JobName": f"j-{number % 3}",
            "InputDataConfig": {"S3Uri": uri("none.txt")},
            "OutputDataConfig": OUTPUT,
            "DataAccessRoleArn": ROLE,
            member: model,
            **more,
        }
        return str(crowd.call(f"Start{noun}", **request)["JobId"])

    return add


_classifier = _model("DocumentClassifier", "DocumentClassifierName", {"S3Uri": uri("none.csv")})
_recognizer = _model(
    "EntityRecognizer",
    "RecognizerName",
    {
        "EntityTypes": [{"Type": "PERSON"}],
        "Documents": {"S3Uri": uri("none.txt")},
        "EntityList": {"S3Uri": uri("entities.csv")},
    },
)
LISTINGS = [
    Listing(
        "ListFlywheels",
        "FlywheelSummaryList",
        "FlywheelArn",
        lambda crowd, number: crowd.flywheel(f"f-{number}"),
        lambda crowd, key: crowd.call("DeleteFlywheel", FlywheelArn=key),
        moment="CreationTime",
        equal=(("Status", "Status"),),
    ),
    Listing(
        "ListDatasets",
        "DatasetPropertiesList",
        "DatasetArn",
        _dataset,
        always=(("FlywheelArn", HOME),),
        moment="CreationTime",
        equal=(("Status", "Status"), ("DatasetType", "DatasetType")),
        one_filter=None,
    ),
    Listing(
        "ListFlywheelIterationHistory",
        "FlywheelIterationPropertiesList",
        "FlywheelIterationId",
        lambda crowd, _: str(crowd.call("StartFlywheelIteration", FlywheelArn=HOME)["FlywheelIterationId"]),
        always=(("FlywheelArn", HOME),),
        moment="CreationTime",
        one_filter=None,
    ),
    Listing(
        "ListDocumentClassifiers",
        "DocumentClassifierPropertiesList",
        "DocumentClassifierArn",
        _classifier,
        lambda crowd, key: crowd.call("DeleteDocumentClassifier", DocumentClassifierArn=key),
        moment="SubmitTime",
        equal=(("Status", "Status"),),
        oldest_first="SubmitTimeBefore",
    ),
    Listing(
        "ListDocumentClassifierSummaries",
        "DocumentClassifierSummariesList",
        "DocumentClassifierName",
        lambda crowd, number: _classifier(crowd, number).split("/")[1],
    ),
    Listing(
        "ListEntityRecognizers",
        "EntityRecognizerPropertiesList",
        "EntityRecognizerArn",
        _recognizer,
        lambda crowd, key: crowd.call("DeleteEntityRecognizer", EntityRecognizerArn=key),
        moment="SubmitTime",
        equal=(("Status", "Status"),),
        oldest_first="SubmitTimeAfter",
    ),
    Listing(
        "ListEntityRecognizerSummaries",
        "EntityRecognizerSummariesList",
        "RecognizerName",
        lambda crowd, number: _recognizer(crowd, number).split("/")[1],
    ),
    Listing(
        "ListEndpoints",
        "EndpointPropertiesList",
        "EndpointArn",
        _endpoint,
        lambda crowd, key: crowd.call("DeleteEndpoint", EndpointArn=key),
        moment="CreationTime",
        equal=(("Status", "Status"), ("ModelArn", "ModelArn")),
        one_filter="InvalidRequestException",
    ),
    Listing(
        "ListDocumentClassificationJobs",
        "DocumentClassificationJobPropertiesList",
        "JobId",
        _job("DocumentClassificationJob", "DocumentClassifierArn", CLASSIFIER, {}),
        moment="SubmitTime",
        equal=(("JobName", "JobName"), ("JobStatus", "JobStatus")),
        oldest_first="SubmitTimeBefore",
    ),
    Listing(
        "ListEntitiesDetectionJobs",
        "EntitiesDetectionJobPropertiesList",
        "JobId",
        _job("EntitiesDetectionJob", "EntityRecognizerArn", RECOGNIZER, {"LanguageCode": "en"}),
        moment="SubmitTime",
        equal=(("JobName", "JobName"), ("JobStatus", "JobStatus")),
        oldest_first="SubmitTimeBefore",
    ),
]
"""Every list of Comprehend with pages that is imitated."""


@contextmanager
def gathered(buckets: Path, **settings: Any) -> Iterator[Crowd]:
    """A server for one example of a property."""
    clock = ManualClock()
    chosen = Settings.instant(**{**QUOTAS, "nothing_to_train": "fail", **settings})
    comprehend = Comprehend(chosen, DirectoryObjects(buckets), clock=clock)
    try:
        yield Crowd(InProcess(comprehend), clock)
    finally:
        comprehend.close()
