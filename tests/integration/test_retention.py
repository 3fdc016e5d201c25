"""Sweep deletes versions that no policy keeps, and reports endpoints that are too old: once, on record, and no more."""

import dataclasses
from typing import Any

import pytest

from governor.domain.retention import MOST_AT_ONCE
from tests.doubles.data import FLYWHEEL, policy
from tests.doubles.faults import FunctionDied
from tests.doubles.people import active, order, promote_in_console
from tests.doubles.stack import Stack
from tests.integration.test_way_of_serving import ENDPOINT, drop_good

JOB: dict[str, Any] = {
    "InputDataConfig": {"S3Uri": "s3://lake/staging/documents.txt", "InputFormat": "ONE_DOC_PER_LINE"},
    "OutputDataConfig": {"S3Uri": "s3://lake/lakes/out/"},
}


def versions(stack: Stack) -> list[str]:
    """Return the ARNs of all versions, oldest first."""
    found = stack.comprehend.list_document_classifiers()["DocumentClassifierPropertiesList"]
    return [each["DocumentClassifierArn"] for each in found][::-1]


def trained(stack: Stack, number: int) -> list[str]:
    """Bring the flywheel to so many versions, each promoted over the one before."""
    stack.apply_policy(FLYWHEEL, policy())
    for seed in range(1, number + 1):
        drop_good(stack, seed)
    found = versions(stack)
    assert len(found) == number
    return found


def keep(stack: Stack, newest: int, **changes: Any) -> None:
    stack.apply_policy(FLYWHEEL, policy(retention={"newest": newest}, **changes))


def rows(stack: Stack) -> dict[str, str]:
    return {row["model"]: row["state"] for row in stack.rows() if row["sk"].startswith("MODEL#")}


def told(stack: Stack, subject: str) -> list[str]:
    return [body for found, body in stack.notices.mails if subject in found]


def test_without_a_rule_everything_is_kept(stack: Stack) -> None:
    models = trained(stack, 3)
    assert stack.sweep()["faults"] == []
    assert versions(stack) == models


def test_the_oldest_go_and_it_is_told_and_on_record(stack: Stack) -> None:
    models = trained(stack, 4)
    keep(stack, 1)
    stack.sweep(look_closely=False)
    assert versions(stack) == models, "only a close look deletes"

    assert stack.sweep()["faults"] == []

    assert versions(stack) == models[2:], "the active one and the one that a rollback restores stay"
    assert rows(stack) == dict.fromkeys(models[:2], "DELETED")
    (body,) = told(stack, "[alpha] Models deleted: 2 versions")
    assert all(model in body for model in models[:2])
    stack.sweep()
    assert len(told(stack, "Models deleted")) == 1
    order(stack, "rollback")
    assert active(stack) == models[2]


def test_a_few_at_a_time(stack: Stack) -> None:
    models = trained(stack, 2 + MOST_AT_ONCE + 1)
    keep(stack, 0)
    stack.sweep()
    assert versions(stack) == models[MOST_AT_ONCE:]
    stack.sweep()
    assert versions(stack) == models[MOST_AT_ONCE + 1 :]


def _endpoint(stack: Stack, model: str) -> None:
    stack.comprehend.create_endpoint(EndpointName="old", ModelArn=model, DesiredInferenceUnits=1)


def _flywheel(stack: Stack, model: str) -> None:
    stack.comprehend.create_flywheel(
        FlywheelName="beta",
        ActiveModelArn=model,
        DataAccessRoleArn=stack.environment["DATA_ACCESS_ROLE_ARN"],
        DataLakeS3Uri="s3://lake/beta",
    )


def _policy(stack: Stack, model: str) -> None:
    stack.apply_policy("beta", policy(flywheel={"active_model_arn": model}))


def _active(stack: Stack, model: str) -> None:
    promote_in_console(stack, model)


@pytest.mark.parametrize("use", [_endpoint, _flywheel, _policy, _active])
def test_what_is_needed_stays(stack: Stack, use: Any) -> None:
    models = trained(stack, 3)
    keep(stack, 0)
    use(stack, models[0])
    stack.sweep()
    assert models[0] in versions(stack)


def test_nothing_goes_while_a_turn_is_at_work_or_a_change_under_way(stack: Stack) -> None:
    models = trained(stack, 3)
    keep(stack, 0)
    stack.deliver(stack.drop(f"{FLYWHEEL}/train/more.csv", b"storage,bucket object prefix\nqueue,poll fifo\n" * 30))
    assert stack.inspect() == []
    stack.machine.executions["alpha-4"].run_until("StartIteration")
    stack.sweep()
    assert versions(stack)[:3] == models


@pytest.mark.parametrize("death", ["die before", "die after"])
@pytest.mark.parametrize(
    "call", ["dynamodb.TransactWriteItems", "comprehend.DeleteDocumentClassifier", "dynamodb.UpdateItem"]
)
def test_a_death_on_the_way_is_gone_to_its_end_by_the_next_look(stack: Stack, call: str, death: Any) -> None:
    models = trained(stack, 3)
    keep(stack, 0)
    stack.faults.clear()
    stack.faults.on(call, death)
    with pytest.raises(FunctionDied):
        stack.sweep()
    assert stack.faults.came_to_pass

    stack.sweep()

    assert versions(stack) == models[1:]
    assert rows(stack) == {models[0]: "DELETED"}
    assert told(stack, "Models deleted")


def test_a_deletion_that_comprehend_is_still_at_after_a_death_is_one(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = trained(stack, 3)
    keep(stack, 0)
    (gone,) = [each for each in stack.ports.models.versions("MULTI_CLASS") if each.arn == models[0]]
    stack.faults.clear()
    stack.faults.on("comprehend.DeleteDocumentClassifier", "die after")
    with pytest.raises(FunctionDied):
        stack.sweep()
    left = stack.ports.models.versions("MULTI_CLASS")
    deleting = dataclasses.replace(gone, status="DELETING")
    monkeypatch.setattr(stack.ports.models, "versions", lambda _: [*left, deleting])

    stack.sweep()

    assert rows(stack) == {models[0]: "DELETED"}
    assert len(told(stack, "Models deleted")) == 1


def test_a_version_that_is_needed_again_after_a_death_stays(stack: Stack) -> None:
    models = trained(stack, 3)
    keep(stack, 0)
    stack.faults.clear()
    stack.faults.on("comprehend.DeleteDocumentClassifier", "die before")
    with pytest.raises(FunctionDied):
        stack.sweep()
    assert rows(stack) == {models[0]: "DELETING"}
    _endpoint(stack, models[0])
    stack.sweep()
    assert rows(stack) == {models[0]: "KEPT"}
    assert models[0] in versions(stack)


def test_comprehend_s_own_refusal_is_believed(stack: Stack) -> None:
    models = trained(stack, 3)
    keep(stack, 0)
    stack.faults.clear()
    stack.faults.on("comprehend.DeleteDocumentClassifier", lambda: _endpoint(stack, models[0]))
    assert stack.sweep()["faults"] == []
    assert rows(stack) == {models[0]: "KEPT"}
    assert versions(stack) == models
    assert told(stack, "Models deleted") == []


def test_a_rollback_to_a_version_that_was_chosen_keeps_it(stack: Stack) -> None:
    models = trained(stack, 3)
    keep(stack, 0)
    stack.faults.clear()
    stack.faults.on("dynamodb.TransactWriteItems", lambda: order(stack, "rollback", model=models[0]))
    stack.sweep()
    assert active(stack) == models[0]
    assert models[0] in versions(stack)
    assert rows(stack) == {}


# ---- endpoints -----------------------------------------------------------------------------------------------------


def _overdue(stack: Stack, **serving: Any) -> None:
    stack.apply_policy(FLYWHEEL, policy(serving={"max_hours": 2} | serving))
    drop_good(stack, 1)
    stack.clock.advance(3 * 3600)


def endpoints(stack: Stack) -> list[str]:
    return [each["EndpointArn"] for each in stack.comprehend.list_endpoints()["EndpointPropertiesList"]]


def test_an_endpoint_that_is_too_old_is_reported_once(stack: Stack) -> None:
    _overdue(stack)
    stack.sweep()
    stack.sweep()
    (body,) = told(stack, "[alpha] Endpoint overdue: alpha")
    assert "older than 2 hours" in body
    assert "5.4" in body, "what it has cost so far"
    assert "governor endpoint delete alpha" in body
    assert endpoints(stack) == [ENDPOINT]


def test_it_is_deleted_where_the_policy_says_so(stack: Stack) -> None:
    _overdue(stack, delete_when_over=True)
    stack.sweep(look_closely=False)
    assert endpoints(stack) == [ENDPOINT]
    stack.sweep()
    assert endpoints(stack) == []
    assert len(told(stack, "Endpoint overdue")) == 1
    drop_good(stack, 2)
    assert endpoints(stack) == [ENDPOINT], "the next promotion makes it anew"
    stack.sweep()
    assert len(told(stack, "Endpoint overdue")) == 1


def test_neither_a_young_one_nor_somebody_else_s(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy(serving={"max_hours": 5}))
    drop_good(stack, 1)
    stack.clock.advance(3 * 3600)
    stack.sweep()
    assert told(stack, "Endpoint overdue") == []
    stack.comprehend.create_endpoint(EndpointName="other", ModelArn=active(stack), DesiredInferenceUnits=1)
    serving = {"endpoint": "other", "max_hours": 1, "delete_when_over": True}
    stack.apply_policy(FLYWHEEL, policy(serving=serving))
    stack.clock.advance(7200)
    stack.sweep()
    assert len(endpoints(stack)) == 2
    assert told(stack, "Endpoint overdue") == []


def test_one_that_follows_another_flywheel_is_left_alone(stack: Stack) -> None:
    trained(stack, 1)
    model = active(stack)
    assert model is not None
    _flywheel(stack, model)
    stack.clock.advance(5)
    other = stack.ports.comprehend.flywheel_arn("beta")
    stack.comprehend.create_endpoint(EndpointName="other", FlywheelArn=other, DesiredInferenceUnits=1)
    serving = {"endpoint": "other", "max_hours": 1, "delete_when_over": True}
    stack.apply_policy(FLYWHEEL, policy(serving=serving))
    stack.clock.advance(7200)
    stack.sweep()
    assert len(endpoints(stack)) == 1
    assert told(stack, "Endpoint overdue") == []


def test_a_death_before_the_deletion_is_made_good(stack: Stack) -> None:
    _overdue(stack, delete_when_over=True)
    stack.faults.clear()
    stack.faults.on("comprehend.DeleteEndpoint", "die before")
    with pytest.raises(FunctionDied):
        stack.sweep()
    stack.sweep()
    assert endpoints(stack) == []
    assert len(told(stack, "Endpoint overdue")) == 1
