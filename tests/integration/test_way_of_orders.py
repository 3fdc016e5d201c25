"""Rollback and override: a person changes the active model, past the gates and never past the record."""

import boto3
import pytest

from governor.domain.errors import (
    InvalidInputError,
    PromotionRefusedError,
    ServiceBusyError,
    UnknownFlywheelError,
)
from governor.ports import ServingChange
from governor.usecases.resume_flywheel import resume_flywheel
from governor.usecases.sweep import SETTLE_AFTER
from tests.doubles.data import FLYWHEEL, labelled, train
from tests.doubles.faults import FunctionDied
from tests.doubles.people import ADA, active, answer, iterations, order, promote_in_console
from tests.doubles.scenes import ends, promoted
from tests.doubles.stack import Stack


def _models(stack: Stack, number: int) -> list[str]:
    """Promote so many models one after the other; return their ARNs."""
    promoted(stack)
    for seed in range(2, number + 1):
        stack.upload(train(f"good-{seed}"), labelled(seed, per_label=40 * seed))
        stack.run()
    assert ends(stack) == ["ModelPromoted"] * number
    return [iteration["TrainedModelArn"] for iteration in iterations(stack)]


def _frozen(stack: Stack) -> bool:
    serving = stack.ports.serving.read(FLYWHEEL)
    assert serving is not None
    assert serving.phase == "SETTLED"
    return serving.frozen


def _last(stack: Stack) -> ServingChange:
    change = stack.ports.serving.last_change(FLYWHEEL)
    assert change is not None
    return change


def test_a_rollback_restores_the_previous_model_and_freezes_automatic_promotion(stack: Stack) -> None:
    first, second = _models(stack, 2)

    told = order(stack, "rollback")

    assert told == {"word": "CHANGED", "model": first, "previous": second, "frozen": True}
    assert active(stack) == first
    assert _frozen(stack)
    assert (_last(stack).who, _last(stack).why, _last(stack).batch) == (ADA, "It misreads returns.", None)
    subject, body = stack.notices.mails[-1]
    assert subject == "[alpha] Model rolled back"
    assert "governor resume alpha" in body
    assert "It misreads returns." in body


def test_while_frozen_a_pass_asks_and_an_approval_or_resume_ends_it(stack: Stack) -> None:
    _models(stack, 2)
    order(stack, "rollback")
    stack.upload(train("more"), labelled(5, per_label=200))
    stack.run()
    assert len(stack.approvals.mails) == 1, "the policy never asks, the freeze does"

    assert answer(stack, "approve") == 200
    stack.run()

    assert active(stack) == iterations(stack)[-1]["TrainedModelArn"]
    assert not _frozen(stack)
    order(stack, "rollback", 2)
    resume_flywheel(stack.ports, FLYWHEEL, by=ADA)
    assert not _frozen(stack)


def test_a_second_rollback_goes_one_model_further_back_and_then_there_is_none(stack: Stack) -> None:
    first, second, third = _models(stack, 3)

    assert order(stack, "rollback", 1)["model"] == second
    assert order(stack, "rollback", 2)["model"] == first
    with pytest.raises(PromotionRefusedError, match="no earlier model to go back to"):
        order(stack, "rollback", 3)
    assert order(stack, "rollback", 4, model=third)["word"] == "CHANGED"
    assert active(stack) == third


def test_the_same_order_twice_is_one_change(stack: Stack) -> None:
    first, _ = _models(stack, 2)

    told = order(stack, "rollback")
    stack.faults.clear()

    assert order(stack, "rollback") == told
    assert "comprehend.UpdateFlywheel" not in stack.faults.calls
    assert active(stack) == first
    assert stack.notices.subjects().count("[alpha] Model rolled back") == 1


def test_an_override_makes_any_model_active_and_says_so(stack: Stack) -> None:
    promoted(stack)
    before = active(stack)
    stack.upload(train("bad"), labelled(3, per_label=25, wrong=True))
    stack.run()
    refused = iterations(stack)[-1]["TrainedModelArn"]

    told = order(stack, "override", model=refused)

    assert told == {"word": "CHANGED", "model": refused, "previous": before, "frozen": False}
    assert active(stack) == refused
    assert _last(stack).op == "override:order-0001"
    assert stack.notices.subjects()[-1] == "[alpha] Model promoted past the gates (override)"
    assert order(stack, "override", 2, model=refused)["word"] == "ALREADY"
    assert order(stack, "rollback", 3)["model"] == before


def test_orders_that_make_no_sense_change_nothing(stack: Stack) -> None:
    (first,) = _models(stack, 1)
    missing = first[:-8] + "00000000"

    with pytest.raises(UnknownFlywheelError, match="Look for a slip in the name"):
        order(stack, "rollback", name="beta")
    with pytest.raises(InvalidInputError, match="an override names the model"):
        order(stack, "override")
    with pytest.raises(InvalidInputError, match="because"):
        order(stack, "rollback", because="")
    with pytest.raises(PromotionRefusedError, match=f"Comprehend refuses {missing}"):
        order(stack, "override", 2, model=missing)
    assert active(stack) == first
    assert not _frozen(stack)
    assert ends(stack) == ["ModelPromoted"]


def test_an_approved_promotion_that_dies_half_way_is_settled_as_approved_and_ends_the_freeze(stack: Stack) -> None:
    _models(stack, 2)
    order(stack, "rollback")
    stack.upload(train("good-3"), labelled(3, per_label=120))
    stack.run()
    assert answer(stack, "approve") == 200
    execution = stack.machine.executions["alpha-3"].run_until("PromoteModel")
    stack.faults.clear()
    stack.faults.with_execution = True
    stack.faults.on("comprehend.UpdateFlywheel", "die after")
    execution.step()
    assert not execution.can_go_on

    stack.clock.advance(SETTLE_AFTER.total_seconds() + 1)
    stack.sweep()

    third = iterations(stack)[-1]["TrainedModelArn"]
    assert active(stack) == third
    assert not _frozen(stack)
    assert (_last(stack).op, _last(stack).target, _last(stack).batch) == ("promote:3", third, 3)
    assert _last(stack).who == "Ada (name as claimed on the approval page)"
    assert _last(stack).why.startswith("PASS: ")
    assert _last(stack).why.endswith("(The change was left half-way and had taken effect in Comprehend.)")
    for _ in range(2):  # frees the dead turn; asks for another one when its hold is over
        stack.clock.advance(901)
        stack.sweep()
    stack.run()
    assert ends(stack)[-1] == "ModelPromoted"
    assert [change.op for change in stack.ports.serving.history(FLYWHEEL)].count("promote:3") == 1


def test_a_promotion_that_needed_nobody_and_died_half_way_does_not_end_a_freeze(stack: Stack) -> None:
    _models(stack, 1)
    stack.upload(train("good-2"), labelled(2, per_label=80))
    execution = stack.machine.executions["alpha-2"].run_until("PromoteModel")
    stack.faults.clear()
    stack.faults.with_execution = True
    stack.faults.on("comprehend.UpdateFlywheel", "die after")
    execution.step()
    boto3.client("dynamodb", region_name="us-east-1").update_item(
        TableName="LedgerTable",
        Key={"pk": {"S": f"F#{FLYWHEEL}"}, "sk": {"S": "ACTIVE"}},
        UpdateExpression="SET frozen = :yes",
        ExpressionAttributeValues={":yes": {"BOOL": True}},
    )

    stack.clock.advance(SETTLE_AFTER.total_seconds() + 1)
    stack.sweep()

    assert _frozen(stack)
    assert _last(stack).who == "Flywheel Governor"
    assert _last(stack).why.startswith("PASS: ")


def test_an_order_does_not_overwrite_what_somebody_did_in_the_console_meanwhile(stack: Stack) -> None:
    first, second, third = _models(stack, 3)
    promote_in_console(stack, first)

    with pytest.raises(PromotionRefusedError, match="Somebody made another model active meanwhile"):
        order(stack, "rollback")

    assert active(stack) == first
    assert _last(stack).op.startswith("outside:")
    assert order(stack, "rollback", 2)["model"] == third
    assert second != third


def test_an_order_waits_for_another_change_that_is_under_way(stack: Stack) -> None:
    first, second = _models(stack, 2)
    now = stack.clock.now()
    assert stack.ports.serving.claim(
        FLYWHEEL, op="promote:9", baseline=second, target=first, ignore_frozen=True, now=now
    )

    with pytest.raises(ServiceBusyError, match="Another change of the active model"):
        order(stack, "rollback")

    stack.clock.advance(SETTLE_AFTER.total_seconds() + 1)
    stack.sweep()
    assert order(stack, "rollback")["model"] == first


@pytest.mark.parametrize("kind", ["die before", "die after", "lose reply", "busy", "busy after"])
def test_an_order_that_breaks_down_anywhere_is_done_once_by_trying_again_or_by_sweep(stack: Stack, kind: str) -> None:
    """At each of its calls in turn; then by the same order again in one world, by sweep alone in the other."""
    models = _models(stack, 2)
    order(stack, "rollback", 1)
    stack.faults.clear()
    order(stack, "override", 2, model=models[1])
    calls = len(stack.faults.calls)
    assert calls > 6
    for number in range(1, calls + 1):
        again, expected = number % 2 == 0, models[number % 2]
        source = active(stack)
        word = "rollback" if expected == models[0] else "override"
        stack.faults.clear()
        stack.faults.at(number, kind)  # type: ignore[arg-type]
        try:
            order(stack, word, 100 + number, model=expected)
        except (FunctionDied, ServiceBusyError):
            if again:
                stack.faults.clear()
                order(stack, word, 100 + number, model=expected)
        stack.clock.advance(SETTLE_AFTER.total_seconds() + 1)
        stack.sweep()
        now = active(stack)
        assert now in {source, expected}
        serving = stack.ports.serving.read(FLYWHEEL)
        assert serving is not None
        assert (serving.phase, serving.active) == ("SETTLED", now)
        changes = [change for change in stack.ports.serving.history(FLYWHEEL) if change.op.endswith(f"{100 + number}")]
        assert len(changes) == (now != source), "one row for one change"
        assert all(change.who == ADA and change.why.startswith("It misreads returns.") for change in changes)
        if again:
            assert now == expected
        if now != expected:
            order(stack, word, 200 + number, model=expected)
        assert _frozen(stack) or word == "override"


def test_an_order_that_is_sent_again_does_not_undo_what_somebody_did_since(stack: Stack) -> None:
    first, second = _models(stack, 2)
    told = order(stack, "rollback", 1)
    order(stack, "override", 2, model=second)

    assert order(stack, "rollback", 1)["model"] == told["model"] == first
    assert active(stack) == second
