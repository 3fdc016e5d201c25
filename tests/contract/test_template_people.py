"""A person can deploy without a question and knows what to do next."""

import pytest

from tests.contract.template import Tree, parsed

PARAMETERS = sorted(parsed()["Parameters"])
OUTPUTS = sorted(parsed()["Outputs"])


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_has_a_description_and_a_default(template: Tree, name: str) -> None:
    parameter = template["Parameters"][name]
    assert len(parameter["Description"]) > 30
    assert "Default" in parameter
    if "AllowedValues" in parameter:
        assert parameter["Default"] in parameter["AllowedValues"]


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_output_says_what_it_is_for(template: Tree, name: str) -> None:
    assert len(template["Outputs"][name]["Description"]) > 30


def test_what_people_and_tools_need_is_an_output() -> None:
    assert {
        "InboxBucketName",
        "LakeBucketName",
        "RecordsBucketName",
        "PolicyTableName",
        "LedgerTableName",
        "ApprovalsTableName",
        "FlywheelMachineArn",
        "NoticeTopicArn",
        "ApprovalTopicArn",
        "ApprovalPageUrl",
        "DataAccessRoleArn",
        "SweepFunctionName",
    } <= set(OUTPUTS)
