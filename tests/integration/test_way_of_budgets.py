"""What trainings and exams cost, and what happens when the month's budget is spent.

A docstring names the branches of the machine that its test takes.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from comprehend_local import Settings
from governor.domain.budget import FIRST_TRAINING
from governor.domain.pricing import TRAINING_HOUR, job_cost
from governor.usecases.flywheel_status import status_of
from governor.usecases.spending import spent_this_month
from tests.doubles.command_line import command_line
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.exams import decisions, golden, sat
from tests.doubles.people import datasets, iterations
from tests.doubles.scenes import ends, first_model, holds, states
from tests.doubles.stack import ACCOUNT, Stack

HOURS = Settings.instant(account=ACCOUNT, training_seconds=3600, job_seconds=600)
LONG = Settings.instant(account=ACCOUNT, training_seconds=5400, job_seconds=600)
"""Trainings that cost more than a first one is taken to: 4.50 dollars at least."""
UNITS = 180
"""60 documents of three units each."""


def priced(**changes: Any) -> dict[str, Any]:
    """A policy that is patient enough for trainings of an hour."""
    return golden(polling={"min_seconds": 60, "max_seconds": 900}, **changes)


@pytest.mark.parametrize("stack", [HOURS], indirect=True)
def test_the_batch_s_row_the_decision_and_the_mail_say_what_it_cost(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, priced())
    first_model(stack, labelled(1))

    assert ends(stack) == ["ModelPromoted"]
    record = stack.ports.batches.read(FLYWHEEL, 1)
    training, job = record.costs
    assert (training.kind, job.kind) == ("training", "exam")
    assert training.seconds is not None
    assert 3600 <= training.seconds < 4600
    assert training.usd == pytest.approx(training.seconds / 3600 * TRAINING_HOUR)
    assert job.usd == pytest.approx(job_cost(UNITS))
    assert record.exam is not None
    assert record.exam.cost_usd == pytest.approx(job_cost(UNITS))
    (decision,) = decisions(stack)
    assert decision.spent.training_usd == pytest.approx(training.usd)
    assert decision.spent.training_seconds == pytest.approx(training.seconds)
    assert decision.spent.exam_usd == pytest.approx(job_cost(UNITS))
    assert decision.spent.exam_seconds is not None
    assert decision.spent.exam_seconds >= 600
    assert re.search(
        r"Cost, estimated: training 3\.\d\d dollars \(1 hour.*\), exam 0\.09 dollars", stack.notices.mails[0][1]
    )
    told = next(detail for kind, detail in stack.events if kind == "Verdict Reached")
    assert told["cost_usd"] == pytest.approx(training.usd + job.usd)
    status = status_of(stack.ports, FLYWHEEL, stack.clock.now())
    assert status.spent_this_month == pytest.approx(training.usd + job.usd)
    assert status.budget is None


@pytest.mark.parametrize("stack", [HOURS], indirect=True)
def test_a_batch_that_would_cost_more_than_is_left_waits_for_the_next_month(stack: Stack) -> None:
    """AtWhichPhase > EndTurn, HowDidItEnd > WaitingForBudget."""
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=5))
    first_model(stack, labelled(1))
    stack.upload(train("more"), labelled(3))
    stack.run()

    assert ends(stack) == ["ModelPromoted", "WaitingForBudget"]
    assert holds(stack) == "Budget"
    head = stack.ports.heads.read(FLYWHEEL)
    assert head is not None
    assert head.hold is not None
    assert head.hold.until == datetime(2023, 12, 1, tzinfo=UTC)
    assert states(stack)[train("more")] == "PENDING"
    assert len(datasets(stack)) == 1
    subject, body = stack.notices.mails[-1]
    assert subject == "[alpha] Held: Budget"
    spent = status_of(stack.ports, FLYWHEEL, stack.clock.now()).spent_this_month
    assert f"This month {spent:.2f} dollars of the 5.00 dollars are spent" in body
    assert f"would cost about {spent:.2f} dollars" in body

    stack.clock.advance(86_400)
    stack.sweep()
    assert len(stack.machine.executions) == 2, "the hold binds"
    stack.clock.advance((head.hold.until - stack.clock.now()).total_seconds() + 1)
    stack.sweep()
    stack.run()
    assert len(iterations(stack)) == 2
    assert states(stack)[train("more")] == "REGISTERED"
    assert holds(stack) is None


@pytest.mark.parametrize("stack", [HOURS], indirect=True)
def test_the_exam_of_a_first_batch_is_one_model_s(stack: Stack) -> None:
    """There is no active model that could sit it: a budget that pays for one sitting begins the batch."""
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=round(FIRST_TRAINING + 1.5 * job_cost(UNITS), 2)))
    first_model(stack, labelled(1))
    assert ends(stack) == ["ModelPromoted"]
    record = stack.ports.batches.read(FLYWHEEL, 1)
    assert record.likely_exam_usd == pytest.approx(job_cost(UNITS))
    assert record.exam is not None
    assert record.exam.cost_usd == pytest.approx(job_cost(UNITS)), "prepare_exam counts the same"


@pytest.mark.parametrize("stack", [HOURS], indirect=True)
def test_the_status_says_what_the_budget_does_not_pay_for(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=5))
    first_model(stack, labelled(1))
    stack.upload(train("more"), labelled(3))
    stack.run()
    assert holds(stack) == "Budget"
    spent = status_of(stack.ports, FLYWHEEL, stack.clock.now()).spent_this_month
    amounts = (
        f"This month {spent:.2f} dollars of the 5.00 dollars are spent (budget_usd_per_month) "
        f"and the next batch (training and exam) would cost about {spent:.2f} dollars."
    )
    assert amounts in stack.notices.mails[-1][1]
    with command_line(stack, capsys) as run:
        for columns in ("160", "80"):
            monkeypatch.setenv("COLUMNS", columns)
            assert amounts in " ".join(run("status")[1].split()), f"{columns} columns"
        (found,) = json.loads(run("status", "--json")[1])
        assert found["hold"]["because"].startswith(amounts)

        stack.ports.turns.ended(FLYWHEEL, 3, "NOTHING_TO_DO", "", stack.clock.now())
        assert json.loads(run("status", "--json")[1])[0]["hold"]["because"].startswith(amounts), "the hold's turn"
        stack.clock.advance(31 * 86_400)
        assert json.loads(run("status", "--json")[1])[0]["hold"]["because"] is None, "it binds no more"


@pytest.mark.parametrize("stack", [HOURS], indirect=True)
def test_the_status_says_what_the_exam_will_cost_until_it_is_judged(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.apply_policy(FLYWHEEL, priced())
    first_model(stack, labelled(1))
    stack.deliver(stack.drop(train("more"), labelled(3)), stack.drop(exam("fresh"), labelled(4, per_label=5)))
    assert stack.inspect() == []
    turn = stack.machine.executions["alpha-2"]
    with command_line(stack, capsys) as run:
        monkeypatch.setenv("COLUMNS", "80")

        def told() -> tuple[str, Any]:
            (found,) = json.loads(run("status", "--json")[1])
            assert found["next_step"] in " ".join(run("status")[1].split())
            return found["next_step"], (found["batch"] or {}).get("exam_usd")

        assert told() == ("a turn starts within a minute", None)
        turn.run_until("RegisterDatasets")
        both = 2 * job_cost(UNITS + 45)
        cost = f"; estimated cost of the exam: {both:.2f} dollars"
        assert told() == (f"registering the batch's datasets{cost}", pytest.approx(both, abs=0.0001))
        turn.run_until("PrepareExam")
        assert told()[0] == f"models sit the exam, then the candidate is judged{cost}"
        turn.run_until("StartExam")
        assert told() == (
            f"models sit the exam, then the candidate is judged{cost}",
            pytest.approx(both, abs=0.0001),
        )
        turn.run_until("PromoteModel")
        assert told() == ("promoting, or asking people", None)


@pytest.mark.parametrize("stack", [HOURS], indirect=True)
def test_an_exam_that_was_prepared_costs_what_was_found_then(stack: Stack) -> None:
    """Documents that were in an earlier file cost nothing more: the estimate of the plan had counted them."""
    stack.apply_policy(FLYWHEEL, priced())
    first_model(stack, labelled(1))
    rows = labelled(2).splitlines(keepends=True)
    stack.deliver(stack.drop(train("more"), labelled(3)), stack.drop(exam("copy"), b"".join(reversed(rows))))
    assert stack.inspect() == []
    turn = stack.machine.executions["alpha-2"].run_until("PrepareExam")

    def estimated() -> float:
        return status_of(stack.ports, FLYWHEEL, stack.clock.now()).exam_usd

    assert estimated() == pytest.approx(4 * job_cost(UNITS))
    turn.run_until("StartExam")
    assert estimated() == pytest.approx(job_cost(UNITS)), "the candidate alone, and every document once"


@pytest.mark.parametrize("stack", [HOURS], indirect=True)
def test_a_higher_budget_ends_the_hold(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=5))
    first_model(stack, labelled(1))
    stack.upload(train("more"), labelled(3))
    stack.run()
    stack.sweep()
    assert len(stack.machine.executions) == 2
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=50))
    stack.sweep()
    stack.run()
    assert len(iterations(stack)) == 2


@pytest.mark.parametrize("stack", [LONG], indirect=True)
def test_an_exam_that_would_cost_more_than_is_left_waits_with_the_trained_model(stack: Stack) -> None:
    """IsExamNeeded > EndTurn, AtWhichPhase > PrepareExam."""
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=4.55))
    first_model(stack, labelled(1))

    assert ends(stack) == ["WaitingForBudget"]
    assert holds(stack) == "Budget"
    assert "the exam would cost about 0.09 dollars" in stack.notices.mails[-1][1]
    assert sat(stack) == []
    record = stack.ports.batches.read(FLYWHEEL, 1)
    assert record.exam is not None
    assert record.exam.cost_usd == pytest.approx(job_cost(UNITS))

    stack.clock.advance(31 * 86_400)
    stack.sweep()
    stack.run()
    assert ends(stack) == ["WaitingForBudget", "ModelPromoted"]
    assert len(iterations(stack)) == 1
    assert len(sat(stack)) == 1


@pytest.mark.parametrize("stack", [LONG], indirect=True)
def test_a_higher_budget_lets_the_open_batch_s_exam_go_on(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=4.55))
    first_model(stack, labelled(1))
    assert holds(stack) == "Budget"
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=10))
    stack.sweep()
    stack.run()
    assert ends(stack) == ["WaitingForBudget", "ModelPromoted"]


@pytest.mark.parametrize("stack", [HOURS], indirect=True)
def test_the_status_shows_what_is_spent_of_the_budget(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    with command_line(stack, capsys) as run:
        stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=1000))
        assert "0.00 of 1,000.00" in run("status")[1]
        first_model(stack, labelled(1))
        spent = status_of(stack.ports, FLYWHEEL, stack.clock.now()).spent_this_month
        assert f"{spent:.2f} of 1,000.00" in run("status")[1]
        (found,) = json.loads(run("status", "--json")[1])
    assert found["spent_this_month_usd"] == pytest.approx(spent, abs=0.0001)
    assert found["budget_usd_per_month"] == 1000


@pytest.mark.parametrize("stack", [HOURS], indirect=True)
def test_people_are_told_once_a_month(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=1))
    first_model(stack, labelled(1))
    assert ends(stack) == ["WaitingForBudget"]
    for _ in range(3):
        stack.clock.advance(3600)
        stack.start_by_hand({"flywheel": FLYWHEEL}, f"by-hand-{stack.clock.now():%d%H}")
    assert stack.notices.subjects().count("[alpha] Held: Budget") == 1


def test_a_first_training_that_the_budget_cannot_pay_for_is_not_begun(stack: Stack) -> None:
    """AtWhichPhase > EndTurn, HowDidItEnd > WaitingForBudget."""
    stack.apply_policy(FLYWHEEL, policy(budget_usd_per_month=4))
    first_model(stack, labelled(1))
    assert ends(stack) == ["WaitingForBudget"]
    assert datasets(stack) == iterations(stack) == []
    assert set(states(stack).values()) == {"PENDING"}
    told = stack.notices.mails[-1][1]
    assert f"would cost about {FIRST_TRAINING:.2f} dollars. That alone is more than the budget of a month" in told

    stack.apply_policy(FLYWHEEL, policy(budget_usd_per_month=FIRST_TRAINING))
    stack.sweep()
    stack.run()
    assert ends(stack) == ["WaitingForBudget", "ModelPromoted"]


@pytest.mark.parametrize("stack", [HOURS], indirect=True)
def test_trainings_count_without_a_golden_exam_too(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=5, rules={"kind": "iteration"}))
    first_model(stack, labelled(1))
    stack.upload(train("more"), labelled(3))
    stack.run()
    assert ends(stack) == ["ModelPromoted", "WaitingForBudget"]
    assert decisions(stack)[0].spent.exam_usd is None


@pytest.mark.parametrize("stack", [HOURS], indirect=True)
def test_test_data_alone_cost_no_training(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=5))
    first_model(stack, labelled(1))
    stack.upload(exam("fresh"), labelled(4))
    stack.run()
    assert ends(stack) == ["ModelPromoted", "ActiveModelKept"]
    assert decisions(stack)[-1].spent.training_usd is None


@pytest.mark.parametrize("stack", [HOURS], indirect=True)
def test_a_training_that_fails_costs_too(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, priced())
    stack.roles.refused = "ModelStats"
    first_model(stack, labelled(1))
    stack.roles.refused = None
    stack.clock.advance(601)
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnFailed", "ModelPromoted"]
    trainings = [cost for cost in stack.ports.batches.read(FLYWHEEL, 1).costs if cost.kind == "training"]
    assert len(trainings) == 2
    assert decisions(stack)[0].spent.training_usd == pytest.approx(sum(cost.usd for cost in trainings))


@pytest.mark.parametrize("stack", [LONG], indirect=True)
def test_a_job_in_the_place_of_a_failed_one_is_paid_for_by_the_budget_too(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=10))
    stack.roles.refused = "jobs/"
    first_model(stack, labelled(1))
    assert (holds(stack), len(sat(stack))) == ("Failure", 1)
    stack.roles.refused = None

    spent = spent_this_month(stack.ports, FLYWHEEL)
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=spent + 0.01))
    stack.clock.advance(601)
    stack.sweep()
    stack.run()

    assert ends(stack) == ["TurnFailed", "WaitingForBudget"]
    assert (holds(stack), len(sat(stack))) == ("Budget", 1)
    assert spent_this_month(stack.ports, FLYWHEEL) == spent


@pytest.mark.parametrize("stack", [LONG], indirect=True)
def test_a_training_in_the_place_of_a_failed_one_is_paid_for_by_the_budget_too(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=8))
    stack.roles.refused = "ModelStats"
    first_model(stack, labelled(1))
    assert (ends(stack), len(iterations(stack))) == (["TurnFailed"], 1)
    stack.roles.refused = None
    spent = spent_this_month(stack.ports, FLYWHEEL)
    assert 0 < spent < 1, "it failed early; a whole one costs more"
    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=FIRST_TRAINING + spent - 0.01))
    stack.clock.advance(601)
    stack.sweep()
    stack.run()

    assert (ends(stack), len(iterations(stack))) == (["TurnFailed", "WaitingForBudget"], 1)
    assert holds(stack) == "Budget"
    assert "in the place of the one that failed" in stack.notices.mails[-1][1]

    stack.apply_policy(FLYWHEEL, priced(budget_usd_per_month=20))
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnFailed", "WaitingForBudget", "ModelPromoted"]
