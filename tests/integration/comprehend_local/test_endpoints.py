"""Endpoints: their life, what they follow, what they forbid."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from comprehend_local import Settings
from comprehend_local.service.data_access import RoleRefused

from .kinds import recognizer_with_model
from .lab import ACCOUNT, MISLABELLED, ROLE, WORDS, Lab, code_of, rows
from .serving import create_endpoint, endpoint, start_classification, status, top_class


def another_model(lab: Lab, flywheel: str, name: str = "train-2") -> str:
    """A second version, which has learned other words for the labels."""
    lab.create_dataset(flywheel, name, rows(200, first=1000, labels=MISLABELLED))
    return str(lab.iterate(flywheel)["TrainedModelArn"])


def test_an_endpoint_of_a_model(lab: Lab) -> None:
    _, model = lab.flywheel_with_model()

    answer = lab.client.create_endpoint(EndpointName="live", ModelArn=model, DesiredInferenceUnits=2)

    arn = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classifier-endpoint/live"
    assert (answer["EndpointArn"], answer["ModelArn"]) == (arn, model)
    found = endpoint(lab, arn)
    assert found["Status"] == "IN_SERVICE"
    assert found["ModelArn"] == found["DesiredModelArn"] == model
    assert found["CurrentInferenceUnits"] == found["DesiredInferenceUnits"] == 2
    assert {"FlywheelArn", "Message", "DataAccessRoleArn"}.isdisjoint(found)


def test_an_endpoint_of_a_recognizer_has_an_arn_of_its_own_kind(lab: Lab) -> None:
    flywheel, model = recognizer_with_model(lab)

    arn = create_endpoint(lab, FlywheelArn=flywheel)

    assert arn == f"arn:aws:comprehend:us-east-1:{ACCOUNT}:entity-recognizer-endpoint/live"
    assert endpoint(lab, arn)["ModelArn"] == model


def test_states_follow_the_clock(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(endpoint_creation_seconds=60, endpoint_update_seconds=30, endpoint_deletion_seconds=5))
    _, model = lab.flywheel_with_model()
    arn = create_endpoint(lab, ModelArn=model)

    found = endpoint(lab, arn)
    assert found["Status"] == "CREATING"
    assert "CurrentInferenceUnits" not in found
    lab.clock.advance(60)
    assert status(lab, arn) == "IN_SERVICE"
    lab.client.update_endpoint(EndpointArn=arn, DesiredInferenceUnits=3)
    found = endpoint(lab, arn)
    assert (found["Status"], found["CurrentInferenceUnits"], found["DesiredInferenceUnits"]) == ("UPDATING", 1, 3)
    lab.clock.advance(30)
    found = endpoint(lab, arn)
    assert (found["Status"], found["CurrentInferenceUnits"]) == ("IN_SERVICE", 3)
    assert found["LastModifiedTime"] - found["CreationTime"] == timedelta(seconds=90)
    lab.client.delete_endpoint(EndpointArn=arn)
    assert status(lab, arn) == "DELETING"
    lab.client.delete_endpoint(EndpointArn=arn)
    lab.clock.advance(5)
    assert code_of(lambda: endpoint(lab, arn)) == "ResourceNotFoundException"


def test_promotion_takes_the_flywheels_endpoints_along(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(endpoint_update_seconds=60))
    flywheel, first = lab.flywheel_with_model()
    following, pinned = create_endpoint(lab, FlywheelArn=flywheel), create_endpoint(lab, "pinned", ModelArn=first)
    assert endpoint(lab, following)["FlywheelArn"] == flywheel
    second = another_model(lab, flywheel)

    lab.promote(flywheel, second)

    found = endpoint(lab, following)
    assert (found["Status"], found["ModelArn"], found["DesiredModelArn"]) == ("UPDATING", first, second)
    assert top_class(lab, following, WORDS["pets"]) == "pets", "while it is UPDATING the model before answers"
    assert endpoint(lab, pinned)["ModelArn"] == endpoint(lab, pinned)["DesiredModelArn"] == first
    lab.clock.advance(60)
    found = endpoint(lab, following)
    assert (found["Status"], found["ModelArn"]) == ("IN_SERVICE", second)
    assert top_class(lab, following, WORDS["pets"]) == "food", "and then the new one"
    assert top_class(lab, pinned, WORDS["pets"]) == "pets"


def test_the_same_active_model_again_changes_no_endpoint(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(endpoint_update_seconds=60))
    flywheel, first = lab.flywheel_with_model()
    arn = create_endpoint(lab, FlywheelArn=flywheel)

    lab.promote(flywheel, first)

    assert status(lab, arn) == "IN_SERVICE"


def test_a_rollback_during_the_update_begins_the_update_again(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(endpoint_update_seconds=60))
    flywheel, first = lab.flywheel_with_model()
    arn = create_endpoint(lab, FlywheelArn=flywheel)
    second = another_model(lab, flywheel)
    lab.promote(flywheel, second)
    lab.clock.advance(40)

    lab.promote(flywheel, first)

    lab.clock.advance(40)
    found = endpoint(lab, arn)
    assert (found["Status"], found["ModelArn"], found["DesiredModelArn"]) == ("UPDATING", first, first)
    lab.clock.advance(20)
    assert status(lab, arn) == "IN_SERVICE"


def test_an_endpoint_that_is_created_during_a_promotion_begins_with_the_new_model(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(endpoint_creation_seconds=60))
    flywheel, _ = lab.flywheel_with_model()
    second = another_model(lab, flywheel)
    arn = create_endpoint(lab, FlywheelArn=flywheel)

    lab.promote(flywheel, second)

    assert status(lab, arn) == "CREATING"
    lab.clock.advance(60)
    found = endpoint(lab, arn)
    assert (found["Status"], found["ModelArn"]) == ("IN_SERVICE", second)


def test_another_model_ends_the_following_and_a_flywheel_begins_it(lab: Lab) -> None:
    flywheel, first = lab.flywheel_with_model()
    second = another_model(lab, flywheel)
    arn = create_endpoint(lab, FlywheelArn=flywheel)

    answer = lab.client.update_endpoint(EndpointArn=arn, DesiredModelArn=first)

    assert answer["DesiredModelArn"] == first
    assert "FlywheelArn" not in endpoint(lab, arn)
    lab.promote(flywheel, second)
    assert endpoint(lab, arn)["ModelArn"] == first
    answer = lab.client.update_endpoint(EndpointArn=arn, FlywheelArn=flywheel)
    assert answer["DesiredModelArn"] == second
    found = endpoint(lab, arn)
    assert (found["FlywheelArn"], found["ModelArn"]) == (flywheel, second)


def test_a_token_gives_the_same_answer_again(lab: Lab) -> None:
    flywheel, model = lab.flywheel_with_model()
    first = create_endpoint(lab, ModelArn=model, ClientRequestToken="once")

    assert create_endpoint(lab, ModelArn=model, ClientRequestToken="once") == first
    assert code_of(lambda: create_endpoint(lab, ModelArn=model)) == "ResourceInUseException"
    assert code_of(lambda: create_endpoint(lab, ModelArn=model, ClientRequestToken="twice")) == "ResourceInUseException"
    other = {"FlywheelArn": flywheel, "ClientRequestToken": "once"}
    assert code_of(lambda: create_endpoint(lab, **other)) == "InvalidRequestException"
    lab.client.delete_endpoint(EndpointArn=first)
    lab.server.run_due()
    assert create_endpoint(lab, **other) == first, "a token is forgotten with its endpoint"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"both": True}, "InvalidRequestException"),
        ({"neither": True}, "InvalidRequestException"),
        ({"ModelArn": f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classifier/gone"}, "ResourceNotFoundException"),
        ({"FlywheelArn": f"arn:aws:comprehend:us-east-1:{ACCOUNT}:flywheel/gone"}, "ResourceNotFoundException"),
        ({"DesiredInferenceUnits": 11}, "ResourceLimitExceededException"),
        ({"EndpointName": "x" * 41}, "ValidationException"),
    ],
)
def test_endpoints_that_cannot_be_created(lab: Lab, changes: dict[str, Any], code: str) -> None:
    flywheel, model = lab.flywheel_with_model()
    request = {"ModelArn": model, "FlywheelArn": flywheel} if changes.pop("both", False) else {}
    if not changes.pop("neither", False) and not {"ModelArn", "FlywheelArn"} & {*changes, *request}:
        request["ModelArn"] = model

    assert code_of(lambda: create_endpoint(lab, **{**request, **changes})) == code
    assert lab.client.list_endpoints()["EndpointPropertiesList"] == []


@pytest.mark.parametrize("code", ["ResourceUnavailableException", "InvalidRequestException"])
def test_a_flywheel_without_an_active_model_has_no_endpoint(build: Callable[..., Lab], code: str) -> None:
    lab = build(Settings.instant(no_active_model_error=code))
    flywheel = lab.create_flywheel()

    assert code_of(lambda: create_endpoint(lab, FlywheelArn=flywheel)) == code


def test_a_model_that_is_not_trained_has_no_endpoint(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=60))
    model = lab.client.create_document_classifier(
        DocumentClassifierName="plain",
        DataAccessRoleArn=ROLE,
        LanguageCode="en",
        InputDataConfig={"S3Uri": lab.put("in/plain.csv", rows(30))},
    )["DocumentClassifierArn"]

    assert code_of(lambda: create_endpoint(lab, ModelArn=model)) == "ResourceUnavailableException"


def test_quotas(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(maximum_endpoints=3, maximum_inference_units=5, maximum_inference_units_in_all=8))
    _, model = lab.flywheel_with_model()
    first = create_endpoint(lab, "one", ModelArn=model, DesiredInferenceUnits=5)
    second = create_endpoint(lab, "two", ModelArn=model, DesiredInferenceUnits=2)

    too_many = {"ModelArn": model, "DesiredInferenceUnits": 2}
    assert code_of(lambda: create_endpoint(lab, "three", **too_many)) == "ResourceLimitExceededException"
    update = lab.client.update_endpoint
    assert code_of(lambda: update(EndpointArn=second, DesiredInferenceUnits=4)) == "ResourceLimitExceededException"
    assert code_of(lambda: update(EndpointArn=second, DesiredInferenceUnits=6)) == "ResourceLimitExceededException"
    update(EndpointArn=first, DesiredInferenceUnits=1)
    create_endpoint(lab, "three", **too_many)
    assert code_of(lambda: create_endpoint(lab, "four", ModelArn=model)) == "ResourceLimitExceededException"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "InvalidRequestException"),
        ({"DesiredModelArn": "recognizer"}, "InvalidRequestException"),
        ({"DesiredModelArn": "model", "FlywheelArn": "flywheel"}, "InvalidRequestException"),
    ],
)
def test_updates_that_are_refused(lab: Lab, changes: dict[str, str], code: str) -> None:
    flywheel, model = lab.flywheel_with_model()
    known = {"flywheel": flywheel, "model": model, "recognizer": recognizer_with_model(lab)[1]}
    arn = create_endpoint(lab, ModelArn=model)
    given = {name: known[value] for name, value in changes.items()}

    assert code_of(lambda: lab.client.update_endpoint(EndpointArn=arn, **given)) == code
    assert endpoint(lab, arn)["LastModifiedTime"] == endpoint(lab, arn)["CreationTime"]


def test_an_endpoint_at_work_takes_no_other_change(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(endpoint_creation_seconds=60, endpoint_deletion_seconds=60))
    _, model = lab.flywheel_with_model()
    arn = create_endpoint(lab, ModelArn=model)

    def update() -> Any:
        return lab.client.update_endpoint(EndpointArn=arn, DesiredInferenceUnits=2)

    assert code_of(update) == "ResourceInUseException"
    assert code_of(lambda: lab.client.delete_endpoint(EndpointArn=arn)) == "ResourceInUseException"
    lab.clock.advance(60)
    lab.client.delete_endpoint(EndpointArn=arn)
    assert code_of(update) == "ResourceUnavailableException"


def test_filters_and_pages(lab: Lab) -> None:
    flywheel, first = lab.flywheel_with_model()
    second = another_model(lab, flywheel)
    names = ["a", "b", "c"]
    for name in names:
        lab.clock.advance(10)
        create_endpoint(lab, name, ModelArn=second if name == "b" else first)
    start = lab.clock.now()

    def listed(**request: Any) -> list[str]:
        found = lab.client.list_endpoints(**request)["EndpointPropertiesList"]
        return [item["EndpointArn"].rsplit("/", 1)[-1] for item in found]

    assert listed() == ["c", "b", "a"]
    assert listed(Filter={"ModelArn": second}) == ["b"]
    assert listed(Filter={"Status": "IN_SERVICE"}) == ["c", "b", "a"]
    assert listed(Filter={"Status": "CREATING"}) == []
    assert listed(Filter={"CreationTimeAfter": start - 15}) == ["c", "b"]
    assert listed(Filter={"CreationTimeBefore": start - 15}) == ["a"]
    two = {"Status": "IN_SERVICE", "ModelArn": first}
    assert code_of(lambda: lab.client.list_endpoints(Filter=two)) == "InvalidRequestException"
    page = lab.client.list_endpoints(MaxResults=2)
    assert listed(MaxResults=2, NextToken=page["NextToken"]) == ["a"]


def test_a_model_in_use_cannot_be_deleted(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(endpoint_update_seconds=60, job_seconds=60))
    flywheel, _ = lab.flywheel_with_model()
    second, third = another_model(lab, flywheel), another_model(lab, flywheel, "train-3")
    arn = create_endpoint(lab, ModelArn=second)

    def delete(model: str) -> str:
        return code_of(lambda: lab.client.delete_document_classifier(DocumentClassifierArn=model))

    assert delete(second) == "ResourceInUseException"
    lab.client.update_endpoint(EndpointArn=arn, DesiredModelArn=third)
    assert (delete(second), delete(third)) == ("ResourceInUseException", "ResourceInUseException")
    lab.clock.advance(60)
    start_classification(lab, lab.put("texts/a.txt", b"cat dog\n" * 100), DocumentClassifierArn=second)
    assert delete(second) == "ResourceInUseException"
    lab.clock.advance(60)
    assert delete(second) == "(no error)"


def test_a_flywheel_with_endpoints_stays(build: Callable[..., Lab]) -> None:
    lab = build()
    flywheel, _ = lab.flywheel_with_model()
    create_endpoint(lab, FlywheelArn=flywheel)

    assert code_of(lambda: lab.client.delete_flywheel(FlywheelArn=flywheel)) == "ResourceInUseException"
    assert lab.flywheel(flywheel)["Status"] == "ACTIVE"


def test_or_it_leaves_them_their_model(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(flywheel_with_endpoints="unbind"))
    flywheel, model = lab.flywheel_with_model()
    arn = create_endpoint(lab, FlywheelArn=flywheel)

    lab.client.delete_flywheel(FlywheelArn=flywheel)

    found = endpoint(lab, arn)
    assert (found["Status"], found["ModelArn"]) == ("IN_SERVICE", model)
    assert "FlywheelArn" not in found


def test_tags(lab: Lab) -> None:
    _, model = lab.flywheel_with_model()
    arn = create_endpoint(lab, ModelArn=model, Tags=[{"Key": "team", "Value": "search"}])

    lab.client.tag_resource(ResourceArn=arn, Tags=[{"Key": "cost", "Value": "7"}])

    found = lab.client.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert {item["Key"]: item["Value"] for item in found} == {"team": "search", "cost": "7"}


class Refusing:
    """A role that may do nothing; tells what it was asked for."""

    def __init__(self, refused: str) -> None:
        self.refused = refused
        self.asked: list[tuple[str, ...]] = []

    def require(self, role: str, source_arn: str, action: str, resource: str) -> None:
        self.asked.append((role, source_arn, action, resource))
        if action == self.refused:
            raise RoleRefused(f"The role {role} has no permission {action} on {resource}.")


def test_the_role_of_an_encrypted_model_is_asked_for_the_endpoint(build: Callable[..., Lab]) -> None:
    roles = Refusing("kms:Decrypt")
    lab = build(roles=roles)
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/model"
    model = lab.client.create_document_classifier(
        DocumentClassifierName="secret",
        DataAccessRoleArn=ROLE,
        LanguageCode="en",
        InputDataConfig={"S3Uri": lab.put("in/secret.csv", rows(30))},
        ModelKmsKeyId=key,
    )["DocumentClassifierArn"]
    lab.server.run_due()

    arn = create_endpoint(lab, ModelArn=model, DataAccessRoleArn=ROLE)

    found = endpoint(lab, arn)
    assert found["Status"] == "FAILED"
    assert found["Message"].startswith("NO_ACCESS_TO_KMS_KEY: ")
    assert roles.asked[-1] == (ROLE, arn, "kms:Decrypt", key)
    assert code_of(lambda: top_class(lab, arn, "cat")) == "ResourceUnavailableException"
    assert code_of(lambda: lab.client.update_endpoint(EndpointArn=arn, DesiredInferenceUnits=2)) == (
        "ResourceUnavailableException"
    )
    lab.client.delete_endpoint(EndpointArn=arn)
