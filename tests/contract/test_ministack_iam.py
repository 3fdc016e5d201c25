"""What comprehend_local asks of MiniStack's IAM, asked of the installed MiniStack with AUTH=true.

Its answers decide on a laptop whether a call is allowed, so a new version that answers otherwise must be noticed here.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from comprehend_local.arns import Scope
from comprehend_local.clock import ManualClock
from comprehend_local.iam.authorization import IamAuthorizer, IamRoles
from comprehend_local.iam.identities import FunctionKeys, function_access_key
from comprehend_local.iam.policies import Policies
from comprehend_local.service.callers import Credential
from comprehend_local.service.data_access import RoleRefused
from comprehend_local.service.errors import ServiceError

ACCOUNT, REGION = "000000000000", "us-east-1"
SCOPE = Scope(ACCOUNT, REGION)
FLYWHEEL = SCOPE.flywheel("news")
COMPREHEND = "comprehend.amazonaws.com"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("cloud")
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    places = {name: str(folder / name.lower()) for name in ("STATE_DIR", "S3_DATA_DIR", "TMPDIR")}
    for place in places.values():
        Path(place).mkdir()
    settings = {
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder}/no-docker",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with (folder / "log").open("w") as log:
        cloud = subprocess.Popen(
            [sys.executable, "-m", "ministack"], env=kept | places | settings, stdout=log, stderr=log
        )
        try:
            found = f"http://127.0.0.1:{port}"
            wait_for(f"{found}/_ministack/health", cloud)
            yield found
        finally:
            cloud.terminate()
            cloud.wait(20)


def wait_for(address: str, program: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and program.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("MiniStack does not answer")


@pytest.fixture(scope="module")
def iam(url: str) -> Any:
    return boto3.client(
        "iam", endpoint_url=url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
    )


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str | list[str], **condition: Any) -> dict[str, Any]:
    rest = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Action": action, "Resource": resource, **rest}


def role(iam: Any, name: str, service: str, *statements: dict[str, Any], **condition: Any) -> str:
    rest = {"Condition": condition} if condition else {}
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole", **rest}
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document(*statements))
    return arn


@pytest.fixture(scope="module")
def data_access(iam: Any) -> str:
    return role(
        iam,
        "data-access",
        COMPREHEND,
        allow("s3:ListBucket", "arn:aws:s3:::lake"),
        allow("s3:GetObject", ["arn:aws:s3:::lake/staging/*", "arn:aws:s3:::lake/lakes/*"]),
        allow("s3:PutObject", "arn:aws:s3:::lake/lakes/*"),
        StringEquals={"aws:SourceAccount": ACCOUNT},
        ArnLike={"aws:SourceArn": f"arn:aws:comprehend:{REGION}:{ACCOUNT}:*"},
    )


@pytest.fixture(scope="module")
def function_role(iam: Any, data_access: str) -> str:
    arn = role(
        iam,
        "prepare",
        "lambda.amazonaws.com",
        allow(["comprehend:CreateFlywheel", "comprehend:DescribeFlywheel"], f"{SCOPE.arn('flywheel/')}*"),
        {"Effect": "Deny", "Action": "comprehend:*", "Resource": SCOPE.flywheel("forbidden")},
    )
    passing = allow("iam:PassRole", data_access, StringEquals={"iam:PassedToService": COMPREHEND})
    policy = iam.create_policy(PolicyName="passing", PolicyDocument=document(passing))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="prepare", PolicyArn=policy)
    return arn


@pytest.fixture
def policies(iam: Any) -> Policies:
    return Policies(iam, ManualClock(), remember_seconds=5)


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("comprehend:DescribeFlywheel", FLYWHEEL, True),
        ("comprehend:DescribeFlywheel", f"{FLYWHEEL}/dataset/d", True),
        ("comprehend:DescribeFlywheel", SCOPE.flywheel("forbidden"), False),
        ("comprehend:UpdateFlywheel", FLYWHEEL, False),
        ("comprehend:CreateFlywheel", SCOPE.model("document-classifier", "news", "v1"), False),
        ("comprehend:ListFlywheels", "*", False),
    ],
)
def test_a_role_may_what_its_policies_allow(
    policies: Policies, function_role: str, action: str, resource: str, expected: bool
) -> None:
    assert policies.allow(function_role, action, resource) is expected


def test_a_role_is_passed_to_the_service_that_its_policy_names(
    policies: Policies, function_role: str, data_access: str
) -> None:
    assert policies.allow_pass_role(function_role, data_access, COMPREHEND)
    assert not policies.allow_pass_role(function_role, data_access, "ec2.amazonaws.com")
    assert not policies.allow_pass_role(function_role, function_role, COMPREHEND)


def test_the_simulation_itself_still_knows_no_context_keys(
    policies: Policies, function_role: str, data_access: str
) -> None:
    """When this fails MiniStack has learned it, and the detour in `allow_pass_role` can go."""
    assert not policies.allow(function_role, "iam:PassRole", data_access)


@pytest.mark.parametrize(
    ("action", "resource", "source", "message"),
    [
        ("s3:GetObject", "arn:aws:s3:::lake/staging/a.csv", FLYWHEEL, None),
        ("s3:PutObject", "arn:aws:s3:::lake/lakes/news/*", SCOPE.model("document-classifier", "news", "v"), None),
        ("s3:ListBucket", "arn:aws:s3:::lake", FLYWHEEL, None),
        ("s3:PutObject", "arn:aws:s3:::lake/staging/a.csv", FLYWHEEL, "no permission s3:PutObject"),
        ("s3:GetObject", "arn:aws:s3:::inbox/a.csv", FLYWHEEL, "no permission s3:GetObject"),
        ("s3:ListBucket", "arn:aws:s3:::lake", Scope("1" * 12, REGION).flywheel("x"), "does not trust"),
        ("s3:ListBucket", "arn:aws:s3:::lake", Scope(ACCOUNT, "eu-west-1").flywheel("x"), "does not trust"),
    ],
)
def test_the_data_access_role(
    iam: Any, policies: Policies, data_access: str, action: str, resource: str, source: str, message: str | None
) -> None:
    roles = IamRoles(iam, policies)

    if message is None:
        roles.require(data_access, source, action, resource)
    else:
        with pytest.raises(RoleRefused, match=message):
            roles.require(data_access, source, action, resource)


def test_a_role_that_is_not_there(iam: Any, policies: Policies) -> None:
    missing = f"arn:aws:iam::{ACCOUNT}:role/none"

    with pytest.raises(RoleRefused, match="does not exist"):
        IamRoles(iam, policies).require(missing, FLYWHEEL, "s3:GetObject", "arn:aws:s3:::lake/a")


class OneFunction:
    """A Lambda with one function, so that no function must be built for this."""

    def __init__(self, role_arn: str) -> None:
        self.arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:prepare"
        self._functions = [{"FunctionName": "prepare", "FunctionArn": self.arn, "Role": role_arn}]

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"Functions": self._functions, "Versions": []}]


@pytest.mark.parametrize(
    ("key", "operation", "request_", "code"),
    [
        ("function", "DescribeFlywheel", {"FlywheelArn": FLYWHEEL}, None),
        ("function", "CreateFlywheel", {"FlywheelName": "news", "DataAccessRoleArn": "data"}, None),
        ("function", "CreateFlywheel", {"FlywheelName": "news", "DataAccessRoleArn": "own"}, "AccessDeniedException"),
        ("function", "UpdateFlywheel", {"FlywheelArn": FLYWHEEL}, "AccessDeniedException"),
        ("test", "DeleteFlywheel", {"FlywheelArn": FLYWHEEL}, None),
        ("ASIAUNKNOWN", "DescribeFlywheel", {"FlywheelArn": FLYWHEEL}, "UnrecognizedClientException"),
        ("", "DescribeFlywheel", {"FlywheelArn": FLYWHEEL}, "MissingAuthenticationTokenException"),
    ],
)
def test_callers_are_admitted_or_not(
    policies: Policies,
    function_role: str,
    data_access: str,
    key: str,
    operation: str,
    request_: dict[str, str],
    code: str | None,
) -> None:
    functions = OneFunction(function_role)
    authorizer = IamAuthorizer(FunctionKeys(functions), policies)
    key = function_access_key(functions.arn, function_role) if key == "function" else key
    roles = {"data": data_access, "own": function_role}
    request = {name: roles.get(value, value) for name, value in request_.items()}

    if code is None:
        authorizer.admit(Credential(key, REGION), SCOPE, operation, request)
    else:
        with pytest.raises(ServiceError) as caught:
            authorizer.admit(Credential(key, REGION), SCOPE, operation, request)
        assert caught.value.code == code
        if code == "AccessDeniedException":
            assert caught.value.message.startswith(
                f"User: arn:aws:sts::{ACCOUNT}:assumed-role/prepare/prepare is not authorized to perform: "
            )


def test_a_permission_taken_away_is_noticed_after_a_few_seconds(iam: Any) -> None:
    clock = ManualClock()
    policies = Policies(iam, clock, remember_seconds=5)
    arn = role(iam, "changing", "lambda.amazonaws.com", allow("comprehend:DescribeFlywheel", "*"))
    assert policies.allow(arn, "comprehend:DescribeFlywheel", FLYWHEEL)

    iam.delete_role_policy(RoleName="changing", PolicyName="inline")

    assert policies.allow(arn, "comprehend:DescribeFlywheel", FLYWHEEL)
    clock.advance(5)
    assert not policies.allow(arn, "comprehend:DescribeFlywheel", FLYWHEEL)
