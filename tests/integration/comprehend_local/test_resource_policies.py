"""Resource-based policies of models."""

import json
from typing import Any

import pytest

from .lab import ACCOUNT, ROLE, Lab, code_of, rows

STATEMENT = {
    "Effect": "Allow",
    "Action": "comprehend:ImportModel",
    "Resource": "*",
    "Principal": {"AWS": ["arn:aws:iam::111122223333:root"]},
}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
OTHER = json.dumps({"Version": "2012-10-17", "Statement": {**STATEMENT, "Action": ["comprehend:ImportModel"]}})


@pytest.fixture
def model(lab: Lab) -> str:
    return lab.flywheel_with_model()[1]


def put(lab: Lab, model: str, policy: str = POLICY, **request: Any) -> str:
    answer = lab.client.put_resource_policy(ResourceArn=model, ResourcePolicy=policy, **request)
    return str(answer["PolicyRevisionId"])


def test_a_policy_and_its_revisions(lab: Lab, model: str) -> None:
    first = put(lab, model)
    lab.clock.advance(60)
    second = put(lab, model, OTHER, PolicyRevisionId=first)

    found = lab.client.describe_resource_policy(ResourceArn=model)

    assert first != second
    assert (found["ResourcePolicy"], found["PolicyRevisionId"]) == (OTHER, second)
    assert (found["LastModifiedTime"] - found["CreationTime"]).total_seconds() == 60


def test_a_revision_that_is_not_the_last_is_refused(lab: Lab, model: str) -> None:
    assert code_of(lambda: put(lab, model, PolicyRevisionId="ab12")) == "InvalidRequestException", "there is none yet"
    first = put(lab, model)
    second = put(lab, model, OTHER)

    assert code_of(lambda: put(lab, model, PolicyRevisionId=first)) == "InvalidRequestException"
    delete = lab.client.delete_resource_policy
    assert code_of(lambda: delete(ResourceArn=model, PolicyRevisionId=first)) == "InvalidRequestException"
    assert lab.client.describe_resource_policy(ResourceArn=model)["PolicyRevisionId"] == second
    delete(ResourceArn=model, PolicyRevisionId=second.upper())
    assert code_of(lambda: lab.client.describe_resource_policy(ResourceArn=model)) == "ResourceNotFoundException"


def test_what_is_not_there(lab: Lab, model: str) -> None:
    gone = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classifier/gone"

    assert code_of(lambda: put(lab, gone)) == "ResourceNotFoundException"
    assert code_of(lambda: lab.client.describe_resource_policy(ResourceArn=model)) == "ResourceNotFoundException"
    assert code_of(lambda: lab.client.delete_resource_policy(ResourceArn=model)) == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "policy",
    [
        "no JSON",
        "[]",
        json.dumps({"Statement": []}),
        json.dumps({"Statement": [{**STATEMENT, "Effect": "Maybe"}]}),
        json.dumps({"Statement": [{**STATEMENT, "Action": "comprehend:*"}]}),
        json.dumps({"Statement": [{**STATEMENT, "Action": ["comprehend:ImportModel", "s3:GetObject"]}]}),
        json.dumps({"Statement": [{name: value for name, value in STATEMENT.items() if name != "Principal"}]}),
        json.dumps({"Statement": ["x"]}),
    ],
)
def test_policies_that_are_none(lab: Lab, model: str, policy: str) -> None:
    assert code_of(lambda: put(lab, model, policy)) == "InvalidRequestException"


def test_a_model_is_created_with_a_policy_and_takes_it_along(lab: Lab) -> None:
    def create() -> str:
        return str(
            lab.client.create_document_classifier(
                DocumentClassifierName="shared",
                DataAccessRoleArn=ROLE,
                LanguageCode="en",
                InputDataConfig={"S3Uri": lab.put("in/shared.csv", rows(30))},
                ModelPolicy=POLICY,
            )["DocumentClassifierArn"]
        )

    arn = create()
    assert lab.client.describe_resource_policy(ResourceArn=arn)["ResourcePolicy"] == POLICY
    lab.client.delete_document_classifier(DocumentClassifierArn=arn)
    lab.server.run_due()
    assert code_of(lambda: lab.client.describe_resource_policy(ResourceArn=arn)) == "ResourceNotFoundException"
    found = code_of(lambda: lab.client.list_tags_for_resource(ResourceArn=arn))
    assert found == "ResourceNotFoundException"
