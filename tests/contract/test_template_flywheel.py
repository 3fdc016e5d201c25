"""The one flywheel that CloudFormation may create: its shape is that of the type, and it never names an active model.

The local cloud lacks the type, so it is off by default, and held here against the schema that cfn-lint ships.
"""

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import regex

from governor.adapters.comprehend import data_security
from tests.contract.template import ROOT, Tree, of_type, references

TYPE = "AWS::Comprehend::Flywheel"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd"
ROLE = "arn:aws:iam::123456789012:role/data"
CLASSIFIER = {"FlywheelName": "reviews", "FlywheelLabels": "praise,complaint,question", "FlywheelMode": "MULTI_LABEL"}
RECOGNIZER = {
    "FlywheelName": "orders",
    "FlywheelModelType": "ENTITY_RECOGNIZER",
    "FlywheelEntityTypes": "PRODUCT,ORDER,,,,,,,,",
}
VPC = {"VpcSubnetIds": "subnet-1,subnet-2", "VpcSecurityGroupIds": "sg-1"}
KEYS = {"ModelKmsKeyArn": KEY, "VolumeKmsKeyArn": f"{KEY}2", "DataLakeKmsKeyArn": f"{KEY}3"}
_NOTHING = object()


class Evaluation:
    """What CloudFormation makes of a tree, for given parameters; only the functions that this resource uses."""

    def __init__(self, template: Tree, **chosen: str) -> None:
        self._conditions = template["Conditions"]
        self._values: dict[str, Any] = {}
        for name, parameter in template["Parameters"].items():
            value = chosen.get(name, str(parameter["Default"]))
            is_list = parameter["Type"] == "CommaDelimitedList"
            self._values[name] = [each.strip() for each in value.split(",")] if is_list else value

    def holds(self, name: str) -> bool:
        return bool(self.of(self._conditions[name]))

    def of(self, tree: Any) -> Any:
        if isinstance(tree, list):
            return [value for value in map(self.of, tree) if value is not _NOTHING]
        if not isinstance(tree, dict):
            return tree
        if len(tree) == 1:
            ((function, argument),) = tree.items()
            if function.startswith("Fn::") or function in {"Ref", "Condition"}:
                return self._function(function, argument)
        return {name: value for name, each in tree.items() if (value := self.of(each)) is not _NOTHING}

    def _function(self, function: str, argument: Any) -> Any:
        functions: dict[str, Callable[[Any], Any]] = {
            "Ref": lambda name: _NOTHING if name == "AWS::NoValue" else self._values[name],
            "Condition": self.holds,
            "Fn::If": lambda parts: self.of(parts[1] if self.holds(parts[0]) else parts[2]),
            "Fn::Not": lambda parts: not self.of(parts[0]),
            "Fn::Or": lambda parts: any(self.of(each) for each in parts),
            "Fn::Equals": lambda parts: self.of(parts[0]) == self.of(parts[1]),
            "Fn::Select": lambda parts: self.of(parts[1])[parts[0]],
            "Fn::Join": lambda parts: parts[0].join(self.of(parts[1])),
            "Fn::GetAtt": lambda _: ROLE,
            "Fn::Sub": lambda text: text.replace("${LakeBucket}", "the-lake"),
        }
        return functions[function](argument)


@functools.cache
def schema() -> Tree:
    """The type's schema as `make setup` brings it with cfn-lint."""
    (schemas,) = (ROOT / ".venv-sam").glob("lib/*/site-packages/cfnlint/data/schemas")
    name = json.loads((schemas / "providers" / "us-east-1.json").read_text())[TYPE]
    found: Tree = json.loads(Path(schemas / "resources" / f"{name}.json").read_text())
    return found


def faults(properties: Tree) -> list[str]:
    """What the schema has against the properties. Its patterns are ECMA's, with Unicode classes."""

    def matches(_: Any, pattern: str, value: Any, __: Any) -> Any:
        pattern = pattern.replace(r"\p{ASCII}", r"[\x00-\x7f]")
        if isinstance(value, str) and not regex.search(pattern, value):
            yield jsonschema.ValidationError(f"{value} does not match {pattern}")

    validator = jsonschema.validators.extend(jsonschema.Draft7Validator, {"pattern": matches})
    return [error.message for error in validator(schema()).iter_errors(properties)]


def made(template: Tree, **chosen: str) -> Tree:
    properties: Tree = Evaluation(template, **chosen).of(template["Resources"]["Flywheel"]["Properties"])
    return properties


def test_it_is_off_unless_it_has_a_name(template: Tree) -> None:
    assert list(of_type(template, TYPE)) == ["Flywheel"]
    assert template["Resources"]["Flywheel"]["Condition"] == "CreatesFlywheel"
    assert not Evaluation(template).holds("CreatesFlywheel")
    assert Evaluation(template, **CLASSIFIER).holds("CreatesFlywheel")
    others = {name: each for name, each in template["Resources"].items() if name != "Flywheel"}
    assert "Flywheel" not in set(references([others, template["Outputs"]])), "nothing else needs it"


def test_an_update_of_the_stack_never_changes_the_active_model(template: Tree) -> None:
    assert "ActiveModelArn" not in json.dumps(template["Resources"]["Flywheel"])
    assert not [name for name in template["Parameters"] if "ActiveModel" in name]


def test_it_outlives_the_stack_as_its_models_do(template: Tree) -> None:
    resource = template["Resources"]["Flywheel"]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize("more", [{}, KEYS, VPC, KEYS | VPC, {"VolumeKmsKeyArn": KEY}])
@pytest.mark.parametrize("kind", [CLASSIFIER, RECOGNIZER])
def test_its_shape_is_that_of_the_type(template: Tree, kind: dict[str, str], more: dict[str, str]) -> None:
    properties = made(template, **kind, **more)
    assert faults(properties) == []
    assert ("DataSecurityConfig" in properties) is bool(more)


def test_every_field_can_be_chosen(template: Tree) -> None:
    own = {
        "FlywheelDataAccessRoleArn": f"{ROLE}/mine",
        "FlywheelDataLakeS3Uri": "s3://mine/lake",
        "FlywheelLanguage": "de",
    }
    assert made(template, **CLASSIFIER, **own, **KEYS, **VPC) == {
        "FlywheelName": "reviews",
        "DataAccessRoleArn": f"{ROLE}/mine",
        "DataLakeS3Uri": "s3://mine/lake",
        "ModelType": "DOCUMENT_CLASSIFIER",
        "TaskConfig": {
            "LanguageCode": "de",
            "DocumentClassificationConfig": {"Mode": "MULTI_LABEL", "Labels": ["praise", "complaint", "question"]},
        },
        "DataSecurityConfig": {
            "ModelKmsKeyId": KEY,
            "VolumeKmsKeyId": f"{KEY}2",
            "DataLakeKmsKeyId": f"{KEY}3",
            "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
        },
    }
    recognizer = made(template, **RECOGNIZER)
    assert recognizer["TaskConfig"]["EntityRecognitionConfig"] == {
        "EntityTypes": [{"Type": "PRODUCT"}, {"Type": "ORDER"}]
    }
    assert recognizer["DataLakeS3Uri"] == "s3://the-lake/lakes"


def test_the_schema_refuses_what_is_wrong(template: Tree) -> None:
    assert faults(made(template, **CLASSIFIER) | {"ModelType": "OTHER"})
    assert faults(made(template, **CLASSIFIER) | {"FlywheelName": "no spaces"})


@pytest.mark.parametrize("more", [{}, KEYS, VPC, KEYS | VPC])
def test_flywheels_of_policies_get_the_same_keys_and_the_same_vpc(template: Tree, more: dict[str, str]) -> None:
    variables = template["Resources"]["PrepareFlywheelFunction"]["Properties"]["Environment"]["Variables"]
    wanted = ("KMS_KEY_ID", "VPC_SUBNET_IDS", "VPC_SECURITY_GROUP_IDS")
    evaluation = Evaluation(template, **CLASSIFIER, **more)
    settings = {name: evaluation.of(value) for name, value in variables.items() if name.endswith(wanted)}
    assert len(settings) == 5
    assert data_security(settings) == made(template, **CLASSIFIER, **more).get("DataSecurityConfig", {})


@pytest.mark.parametrize("name", ["StartAnalysis", "StartExam"])
@pytest.mark.parametrize("more", [{}, KEYS, VPC, KEYS | VPC])
def test_jobs_run_on_machines_with_the_same_key_and_in_the_same_vpc(
    template: Tree, name: str, more: dict[str, str]
) -> None:
    variables = template["Resources"][f"{name}Function"]["Properties"]["Environment"]["Variables"]
    evaluation = Evaluation(template, **CLASSIFIER, **more)
    wanted = ("KMS_KEY_ID", "VPC_SUBNET_IDS", "VPC_SECURITY_GROUP_IDS")
    settings = {name: evaluation.of(value) for name, value in variables.items() if name.endswith(wanted)}
    whole = made(template, **CLASSIFIER, **more).get("DataSecurityConfig", {})
    assert data_security(settings) == {name: whole[name] for name in ("VolumeKmsKeyId", "VpcConfig") if name in whole}


def test_who_starts_jobs_may_use_the_key_of_their_machines_and_no_other(template: Tree) -> None:
    policy = template["Resources"]["JobVolumesPolicy"]
    assert policy["Condition"] == "HasVolumeKey"
    assert policy["Properties"]["Roles"] == [{"Ref": "StartAnalysisRole"}, {"Ref": "StartExamRole"}]
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert Evaluation(template, **KEYS).of(statement["Resource"]) == f"{KEY}2"


def test_who_uses_a_key_may_use_it_only_where_there_is_one(template: Tree) -> None:
    for name, condition in (("DataAccessKeysPolicy", "HasKeys"), ("DataAccessVpcPolicy", "HasVpc")):
        assert template["Resources"][name]["Condition"] == condition
    keys = template["Resources"]["DataAccessKeysPolicy"]["Properties"]
    assert keys["Roles"] == [{"Ref": "DataAccessRole"}, {"Ref": "PrepareFlywheelRole"}]
    granted = Evaluation(template, VolumeKmsKeyArn=KEY).of(keys["PolicyDocument"]["Statement"][0]["Resource"])
    assert granted == [KEY]
