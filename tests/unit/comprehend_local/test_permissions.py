"""The table of permissions, against the Service Authorization Reference and the service model."""

from fnmatch import fnmatchcase
from typing import Any, cast

import pytest

from comprehend_local.arns import Scope
from comprehend_local.iam.authorization import IamAuthorizer
from comprehend_local.iam.identities import Principal
from comprehend_local.iam.permissions import Permission, needed
from comprehend_local.service.callers import Credential
from comprehend_local.service.errors import ServiceError
from comprehend_local.service.model import service_model

SCOPE = Scope("000000000000", "us-east-1")
ROLE = "arn:aws:iam::000000000000:role/data-access"
FLYWHEEL = SCOPE.flywheel("news")
CLASSIFIER = SCOPE.model("document-classifier", "news", "v1")
RECOGNIZER = SCOPE.model("entity-recognizer", "names")
ENDPOINT = SCOPE.arn("document-classifier-endpoint/live")
RECOGNIZER_ENDPOINT = SCOPE.arn("entity-recognizer-endpoint/live")
JOBS = {"InputDataConfig": {}, "OutputDataConfig": {}, "DataAccessRoleArn": ROLE}


@pytest.mark.parametrize(
    ("operation", "request_", "expected"),
    [
        ("ListFlywheels", {}, ["*"]),
        ("ListEndpoints", {}, ["*"]),
        ("ListEntitiesDetectionJobs", {}, ["*"]),
        ("ListEntityRecognizerSummaries", {}, ["*"]),
        ("DescribeFlywheel", {"FlywheelArn": FLYWHEEL}, [FLYWHEEL]),
        ("DescribeDataset", {"DatasetArn": f"{FLYWHEEL}/dataset/d"}, [f"{FLYWHEEL}/dataset/d"]),
        ("ListDatasets", {}, ["*"]),
        (
            "CreateFlywheel",
            {"FlywheelName": "news", "DataAccessRoleArn": ROLE, "ActiveModelArn": CLASSIFIER},
            [FLYWHEEL, CLASSIFIER, ROLE],
        ),
        ("UpdateFlywheel", {"FlywheelArn": FLYWHEEL, "ActiveModelArn": CLASSIFIER}, [FLYWHEEL, CLASSIFIER]),
        (
            "CreateDocumentClassifier",
            {"DocumentClassifierName": "news", "VersionName": "v1", "DataAccessRoleArn": ROLE},
            [CLASSIFIER, ROLE],
        ),
        ("CreateEntityRecognizer", {"RecognizerName": "names", "DataAccessRoleArn": ROLE}, [RECOGNIZER, ROLE]),
        ("DescribeEntityRecognizer", {"EntityRecognizerArn": RECOGNIZER}, [RECOGNIZER]),
        ("StopTrainingEntityRecognizer", {"EntityRecognizerArn": RECOGNIZER}, [RECOGNIZER]),
        ("DeleteEntityRecognizer", {"EntityRecognizerArn": RECOGNIZER}, [RECOGNIZER]),
        ("CreateEndpoint", {"EndpointName": "live", "ModelArn": CLASSIFIER}, [ENDPOINT, CLASSIFIER]),
        ("CreateEndpoint", {"EndpointName": "live", "ModelArn": RECOGNIZER}, [RECOGNIZER_ENDPOINT, RECOGNIZER]),
        (
            "CreateEndpoint",
            {"EndpointName": "live", "ModelArn": CLASSIFIER, "DataAccessRoleArn": ROLE},
            [ENDPOINT, CLASSIFIER, ROLE],
        ),
        (
            "UpdateEndpoint",
            {"EndpointArn": ENDPOINT, "FlywheelArn": FLYWHEEL, "DesiredDataAccessRoleArn": ROLE},
            [ENDPOINT, FLYWHEEL, ROLE],
        ),
        ("DescribeEndpoint", {"EndpointArn": ENDPOINT}, [ENDPOINT]),
        ("DeleteEndpoint", {"EndpointArn": ENDPOINT}, [ENDPOINT]),
        ("ClassifyDocument", {"EndpointArn": ENDPOINT, "Text": "t"}, [ENDPOINT]),
        ("DetectEntities", {"EndpointArn": RECOGNIZER_ENDPOINT, "Text": "t"}, [RECOGNIZER_ENDPOINT]),
        ("DetectEntities", {"LanguageCode": "en", "Text": "t"}, ["*"]),
        (
            "StartDocumentClassificationJob",
            {"DocumentClassifierArn": CLASSIFIER, **JOBS},
            [SCOPE.arn("document-classification-job/*"), CLASSIFIER, ROLE],
        ),
        (
            "StartEntitiesDetectionJob",
            {"FlywheelArn": FLYWHEEL, **JOBS},
            [SCOPE.arn("entities-detection-job/*"), FLYWHEEL, ROLE],
        ),
        (
            "DescribeDocumentClassificationJob",
            {"JobId": "0a"},
            [SCOPE.arn("document-classification-job/0a")],
        ),
        ("StopEntitiesDetectionJob", {"JobId": "0a"}, [SCOPE.arn("entities-detection-job/0a")]),
        ("PutResourcePolicy", {"ResourceArn": CLASSIFIER, "ResourcePolicy": "{}"}, [CLASSIFIER]),
        ("TagResource", {"ResourceArn": ENDPOINT, "Tags": []}, [ENDPOINT]),
    ],
)
def test_every_resource_of_a_call_needs_permission(
    operation: str, request_: dict[str, Any], expected: list[str]
) -> None:
    actions = ["iam:PassRole" if arn == ROLE else f"comprehend:{operation}" for arn in expected]

    found = needed(operation, request_, SCOPE)

    assert found == [Permission(*pair) for pair in zip(actions, expected, strict=True)]


def test_an_endpoint_of_a_flywheel_may_be_of_either_type() -> None:
    request = {"EndpointName": "live", "FlywheelArn": FLYWHEEL, "DesiredInferenceUnits": 1}

    assert needed("CreateEndpoint", request, SCOPE) == [
        Permission("comprehend:CreateEndpoint", ENDPOINT, (RECOGNIZER_ENDPOINT,)),
        Permission("comprehend:CreateEndpoint", FLYWHEEL),
    ]


NAMING_A_RESOURCE = {
    name: model.input_shape.required_members
    for name in service_model().operation_names
    if name != "ImportModel"  # not imitated
    and (model := service_model().operation_model(name)).input_shape is not None
    and any(member.endswith("Arn") and "Role" not in member for member in model.input_shape.required_members)
}


@pytest.mark.parametrize("operation", NAMING_A_RESOURCE)
def test_a_call_that_names_a_resource_needs_no_permission_on_everything(operation: str) -> None:
    request = {member: f"the {member}" for member in NAMING_A_RESOURCE[operation]}

    assert needed(operation, request, SCOPE)[0].resource in request.values()


class Keys:
    """One function, whatever the key."""

    def find(self, access_key: str) -> Principal:
        return Principal.of_function("caller", "arn:aws:iam::000000000000:role/caller")


class Allowed:
    """Policies that allow actions on resources whose names match."""

    def __init__(self, *patterns: str) -> None:
        self._patterns = patterns

    def allow(self, role_arn: str, action: str, resource: str) -> bool:
        return any(fnmatchcase(resource, pattern) for pattern in self._patterns)

    def allow_pass_role(self, role_arn: str, passed_role_arn: str, service: str) -> bool:
        return self.allow(role_arn, "iam:PassRole", passed_role_arn)


def outcome(policies: Allowed, operation: str, **request: Any) -> str:
    authorizer = IamAuthorizer(cast(Any, Keys()), cast(Any, policies))
    try:
        authorizer.admit(Credential("ASIA", "us-east-1"), SCOPE, operation, request)
    except ServiceError as error:
        return error.code
    return "allowed"


START = {"DocumentClassifierArn": CLASSIFIER, **JOBS}
FOLLOW = {"EndpointName": "live", "FlywheelArn": FLYWHEEL}


@pytest.mark.parametrize(
    ("patterns", "operation", "request_", "expected"),
    [
        (("*:document-classification-job/*", CLASSIFIER, ROLE), "StartDocumentClassificationJob", START, "allowed"),
        ((CLASSIFIER, ROLE), "StartDocumentClassificationJob", START, "AccessDeniedException"),
        (("*:document-classification-job/*", ROLE), "StartDocumentClassificationJob", START, "AccessDeniedException"),
        (
            ("*:document-classification-job/*", CLASSIFIER),
            "StartDocumentClassificationJob",
            START,
            "AccessDeniedException",
        ),
        ((ENDPOINT, FLYWHEEL), "CreateEndpoint", FOLLOW, "allowed"),
        ((RECOGNIZER_ENDPOINT, FLYWHEEL), "CreateEndpoint", FOLLOW, "allowed"),
        ((FLYWHEEL,), "CreateEndpoint", FOLLOW, "AccessDeniedException"),
        ((ENDPOINT, RECOGNIZER_ENDPOINT), "CreateEndpoint", FOLLOW, "AccessDeniedException"),
    ],
)
def test_what_policies_must_name(
    patterns: tuple[str, ...], operation: str, request_: dict[str, Any], expected: str
) -> None:
    assert outcome(Allowed(*patterns), operation, **request_) == expected
