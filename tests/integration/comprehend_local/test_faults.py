"""What goes wrong on request: calls, work, the clock, and others who act meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from comprehend_local import Settings, connect
from comprehend_local.control import Control, ControlRefused

from .lab import ROLE, SESSION, TASK, Lab, code_of, rows

HOUR = 3600


@pytest.fixture
def control(lab: Lab) -> Control:
    return Control(lab.server)


def impatient(lab: Lab) -> Any:
    """A client that does not try again."""
    client = SESSION.client("comprehend", config=Config(retries={"total_max_attempts": 1}))
    connect(client, lab.server)
    return client


def outcomes(control: Control) -> list[tuple[str, str]]:
    return [(call["operation"], call["outcome"]) for call in control.calls()]


# Calls


def test_a_throttled_call_takes_no_effect_and_a_client_that_tries_again_gets_through(
    lab: Lab, control: Control
) -> None:
    control.throttle("CreateFlywheel", times=1)

    lab.create_flywheel()

    assert outcomes(control) == [("CreateFlywheel", "ThrottlingException"), ("CreateFlywheel", "ok")]


def test_a_client_that_does_not_try_again_sees_the_throttling(lab: Lab, control: Control) -> None:
    control.throttle("ListFlywheels", code="TooManyRequestsException")

    with pytest.raises(lab.client.exceptions.TooManyRequestsException, match="Rate exceeded"):
        impatient(lab).list_flywheels()

    assert impatient(lab).list_flywheels()["FlywheelSummaryList"] == []


def test_every_nth_call_of_any_operation_fails_as_it_is_told(lab: Lab, control: Control) -> None:
    control.fail("*", "ResourceUnavailableException", message="closed", every=3, times=None)
    client = impatient(lab)

    found = [code_of(call) for call in (client.list_flywheels, client.list_datasets) * 3]

    assert found == ["(no error)", "(no error)", "ResourceUnavailableException"] * 2


def test_a_failure_has_the_status_and_the_message_that_were_asked_for(lab: Lab, control: Control) -> None:
    control.fail("ListFlywheels", "InternalServerException", status=503, message="out of order")

    with pytest.raises(ClientError) as failed:
        impatient(lab).list_flywheels()

    assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert failed.value.response["Error"]["Message"] == "out of order"


def test_a_lost_reply_comes_after_the_effect(lab: Lab, control: Control) -> None:
    control.lose_reply("CreateFlywheel")
    client = impatient(lab)

    with pytest.raises(ConnectionClosedError):
        client.create_flywheel(
            FlywheelName="news",
            DataAccessRoleArn=ROLE,
            DataLakeS3Uri="s3://lake/lakes",
            ModelType="DOCUMENT_CLASSIFIER",
            TaskConfig=TASK,
        )

    assert len(client.list_flywheels()["FlywheelSummaryList"]) == 1
    assert outcomes(control)[0] == ("CreateFlywheel", "lose_reply")


def test_the_reply_of_a_refused_call_can_be_lost_too(lab: Lab, control: Control) -> None:
    control.lose_reply("DescribeFlywheel")

    with pytest.raises(ConnectionClosedError):
        impatient(lab).describe_flywheel(FlywheelArn=lab.create_flywheel() + "x")


def test_a_client_that_lost_a_reply_and_sends_its_token_again_gets_the_same_answer(lab: Lab, control: Control) -> None:
    control.lose_reply("CreateFlywheel")

    arn = lab.create_flywheel(ClientRequestToken="t")

    assert lab.flywheel(arn)["Status"] == "ACTIVE"
    assert outcomes(control)[:2] == [("CreateFlywheel", "lose_reply"), ("CreateFlywheel", "ok")]


def test_a_call_that_hangs_is_given_up_and_took_no_effect(lab: Lab, control: Control) -> None:
    control.hang("ListFlywheels")

    with pytest.raises(ReadTimeoutError):
        impatient(lab).list_flywheels()

    assert outcomes(control) == [("ListFlywheels", "hang")]


def test_calls_are_seen_with_their_caller_and_without_their_content(lab: Lab, control: Control) -> None:
    lab.create_flywheel("secret-name")
    code_of(lambda: lab.create_flywheel("secret-name"))
    rule = control.throttle("ListDatasets")
    code_of(impatient(lab).list_datasets)

    calls = control.calls()

    assert [call["outcome"] for call in calls] == ["ok", "ResourceInUseException", "ThrottlingException"]
    assert [call["rule"] for call in calls] == [None, None, rule]
    assert {(call["caller"], call["region"], call["time"]) for call in calls} == {
        ("testing", "us-east-1", lab.clock.now())
    }
    assert "secret-name" not in str(calls)
    assert [call["operation"] for call in control.calls(after=1, operation="CreateFlywheel")] == ["CreateFlywheel"]


# Work


def test_the_next_iteration_fails_with_a_message_and_its_data_stays_new(lab: Lab, control: Control) -> None:
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(20))
    control.end("iteration", "FAILED", message="INTERNAL_SERVER_ERROR: There was not enough capacity.")

    failed = lab.iterate(flywheel)

    assert (failed["Status"], failed["Message"]) == (
        "FAILED",
        "INTERNAL_SERVER_ERROR: There was not enough capacity.",
    )
    models = lab.client.list_document_classifiers()["DocumentClassifierPropertiesList"]
    assert [model["Status"] for model in models] == ["IN_ERROR"]
    assert "TrainedModelArn" in lab.iterate(flywheel), "the rule is spent, and nothing was used up"


def test_an_iteration_that_only_evaluates_can_fail_too(lab: Lab, control: Control) -> None:
    flywheel, model = lab.flywheel_with_model()
    control.end("iteration", "FAILED", key=flywheel)

    failed = lab.iterate(flywheel)

    assert failed["Status"] == "FAILED"
    assert lab.model(model)["Status"] == "TRAINED", "the active model has nothing to do with it"
    assert lab.iterate(flywheel)["Status"] == "COMPLETED"


def test_an_iteration_is_stopped_as_if_somebody_had_stopped_its_training(lab: Lab, control: Control) -> None:
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(20))
    control.end("iteration", "STOPPED")

    stopped = lab.iterate(flywheel)

    assert stopped["Status"] == "STOPPED"
    models = lab.client.list_document_classifiers()["DocumentClassifierPropertiesList"]
    assert [model["Status"] for model in models] == ["STOPPED"]


def test_only_the_iterations_that_are_named_fail(lab: Lab, control: Control) -> None:
    flywheels = [lab.create_flywheel(name) for name in ("one", "two")]
    for flywheel in flywheels:
        lab.create_dataset(flywheel, "train-1", rows(20))
    control.end("iteration", key=flywheels[1], times=None)

    assert [lab.iterate(flywheel)["Status"] for flywheel in flywheels] == ["COMPLETED", "FAILED"]


def test_a_dataset_fails_when_it_would_have_been_complete(lab: Lab, control: Control) -> None:
    flywheel = lab.create_flywheel()
    control.end("dataset", key="*/dataset/bad", message="INTERNAL_SERVER_ERROR: Try again.")

    good = lab.dataset(lab.create_dataset(flywheel, "good", rows(20)))
    bad = lab.dataset(lab.create_dataset(flywheel, "bad", rows(20)))

    assert good["Status"] == "COMPLETED"
    assert (bad["Status"], bad["Message"]) == ("FAILED", "INTERNAL_SERVER_ERROR: Try again.")
    assert "NumberOfDocuments" not in bad


def test_a_flywheel_cannot_be_created(lab: Lab, control: Control) -> None:
    control.end("flywheel", message="INTERNAL_SERVER_ERROR: No.")

    found = lab.flywheel(lab.create_flywheel())

    assert (found["Status"], found["Message"]) == ("FAILED", "INTERNAL_SERVER_ERROR: No.")


@pytest.mark.parametrize(("status", "ends"), [("IN_ERROR", "IN_ERROR"), ("STOPPED", "STOPPED")])
def test_a_model_ends_otherwise(lab: Lab, control: Control, status: str, ends: str) -> None:
    uri = lab.put("plain.csv", rows(20))
    control.end("model", status)

    arn = lab.client.create_document_classifier(
        DocumentClassifierName="plain",
        DataAccessRoleArn=ROLE,
        LanguageCode="en",
        InputDataConfig={"S3Uri": uri},
    )["DocumentClassifierArn"]

    assert lab.model(arn)["Status"] == ends


def test_a_dataset_that_is_held_stays_as_it_is_until_it_is_released(lab: Lab, control: Control) -> None:
    flywheel = lab.create_flywheel()
    held = control.hold("dataset")
    first = lab.create_dataset(flywheel, "first", rows(20))
    second = lab.create_dataset(flywheel, "second", rows(20))

    assert [lab.dataset(arn)["Status"] for arn in (first, second)] == ["CREATING", "COMPLETED"]
    assert control.rule(held)["held"] == [first]
    control.advance(100 * HOUR)
    assert lab.dataset(first)["Status"] == "CREATING"

    control.release(held)

    assert lab.dataset(first)["Status"] == "COMPLETED"


def test_an_iteration_that_is_held_keeps_its_flywheel_busy(lab: Lab, control: Control) -> None:
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(20))
    control.hold("iteration")

    iteration = lab.start(flywheel)

    assert lab.iteration(flywheel, iteration)["Status"] == "TRAINING"
    assert code_of(lambda: lab.start(flywheel)) == "ResourceInUseException"
    control.clear()
    assert lab.iteration(flywheel, iteration)["Status"] == "COMPLETED"


# The clock, and others


def test_the_clock_moves_and_what_is_due_then_is_done(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=HOUR))
    control = Control(lab.server)
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(20))
    iteration = lab.start(flywheel)
    before = control.now()

    assert control.advance(HOUR - 1) == before + HOUR - 1
    assert lab.iteration(flywheel, iteration)["Status"] == "TRAINING"
    control.advance(1)
    assert lab.iteration(flywheel, iteration)["Status"] == "COMPLETED"
    lab.clock.advance(5)
    assert control.now() == before + HOUR + 5, "it goes on"


def test_somebody_else_changes_the_active_model(lab: Lab, control: Control) -> None:
    flywheel, first = lab.flywheel_with_model()
    lab.create_dataset(flywheel, "train-2", rows(20, first=1000))
    second = lab.iterate(flywheel)["TrainedModelArn"]
    control.throttle(times=None)
    seen = len(control.calls())

    control.activate(flywheel, second)

    assert control.act("DescribeFlywheel", FlywheelArn=flywheel)["FlywheelProperties"]["ActiveModelArn"] == second
    assert len(control.calls()) == seen, "no rule counts it, and nobody saw it"
    control.clear()
    lab.client.delete_document_classifier(DocumentClassifierArn=first)


def test_what_somebody_else_does_must_make_sense_too(lab: Lab, control: Control) -> None:
    flywheel = lab.create_flywheel()

    with pytest.raises(ControlRefused, match="ResourceNotFoundException"):
        control.activate(flywheel, f"{flywheel}x".replace("flywheel/", "document-classifier/"))
