"""The way of a question to people: asked, answered, unanswered, or overtaken."""

from datetime import timedelta

import boto3
import pytest

from governor.usecases.resume_flywheel import resume_flywheel
from tests.doubles.data import FLYWHEEL, labelled, policy, train
from tests.doubles.people import active, answer, iterations, promote_in_console, wrong_code
from tests.doubles.scenes import ends, first_model, holds, promoted, states
from tests.doubles.stack import Stack


def _asked(stack: Stack, **changes: object) -> None:
    """Bring a first model and then a question whether a second may replace it."""
    promoted(stack, **{"approval": "replacement"} | changes)
    stack.upload(train("more"), labelled(3))
    stack.run()
    assert ends(stack)[-1] == "RequestApproval"


def _freeze(stack: Stack) -> None:
    """Freeze automatic promotion, as a rollback does."""
    table = boto3.client("dynamodb", region_name="us-east-1")
    table.update_item(
        TableName="LedgerTable",
        Key={"pk": {"S": f"F#{FLYWHEEL}"}, "sk": {"S": "ACTIVE"}},
        UpdateExpression="SET frozen = :yes",
        ExpressionAttributeValues={":yes": {"BOOL": True}},
    )


def test_always_asks_for_the_first_model_too_and_approval_promotes_it(stack: Stack) -> None:
    """WhatFollows > RequestApproval, IsApproved > RecheckPolicy, IsModelPromoted > VerifyServing."""
    stack.apply_policy(FLYWHEEL, policy(approval="always"))
    first_model(stack, labelled(1))
    assert ends(stack) == ["RequestApproval"]
    assert active(stack) is None

    assert answer(stack, "approve") == 200
    stack.run()
    assert ends(stack) == ["ModelPromoted"]
    assert active(stack) == iterations(stack)[0]["TrainedModelArn"]
    change = next(row for row in stack.rows() if row["sk"].startswith("ACTIVE#"))
    assert change["who"] == "Ada (name as claimed on the approval page)"


def test_replacement_promotes_the_first_and_asks_for_the_second(stack: Stack) -> None:
    _asked(stack)
    first = active(stack)
    answer(stack, "approve")
    stack.run()
    assert ends(stack) == ["ModelPromoted", "ModelPromoted"]
    assert active(stack) not in {None, first}


def test_a_rejection_keeps_the_model_and_holds_until_resumed(stack: Stack) -> None:
    """IsApproved > EndTurn, HowDidItEnd > ActiveModelKept."""
    _asked(stack)
    first = active(stack)
    answer(stack, "reject")
    stack.run()
    assert ends(stack)[-1] == "ActiveModelKept"
    assert active(stack) == first
    assert holds(stack) == "Rejected"

    stack.upload(train("next"), labelled(4))
    assert len(stack.machine.executions) == 2
    resume_flywheel(stack.ports, FLYWHEEL, by="ada")
    stack.run()
    assert ends(stack)[-1] == "RequestApproval"


def test_silence_keeps_the_model_without_a_hold(stack: Stack) -> None:
    _asked(stack, approval_expires_seconds=3600)
    first = active(stack)
    stack.upload(train("waits"), labelled(4))
    stack.clock.advance(3590)
    stack.sweep()
    stack.run()
    assert ends(stack)[-1] == "RequestApproval"

    stack.clock.advance(10)
    stack.sweep()
    stack.run()
    assert stack.machine.executions["alpha-2"].state == "ActiveModelKept"
    assert active(stack) == first
    assert holds(stack) is None
    assert "[alpha] Approval expired: batch 2" in stack.notices.subjects()
    assert answer(stack, "approve", mail=0) == 410
    assert states(stack)[train("waits")] == "REGISTERED", "what waited is the next batch"


def test_the_task_s_own_timeout_reads_the_row_like_everybody_else(stack: Stack) -> None:
    """RequestApproval > ReadDecision, IsApproved > RequestApproval."""
    _asked(stack, approval_expires_seconds=2_592_000)
    execution = stack.machine.executions["alpha-2"]
    stack.clock.advance(timedelta(days=29).total_seconds())
    execution.time_out_task()
    execution.run()
    assert execution.state == "RequestApproval"
    assert len(stack.approvals.mails) == 1, "the mail that is out still counts"
    answer(stack, "approve")
    assert execution.run().state == "ModelPromoted"


def test_five_wrong_codes_close_the_row_and_a_new_mail_goes_out(stack: Stack) -> None:
    """IsApproved > RequestApproval."""
    _asked(stack)
    wrong = wrong_code(stack)
    statuses = [answer(stack, "approve", code=wrong, mail=0) for _ in range(5)]
    assert statuses[:4] == [403] * 4
    assert answer(stack, "approve", mail=0) != 200, "the right code comes too late"
    stack.run()
    assert len(stack.approvals.mails) == 2
    assert answer(stack, "approve") == 200
    stack.run()
    assert ends(stack)[-1] == "ModelPromoted"


def test_a_console_promotion_meanwhile_is_judged_again_and_asked_again(stack: Stack) -> None:
    """IsApproved > CompareModels, WhatFollows > RequestApproval."""
    promoted(stack, approval="replacement")
    first = active(stack)
    stack.upload(train("second"), labelled(3))
    stack.run()
    answer(stack, "approve")
    stack.run()
    stack.upload(train("third"), labelled(4))
    stack.run()
    assert first is not None
    promote_in_console(stack, first)
    stack.sweep()

    assert answer(stack, "approve") == 200
    stack.run()
    assert active(stack) == first, "the answer was to another question"
    assert stack.notices.subjects()[-2:] == ["[alpha] Approval withdrawn: batch 3", "[alpha] Batch 3: INCONCLUSIVE"]
    assert len(stack.approvals.mails) == 3

    answer(stack, "approve")
    stack.run()
    assert ends(stack)[-1] == "ModelPromoted"
    assert active(stack) == iterations(stack)[-1]["TrainedModelArn"]


def test_a_pass_while_frozen_asks_although_the_policy_does_not(stack: Stack) -> None:
    promoted(stack)
    _freeze(stack)
    stack.upload(train("more"), labelled(3))
    stack.run()
    assert ends(stack)[-1] == "RequestApproval"
    assert "switched off since a rollback" in stack.approvals.mails[-1][1]

    answer(stack, "approve")
    stack.run()
    assert ends(stack)[-1] == "ModelPromoted"
    assert "frozen" not in next(row for row in stack.rows() if row["sk"] == "ACTIVE"), "approval thaws"


def test_a_freeze_just_before_the_promotion_asks_after_all(stack: Stack) -> None:
    """IsModelPromoted > CompareModels, WhatFollows > RequestApproval."""
    promoted(stack)
    stack.upload(train("more"), labelled(3))
    execution = stack.machine.executions["alpha-2"].run_until("PromoteModel")
    _freeze(stack)
    assert execution.run().state == "RequestApproval"


def test_inconclusive_is_asked_where_approval_is_asked_for(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy(approval="always"))
    stack.upload(train(), labelled(1))
    stack.run()
    assert ends(stack) == ["RequestApproval"]
    answer(stack, "approve")
    stack.run()
    assert ends(stack) == ["ModelPromoted"]


@pytest.mark.parametrize("by", ["abort", "die"])
def test_an_execution_that_ends_while_people_are_asked(stack: Stack, by: str) -> None:
    """AtWhichPhase > CompareModels."""
    _asked(stack)
    execution = stack.machine.executions["alpha-2"]
    execution.abort() if by == "abort" else execution.die()
    stack.clock.advance(361)
    stack.sweep()
    assert answer(stack, "approve", mail=0) == (410 if by == "abort" else 200)
    if by == "abort":
        assert holds(stack) == "Aborted"
        resume_flywheel(stack.ports, FLYWHEEL, by="ada")
    else:
        stack.clock.advance(601)
        stack.sweep()
    stack.run()
    if by == "abort":
        assert len(stack.approvals.mails) == 2
        answer(stack, "approve")
        stack.run()
    assert ends(stack)[-1] == "ModelPromoted"
    assert len(iterations(stack)) == 2


def test_a_lost_wake_is_repeated_by_sweep(stack: Stack) -> None:
    _asked(stack)
    stack.faults.on("states.SendTaskSuccess", "busy")
    assert answer(stack, "approve") == 200
    stack.run()
    assert ends(stack)[-1] == "RequestApproval"
    stack.sweep()
    stack.run()
    assert ends(stack)[-1] == "ModelPromoted"
