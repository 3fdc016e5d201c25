"""Which permission on which resource each operation needs (Service Authorization Reference of Amazon Comprehend)."""

from __future__ import annotations

from typing import Any, NamedTuple

from comprehend_local.arns import Scope


class Permission(NamedTuple):
    """An IAM action on one resource."""

    action: str
    resource: str


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
    "TagResource": "ResourceArn",
    "UntagResource": "ResourceArn",
    "ListTagsForResource": "ResourceArn",
}


def needed(operation: str, request: dict[str, Any], scope: Scope) -> list[Permission]:
    """All that the caller needs, every one of them. What names no resource (the list operations) needs `*`."""
    action = f"comprehend:{operation}"
    if operation == "CreateFlywheel":
        resources = [scope.flywheel(request["FlywheelName"])]
    elif operation == "CreateDocumentClassifier":
        resources = [scope.classifier(request["DocumentClassifierName"], request.get("VersionName"))]
    else:
        resources = [request.get(_NAMED_BY.get(operation, ""), "*")]
    if operation in ("CreateFlywheel", "UpdateFlywheel") and "ActiveModelArn" in request:
        resources.append(request["ActiveModelArn"])
    permissions = [Permission(action, resource) for resource in resources]
    if "DataAccessRoleArn" in request:
        permissions.append(Permission("iam:PassRole", request["DataAccessRoleArn"]))
    return permissions
