"""Waits that never end, and steps that fail for good: the turn ends red, is released, and people are told why."""

import pytest

from comprehend_local import Settings
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.people import active, answer, iterations, promote_in_console, wrong_code
from tests.doubles.scenes import SOON, ends, holds, promoted
from tests.doubles.stack import ACCOUNT, Stack

_AGES = 10_000_000.0
_BROKEN = "The table is gone."


def _uploaded(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(2)))
    assert stack.inspect() == []


def _overdue(stack: Stack) -> str:
    execution = stack.machine.executions["alpha-1"].run(2000)
    assert execution.error == "WaitOverdueError"
    assert holds(stack) == "Failure"
    assert "[alpha] Turn 1 failed: WaitOverdueError" in stack.notices.subjects()
    return str(execution.cause)


@pytest.mark.slow
@pytest.mark.parametrize("stack", [Settings.instant(account=ACCOUNT, flywheel_creation_seconds=_AGES)], indirect=True)
def test_a_flywheel_that_is_created_for_ages_is_not_waited_for_without_end(stack: Stack) -> None:
    """IsFlywheelReady > EndTurn, HowDidItEnd > TurnFailed."""
    _uploaded(stack)
    assert "still being created" in _overdue(stack)


@pytest.mark.slow
@pytest.mark.parametrize("stack", [Settings.instant(account=ACCOUNT, dataset_ingestion_seconds=_AGES)], indirect=True)
def test_datasets_that_are_created_for_ages_are_not_waited_for_without_end(stack: Stack) -> None:
    """AreDatasetsReady > EndTurn, HowDidItEnd > TurnFailed."""
    _uploaded(stack)
    assert "still being created" in _overdue(stack)


@pytest.mark.slow
@pytest.mark.parametrize("stack", [Settings.instant(account=ACCOUNT, training_seconds=_AGES)], indirect=True)
def test_an_iteration_that_runs_for_ages_is_not_waited_for_without_end(stack: Stack) -> None:
    """IsIterationFinished > EndTurn, HowDidItEnd > TurnFailed."""
    _uploaded(stack)
    assert "still running" in _overdue(stack)
    stack.clock.advance(_AGES)
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnFailed", "ModelPromoted"], "the next turn finds it"


@pytest.mark.slow
def test_people_who_are_asked_again_and_again_are_left_alone_at_last(stack: Stack) -> None:
    """IsApproved > EndTurn, HowDidItEnd > TurnFailed."""
    promoted(stack, approval="replacement")
    stack.upload(train("more"), labelled(3))
    stack.run()
    execution = stack.machine.executions["alpha-2"]
    while execution.status == "RUNNING":
        wrong = wrong_code(stack)
        for _ in range(5):
            answer(stack, "approve", code=wrong)
        stack.run()
    assert execution.error == "WaitOverdueError"
    assert f"asked {len(stack.approvals.mails)} times" in str(execution.cause)
    assert holds(stack) == "Failure"


@pytest.mark.slow
def test_an_active_model_that_changes_all_the_time_is_judged_a_bounded_number_of_times(stack: Stack) -> None:
    """IsModelPromoted > EndTurn, HowDidItEnd > TurnFailed."""
    promoted(stack)
    stack.upload(train("second"), labelled(3))
    stack.run()
    models = [each["TrainedModelArn"] for each in iterations(stack)]
    stack.apply_policy(FLYWHEEL, policy(approval="always"))
    stack.upload(train("third"), labelled(4))
    stack.run()
    execution = stack.machine.executions["alpha-3"]
    for number in range(5):
        assert answer(stack, "approve") == 200
        execution.run_until("PromoteModel")
        promote_in_console(stack, models[number % 2])
        execution.run()
    assert execution.error == "WaitOverdueError"
    assert active(stack) in models


@pytest.mark.parametrize(
    ("state", "port"),
    [
        ("CheckQuiet", "uploads"),
        ("PrepareFlywheel", "comprehend"),
        ("PlanBatch", "inbox"),
        ("RegisterDatasets", "staging"),
        ("CheckDatasets", "records"),
        ("StartIteration", "comprehend"),
        ("CheckIteration", "comprehend"),
        ("CompareModels", "records"),
        ("PromoteModel", "serving"),
    ],
)
def test_a_step_that_fails_for_good_ends_the_turn_red_and_releases_it(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, state: str, port: str
) -> None:
    """HowDidItEnd > TurnFailed."""
    _uploaded(stack)
    execution = stack.machine.executions["alpha-1"].run_until(state)
    with monkeypatch.context() as broken:
        broken.setattr(stack.ports, port, _Broken())
        execution.step()
    execution.run()
    assert execution.visited[-4:] == [state, "EndTurn", "HowDidItEnd", "TurnFailed"]
    assert (execution.error, execution.cause) == ("RuntimeError", _BROKEN)
    assert holds(stack) == "Failure"
    assert stack.notices.subjects()[-2:] == ["[alpha] Turn 1 failed: RuntimeError", "[alpha] Held: Failure"]

    stack.clock.advance(601)
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnFailed", "ModelPromoted"]


def test_a_turn_that_cannot_be_taken_is_refused_and_taken_by_the_next(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TakeTurn > TurnRefused."""
    _uploaded(stack)
    with monkeypatch.context() as broken:
        broken.setattr(stack.ports, "heads", _Broken())
        stack.run()
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnRefused", "ModelPromoted"]


def test_a_turn_that_cannot_be_released_is_freed_by_sweep(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """EndTurn > TurnNotReleased."""
    _uploaded(stack)
    execution = stack.machine.executions["alpha-1"].run_until("EndTurn")
    with monkeypatch.context() as broken:
        broken.setattr(stack.ports, "heads", _Broken())
        execution.run()
    assert execution.state == "TurnNotReleased"
    stack.clock.advance(361)
    stack.sweep()
    head = stack.ports.heads.read(FLYWHEEL)
    assert head is not None
    assert head.state == "IDLE"
    stack.clock.advance(601)
    stack.sweep()
    stack.run()
    assert ends(stack)[-1] == "ModelPromoted"
    assert active(stack) is not None


def test_a_step_whose_process_dies_every_time_ends_the_turn(stack: Stack) -> None:
    """HowDidItEnd > TurnFailed."""
    _uploaded(stack)
    execution = stack.machine.executions["alpha-1"].run_until("CompareModels")
    for _ in range(3):
        stack.faults.on("s3.PutObject", "die after")
    execution.run()
    assert execution.error == "Runtime.ExitError"


class _Broken:
    def __getattr__(self, name: str) -> None:
        raise RuntimeError(_BROKEN)


@pytest.mark.parametrize("stack", [SOON], indirect=True)
def test_the_first_look_at_an_iteration_waits_for_what_the_earlier_one_took(stack: Stack) -> None:
    promoted(stack)
    stack.upload(train("more"), labelled(5, per_label=60))
    execution = stack.machine.executions["alpha-2"].run_until("WaitForIteration")
    (earlier,) = iterations(stack)[:1]
    took = (earlier["EndTime"] - earlier["CreationTime"]).total_seconds()

    assert took > 24, "20 s of training, 5 s of evaluation"
    assert execution.output["wait_seconds"] == int(0.8 * took)

    stack.run()
    assert ends(stack) == ["ModelPromoted"] * 2
