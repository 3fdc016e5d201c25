"""The documented rules as requests: those that must be refused, with the error, and those that must be taken."""

from __future__ import annotations

import copy
from typing import Any

from tests.conformance.crowds import ARN, CLASSIFIER, HOME, RECOGNIZER
from tests.conformance.files import BUCKET, uri
from tests.conformance.script import CLASSES, ENTITIES, example
from tests.conformance.shapes import shape

MANIFEST = {"S3Uri": uri("a.jsonl"), "AttributeNames": ["topic"]}
NATIVE = {**MANIFEST, "DocumentType": "SEMI_STRUCTURED_DOCUMENT"}
CSV = {"DocumentClassifierInputDataConfig": {"S3Uri": uri("train.csv")}}
PEOPLE = {"Documents": {"S3Uri": uri("people.txt")}, "Annotations": {"S3Uri": uri("people.csv")}}
ENTITY_DATA = {"EntityRecognizerInputDataConfig": PEOPLE}
TYPES = [{"Type": "PERSON"}]
ENTITY_HOME = f"{ARN}flywheel/entities"
OWN_LANGUAGES = ("en", "es", "fr", "it", "de", "pt")
OTHER_LANGUAGES = tuple(code for code in shape("LanguageCode")["enum"] if code not in OWN_LANGUAGES)


def changed(operation: str, **changes: Any) -> dict[str, Any]:
    """The example of an operation, without token, with members changed, or left out when they are None."""
    request = {**copy.deepcopy(example(operation)), **changes}
    request.pop("ClientRequestToken", None)
    return {"operation": operation, **{name: value for name, value in request.items() if value is not None}}


def flywheel(**changes: Any) -> dict[str, Any]:
    return changed("CreateFlywheel", **{"FlywheelName": "new", **changes})


def task(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**base, **changes}


def dataset(data: dict[str, Any], arn: str = HOME, **changes: Any) -> dict[str, Any]:
    return changed("CreateDataset", FlywheelArn=arn, InputDataConfig=data, **changes)


def classifier(data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return changed("CreateDocumentClassifier", InputDataConfig=data, **changes)


def recognizer(data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return changed("CreateEntityRecognizer", InputDataConfig={"EntityTypes": TYPES, **data}, **changes)


def endpoint(**changes: Any) -> dict[str, Any]:
    return changed("CreateEndpoint", **{"ModelArn": None, **changes})


def classification(**changes: Any) -> dict[str, Any]:
    return changed("StartDocumentClassificationJob", **{"FlywheelArn": None, **changes})


def detection(**changes: Any) -> dict[str, Any]:
    return changed("StartEntitiesDetectionJob", **{"EntityRecognizerArn": None, **changes})


def tags(number: int, first: int = 0) -> list[dict[str, str]]:
    return [{"Key": f"k{n}", "Value": "v"} for n in range(first, first + number)]


INVALID, LANGUAGE, IN_USE = "InvalidRequestException", "UnsupportedLanguageException", "ResourceInUseException"
NOT_FOUND, UNAVAILABLE, LIMIT = (
    "ResourceNotFoundException",
    "ResourceUnavailableException",
    "ResourceLimitExceededException",
)
TOO_MANY_TAGS, NOT_IMITATED = "TooManyTagsException", "UnknownOperationException"

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    # Flywheels: an existing model, or what a new one needs
    "flywheel: neither model nor task": (flywheel(ModelType=None, TaskConfig=None), INVALID),
    "flywheel: type without task": (flywheel(TaskConfig=None), INVALID),
    "flywheel: task without type": (flywheel(ModelType=None), INVALID),
    "flywheel: model and task": (flywheel(ActiveModelArn=CLASSIFIER, ModelType=None), INVALID),
    "flywheel: model and type": (flywheel(ActiveModelArn=CLASSIFIER, TaskConfig=None), INVALID),
    "flywheel: task of the other type": (flywheel(TaskConfig=ENTITIES), INVALID),
    "flywheel: task of both types": (flywheel(TaskConfig={**CLASSES, **ENTITIES}), INVALID),
    "flywheel: task of no type": (flywheel(TaskConfig={"LanguageCode": "en"}), INVALID),
    "flywheel: recognizer with classes": (flywheel(ModelType="ENTITY_RECOGNIZER"), INVALID),
    "flywheel: 26 entity types": (
        flywheel(
            ModelType="ENTITY_RECOGNIZER",
            TaskConfig=task(ENTITIES, EntityRecognitionConfig={"EntityTypes": [{"Type": f"T{n}"} for n in range(26)]}),
        ),
        INVALID,
    ),
    "flywheel: no entity type": (
        flywheel(ModelType="ENTITY_RECOGNIZER", TaskConfig=task(ENTITIES, EntityRecognitionConfig={"EntityTypes": []})),
        INVALID,
    ),
    "flywheel: name taken": (flywheel(FlywheelName="home"), IN_USE),
    "flywheel: model that is not there": (
        flywheel(ActiveModelArn=f"{CLASSIFIER}-not", ModelType=None, TaskConfig=None),
        NOT_FOUND,
    ),
    "flywheel: model that is not trained": (
        flywheel(ActiveModelArn=f"{CLASSIFIER}/version/bad", ModelType=None, TaskConfig=None),
        UNAVAILABLE,
    ),
    "flywheel: lake inside another's": (flywheel(DataLakeS3Uri=f"s3://{BUCKET}/lakes/home/inside"), INVALID),
    "flywheel: lake around another's": (flywheel(FlywheelName="lakes", DataLakeS3Uri=f"s3://{BUCKET}"), INVALID),
    "flywheel: 51 tags": (flywheel(Tags=tags(51)), TOO_MANY_TAGS),
    "update: model of the other type": (
        {"operation": "UpdateFlywheel", "FlywheelArn": HOME, "ActiveModelArn": RECOGNIZER},
        INVALID,
    ),
    "update: model that is not there": (
        {"operation": "UpdateFlywheel", "FlywheelArn": HOME, "ActiveModelArn": f"{CLASSIFIER}-not"},
        NOT_FOUND,
    ),
    "update: model that is not trained": (
        {"operation": "UpdateFlywheel", "FlywheelArn": HOME, "ActiveModelArn": f"{CLASSIFIER}/version/bad"},
        INVALID,
    ),
    "update: flywheel that is not there": (changed("UpdateFlywheel"), NOT_FOUND),
    # Datasets
    "dataset: no data": (dataset({}), INVALID),
    "dataset: data of the other type": (dataset(ENTITY_DATA), INVALID),
    "dataset: classes for a recognizer": (dataset(CSV, ENTITY_HOME), INVALID),
    "dataset: data of both types": (dataset({**CSV, **ENTITY_DATA}), INVALID),
    "dataset: manifests as CSV": (dataset({**CSV, "AugmentedManifests": [MANIFEST]}), INVALID),
    "dataset: CSV as manifests": (dataset({**CSV, "DataFormat": "AUGMENTED_MANIFEST"}), INVALID),
    "dataset: no manifest": (dataset({"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": []}), INVALID),
    "dataset: 6 manifests": (
        dataset({"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": [MANIFEST] * 6}),
        INVALID,
    ),
    "dataset: 6 attributes": (
        dataset(
            {
                "DataFormat": "AUGMENTED_MANIFEST",
                "AugmentedManifests": [{**MANIFEST, "AttributeNames": [f"a{n}" for n in range(6)]}],
            }
        ),
        INVALID,
    ),
    "dataset: native documents": (
        dataset({"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": [NATIVE]}),
        INVALID,
    ),
    "dataset: neither annotations nor list": (
        dataset({"EntityRecognizerInputDataConfig": {"Documents": PEOPLE["Documents"]}}, ENTITY_HOME),
        INVALID,
    ),
    "dataset: annotations and list": (
        dataset(
            {"EntityRecognizerInputDataConfig": {**PEOPLE, "EntityList": {"S3Uri": uri("entities.csv")}}}, ENTITY_HOME
        ),
        INVALID,
    ),
    "dataset: flywheel that is not there": (changed("CreateDataset"), NOT_FOUND),
    "dataset: 51 tags": (dataset(CSV, Tags=tags(51)), TOO_MANY_TAGS),
    "datasets: of a flywheel that is not there": (changed("ListDatasets"), NOT_FOUND),
    # Iterations
    "iteration: flywheel that is not there": (changed("StartFlywheelIteration"), NOT_FOUND),
    "iteration: not there": (
        {"operation": "DescribeFlywheelIteration", "FlywheelArn": HOME, "FlywheelIterationId": "20260101T000000Z"},
        NOT_FOUND,
    ),
    "history: flywheel that is not there": (changed("ListFlywheelIterationHistory"), NOT_FOUND),
    # Models
    "classifier: no data": (classifier({}), INVALID),
    "classifier: manifests as CSV": (classifier({"AugmentedManifests": [MANIFEST]}), INVALID),
    "classifier: CSV as manifests": (
        classifier({"DataFormat": "AUGMENTED_MANIFEST", "S3Uri": uri("train.csv")}),
        INVALID,
    ),
    "classifier: native documents": (
        classifier({"S3Uri": uri("train.csv"), "DocumentType": "SEMI_STRUCTURED_DOCUMENT"}),
        INVALID,
    ),
    "classifier: only test data": (
        classifier({"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": [{**MANIFEST, "Split": "TEST"}]}),
        INVALID,
    ),
    "classifier: 51 tags": (classifier({"S3Uri": uri("train.csv")}, Tags=tags(51)), TOO_MANY_TAGS),
    "classifier: a policy that is none": (classifier({"S3Uri": uri("train.csv")}, ModelPolicy="{}"), INVALID),
    "recognizer: no data": (recognizer({}), INVALID),
    "recognizer: neither annotations nor list": (recognizer({"Documents": PEOPLE["Documents"]}), INVALID),
    "recognizer: annotations and list": (
        recognizer({**PEOPLE, "EntityList": {"S3Uri": uri("entities.csv")}}),
        INVALID,
    ),
    "recognizer: test documents without annotations": (
        recognizer({**PEOPLE, "Documents": {"S3Uri": uri("people.txt"), "TestS3Uri": uri("people-test.txt")}}),
        INVALID,
    ),
    "recognizer: 26 entity types": (
        recognizer({**PEOPLE, "EntityTypes": [{"Type": f"T{n}"} for n in range(26)]}),
        INVALID,
    ),
    "recognizer: no entity type": (recognizer({**PEOPLE, "EntityTypes": []}), INVALID),
    # Endpoints and real-time calls
    "endpoint: neither model nor flywheel": (endpoint(), INVALID),
    "endpoint: model and flywheel": (endpoint(ModelArn=CLASSIFIER, FlywheelArn=HOME), INVALID),
    "endpoint: flywheel without a model": (endpoint(FlywheelArn=HOME), UNAVAILABLE),
    "endpoint: model that is not there": (changed("CreateEndpoint"), NOT_FOUND),
    "endpoint: model that is not trained": (endpoint(ModelArn=f"{CLASSIFIER}/version/bad"), UNAVAILABLE),
    "endpoint: 51 tags": (endpoint(ModelArn=CLASSIFIER, Tags=tags(51)), TOO_MANY_TAGS),
    "endpoint: not there": (changed("DescribeEndpoint"), NOT_FOUND),
    "classify: endpoint that is not there": (changed("ClassifyDocument"), UNAVAILABLE),
    "classify: neither text nor bytes": (changed("ClassifyDocument", Text=None), INVALID),
    "classify: text and bytes": (changed("ClassifyDocument", Bytes="aGk="), INVALID),
    "classify: too long": (changed("ClassifyDocument", Text="é" * 5001), "TextSizeLimitExceededException"),
    "classify: reader for a text": (
        changed("ClassifyDocument", DocumentReaderConfig={"DocumentReadAction": "TEXTRACT_ANALYZE_DOCUMENT"}),
        INVALID,
    ),
    "classify: PDF": (changed("ClassifyDocument", Text=None, Bytes="JVBERi0xLjcK"), INVALID),
    "classify: prompt safety": (
        changed(
            "ClassifyDocument",
            EndpointArn="arn:aws:comprehend:us-east-1:aws:document-classifier-endpoint/prompt-safety",
        ),
        NOT_IMITATED,
    ),
    "detect: built-in entities": (changed("DetectEntities", EndpointArn=None, LanguageCode="en"), NOT_IMITATED),
    "detect: too long": (changed("DetectEntities", Text="é" * 2501), "TextSizeLimitExceededException"),
    "detect: endpoint that is not there": (changed("DetectEntities"), UNAVAILABLE),
    # Jobs
    "job: neither model nor flywheel": (classification(), INVALID),
    "job: model and flywheel": (classification(DocumentClassifierArn=CLASSIFIER, FlywheelArn=HOME), INVALID),
    "job: flywheel without a model": (classification(FlywheelArn=HOME), UNAVAILABLE),
    "job: model that is not there": (classification(DocumentClassifierArn=f"{CLASSIFIER}-not"), NOT_FOUND),
    "job: 51 tags": (classification(DocumentClassifierArn=CLASSIFIER, Tags=tags(51)), TOO_MANY_TAGS),
    "job: not there": (changed("DescribeDocumentClassificationJob"), "JobNotFoundException"),
    "entities job: model and flywheel": (detection(EntityRecognizerArn=RECOGNIZER, FlywheelArn=ENTITY_HOME), INVALID),
    "entities job: built-in entities": (detection(), NOT_IMITATED),
    "entities job: not there": (changed("DescribeEntitiesDetectionJob"), "JobNotFoundException"),
    "entities job: stop of what is not there": (changed("StopEntitiesDetectionJob"), "JobNotFoundException"),
    # Tags and policies
    "tags: 51": ({"operation": "TagResource", "ResourceArn": HOME, "Tags": tags(51)}, TOO_MANY_TAGS),
    "tags: 49 beside two": ({"operation": "TagResource", "ResourceArn": HOME, "Tags": tags(49, 9)}, TOO_MANY_TAGS),
    "tags: 51 keys": (
        {"operation": "UntagResource", "ResourceArn": HOME, "TagKeys": [f"k{n}" for n in range(51)]},
        "TooManyTagKeysException",
    ),
    "tags: of what is not there": (changed("ListTagsForResource"), NOT_FOUND),
    "policy: of what is not there": (changed("PutResourcePolicy"), NOT_FOUND),
    "policy: none": ({"operation": "DescribeResourcePolicy", "ResourceArn": CLASSIFIER}, NOT_FOUND),
    "policy: another action": (
        changed(
            "PutResourcePolicy",
            ResourceArn=CLASSIFIER,
            ResourcePolicy='{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "comprehend:*"}]}',
        ),
        INVALID,
    ),
    "policy: another revision": (
        changed("PutResourcePolicy", ResourceArn=CLASSIFIER, PolicyRevisionId="abc"),
        INVALID,
    ),
}
for _code in OTHER_LANGUAGES:
    REFUSED[f"flywheel: {_code}"] = flywheel(TaskConfig=task(CLASSES, LanguageCode=_code)), LANGUAGE
    REFUSED[f"classifier: {_code}"] = classifier({"S3Uri": uri("train.csv")}, LanguageCode=_code), LANGUAGE
    REFUSED[f"recognizer: {_code}"] = recognizer(PEOPLE, LanguageCode=_code), LANGUAGE

TAKEN: dict[str, dict[str, Any]] = {
    "flywheel: of a model": flywheel(ActiveModelArn=CLASSIFIER, ModelType=None, TaskConfig=None),
    "flywheel: 50 tags": flywheel(Tags=tags(50)),
    "flywheel: 25 entity types": flywheel(
        ModelType="ENTITY_RECOGNIZER",
        TaskConfig=task(ENTITIES, EntityRecognitionConfig={"EntityTypes": [{"Type": f"T{n}"} for n in range(25)]}),
    ),
    "flywheel: lake beside another's": flywheel(DataLakeS3Uri=f"s3://{BUCKET}/lakes"),
    "dataset: CSV": dataset(CSV),
    "dataset: 5 manifests of 5 attributes": dataset(
        {
            "DataFormat": "AUGMENTED_MANIFEST",
            "AugmentedManifests": [{**MANIFEST, "AttributeNames": [f"a{n}" for n in range(5)]}] * 5,
        }
    ),
    "dataset: annotations": dataset(ENTITY_DATA, ENTITY_HOME),
    "dataset: entity list": dataset(
        {
            "EntityRecognizerInputDataConfig": {
                "Documents": {"S3Uri": uri("people.txt"), "InputFormat": "ONE_DOC_PER_FILE"},
                "EntityList": {"S3Uri": uri("entities.csv")},
            }
        },
        ENTITY_HOME,
    ),
    "datasets: of all flywheels": {"operation": "ListDatasets"},
    "endpoint: 10 units": endpoint(ModelArn=RECOGNIZER, DesiredInferenceUnits=10),
    "tags: 48 beside two": {"operation": "TagResource", "ResourceArn": HOME, "Tags": tags(48)},
    "tags: 50 keys": {"operation": "UntagResource", "ResourceArn": HOME, "TagKeys": [f"k{n}" for n in range(50)]},
    "update: nothing": {"operation": "UpdateFlywheel", "FlywheelArn": HOME},
}
for _code in OWN_LANGUAGES:
    TAKEN[f"flywheel: {_code}"] = flywheel(TaskConfig=task(CLASSES, LanguageCode=_code))
    TAKEN[f"recognizer: {_code}"] = recognizer(PEOPLE, LanguageCode=_code)
