"""A crash, a lost reply, a busy service at every point of an exam: no model sits it twice, and one verdict stands."""

import os
from collections import Counter
from functools import cache

import pytest

from tests.doubles.data import FLYWHEEL, exam, labelled, train
from tests.doubles.exams import decisions, golden, sat
from tests.doubles.faults import Kind, is_write
from tests.doubles.oracle import Observed, check_everything_is_known, check_no_document_is_registered_twice
from tests.doubles.people import active, iterations
from tests.doubles.scenes import ends, states
from tests.doubles.stack import Stack, deployed

ON_THE_WAY = [
    "CheckDatasets",
    "CheckIteration",
    "PrepareExam",
    "StartExam",
    "CheckExam",
    "CollectAnswers",
    "CompareModels",
]
MUST_PASS = b"queue,visibility redrive receive fifo\nstorage,bucket object lifecycle archive\n"


def _begun(stack: Stack) -> None:
    """Drop what makes a first model, with documents that must be right, and run until the exam is at hand."""
    stack.apply_policy(FLYWHEEL, golden(rules={"must_pass": ["core.csv"]}))
    stack.drop(f"{FLYWHEEL}/must-pass/core.csv", MUST_PASS)
    stack.deliver(stack.drop(train(), labelled(1, per_label=12)), stack.drop(exam(), labelled(2)))
    assert stack.inspect() == []
    stack.machine.executions["alpha-1"].run_until("PrepareExam")
    stack.faults.clear()


def _heal(stack: Stack) -> None:
    for _ in range(2):
        stack.clock.advance(601)
        stack.sweep()
        stack.run()


def _check(stack: Stack) -> None:
    observed = Observed(stack)
    check_no_document_is_registered_twice(observed)
    check_everything_is_known(stack, observed)
    assert states(stack) == {train(): "REGISTERED", exam(): "REGISTERED"}
    (iteration,) = iterations(stack)
    assert active(stack) == iteration["TrainedModelArn"]
    assert set(Counter(job["JobName"] for job in sat(stack)).values()) == {1}
    assert len(sat(stack)) == 2, "one job for the exam, one for what must be right"
    (record,) = decisions(stack)
    assert record.exam.documents == 60
    assert record.exam.must_pass is not None
    assert record.exam.must_pass.failures == 0
    assert sum(cost.kind == "exam" for cost in stack.ports.batches.read(FLYWHEEL, 1).costs) == 2
    told = [row["subject"] for row in stack.rows() if row["sk"].startswith("NOTICE#")]
    assert told.count("[alpha] Batch 1: PASS") == 1
    assert set(told) == set(stack.notices.subjects())


@cache
def _writes() -> list[int]:
    """Return the numbers of all calls from the exam on that may change something."""
    with deployed() as stack:
        _begun(stack)
        stack.run()
        return [number for number, call in enumerate(stack.faults.calls, 1) if is_write(call)]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize(
    ("kind", "with_execution"),
    [("die after", False), ("die after", True), ("lose reply", False), ("busy after", False)],
)
def test_whatever_happens_at_any_write_of_an_exam_each_model_sits_it_once(
    kind: Kind, with_execution: bool, part: int
) -> None:
    """The function is tried again by the machine, or the execution is dead until sweep frees its turn."""
    writes = _writes()
    assert len(writes) > 15
    every = 3 if with_execution or os.environ.get("GOVERNOR_LONG_TESTS") else 9
    for number in writes[part::every]:
        with deployed() as stack:
            _begun(stack)
            stack.faults.at(number, kind)
            stack.faults.with_execution = with_execution
            stack.run()
            where = f"{kind} at call {number}, {stack.faults.calls[number - 1]}"
            if set(ends(stack)) != {"ModelPromoted"}:
                _heal(stack)
            stack.sweep()
            try:
                _check(stack)
            except AssertionError as error:
                raise AssertionError(f"{where}: {error}") from error


@pytest.mark.parametrize("state", ON_THE_WAY)
def test_a_freed_execution_that_goes_on_later_changes_nothing(state: str) -> None:
    with deployed() as stack:
        stack.apply_policy(FLYWHEEL, golden())
        stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(2)))
        assert stack.inspect() == []
        old = stack.machine.executions["alpha-1"].run_until(state)
        old.die()
        stack.clock.advance(361)
        stack.sweep()
        stack.clock.advance(601)
        stack.sweep()
        stack.run()
        before = sorted(map(repr, stack.rows()))
        old.redrive()
        old.run()
        assert old.error == "TurnLostError"
        assert sorted(map(repr, stack.rows())) == before
        assert ends(stack) == ["TurnFailed", "ModelPromoted"]
        assert len(sat(stack)) == 1
