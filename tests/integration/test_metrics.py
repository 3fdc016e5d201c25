"""What the functions measure, as CloudWatch would read it from what they print, and what they send to the bus."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from governor.domain import measures
from tests.doubles.data import FLYWHEEL, WORDS, exam, labelled, policy, train
from tests.doubles.people import active, answer, iterations, order, promote_in_console
from tests.doubles.scenes import ends, first_model, holds, promoted
from tests.doubles.stack import Stack
from tests.integration.test_way_of_serving import RIGHT, drop_good, put, smoke


def _second_model(stack: Stack, **changes: object) -> None:
    promoted(stack, **changes)
    stack.upload(train("b"), labelled(2, per_label=80))
    stack.run()


def _kinds(stack: Stack) -> list[str]:
    return [name for name, _ in stack.events]


def test_a_turn_is_counted_once_by_its_outcome_and_told_once(stack: Stack) -> None:
    _second_model(stack)
    stack.sweep()

    metrics = stack.metrics
    assert metrics.values("TurnsEnded", outcome="PROMOTED") == [1, 1]
    assert metrics.values("TurnsEnded", flywheel=FLYWHEEL, outcome="PROMOTED") == [1, 1]
    assert metrics.values("Verdicts", verdict="PASS") == [1, 1]
    assert metrics.values("Promotions") == metrics.values("Promotions", flywheel=FLYWHEEL) == [1, 1]
    assert metrics.values("TurnsFailed") == []
    assert _kinds(stack) == ["Verdict Reached", "Model Promoted"] * 2
    (_, verdict), (_, changed) = stack.events[-2:]
    found = iterations(stack)[-1]
    assert verdict["candidate_metrics"]["f1"] == found["TrainedModelMetrics"]["AverageF1Score"]
    assert verdict["baseline"] == changed["previous"] == iterations(stack)[0]["TrainedModelArn"]
    assert (changed["model"], changed["batch"]) == (active(stack), 2)


def test_what_is_refused_is_counted_wherever_it_is_found(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train("empty"), b"")
    stack.deliver(stack.drop("nowhere.csv", b"x"))

    assert stack.metrics.values("UploadsRefused", flywheel=FLYWHEEL) == [1]
    assert stack.metrics.values("UploadsRefused", flywheel="-") == [1]
    assert stack.metrics.values("UploadsRefused") == [1, 1]
    assert [(name, event["flywheel"], event["files"]) for name, event in stack.events] == [
        ("Upload Refused", FLYWHEEL, 1),
        ("Upload Refused", None, 1),
    ]
    stack.inspect()
    stack.sweep()
    assert stack.metrics.values("UploadsRefused") == [1, 1], "and not again"


def test_a_failure_is_counted_by_whoever_ends_the_turn_and_its_hold_is_a_gauge(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.roles.refused = "ModelStats"
    first_model(stack, labelled(1))
    assert holds(stack) == "Failure"
    assert stack.metrics.values("TurnsFailed") == [1]
    assert stack.metrics.values("TurnsEnded", outcome="IterationFailedError") == [1]
    (turn, held) = stack.events[-2:]
    assert (turn[0], turn[1]["turn"], turn[1]["error"]) == ("Turn Failed", 1, "IterationFailedError")
    assert (held[0], held[1]["reason"]) == ("Flywheel Held", "Failure")
    stack.sweep(look_closely=False)
    assert stack.metrics.values("HeldFlywheels") == [1]


def test_a_dead_turn_that_sweep_frees_is_a_failure(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(2)))
    stack.inspect()
    stack.machine.executions["alpha-1"].run_until("StartIteration").die()
    stack.clock.advance(361)
    stack.sweep(look_closely=False)
    stack.sweep(look_closely=False)
    assert stack.metrics.values("TurnsFailed") == [1]
    assert stack.metrics.values("TurnsEnded", outcome="TurnDied") == [1]


def test_an_analysis_is_counted_once_by_its_outcome(stack: Stack) -> None:
    _drop_documents(stack)
    stack.run()
    assert stack.metrics.values("AnalysesEnded", outcome="NoActiveModelError") == [1]
    assert stack.metrics.values("AnalysesFailed") == [], "it waits, which is no failure"

    promoted(stack, analysis={"quiet_seconds": 0}, backoff_base_seconds=60)
    stack.sweep()
    stack.run()
    assert stack.analysis_machine.start("by-hand", json.dumps({"flywheel": FLYWHEEL}))
    stack.run()
    assert stack.metrics.values("AnalysesEnded", outcome="ANALYSED") == [1]
    assert stack.metrics.values("AnalysesEnded", flywheel=FLYWHEEL, outcome="ANALYSED") == [1]
    assert stack.metrics.values("AnalysesEnded", outcome="NOTHING_TO_DO") == [1]
    assert stack.metrics.values("AnalysesFailed") == []


def test_an_analysis_fails_as_often_as_its_jobs_do_and_when_sweep_frees_a_dead_one(stack: Stack) -> None:
    promoted(stack, analysis={"quiet_seconds": 0}, backoff_base_seconds=60)
    stack.roles.refused = "jobs/"
    _drop_documents(stack)
    for _ in range(3):
        stack.run()
        stack.clock.advance(3600)
        stack.sweep(look_closely=False)
    assert stack.metrics.values("AnalysesFailed") == [1, 1, 1], "the last one refuses the documents, and is one too"
    assert stack.metrics.values("AnalysesEnded", outcome="AnalysisFailedError") == [1, 1, 1]

    stack.roles.refused = None
    _drop_documents(stack, "later")
    next(iter(stack.analysis_machine.running())).run_until("CheckAnalysis").die()
    stack.clock.advance(361)
    stack.sweep(look_closely=False)
    stack.sweep(look_closely=False)
    assert stack.metrics.values("AnalysesEnded", outcome="AnalysisDied") == [1]
    assert stack.metrics.values("AnalysesFailed", flywheel=FLYWHEEL) == [1] * 4


def _drop_documents(stack: Stack, name: str = "monday") -> None:
    text = "".join(f"{' '.join(words)} of {name}\n" for words in WORDS.values())
    stack.deliver(stack.drop(f"{FLYWHEEL}/documents/{name}.txt", text.encode()))
    assert stack.inspect() == []


def test_orders_and_changes_past_the_application_are_counted(stack: Stack) -> None:
    _second_model(stack)
    first, second = (iteration["TrainedModelArn"] for iteration in iterations(stack))
    order(stack, "rollback")
    order(stack, "rollback")
    order(stack, "override", 2, model=second)
    promote_in_console(stack, first)
    stack.sweep()

    assert stack.metrics.values("Rollbacks") == [1]
    assert stack.metrics.values("Overrides") == [1]
    assert stack.metrics.values("OutsideChanges") == [1]
    assert _kinds(stack)[-3:] == ["Model Rolled Back", "Promotion Overridden", "Active Model Changed"]


def test_gauges_tell_what_waits_and_how_long(stack: Stack) -> None:
    _second_model(stack, approval="replacement")
    assert ends(stack)[-1] == "RequestApproval"
    stack.upload(train("c"), labelled(3))
    stack.clock.advance(timedelta(hours=30).total_seconds())
    stack.sweep(look_closely=False)

    metrics = stack.metrics
    assert metrics.values("ApprovalsWaiting") == metrics.values("ApprovalsWaiting", flywheel=FLYWHEEL) == [1]
    assert metrics.values("ApprovalHours") == [pytest.approx(30, abs=0.1)]
    assert metrics.values("TurnHours") == [0], "people's time is not the turn's"
    assert metrics.values("PendingUploads") == [1]
    assert metrics.values("PendingHours") == [pytest.approx(30, abs=0.1)]
    assert metrics.values("DaysSinceModelChanged") == [pytest.approx(30 / 24, abs=0.1)]
    assert metrics.values("DaysSinceModelChanged", flywheel=FLYWHEEL) == []

    answer(stack, "reject")
    stack.run()
    stack.sweep(look_closely=False)
    assert metrics.values("ApprovalsWaiting")[-1] == 0


def test_a_turn_at_work_grows_old_and_a_flywheel_at_rest_costs_no_metric(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(9)))
    stack.inspect()
    stack.machine.executions["alpha-1"].run_until("RegisterDatasets")
    stack.clock.advance(7200)
    stack.sweep(look_closely=False)
    assert stack.metrics.values("TurnHours", flywheel=FLYWHEEL) == [pytest.approx(2, abs=0.1)]

    stack.run()
    stack.metrics.lines.clear()
    stack.sweep(look_closely=False)
    assert stack.metrics.values("TurnHours") == [0]
    assert not [point for point in stack.metrics.points() if "flywheel" in point.names]


def test_an_endpoint_that_no_policy_names_costs_as_much(stack: Stack) -> None:
    """`governor endpoint create --endpoint trial`, say; the alarm is there for what nobody thinks of."""
    promoted(stack, serving={})
    arn = stack.ports.heads.read(FLYWHEEL).flywheel_arn  # type: ignore[union-attr]
    stack.ports.endpoints.create("trial", arn, 3, "a-token")  # type: ignore[arg-type]
    stack.clock.advance(3600)
    stack.sweep()
    assert stack.metrics.values("EndpointUnits", flywheel=FLYWHEEL)[-1] == 4
    assert stack.metrics.values("EndpointDollarsPerDay")[-1] == pytest.approx(4 * 43.2)


def test_the_cost_of_endpoints_is_measured_when_sweep_looks_closely(stack: Stack) -> None:
    smoke(stack, RIGHT)
    put(stack, inference_units=2)
    drop_good(stack, 1)
    stack.clock.advance(3600 * 5)
    stack.sweep(look_closely=False)
    assert stack.metrics.values("EndpointUnits") == []

    stack.sweep()
    assert stack.metrics.values("EndpointUnits", flywheel=FLYWHEEL) == [2]
    assert stack.metrics.values("EndpointDollarsPerDay") == [pytest.approx(2 * 43.2)]
    assert stack.metrics.values("EndpointHours")[0] >= 5


def test_every_measure_is_emitted_by_some_test_here() -> None:
    text = Path(__file__).read_text()
    assert {each.name for each in measures.ALL if f'"{each.name}"' not in text} == set()


def test_neither_mail_nor_event_waits_for_the_other(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.notices.broken = True
    stack.faults.on("events.PutEvents", "busy")
    stack.upload(train("empty"), b"")
    assert (stack.events, stack.notices.mails) == ([], [])

    stack.sweep()
    assert _kinds(stack) == ["Upload Refused"]
    stack.notices.broken = False
    stack.sweep()
    stack.sweep()
    assert _kinds(stack) == ["Upload Refused"], "the event is not sent again because the mail was late"
    assert len(stack.notices.mails) == 1
