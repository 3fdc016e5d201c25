"""One valid request for every operation that is imitated, in an order in which they can be made.

The suite fails for an operation that is imitated and has no place here. Two stories that do not need each other: they
can be told side by side. What an answer brings is kept under a name, for the requests that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.files import BUCKET, WORDS, uri

ACCOUNT, REGION = "000000000000", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/data-access"
VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
TAGS = [{"Key": "team", "Value": "reviews"}, {"Key": "empty", "Value": ""}]
POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, '
    '"Action": "comprehend:ImportModel", "Resource": "*"}]}'
)
CLASSES = {
    "LanguageCode": "en",
    "DocumentClassificationConfig": {"Mode": "MULTI_CLASS", "Labels": list(WORDS)},
}
ENTITIES = {
    "LanguageCode": "en",
    "EntityRecognitionConfig": {"EntityTypes": [{"Type": "PERSON"}, {"Type": "PLACE"}]},
}
OUTPUT = {"S3Uri": f"s3://{BUCKET}/out/"}

Names = Mapping[str, Any]
Request = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settled:
    """What to look at until it is settled: a describe operation, its request's member, the status in its answer."""

    operation: str
    member: str
    name: str
    path: tuple[str, str]
    good: str
    also: Callable[[Names], Request] = lambda names: {}


@dataclass(frozen=True, slots=True)
class Act:
    """A call. `keep` names members of its answer; `settled` is waited for after it, `gone` means until not found."""

    operation: str
    request: Callable[[Names], Request] = lambda names: {}
    keep: Mapping[str, str] = field(default_factory=dict)
    settled: Settled | None = None
    gone: Settled | None = None


def _flywheel(name: str) -> Settled:
    return Settled("DescribeFlywheel", "FlywheelArn", name, ("FlywheelProperties", "Status"), "ACTIVE")


def _dataset(name: str) -> Settled:
    return Settled("DescribeDataset", "DatasetArn", name, ("DatasetProperties", "Status"), "COMPLETED")


def _iteration(name: str, flywheel: str) -> Settled:
    return Settled(
        "DescribeFlywheelIteration",
        "FlywheelIterationId",
        name,
        ("FlywheelIterationProperties", "Status"),
        "COMPLETED",
        lambda names: {"FlywheelArn": names[flywheel]},
    )


def _model(noun: str, name: str) -> Settled:
    return Settled(f"Describe{noun}", f"{noun}Arn", name, (f"{noun}Properties", "Status"), "TRAINED")


def _endpoint(name: str) -> Settled:
    return Settled("DescribeEndpoint", "EndpointArn", name, ("EndpointProperties", "Status"), "IN_SERVICE")


def _job(noun: str, name: str) -> Settled:
    return Settled(f"Describe{noun}", "JobId", name, (f"{noun}Properties", "JobStatus"), "COMPLETED")


CLASSIFIERS = [
    Act(
        "CreateFlywheel",
        lambda n: {
            "FlywheelName": "news",
            "DataAccessRoleArn": ROLE,
            "DataLakeS3Uri": f"s3://{BUCKET}/lakes",
            "ModelType": "DOCUMENT_CLASSIFIER",
            "TaskConfig": CLASSES,
            "DataSecurityConfig": {"ModelKmsKeyId": "alias/model", "DataLakeKmsKeyId": "key-1", "VpcConfig": VPC},
            "ClientRequestToken": "create-news",
            "Tags": TAGS,
        },
        {"flywheel": "FlywheelArn"},
        _flywheel("flywheel"),
    ),
    Act("DescribeFlywheel", lambda n: {"FlywheelArn": n["flywheel"]}),
    Act("ListFlywheels", lambda n: {"Filter": {"Status": "ACTIVE"}, "MaxResults": 10}),
    Act(
        "CreateDataset",
        lambda n: {
            "FlywheelArn": n["flywheel"],
            "DatasetName": "first",
            "DatasetType": "TRAIN",
            "Description": "The first documents: 90 of them",
            "InputDataConfig": {
                "DataFormat": "COMPREHEND_CSV",
                "DocumentClassifierInputDataConfig": {"S3Uri": uri("train.csv")},
            },
            "ClientRequestToken": "create-first",
            "Tags": TAGS,
        },
        {"dataset": "DatasetArn"},
        _dataset("dataset"),
    ),
    Act("DescribeDataset", lambda n: {"DatasetArn": n["dataset"]}),
    Act(
        "ListDatasets",
        lambda n: {"FlywheelArn": n["flywheel"], "Filter": {"DatasetType": "TRAIN", "CreationTimeAfter": 1600000000}},
    ),
    Act(
        "StartFlywheelIteration",
        lambda n: {"FlywheelArn": n["flywheel"], "ClientRequestToken": "first"},
        {"iteration": "FlywheelIterationId"},
        _iteration("iteration", "flywheel"),
    ),
    Act(
        "DescribeFlywheelIteration",
        lambda n: {"FlywheelArn": n["flywheel"], "FlywheelIterationId": n["iteration"]},
        {"trained": "FlywheelIterationProperties.TrainedModelArn"},
    ),
    Act("ListFlywheelIterationHistory", lambda n: {"FlywheelArn": n["flywheel"], "MaxResults": 5}),
    Act(
        "UpdateFlywheel",
        lambda n: {
            "FlywheelArn": n["flywheel"],
            "ActiveModelArn": n["trained"],
            "DataAccessRoleArn": ROLE,
            "DataSecurityConfig": {"VolumeKmsKeyId": "alias/volume"},
        },
    ),
    Act("TagResource", lambda n: {"ResourceArn": n["flywheel"], "Tags": [{"Key": "more", "Value": "tags"}]}),
    Act("UntagResource", lambda n: {"ResourceArn": n["flywheel"], "TagKeys": ["empty", "never-there"]}),
    Act("ListTagsForResource", lambda n: {"ResourceArn": n["flywheel"]}),
    Act(
        "CreateDocumentClassifier",
        lambda n: {
            "DocumentClassifierName": "plain",
            "VersionName": "v1",
            "DataAccessRoleArn": ROLE,
            "InputDataConfig": {
                "DataFormat": "COMPREHEND_CSV",
                "S3Uri": uri("train.csv"),
                "TestS3Uri": uri("test.csv"),
                "DocumentType": "PLAIN_TEXT_DOCUMENT",
            },
            "OutputDataConfig": OUTPUT,
            "LanguageCode": "en",
            "Mode": "MULTI_CLASS",
            "ClientRequestToken": "create-plain",
            "VolumeKmsKeyId": "alias/volume",
            "VpcConfig": VPC,
            "Tags": TAGS,
        },
        {"classifier": "DocumentClassifierArn"},
        _model("DocumentClassifier", "classifier"),
    ),
    Act("DescribeDocumentClassifier", lambda n: {"DocumentClassifierArn": n["classifier"]}),
    Act("ListDocumentClassifiers", lambda n: {"Filter": {"DocumentClassifierName": "plain"}}),
    Act("ListDocumentClassifierSummaries", lambda n: {"MaxResults": 100}),
    Act("StopTrainingDocumentClassifier", lambda n: {"DocumentClassifierArn": n["classifier"]}),
    Act("PutResourcePolicy", lambda n: {"ResourceArn": n["classifier"], "ResourcePolicy": POLICY}),
    Act(
        "DescribeResourcePolicy",
        lambda n: {"ResourceArn": n["classifier"]},
        {"revision": "PolicyRevisionId"},
    ),
    Act(
        "DeleteResourcePolicy",
        lambda n: {"ResourceArn": n["classifier"], "PolicyRevisionId": n["revision"]},
    ),
    Act(
        "CreateEndpoint",
        lambda n: {
            "EndpointName": "news",
            "ModelArn": n["classifier"],
            "DesiredInferenceUnits": 1,
            "DataAccessRoleArn": ROLE,
            "ClientRequestToken": "create-endpoint",
            "Tags": TAGS,
        },
        {"endpoint": "EndpointArn"},
        _endpoint("endpoint"),
    ),
    Act("DescribeEndpoint", lambda n: {"EndpointArn": n["endpoint"]}),
    Act("ListEndpoints", lambda n: {"Filter": {"ModelArn": n["classifier"]}, "MaxResults": 7}),
    Act("ClassifyDocument", lambda n: {"EndpointArn": n["endpoint"], "Text": "the dog has a paw"}),
    Act(
        "UpdateEndpoint",
        lambda n: {"EndpointArn": n["endpoint"], "FlywheelArn": n["flywheel"], "DesiredInferenceUnits": 2},
        {},
        _endpoint("endpoint"),
    ),
    Act("DeleteEndpoint", lambda n: {"EndpointArn": n["endpoint"]}, gone=_endpoint("endpoint")),
    Act(
        "StartDocumentClassificationJob",
        lambda n: {
            "JobName": "Monday é",
            "FlywheelArn": n["flywheel"],
            "InputDataConfig": {"S3Uri": uri("job.txt"), "InputFormat": "ONE_DOC_PER_LINE"},
            "OutputDataConfig": {**OUTPUT, "KmsKeyId": "alias/output"},
            "DataAccessRoleArn": ROLE,
            "ClientRequestToken": "start-job",
            "VolumeKmsKeyId": "alias/volume",
            "VpcConfig": VPC,
            "Tags": TAGS,
        },
        {"classification_job": "JobId"},
        _job("DocumentClassificationJob", "classification_job"),
    ),
    Act("DescribeDocumentClassificationJob", lambda n: {"JobId": n["classification_job"]}),
    Act("ListDocumentClassificationJobs", lambda n: {"Filter": {"JobName": "Monday é"}}),
    Act("DeleteFlywheel", lambda n: {"FlywheelArn": n["flywheel"]}, gone=_flywheel("flywheel")),
    Act(
        "DeleteDocumentClassifier",
        lambda n: {"DocumentClassifierArn": n["classifier"]},
        gone=_model("DocumentClassifier", "classifier"),
    ),
]

RECOGNIZERS = [
    Act(
        "CreateEntityRecognizer",
        lambda n: {
            "RecognizerName": "people",
            "VersionName": "v1",
            "DataAccessRoleArn": ROLE,
            "InputDataConfig": {
                "DataFormat": "COMPREHEND_CSV",
                "EntityTypes": [{"Type": "PERSON"}, {"Type": "PLACE"}],
                "Documents": {
                    "S3Uri": uri("people.txt"),
                    "TestS3Uri": uri("people-test.txt"),
                    "InputFormat": "ONE_DOC_PER_LINE",
                },
                "Annotations": {"S3Uri": uri("people.csv"), "TestS3Uri": uri("people-test.csv")},
            },
            "LanguageCode": "en",
            "ClientRequestToken": "create-people",
            "VolumeKmsKeyId": "alias/volume",
            "VpcConfig": VPC,
            "Tags": TAGS,
        },
        {"recognizer": "EntityRecognizerArn"},
        _model("EntityRecognizer", "recognizer"),
    ),
    Act("DescribeEntityRecognizer", lambda n: {"EntityRecognizerArn": n["recognizer"]}),
    Act("ListEntityRecognizers", lambda n: {"Filter": {"Status": "TRAINED"}}),
    Act("ListEntityRecognizerSummaries"),
    Act("StopTrainingEntityRecognizer", lambda n: {"EntityRecognizerArn": n["recognizer"]}),
    Act(
        "CreateEndpoint",
        lambda n: {"EndpointName": "people", "ModelArn": n["recognizer"], "DesiredInferenceUnits": 1},
        {"recognizer_endpoint": "EndpointArn"},
        _endpoint("recognizer_endpoint"),
    ),
    Act(
        "DetectEntities",
        lambda n: {"EndpointArn": n["recognizer_endpoint"], "Text": "In year 7 Alan Turing moved to Kyoto."},
    ),
    Act("DeleteEndpoint", lambda n: {"EndpointArn": n["recognizer_endpoint"]}, gone=_endpoint("recognizer_endpoint")),
    Act(
        "StartEntitiesDetectionJob",
        lambda n: {
            "JobName": "Tuesday",
            "EntityRecognizerArn": n["recognizer"],
            "InputDataConfig": {"S3Uri": uri("people-test.txt"), "InputFormat": "ONE_DOC_PER_LINE"},
            "OutputDataConfig": OUTPUT,
            "DataAccessRoleArn": ROLE,
            "LanguageCode": "en",
            "ClientRequestToken": "start-entities-job",
            "Tags": TAGS,
        },
        {"entities_job": "JobId"},
    ),
    Act("StopEntitiesDetectionJob", lambda n: {"JobId": n["entities_job"]}),
    Act("DescribeEntitiesDetectionJob", lambda n: {"JobId": n["entities_job"]}),
    Act("ListEntitiesDetectionJobs", lambda n: {"Filter": {"SubmitTimeAfter": 1600000000}}),
    Act(
        "DeleteEntityRecognizer",
        lambda n: {"EntityRecognizerArn": n["recognizer"]},
        gone=_model("EntityRecognizer", "recognizer"),
    ),
]

STORIES = {"classifiers": CLASSIFIERS, "recognizers": RECOGNIZERS}
_ARN = f"arn:aws:comprehend:{REGION}:{ACCOUNT}:"
NOWHERE = {
    "flywheel": f"{_ARN}flywheel/none",
    "dataset": f"{_ARN}flywheel/none/dataset/none",
    "iteration": "20260101T000000Z",
    "trained": f"{_ARN}document-classifier/none/version/v1",
    "classifier": f"{_ARN}document-classifier/none",
    "revision": "0123456789abcdef",
    "endpoint": f"{_ARN}document-classifier-endpoint/none",
    "classification_job": "0" * 32,
    "recognizer": f"{_ARN}entity-recognizer/none",
    "recognizer_endpoint": f"{_ARN}entity-recognizer-endpoint/none",
    "entities_job": "1" * 32,
}
"""Names of things that do not exist."""


def operations() -> set[str]:
    """All operations that the stories make use of."""
    return {act.operation for acts in STORIES.values() for act in acts}


def example(operation: str, names: Names = NOWHERE) -> Request:
    """A valid request of an operation, about things that do not exist unless they are named."""
    for acts in STORIES.values():
        for act in acts:
            if act.operation == operation:
                return act.request(names)
    raise KeyError(f"there is no example of a request of {operation}: add one to tests/conformance/script.py")
