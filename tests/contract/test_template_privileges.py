"""Each role may do what its function's code does and nothing else; the dangerous rights are in exactly one place."""

import re
from typing import Any

import pytest

from tests.contract.template import FUNCTION_FOLDERS, Tree, listed, of_type, pascal, statements

# Actions that AWS cannot limit to a resource.
WITHOUT_RESOURCES = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcs",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "comprehend:ListDocumentClassifiers",
    "comprehend:ListEntityRecognizers",
    "comprehend:ListFlywheels",
    "comprehend:ListEndpoints",
    "comprehend:ListDocumentClassificationJobs",
    "comprehend:ListEntitiesDetectionJobs",
    "cloudwatch:GetMetricData",
}


def _grants(template: Tree) -> dict[str, list[dict[str, Any]]]:
    """Role or managed policy -> its statements."""
    found = {
        name: [statement for policy in role["Policies"] for statement in statements(policy["PolicyDocument"])]
        for name, role in of_type(template, "AWS::IAM::Role").items()
    }
    for name, policy in of_type(template, "AWS::IAM::ManagedPolicy").items():
        found[name] = statements(policy["PolicyDocument"])
    return found


def _actions(template: Tree, owner: str) -> set[str]:
    return {action for statement in _grants(template)[owner] for action in listed(statement["Action"])}


def _owners(template: Tree, action: str) -> list[str]:
    return sorted(owner for owner in _grants(template) if action in _actions(template, owner))


def _text(resource: Any) -> str:
    if isinstance(resource, dict):
        return str(resource.get("Fn::Sub") or resource.get("Fn::GetAtt") or resource.get("Ref"))
    return str(resource)


def test_no_action_is_a_pattern(template: Tree) -> None:
    for owner, granted in _grants(template).items():
        for statement in granted:
            assert statement["Effect"] == "Allow", owner
            assert not {"NotAction", "NotResource"} & statement.keys(), owner
            assert all("*" not in action for action in listed(statement["Action"])), owner


def test_every_resource_is_named_where_aws_lets_one(template: Tree) -> None:
    for owner, granted in _grants(template).items():
        for statement in granted:
            if "*" in [_text(resource) for resource in listed(statement["Resource"])]:
                assert set(listed(statement["Action"])) <= WITHOUT_RESOURCES, owner


@pytest.mark.parametrize("folder", FUNCTION_FOLDERS)
def test_a_role_is_one_policy_for_one_function(template: Tree, folder: str) -> None:
    role = template["Resources"][f"{pascal(folder)}Role"]["Properties"]
    assert [policy["PolicyName"] for policy in role["Policies"]] == [folder]
    assert role["ManagedPolicyArns"] == [{"Ref": "FunctionTelemetryPolicy"}]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]


@pytest.mark.parametrize(
    ("action", "folders"),
    [
        ("comprehend:UpdateFlywheel", ["promote_model"]),
        ("comprehend:CreateFlywheel", ["prepare_flywheel"]),
        ("comprehend:CreateDataset", ["register_datasets"]),
        ("comprehend:StartFlywheelIteration", ["start_iteration"]),
        ("iam:PassRole", ["prepare_flywheel", "start_analysis", "start_exam"]),
        ("kms:Encrypt", ["request_approval"]),
        ("kms:Decrypt", ["answer_approval", "sweep"]),
        ("states:SendTaskSuccess", ["answer_approval", "request_approval", "sweep"]),
        ("states:StartExecution", ["end_analysis", "end_turn", "inspect_upload", "sweep"]),
        ("s3:GetObjectVersion", ["inspect_upload", "plan_batch", "prepare_exam", "verify_serving"]),
        ("comprehend:ClassifyDocument", ["verify_serving"]),
        ("comprehend:StartDocumentClassificationJob", ["start_analysis", "start_exam"]),
        ("comprehend:StartEntitiesDetectionJob", ["start_analysis", "start_exam"]),
        ("comprehend:CreateEndpoint", ["verify_serving"]),
        ("comprehend:DeleteEndpoint", ["sweep"]),
        ("comprehend:UpdateEndpoint", ["sweep"]),
        ("comprehend:DeleteDocumentClassifier", ["sweep"]),
        ("comprehend:DeleteEntityRecognizer", ["sweep"]),
        ("cloudwatch:GetMetricData", ["sweep"]),
        ("dynamodb:Scan", ["sweep"]),
    ],
)
def test_a_dangerous_right_is_where_it_belongs(template: Tree, action: str, folders: list[str]) -> None:
    # They are about keys of whoever deploys, and exist only with them.
    with_keys = {"DataAccessKeysPolicy", "EncryptedEndpointsPolicy", "JobVolumesPolicy"}
    owners = [owner for owner in _owners(template, action) if owner not in with_keys]
    assert owners == [f"{pascal(folder)}Role" for folder in folders]


@pytest.mark.parametrize(
    "action",
    [
        "comprehend:DeleteFlywheel",
        "dynamodb:DeleteItem",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "states:StopExecution",
        "states:RedriveExecution",
        "sns:Subscribe",
    ],
)
def test_nobody_may(template: Tree, action: str) -> None:
    assert _owners(template, action) == []


def test_only_versions_of_models_are_ever_deleted(template: Tree) -> None:
    deleting = [s for s in _grants(template)["SweepRole"] if re.search("Delete(Document|Entity)", str(s["Action"]))]
    named = [_text(resource).split(":")[-1] for s in deleting for resource in listed(s["Resource"])]
    assert named == ["document-classifier/*/version/*", "entity-recognizer/*/version/*"]


def test_the_page_on_the_internet_reaches_one_table_one_key_and_one_call(template: Tree) -> None:
    granted = [
        (set(statement["Action"]), [_text(resource) for resource in listed(statement["Resource"])])
        for statement in _grants(template)["AnswerApprovalRole"]
    ]
    machine = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:${AWS::StackName}-flywheel"
    assert granted == [
        ({"dynamodb:GetItem", "dynamodb:UpdateItem"}, ["['ApprovalsTable', 'Arn']"]),
        ({"kms:Decrypt"}, ["['ApprovalKey', 'Arn']"]),
        ({"states:SendTaskSuccess"}, [machine]),
    ]


def test_only_the_page_is_public(stack: Tree) -> None:
    assert list(of_type(stack, "AWS::Lambda::Url")) == ["AnswerApprovalFunctionUrl"]
    public = [grant for grant in of_type(stack, "AWS::Lambda::Permission").values() if grant["Principal"] == "*"]
    assert sorted(grant["Action"] for grant in public) == ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"]
    for grant in public:
        assert grant["FunctionName"] == {"Ref": "AnswerApprovalFunction"}
        assert grant.get("FunctionUrlAuthType") == "NONE" or grant.get("InvokedViaFunctionUrl") is True


def test_the_data_access_role_is_passed_to_comprehend_only(template: Tree) -> None:
    assert template["Resources"]["EncryptedEndpointsPolicy"]["Condition"] == "HasModelKey"
    for role in ("PrepareFlywheelRole", "StartAnalysisRole", "StartExamRole", "EncryptedEndpointsPolicy"):
        passing = [s for s in _grants(template)[role] if "iam:PassRole" in s["Action"]]
        assert [statement["Resource"] for statement in passing] == [{"Fn::GetAtt": ["DataAccessRole", "Arn"]}]
        assert passing[0]["Condition"] == {"StringEquals": {"iam:PassedToService": "comprehend.amazonaws.com"}}


def test_comprehend_uses_the_data_access_role_for_this_account_only(template: Tree) -> None:
    role = template["Resources"]["DataAccessRole"]["Properties"]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "comprehend.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
                "ArnLike": {
                    "aws:SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:comprehend:${AWS::Region}:${AWS::AccountId}:*"}
                },
            },
        }
    ]
    writes = [s for s in _grants(template)["DataAccessRole"] if "s3:PutObject" in s["Action"]]
    assert [_text(each) for statement in writes for each in statement["Resource"]] == [
        "${LakeBucket.Arn}/lakes/*",
        "${LakeBucket.Arn}/jobs/*",
    ]


def test_the_checked_versions_are_written_by_three_roles_only(template: Tree) -> None:
    writers = [
        owner
        for owner, granted in _grants(template).items()
        for statement in granted
        if "s3:PutObject" in statement["Action"] and "/staging/" in _text(statement["Resource"])
    ]
    assert sorted(writers) == ["InspectUploadRole", "RegisterDatasetsRole", "StartAnalysisRole"]


def test_only_collecting_reads_what_jobs_wrote_and_writes_results(template: Tree) -> None:
    def owners(action: str, folder: str) -> list[str]:
        return [
            owner
            for owner, granted in _grants(template).items()
            for statement in granted
            if action in statement["Action"] and folder in _text(statement["Resource"])
        ]

    assert sorted(owners("s3:GetObject", "/jobs/")) == ["CollectAnswersRole", "CollectResultsRole"]
    assert owners("s3:PutObject", "/results/") == ["CollectResultsRole"]


def test_exams_are_written_by_two_roles_and_comprehend_reads_their_documents_alone(template: Tree) -> None:
    writers = {
        owner: _text(resource)
        for owner, granted in _grants(template).items()
        for statement in granted
        if "s3:PutObject" in statement["Action"]
        for resource in listed(statement["Resource"])
        if "/exams/" in _text(resource)
    }
    assert writers == {
        "PrepareExamRole": "${LakeBucket.Arn}/exams/*",
        "CollectAnswersRole": "${LakeBucket.Arn}/exams/*/answers/*",
    }
    read = [
        _text(resource)
        for statement in _grants(template)["DataAccessRole"]
        if "s3:GetObject" in statement["Action"]
        for resource in listed(statement["Resource"])
    ]
    assert "${LakeBucket.Arn}/exams/*/documents/*" in read
    assert sum("exams" in resource for resource in read) == 1


def test_execution_data_stays_out_of_the_logs(template: Tree) -> None:
    for name in ("FlywheelMachine", "AnalysisMachine"):
        assert template["Resources"][name]["Properties"]["Logging"]["IncludeExecutionData"] is False
