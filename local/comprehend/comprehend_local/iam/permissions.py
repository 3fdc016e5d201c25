"""Which permission on which resource each operation needs (Service Authorization Reference of Amazon Comprehend)."""

from __future__ import annotations

from typing import Any, NamedTuple

from comprehend_local.arns import Scope


class Permission(NamedTuple):
    """An IAM action on one resource; where there are `others`, on that resource or on one of those."""

    action: str
    resource: str
    others: tuple[str, ...] = ()


_NAMED_BY = {
    "DescribeFlywheel": "FlywheelArn",
    "UpdateFlywheel": "FlywheelArn",
    "DeleteFlywheel": "FlywheelArn",
    "StartFlywheelIteration": "FlywheelArn",
    "DescribeFlywheelIteration": "FlywheelArn",
    "ListFlywheelIterationHistory": "FlywheelArn",
    "CreateDataset": "FlywheelArn",
    "ListDatasets": "FlywheelArn",
    "DescribeDataset": "DatasetArn",
    "DescribeDocumentClassifier": "DocumentClassifierArn",
    "StopTrainingDocumentClassifier": "DocumentClassifierArn",
    "DeleteDocumentClassifier": "DocumentClassifierArn",
    "DescribeEntityRecognizer": "EntityRecognizerArn",
    "StopTrainingEntityRecognizer": "EntityRecognizerArn",
    "DeleteEntityRecognizer": "EntityRecognizerArn",
    "DescribeEndpoint": "EndpointArn",
    "UpdateEndpoint": "EndpointArn",
    "DeleteEndpoint": "EndpointArn",
    "ClassifyDocument": "EndpointArn",
    "DetectEntities": "EndpointArn",
    "PutResourcePolicy": "ResourceArn",
    "DescribeResourcePolicy": "ResourceArn",
    "DeleteResourcePolicy": "ResourceArn",
    "TagResource": "ResourceArn",
    "UntagResource": "ResourceArn",
    "ListTagsForResource": "ResourceArn",
}
"""The member that names the resource."""

_CREATED = {
    "CreateDocumentClassifier": ("document-classifier", "DocumentClassifierName"),
    "CreateEntityRecognizer": ("entity-recognizer", "RecognizerName"),
}
_STARTED = {
    "StartDocumentClassificationJob": "document-classification-job",
    "StartEntitiesDetectionJob": "entities-detection-job",
}
_JOBS = {
    "DescribeDocumentClassificationJob": "document-classification-job",
    "DescribeEntitiesDetectionJob": "entities-detection-job",
    "StopEntitiesDetectionJob": "entities-detection-job",
}
_ALSO = {
    "CreateFlywheel": ("ActiveModelArn",),
    "UpdateFlywheel": ("ActiveModelArn",),
    "CreateEndpoint": ("ModelArn", "FlywheelArn"),
    "UpdateEndpoint": ("FlywheelArn",),
    "StartDocumentClassificationJob": ("DocumentClassifierArn", "FlywheelArn"),
    "StartEntitiesDetectionJob": ("EntityRecognizerArn", "FlywheelArn"),
}
"""Members that name further resources, where they are given."""

_PASSED = ("DataAccessRoleArn", "DesiredDataAccessRoleArn")


def needed(operation: str, request: dict[str, Any], scope: Scope) -> list[Permission]:
    """All that the caller needs, every one of them. What names no resource (the list operations) needs `*`."""
    action = f"comprehend:{operation}"
    resource, *others = _resources(operation, request, scope)
    further = [request[member] for member in _ALSO.get(operation, ()) if member in request]
    return [
        Permission(action, resource, tuple(others)),
        *(Permission(action, arn) for arn in further),
        *(Permission("iam:PassRole", request[member]) for member in _PASSED if member in request),
    ]


def _resources(operation: str, request: dict[str, Any], scope: Scope) -> list[str]:
    """The operation's own resource; several when the request alone does not say which of them it is."""
    if operation == "CreateFlywheel":
        return [scope.flywheel(request["FlywheelName"])]
    if operation in _CREATED:
        resource, member = _CREATED[operation]
        return [scope.model(resource, request[member], request.get("VersionName"))]
    if operation == "CreateEndpoint":
        # Of which type the endpoint is, its model's ARN says; a flywheel's does not.
        model = request.get("ModelArn", "")
        types = [kind for kind in ("document-classifier", "entity-recognizer") if not model or f":{kind}/" in model]
        return [scope.arn(f"{kind}-endpoint/{request['EndpointName']}") for kind in types]
    if operation in _STARTED:
        return [scope.arn(f"{_STARTED[operation]}/*")]
    if operation in _JOBS:
        return [scope.arn(f"{_JOBS[operation]}/{request['JobId']}")]
    return [request.get(_NAMED_BY.get(operation, ""), "*")]
