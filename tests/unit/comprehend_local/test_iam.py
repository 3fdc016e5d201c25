from typing import Any

import pytest

from comprehend_local import ManualClock
from comprehend_local.iam.authorization import IamRoles
from comprehend_local.iam.identities import FunctionKeys, Principal, function_access_key, is_root_key
from comprehend_local.iam.policies import Policies, settle
from comprehend_local.iam.trust import trusts
from comprehend_local.service.data_access import RoleRefused

ACCOUNT = "000000000000"
FLYWHEEL = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:flywheel/news"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/data-access"


def statement(effect: str = "Allow", service: Any = "comprehend.amazonaws.com", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": {"Service": service}, "Action": "sts:AssumeRole", **more}


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([statement()], True),
        ([statement(service=["ec2.amazonaws.com", "comprehend.amazonaws.com"])], True),
        ([statement(service="lambda.amazonaws.com")], False),
        ([statement(Action="sts:TagSession")], False),
        ([statement(Action=["sts:*"])], True),
        ([statement(**when("StringEquals", "aws:SourceAccount", ACCOUNT))], True),
        ([statement(**when("StringEquals", "AWS:sourceaccount", [ACCOUNT, "1"]))], True),
        ([statement(**when("StringEquals", "aws:SourceAccount", "111111111111"))], False),
        ([statement(**when("ArnLike", "aws:SourceArn", f"arn:aws:comprehend:us-east-1:{ACCOUNT}:*"))], True),
        ([statement(**when("ArnLike", "aws:SourceArn", "arn:*"))], False),
        ([statement(**when("ArnLike", "aws:SourceArn", "arn:aws:comprehend:*:*:flywheel/other"))], False),
        ([statement(**when("StringLike", "aws:SourceArn", "*flywheel/n?ws"))], True),
        ([statement(**when("StringEquals", "aws:PrincipalOrgID", "o-1"))], False),
        ([statement(**when("DateLessThan", "aws:SourceArn", FLYWHEEL))], False),
        ([statement(), statement("Deny")], False),
        ([statement(), statement("Deny", **when("StringEquals", "aws:SourceAccount", "1"))], True),
        ([statement(), statement("Deny", **when("StringEquals", "aws:PrincipalOrgID", "o-1"))], False),
        ([], False),
    ],
)
def test_trust(statements: list[dict[str, Any]], expected: bool) -> None:
    assert trusts({"Statement": statements}, ACCOUNT, FLYWHEEL) is expected


def test_conditions_on_the_service_that_a_role_is_passed_to_are_settled() -> None:
    base = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
    other = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {**base, **when("StringEquals", "iam:PassedToService", "comprehend.amazonaws.com")},
            {**base, **when("StringEquals", "iam:PassedToService", "ec2.amazonaws.com")},
            {**base, "Condition": {"StringLike": {"iam:PassedToService": "comprehend.*"}, **other}},
            base,
        ],
    }

    assert settle(document, "comprehend.amazonaws.com")["Statement"] == [base, {**base, "Condition": other}, base]


class Pages:
    """A paginator of one page."""

    def __init__(self, page: dict[str, Any]) -> None:
        self._page = page

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [self._page]


class Functions:
    """A Lambda with functions to list."""

    def __init__(self) -> None:
        self.functions: list[dict[str, Any]] = []
        self.versions: list[dict[str, Any]] = []
        self.reads = 0

    def add(self, name: str, role: str) -> None:
        arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
        self.functions.append({"FunctionName": name, "FunctionArn": arn, "Role": role})

    def get_paginator(self, operation: str) -> Pages:
        self.reads += operation == "list_functions"
        return Pages({"Functions": self.functions, "Versions": self.versions})


def test_a_new_function_is_found_when_its_key_is_first_seen() -> None:
    functions = Functions()
    functions.add("one", f"arn:aws:iam::{ACCOUNT}:role/path/first")
    keys = FunctionKeys(functions)
    one = function_access_key(functions.functions[0]["FunctionArn"], functions.functions[0]["Role"])

    assert keys.find("ASIAUNKNOWN") is None
    assert keys.find(one) == Principal(
        f"arn:aws:iam::{ACCOUNT}:role/path/first", f"arn:aws:sts::{ACCOUNT}:assumed-role/first/one"
    )
    assert functions.reads == 1

    functions.add("two", f"arn:aws:iam::{ACCOUNT}:role/second")
    two = function_access_key(functions.functions[1]["FunctionArn"], functions.functions[1]["Role"])
    found = keys.find(two)
    assert found is not None
    assert found.role_arn.endswith("role/second")


def test_a_published_version_signs_with_keys_of_its_own() -> None:
    functions = Functions()
    functions.add("one", f"arn:aws:iam::{ACCOUNT}:role/first")
    version = {**functions.functions[0], "FunctionArn": functions.functions[0]["FunctionArn"] + ":3"}
    functions.versions.append(version)

    found = FunctionKeys(functions).find(function_access_key(version["FunctionArn"], version["Role"]))

    assert found == Principal.of_function("one", version["Role"])


@pytest.mark.parametrize(("key", "root"), [("test", True), (ACCOUNT, True), ("ASIA1", False), ("00000000000", False)])
def test_root_keys(key: str, root: bool) -> None:
    assert is_root_key(key) is root


class Iam:
    """An IAM with one role that trusts Comprehend and may do anything; counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_role(self, RoleName: str) -> dict[str, Any]:  # noqa: N803  (boto3 names it)
        self.asked.append("get_role")
        return {"Role": {"Arn": ROLE, "AssumeRolePolicyDocument": {"Statement": [statement()]}}}

    def simulate_principal_policy(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request["ResourceArns"][0])
        return {"EvaluationResults": [{"EvalDecision": "allowed"}]}


def test_a_roles_trust_is_read_once_for_many_files_and_again_for_another_resource_or_later() -> None:
    iam, clock = Iam(), ManualClock()
    roles = IamRoles(iam, Policies(iam, clock, remember_seconds=5))

    for file in ("a", "b", "a"):
        roles.require(ROLE, FLYWHEEL, "s3:GetObject", file)
    assert iam.asked == ["get_role", "a", "b"]
    roles.require(ROLE, f"{FLYWHEEL}-2", "s3:GetObject", "a")
    assert iam.asked == ["get_role", "a", "b", "get_role"]
    clock.advance(6)
    roles.require(ROLE, FLYWHEEL, "s3:GetObject", "a")
    assert iam.asked[4:] == ["get_role", "a"]


def test_a_role_that_does_not_exist_is_refused_each_time() -> None:
    iam = Iam()
    roles = IamRoles(iam, Policies(iam, ManualClock(), remember_seconds=5))

    for _ in range(2):
        with pytest.raises(RoleRefused, match="does not exist"):
            roles.require(f"{ROLE}-2", FLYWHEEL, "s3:GetObject", "a")

    assert iam.asked == ["get_role", "get_role"]
