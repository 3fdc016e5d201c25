"""The guard that holds every call of every test against template.yaml does notice what is not granted."""

import pytest

from tests.doubles import grants
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.stack import Stack


@pytest.mark.parametrize(
    ("function", "action"),
    [
        ("plan_batch", "dynamodb:BatchGetItem"),
        ("register_datasets", "s3:PutObject"),
        ("check_datasets", "dynamodb:ConditionCheckItem"),
        ("start_iteration", "comprehend:StartFlywheelIteration"),
        ("promote_model", "comprehend:UpdateFlywheel"),
    ],
)
def test_a_turn_fails_when_its_function_lacks_a_grant(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, function: str, action: str
) -> None:
    monkeypatch.delitem(grants.grants_of(function), action)
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(exam("exam"), labelled(2))
    stack.upload(train("first"), labelled(1))
    execution = stack.run()[0]
    assert (execution.status, execution.error) == ("FAILED", "NotGrantedError")
    assert action in (execution.cause or "")


def test_a_turn_fails_when_its_function_lacks_a_setting(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = grants.settings_of
    monkeypatch.setattr(
        grants,
        "settings_of",
        lambda name: settings(name) - ({"RECORDS_BUCKET_NAME"} if name == "plan_batch" else set()),
    )
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train("first"), labelled(1))
    assert stack.run()[0].error == "NotConfiguredError"
