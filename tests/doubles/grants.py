"""Least privilege in the doubles: a function that asks for what template.yaml does not grant it is refused, as on AWS.

Held against the template are the actions, by table and by bucket, and the environment variables; not the finer patterns
of resources and conditions, which the local stack's IAM evaluates.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from governor.config import Deployment, NotConfiguredError
from tests.doubles.template import template

_PREFIX = {"stepfunctions": "states"}
_ACTION = {
    ("s3", "ListObjectVersions"): "ListBucketVersions",
    ("s3", "ListObjectsV2"): "ListBucket",
    ("s3", "CopyObject"): "PutObject",
    ("s3", "CreateMultipartUpload"): "PutObject",
    ("s3", "UploadPart"): "PutObject",
    ("s3", "CompleteMultipartUpload"): "PutObject",
}
_BUCKETS = {"inbox": "InboxBucket", "lake": "LakeBucket", "records": "RecordsBucket"}


class NotGrantedError(Exception):
    """The template does not grant the calling function this action."""


class Guard:
    """Knows which function is running and refuses what it may not do; outside of functions everything is allowed."""

    def __init__(self) -> None:
        self._function = ""
        self.asked: dict[str, set[str]] = {}

    @contextmanager
    def running(self, function: str) -> Iterator[None]:
        before, self._function = self._function, function
        try:
            yield
        finally:
            self._function = before

    def check_call(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """Hook for botocore's `provide-client-params`."""
        if self._function:
            for action, resource in _wanted(params, model):
                self._check(action, resource)

    def check_setting(self, name: str) -> None:
        if self._function and name not in settings_of(self._function):
            raise NotConfiguredError(f"The template gives {self._function} no environment variable {name}.")

    def _check(self, action: str, resource: str) -> None:
        self.asked.setdefault(self._function, set()).add(action)
        if not any(resource in granted for granted in grants_of(self._function).get(action, [])):
            raise NotGrantedError(f"The template does not grant {self._function} {action} on {resource or 'anything'}.")


class GuardedDeployment(Deployment):
    """The environment of whichever function is running."""

    def __init__(self, values: dict[str, str], guard: Guard) -> None:
        super().__init__(values)
        object.__setattr__(self, "_guard", guard)

    def get(self, name: str) -> str:
        self._guard.check_setting(name)  # type: ignore[attr-defined]
        return super().get(name)


@cache
def grants_of(function: str) -> dict[str, list[str]]:
    """The actions that the function's role has, each with the resources as text."""
    role = template()["Resources"][f"{_pascal(function)}Role"]["Properties"]
    grants: dict[str, list[str]] = {}
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            for action in statement["Action"]:
                grants.setdefault(action, []).append(json.dumps(statement["Resource"]))
    return grants


@cache
def settings_of(function: str) -> frozenset[str]:
    """The environment variables that the function has."""
    own = template()["Resources"][f"{_pascal(function)}Function"]["Properties"]["Environment"]["Variables"]
    everybodys = template()["Globals"]["Function"]["Environment"]["Variables"]
    return frozenset({*own, *everybodys})


def _wanted(params: dict[str, Any], model: Any) -> Iterator[tuple[str, str]]:
    service = model.service_model.service_name
    match service, model.name:
        case "dynamodb", "TransactWriteItems":
            for item in params["TransactItems"]:
                for kind, write in item.items():
                    yield (
                        f"dynamodb:{kind.removesuffix('Item')}{'' if kind.endswith('Item') else 'Item'}",
                        write["TableName"],
                    )
            return
        case "dynamodb", "BatchGetItem":
            for table in params["RequestItems"]:
                yield "dynamodb:BatchGetItem", table
            return
        case "s3", "GetObject" if "VersionId" in params:
            yield "s3:GetObjectVersion", _BUCKETS[params["Bucket"]]
            return
        case "s3", "CopyObject":
            yield "s3:GetObject", _BUCKETS[params["CopySource"]["Bucket"]]
    resource = params.get("TableName", "") if service == "dynamodb" else _BUCKETS.get(params.get("Bucket", ""), "")
    yield f"{_PREFIX.get(service, service)}:{_ACTION.get((service, model.name), model.name)}", resource


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
