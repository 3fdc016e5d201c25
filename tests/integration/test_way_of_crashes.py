"""Crashes between two writes, and writes of others in between: nothing is lost, and nobody is told a falsehood."""

import dataclasses

import pytest

from governor.contracts import InspectMessage, parse
from governor.domain.errors import InvalidInputError
from governor.domain.serving import promotion_of
from governor.usecases.sweep import SETTLE_AFTER
from tests.doubles.approvals import waiting_flywheel
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.people import active, iterations
from tests.doubles.scenes import ends, first_model, holds, promoted, states
from tests.doubles.stack import Stack


def test_a_regression_holds_although_the_execution_died_when_it_had_closed_the_batch(stack: Stack) -> None:
    promoted(stack)
    stack.upload(train("bad"), labelled(3, per_label=25, wrong=True))
    execution = stack.machine.executions["alpha-2"].run_until("EndTurn")
    stack.faults.clear()
    stack.faults.with_execution = True
    stack.faults.on("dynamodb.TransactWriteItems", "die after")
    execution.step()
    assert not execution.can_go_on
    head = stack.ports.heads.read(FLYWHEEL)
    assert head is not None
    assert (head.state, head.batch) == ("RUNNING", None)

    stack.clock.advance(901)
    stack.sweep()

    assert holds(stack) == "Regression"
    assert "[alpha] Held: Regression" in stack.notices.subjects()


def test_who_dropped_a_copy_is_told_although_the_plan_died_when_it_had_refused_it(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train("a"), labelled(1))
    stack.clock.advance(1)
    stack.upload(train("copy"), labelled(1))
    execution = stack.machine.executions["alpha-1"].run_until("PlanBatch")
    stack.faults.clear()
    stack.faults.on("dynamodb.TransactWriteItems", lambda: None)  # opens the batch
    stack.faults.on("dynamodb.TransactWriteItems", "die after")
    execution.step()
    assert sorted(states(stack).values()) == ["PENDING", "REFUSED"]

    stack.run()
    stack.sweep()
    assert stack.notices.subjects().count("[alpha] Upload refused: alpha/train/copy.csv") == 1


def test_an_upload_that_came_while_a_turn_found_too_few_does_not_wait_for_the_end_of_the_hold(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train("small"), labelled(1, per_label=2))
    execution = stack.machine.executions["alpha-1"].run_until("EndTurn")
    stack.clock.advance(5)
    stack.upload(train("more"), labelled(2))
    assert list(stack.machine.executions) == ["alpha-1"]

    execution.run()
    stack.run()

    assert states(stack) == {train("small"): "REGISTERED", train("more"): "REGISTERED"}


def test_uploads_that_have_no_policy_and_no_turn_are_swept_too(stack: Stack) -> None:
    stack.drop(train(), labelled(1))
    stack.sweep()
    stack.sqs.purge_queue(QueueUrl=stack.environment["INSPECT_QUEUE_URL"])
    stack.clock.advance(1801)

    stack.sweep(look_closely=False)
    assert stack.inspect() == []
    assert states(stack) == {train(): "ADMITTED"}
    stack.sweep()
    assert stack.inspect() == []
    assert states(stack) == {train(): "PENDING"}


def test_sweep_does_not_take_a_claim_from_a_promotion_that_tries_again(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(2)))
    assert stack.inspect() == []
    execution = stack.machine.executions["alpha-1"].run_until("PromoteModel")
    serving, claim = (
        stack.ports.serving,
        {"op": promotion_of(1), "baseline": "NONE", "target": "m", "ignore_frozen": False},
    )
    assert serving.claim(FLYWHEEL, **claim, now=stack.clock.now())  # type: ignore[arg-type]
    before = serving.read(FLYWHEEL)
    stack.clock.advance(SETTLE_AFTER.total_seconds() + 1)

    assert serving.claim(FLYWHEEL, **claim, now=stack.clock.now())  # type: ignore[arg-type]
    assert before is not None
    assert not serving.release_claim(FLYWHEEL, before)
    stack.sweep()
    now = serving.read(FLYWHEEL)
    assert now is not None
    assert now.phase == "CHANGING"
    assert not serving.claim(FLYWHEEL, **claim | {"op": "promote:2"}, now=stack.clock.now())  # type: ignore[arg-type]

    execution.run()
    assert ends(stack) == ["ModelPromoted"]


def test_a_promotion_that_comprehend_shows_late_is_settled_as_ours(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    with monkeypatch.context() as late:
        late.setattr(stack.ports.comprehend, "set_active_model", lambda *_: None)
        first_model(stack, labelled(1))
    assert ends(stack) == ["TurnFailed"]
    model = iterations(stack)[0]["TrainedModelArn"]
    stack.comprehend.update_flywheel(FlywheelArn=stack.ports.comprehend.flywheel_arn(FLYWHEEL), ActiveModelArn=model)

    stack.clock.advance(601)
    stack.sweep()
    stack.run()

    assert ends(stack) == ["TurnFailed", "ModelPromoted"]
    assert active(stack) == model
    assert "[alpha] Active model changed outside of Flywheel Governor" not in stack.notices.subjects()


def test_an_approval_whose_reply_was_lost_is_put() -> None:
    with waiting_flywheel() as flywheel:
        flywheel.ask()
        row = dataclasses.replace(flywheel.row(), id="c" * 64, mailed_at=None)
        flywheel.ports.approvals.put(row)
        flywheel.ports.approvals.put(row)
        assert flywheel.ports.approvals.read(row.id) == row


def test_what_is_said_of_malformed_input_quotes_nothing_of_it_not_even_its_cause() -> None:
    with pytest.raises(InvalidInputError) as raised:
        parse(InspectMessage, {"flywheel": "alpha", "upload": ["confidential"]})
    assert "confidential" not in f"{raised.value} {raised.value.__cause__}"
