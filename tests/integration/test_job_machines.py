"""Jobs run on machines with the key and in the network that the stack names, whoever starts them."""

from typing import Any

import pytest

from tests.doubles.data import FLYWHEEL, WORDS, labelled
from tests.doubles.exams import golden
from tests.doubles.scenes import ends, first_model, promoted
from tests.doubles.stack import ACCOUNT, Stack

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
MODEL_KEYS = {"MODEL_KMS_KEY_ID": f"{KEY}1", "DATA_LAKE_KMS_KEY_ID": f"{KEY}2"}
NETWORK = {"VPC_SUBNET_IDS": "subnet-1,subnet-2", "VPC_SECURITY_GROUP_IDS": "sg-1"}
VPC_CONFIG = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
CASES = [
    ({}, {}),
    (MODEL_KEYS | {"VOLUME_KMS_KEY_ID": KEY}, {"VolumeKmsKeyId": KEY}),
    (NETWORK | {"VOLUME_KMS_KEY_ID": ""}, {"VpcConfig": VPC_CONFIG}),
    (NETWORK | {"VOLUME_KMS_KEY_ID": KEY}, {"VolumeKmsKeyId": KEY, "VpcConfig": VPC_CONFIG}),
]


def _machines(stack: Stack) -> list[dict[str, Any]]:
    jobs = stack.comprehend.list_document_classification_jobs()["DocumentClassificationJobPropertiesList"]
    return [
        {name: job[name] for name in ("VolumeKmsKeyId", "VpcConfig", "ModelKmsKeyId") if name in job} for job in jobs
    ]


@pytest.mark.parametrize(("settings", "expected"), CASES)
def test_an_analysis_has_the_stack_s_key_and_network(
    stack: Stack, settings: dict[str, str], expected: dict[str, Any]
) -> None:
    stack.environment |= settings
    promoted(stack, analysis={"quiet_seconds": 0})
    text = "\n".join(" ".join(words) for words in WORDS.values()).encode()
    stack.deliver(stack.drop(f"{FLYWHEEL}/documents/monday.txt", text))
    assert stack.inspect() == []
    stack.run()

    assert _machines(stack) == [expected]


@pytest.mark.parametrize(("settings", "expected"), CASES)
def test_an_exam_has_them_too(stack: Stack, settings: dict[str, str], expected: dict[str, Any]) -> None:
    stack.environment |= settings
    stack.apply_policy(FLYWHEEL, golden())
    first_model(stack, labelled(1))

    assert ends(stack) == ["ModelPromoted"]
    assert _machines(stack) == [expected]
