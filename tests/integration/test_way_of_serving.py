"""After a promotion: the endpoint follows, is asked what must be right, and a model that answers wrongly goes back."""

from typing import Any

import pytest

from comprehend_local import Settings
from governor.usecases.sweep import SETTLE_AFTER
from tests.doubles.data import FLYWHEEL, WORDS, exam, labelled, policy, train
from tests.doubles.people import active, iterations, order
from tests.doubles.scenes import ends, holds
from tests.doubles.stack import ACCOUNT, Stack, deployed

ENDPOINT = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classifier-endpoint/alpha"
RIGHT = "".join(f"{label},{' '.join(words)}\n" for label, words in sorted(WORDS.items())).encode()
_SLIPPED = zip(WORDS, [*WORDS][1:], strict=False)
WRONG = "".join(f"{label},{' '.join(WORDS[other])}\n" for label, other in _SLIPPED).encode()


def smoke(stack: Stack, content: bytes, name: str = "basic.csv") -> None:
    """Put a smoke file as people do; no function takes notice of it."""
    stack.deliver(stack.drop(f"{FLYWHEEL}/smoke/{name}", content))
    assert all("smoke" not in str(row.get("key", "")) for row in stack.rows())


def put(stack: Stack, **serving: Any) -> None:
    stack.apply_policy(FLYWHEEL, policy(serving={"smoke": ["basic.csv"]} | serving))


def drop_good(stack: Stack, seed: int) -> None:
    stack.deliver(
        stack.drop(train(str(seed)), labelled(seed, per_label=40)), stack.drop(exam(str(seed)), labelled(seed + 50))
    )
    assert stack.inspect() == []
    stack.run()


def endpoint(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = stack.comprehend.describe_endpoint(EndpointArn=ENDPOINT)["EndpointProperties"]
    return found


def test_the_endpoint_is_made_once_follows_and_is_asked(stack: Stack) -> None:
    """IsModelPromoted > VerifyServing; IsServing > EndTurn; IsServing > WaitForServing."""
    smoke(stack, RIGHT)
    put(stack)
    drop_good(stack, 1)
    assert ends(stack) == ["ModelPromoted"]
    assert endpoint(stack)["ModelArn"] == active(stack)
    assert endpoint(stack)["FlywheelArn"].endswith(":flywheel/alpha")
    (created,) = stack.comprehend.list_endpoints()["EndpointPropertiesList"]
    assert created["DesiredInferenceUnits"] == 1

    drop_good(stack, 2)
    assert ends(stack) == ["ModelPromoted"] * 2
    assert endpoint(stack)["ModelArn"] == active(stack) == iterations(stack)[-1]["TrainedModelArn"]
    assert len(stack.comprehend.list_endpoints()["EndpointPropertiesList"]) == 1


@pytest.mark.parametrize("key", ["", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"])
def test_an_endpoint_for_encrypted_models_gets_the_role_that_decrypts_them(stack: Stack, key: str) -> None:
    stack.environment["MODEL_KMS_KEY_ID"] = key
    smoke(stack, RIGHT)
    put(stack)
    drop_good(stack, 1)

    assert ends(stack) == ["ModelPromoted"]
    role = endpoint(stack).get("DataAccessRoleArn")
    assert role == (stack.environment["DATA_ACCESS_ROLE_ARN"] if key else None)


def test_without_a_serving_block_nothing_is_made(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    drop_good(stack, 1)
    assert ends(stack) == ["ModelPromoted"]
    assert stack.comprehend.list_endpoints()["EndpointPropertiesList"] == []


def test_a_wrong_answer_restores_the_previous_model_and_freezes(stack: Stack) -> None:
    """IsServing > RestoreModel."""
    smoke(stack, RIGHT)
    put(stack)
    drop_good(stack, 1)
    first = active(stack)
    smoke(stack, WRONG)
    drop_good(stack, 2)

    assert ends(stack) == ["ModelPromoted", "ActiveModelKept"]
    assert active(stack) == first
    serving = stack.ports.serving.read(FLYWHEEL)
    assert serving is not None
    assert serving.frozen
    change = stack.ports.serving.last_change(FLYWHEEL)
    assert change is not None
    assert change.who == "Flywheel Governor (VerifyServing)"
    assert "basic.csv, document 1" in change.why
    subjects = stack.notices.subjects()
    assert "[alpha] Model rolled back" in subjects
    assert holds(stack) is None, "later candidates are trained, and ask"
    stack.clock.advance(5)
    assert endpoint(stack)["ModelArn"] == first


def test_a_first_model_that_answers_wrongly_stays_and_holds(stack: Stack) -> None:
    """IsServing > EndTurn, with nothing to go back to."""
    smoke(stack, WRONG)
    put(stack)
    drop_good(stack, 1)

    assert ends(stack) == ["ModelPromoted"]
    assert holds(stack) == "ServingFailed"
    assert "There is no earlier model to go back to" in stack.notices.mails[-1][1]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda stack: None, "alpha/smoke/basic.csv is not in the inbox bucket"),
        (lambda stack: smoke(stack, b"one column\n"), "alpha/smoke/basic.csv: Line 1: 1 columns instead of two"),
        (lambda stack: smoke(stack, b"a,b\n" * 51), "There are 51 smoke documents; at most 50 are sent"),
    ],
)
def test_smoke_documents_that_cannot_be_used_fail_the_turn_and_leave_the_model(
    stack: Stack, spoil: Any, told: str
) -> None:
    spoil(stack)
    put(stack)
    drop_good(stack, 1)

    assert ends(stack) == ["TurnFailed"]
    assert active(stack) is not None
    assert told in stack.notices.mails[-2][1]
    assert holds(stack) == "Failure"

    smoke(stack, RIGHT)
    stack.clock.advance(700)
    stack.sweep()
    stack.run()
    assert ends(stack)[-1] == "ModelPromoted"


def test_an_endpoint_of_somebody_else_is_left_alone(stack: Stack) -> None:
    smoke(stack, RIGHT)
    stack.apply_policy(FLYWHEEL, policy())
    drop_good(stack, 1)
    stack.comprehend.create_endpoint(EndpointName="alpha", ModelArn=active(stack), DesiredInferenceUnits=1)
    put(stack)
    drop_good(stack, 2)

    assert ends(stack) == ["ModelPromoted", "TurnFailed"]
    assert "bound to no flywheel, but to a model of its own" in stack.notices.mails[-2][1]


def test_an_endpoint_that_does_not_follow_ends_the_wait_and_the_next_turn_looks_again() -> None:
    """IsServing > EndTurn after eighteen looks."""
    slow = Settings.instant(account=ACCOUNT, endpoint_creation_seconds=400, time_factor=1)
    with deployed(slow) as stack:
        smoke(stack, RIGHT)
        put(stack)
        drop_good(stack, 1)
        assert ends(stack) == ["TurnFailed"]
        assert "did not serve the new model in time" in stack.notices.mails[-2][1]
        stack.clock.advance(700)
        stack.sweep()
        stack.run()
        assert ends(stack)[-1] == "ModelPromoted"


@pytest.mark.parametrize("call", ["comprehend.UpdateFlywheel", "dynamodb.TransactWriteItems"])
def test_a_way_back_that_breaks_down_is_gone_to_its_end_by_the_next_turn(stack: Stack, call: str) -> None:
    smoke(stack, RIGHT)
    put(stack)
    drop_good(stack, 1)
    first = active(stack)
    smoke(stack, WRONG)
    stack.deliver(stack.drop(train("2"), labelled(2, per_label=40)))
    assert stack.inspect() == []
    execution = stack.machine.executions["alpha-2"].run_until("RestoreModel")
    stack.faults.clear()
    stack.faults.with_execution = True
    stack.faults.on(call, "die before")
    execution.step()

    stack.clock.advance(SETTLE_AFTER.total_seconds() + 900)
    stack.sweep()
    stack.run()
    stack.clock.advance(1300)
    stack.sweep()
    stack.run()

    assert active(stack) == first
    assert ends(stack)[-1] == "ActiveModelKept"
    serving = stack.ports.serving.read(FLYWHEEL)
    assert serving is not None
    assert serving.frozen


@pytest.mark.parametrize("moment", ["VerifyServing", "RestoreModel"])
def test_what_a_person_makes_active_meanwhile_is_not_taken_back_with_the_batch_s_model(
    stack: Stack, moment: str
) -> None:
    """Smoke documents that every model fails: only the batch's own candidate is taken back for it."""
    smoke(stack, RIGHT)
    put(stack)
    drop_good(stack, 1)
    drop_good(stack, 2)
    chosen = iterations(stack)[0]["TrainedModelArn"]
    smoke(stack, WRONG)
    stack.deliver(stack.drop(train("3"), labelled(3, per_label=40)))
    assert stack.inspect() == []
    execution = stack.machine.executions["alpha-3"].run_until(moment)
    order(stack, "override", model=chosen)
    stack.clock.advance(5)
    execution.run()

    assert active(stack) == chosen
    change = stack.ports.serving.last_change(FLYWHEEL)
    assert change is not None
    assert change.op == "override:order-0001"
