"""Holds, starting by hand, and policies that are missing or spoilt: what stops a flywheel and what makes it go on."""

import json

import boto3
import pytest

from governor.domain.policy_document import fingerprint
from governor.usecases.resume_flywheel import resume_flywheel
from tests.doubles.asl import Execution
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.people import active, iterations
from tests.doubles.scenes import SOON, ends, first_model, holds, promoted, states
from tests.doubles.stack import Stack

_ME = "arn:aws:iam::123456789012:user/ada"


def _regress(stack: Stack) -> None:
    promoted(stack)
    stack.upload(train("bad"), labelled(3, per_label=25, wrong=True))
    stack.run()


# ---- regression, and how it is ended -----------------------------------------------------------------------------


def test_a_regression_keeps_the_model_and_holds_with_notices(stack: Stack) -> None:
    _regress(stack)
    assert ends(stack)[-1] == "ActiveModelKept"
    assert active(stack) == iterations(stack)[0]["TrainedModelArn"]
    assert holds(stack) == "Regression"
    assert stack.notices.subjects()[-2:] == ["[alpha] Batch 2: FAIL", "[alpha] Held: Regression"]
    assert "second flywheel whose policy names the active model" in stack.notices.mails[-1][1]


def test_nothing_runs_while_a_regression_holds_and_a_new_policy_does_not_lift_it(stack: Stack) -> None:
    _regress(stack)
    stack.upload(train("good"), labelled(4))
    stack.apply_policy(FLYWHEEL, policy(gates=[{"metric": "f1", "at_least": 0.1}]))
    for _ in range(3):
        stack.clock.advance(86_400)
        stack.sweep()
    assert len(stack.machine.executions) == 2
    assert states(stack)[train("good")] == "PENDING"
    assert len(stack.notices.mails) == 4, "no more mail while it is held"


def test_resume_ends_a_regression_s_hold_and_the_waiting_uploads_go_on(stack: Stack) -> None:
    _regress(stack)
    stack.upload(train("good"), labelled(4, per_label=400))

    told = resume_flywheel(stack.ports, FLYWHEEL, by=_ME)
    stack.run()

    assert told.cleared.sentences() == ["The hold Regression (without an end) is ended."]
    assert told.started
    assert states(stack)[train("good")] == "REGISTERED"
    assert ends(stack)[-1] == "ModelPromoted"
    assert holds(stack) is None


def test_a_turn_by_hand_works_despite_a_regression_but_does_not_end_its_hold(stack: Stack) -> None:
    _regress(stack)
    stack.upload(train("good"), labelled(4, per_label=400))
    execution = stack.start_by_hand({"flywheel": FLYWHEEL})
    assert execution.state == "ModelPromoted"
    assert holds(stack) == "Regression"


# ---- by hand -----------------------------------------------------------------------------------------------------


def test_by_hand_with_nothing_to_do_leaves_the_hold_as_it_was(stack: Stack) -> None:
    """IsQuiet > EndTurn, HowDidItEnd > NothingToDo."""
    _regress(stack)
    before = stack.ports.heads.read(FLYWHEEL)
    execution = stack.start_by_hand({"flywheel": FLYWHEEL})
    after = stack.ports.heads.read(FLYWHEEL)
    assert execution.output["ending"] == "NOTHING_TO_DO"
    assert before is not None
    assert after is not None
    assert (after.hold, after.failures, after.turn) == (before.hold, before.failures, 3)


def test_by_hand_while_another_execution_has_the_turn_says_who(stack: Stack) -> None:
    """IsTurnTaken > TurnHeldBy."""
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train(), labelled(1))
    holder = stack.machine.executions["alpha-1"].run_until("CheckIteration")

    second = stack.start_by_hand({"flywheel": FLYWHEEL})

    assert (second.status, second.state) == ("SUCCEEDED", "TurnHeldBy")
    assert second.output["holder"] == holder.arn
    assert holder.run().state == "ActiveModelKept"


def test_by_hand_may_ask_for_an_iteration_on_what_the_flywheel_has(stack: Stack) -> None:
    """AtWhichPhase > RegisterDatasets, HowDidItEnd > ActiveModelKept."""
    promoted(stack)
    stack.clock.advance(60)
    execution = stack.start_by_hand({"flywheel": FLYWHEEL, "iterate": True})
    assert execution.state == "ActiveModelKept"
    assert stack.notices.subjects()[-1] == "[alpha] Batch 2: NO_CHANGE"
    assert len(iterations(stack)) == 2


def test_by_hand_an_iteration_on_nothing_opens_no_batch_that_could_never_be_closed(stack: Stack) -> None:
    """AtWhichPhase > EndTurn, HowDidItEnd > WaitingForDocuments."""
    stack.apply_policy(FLYWHEEL, policy())
    execution = stack.start_by_hand({"flywheel": FLYWHEEL, "iterate": True})
    assert "drop a TRAIN file" in execution.output["reason"]
    first_model(stack, labelled(1))
    assert ends(stack) == ["WaitingForDocuments", "ModelPromoted"]


def test_by_hand_everything_was_withdrawn_meanwhile(stack: Stack) -> None:
    """AtWhichPhase > EndTurn, HowDidItEnd > NothingToDo."""
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train(), labelled(1))
    stack.s3.delete_object(Bucket="inbox", Key=train())
    stack.run()
    assert states(stack) == {train(): "WITHDRAWN"}


@pytest.mark.parametrize(
    ("payload", "error", "sentence"),
    [
        ({"flywheel": "typo"}, "UnknownFlywheelError", "There is no flywheel typo"),
        ({}, "InvalidInputError", "flywheel: Field required"),
        ({"flywheel": "no spaces"}, "InvalidInputError", "at most 63 letters, digits and inner hyphens"),
        ({"flywheel": "alpha", "force": True}, "InvalidInputError", "force: Extra inputs are not permitted"),
        ({"flywheel": "alpha", "turn": 0}, "InvalidInputError", "turn: Input should be greater than or equal to 1"),
        ([1], "InvalidInputError", "Input should be a valid dictionary"),
    ],
)
def test_by_hand_what_cannot_be_meant_ends_red_with_a_sentence_and_writes_nothing(
    stack: Stack, payload: object, error: str, sentence: str
) -> None:
    execution = stack.start_by_hand(payload)
    assert (execution.status, execution.state) == ("FAILED", "TurnRefused")
    assert execution.error == error
    assert sentence in str(execution.cause)
    assert list(stack.rows()) == []


def test_by_hand_a_process_that_dies_after_it_took_the_turn_knows_which_one_it_has(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(2)))
    stack.apply_policy(FLYWHEEL, policy(gates=[{"metric": "f1", "at_least": 0.5}]))
    stack.inspect()
    stack.machine.executions.clear()
    stack.faults.on("dynamodb.UpdateItem", "die after")

    execution = stack.start_by_hand({"flywheel": FLYWHEEL})
    assert execution.state == "ModelPromoted"
    head = stack.ports.heads.read(FLYWHEEL)
    assert head is not None
    assert (head.turn, execution.output["turn"]) == (1, 1)

    stack.upload(train("more"), labelled(3))
    stack.run()
    assert ends(stack) == ["ModelPromoted", "ModelPromoted"]


# ---- policies ----------------------------------------------------------------------------------------------------


def test_a_missing_policy_holds_and_loses_nothing(stack: Stack) -> None:
    first_model(stack, labelled(1))
    execution = stack.machine.executions["alpha-1"]
    assert (execution.status, execution.error) == ("FAILED", "PolicyMissingError")
    assert "governor policy apply" in str(execution.cause)
    assert holds(stack) == "PolicyMissing"
    assert set(states(stack).values()) == {"PENDING"}
    assert stack.notices.subjects() == ["[alpha] Turn 1 failed: PolicyMissingError", "[alpha] Held: PolicyMissing"]

    stack.clock.advance(86_400)
    stack.sweep()
    assert len(stack.machine.executions) == 1
    stack.apply_policy(FLYWHEEL, policy())
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnFailed", "ModelPromoted"]


def _row(document: str, **more: dict[str, str]) -> dict[str, dict[str, str]]:
    return {"document": {"S": document}, "digest": {"S": fingerprint(document)}} | more


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (_row(json.dumps(policy() | {"gates": {}}), version={"N": "1"}), "gates: Input should be a valid tuple"),
        (_row("{", version={"N": "1"}), "holds no JSON document"),
        (_row(json.dumps(policy())), "no usable version"),
        (_row(json.dumps(policy()), version={"N": "1"}) | {"document": {"S": "{}"}}, "edited past the command line"),
        ({"document": {"S": json.dumps(policy())}, "version": {"N": "1"}}, "edited past the command line"),
    ],
)
def test_a_policy_spoilt_behind_the_command_s_back_holds_until_it_is_applied_again(
    stack: Stack, row: dict[str, dict[str, str]], sentence: str
) -> None:
    table = boto3.client("dynamodb", region_name="us-east-1")
    table.put_item(TableName="PolicyTable", Item={"pk": {"S": "P#alpha"}, "sk": {"S": "CURRENT"}} | row)
    first_model(stack, labelled(1))
    assert stack.machine.executions["alpha-1"].error == "PolicyMissingError"
    assert sentence in str(stack.machine.executions["alpha-1"].cause)
    assert "governor policy apply" in str(stack.machine.executions["alpha-1"].cause)
    assert holds(stack) == "PolicyMissing"
    assert stack.sweep()["faults"] == []

    stack.apply_policy(FLYWHEEL, policy())
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnFailed", "ModelPromoted"]


def test_an_edit_in_the_console_ends_no_batch_in_work_and_holds_the_next(stack: Stack) -> None:
    promoted(stack)
    execution = _in_training(stack)
    _edit_in_console(stack)
    assert execution.run().state in {"ModelPromoted", "ActiveModelKept"}, "its own version is another row"
    stack.upload(train("more"), labelled(9))
    stack.run()
    assert ends(stack)[-1] == "TurnFailed"
    assert holds(stack) == "PolicyMissing"
    stack.sweep()
    assert holds(stack) == "PolicyMissing"


def _in_training(stack: Stack) -> Execution:
    stack.upload(train("next"), labelled(3))
    return list(stack.machine.executions.values())[-1].run_until("StartIteration")


def _edit_in_console(stack: Stack) -> None:
    row = next(row for row in stack.rows("POLICY_TABLE_NAME") if row["sk"] == "CURRENT")
    boto3.client("dynamodb", region_name="us-east-1").update_item(
        TableName="PolicyTable",
        Key={"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}},
        UpdateExpression="SET document = :edited",
        ExpressionAttributeValues={":edited": {"S": row["document"].replace('"never"', '"always"')}},
    )


def test_a_policy_that_changes_meanwhile_does_not_touch_the_batch_in_work(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy(gates=[{"metric": "f1", "at_least": 0.6}]))
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(2)))
    stack.inspect()
    execution = stack.machine.executions["alpha-1"].run_until("StartIteration")
    stack.apply_policy(FLYWHEEL, policy(gates=[{"metric": "f1", "at_least": 1.0}]))
    assert execution.run().state == "ModelPromoted"


# ---- aborted and dead executions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("stack", [SOON], indirect=True)
def test_an_aborted_execution_holds_until_a_person_resumes_and_the_batch_goes_on(stack: Stack) -> None:
    """AtWhichPhase > StartIteration."""
    stack.apply_policy(FLYWHEEL, policy())
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(2)))
    stack.inspect()
    stack.machine.executions["alpha-1"].run_until("CheckIteration").abort()

    stack.sweep()
    assert holds(stack) is None, "only after the time of grace"
    stack.clock.advance(361)
    stack.sweep()
    assert holds(stack) == "Aborted"
    assert len(stack.machine.executions) == 1

    resume_flywheel(stack.ports, FLYWHEEL, by=_ME)
    stack.run()
    assert ends(stack) == ["CheckIteration", "ModelPromoted"]
    assert len(iterations(stack)) == 1


def test_an_execution_that_ended_badly_is_freed_by_its_event(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(2)))
    stack.inspect()
    execution = stack.machine.executions["alpha-1"].run_until("StartIteration")
    execution.die()
    stack.clock.advance(361)
    detail = {"executionArn": execution.arn, "name": "alpha-1", "status": "FAILED"}
    body = json.dumps({"source": "aws.states", "detail": detail})
    record = {"messageId": "1", "body": body, "eventSource": "aws:sqs"}
    assert stack.call("sweep", {"Records": [record]}) == {"batchItemFailures": []}
    assert holds(stack) == "Failure"

    stack.clock.advance(601)
    stack.sweep()
    stack.run()
    assert ends(stack)[-1] == "ModelPromoted"


def test_mail_that_does_not_go_out_is_sent_by_sweep(stack: Stack) -> None:
    stack.notices.broken = True
    promoted(stack)
    assert stack.notices.mails == []
    stack.notices.broken = False
    stack.sweep()
    assert sorted(stack.notices.subjects()) == ["[alpha] Batch 1: PASS", "[alpha] Model promoted"]
