"""Must-pass files that cannot be used are told before a training is paid for, and looked at again when they are sat."""

from typing import Any

import pytest

from governor.domain.must_pass import MOST_DOCUMENTS
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.exams import decisions, golden, now_active
from tests.doubles.people import datasets, iterations
from tests.doubles.scenes import ends, first_model, holds, states
from tests.doubles.stack import Stack

KEY = f"{FLYWHEEL}/must-pass/core.csv"
RIGHT = b"queue,visibility redrive receive fifo\n"
TOO_MANY = "".join(f"queue,visibility redrive {number}\n" for number in range(MOST_DOCUMENTS + 1)).encode()


@pytest.mark.parametrize("kind", ["iteration", "golden"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (RIGHT + b"queue,one,column,too,many\n", "Line 2: 5 columns instead of two."),
        (RIGHT + b"billing,an invoice\n", "Line 2: it asks for a label that the flywheel does not have"),
        (RIGHT + b"storage,visibility redrive receive fifo\n", "Line 2: the same text as core.csv:1"),
        (TOO_MANY, "There are more than 1,000 must-pass documents."),
        (b"", "There are no documents."),
    ],
)
def test_a_file_that_cannot_be_used_is_told_before_a_training_is_paid_for(
    stack: Stack, kind: str, content: bytes, said: str
) -> None:
    stack.apply_policy(FLYWHEEL, golden(rules={"kind": kind, "must_pass": ["core.csv"]}))
    stack.drop(KEY, content)
    first_model(stack, labelled(1))

    execution = stack.machine.executions["alpha-1"]
    assert (execution.error, execution.state) == ("ExamUnavailableError", "TurnFailed")
    assert f"{KEY} cannot be used for the exam: {said}" in str(execution.cause)
    assert datasets(stack) == []
    assert holds(stack) == "Failure"
    assert states(stack)[train()] == "PENDING"

    stack.drop(KEY, RIGHT)
    stack.clock.advance(601)
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnFailed", "ModelPromoted"]
    assert len(iterations(stack)) == 1


def test_a_file_that_was_changed_after_planning_is_looked_at_again(stack: Stack) -> None:
    """AtWhichPhase > PrepareExam."""
    stack.apply_policy(FLYWHEEL, golden(rules={"must_pass": ["core.csv"]}))
    stack.drop(KEY, RIGHT)
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(2)))
    assert stack.inspect() == []
    execution = stack.machine.executions["alpha-1"].run_until("PrepareExam")
    stack.drop(KEY, RIGHT + b"billing,an invoice\n")
    stack.run()
    assert (execution.error, execution.state) == ("ExamUnavailableError", "TurnFailed")
    assert "Line 2: it asks for a label that the flywheel does not have" in str(execution.cause)

    stack.drop(KEY, RIGHT)
    stack.clock.advance(601)
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnFailed", "ModelPromoted"]
    assert len(iterations(stack)) == 1


def test_labels_that_an_existing_model_brought_are_known_before_its_first_training(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    first_model(stack, labelled(1))
    rules: dict[str, Any] = {"exam": {"must_pass": ["core.csv"]}}
    stack.apply_policy("beta", policy(flywheel={"active_model_arn": now_active(stack)}, **rules))
    stack.drop("beta/must-pass/core.csv", b"billing,an invoice\n")
    stack.upload("beta/train/more.csv", labelled(3))
    stack.run()
    execution = stack.machine.executions["beta-1"]
    assert execution.error == "ExamUnavailableError"
    assert "beta/must-pass/core.csv cannot be used for the exam: Line 1: it asks for a label" in str(execution.cause)
    assert decisions(stack, "beta") == []
    assert states(stack, "beta") == {"beta/train/more.csv": "PENDING"}
