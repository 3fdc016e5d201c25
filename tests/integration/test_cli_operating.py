"""What an operator does from the command line, over the functions' own handlers: status, orders, answers."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

import governor_cli.stack_option
from governor.domain.errors import AccessRefusedError, GovernorError
from governor_cli.complaint import Complaint
from governor_cli.main import main
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.exams import golden
from tests.doubles.people import ADA, active, iterations
from tests.doubles.scenes import ends, first_model, holds, promoted
from tests.doubles.stack import Stack

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    class Deployed:
        """A found stack, whose functions are those of the test."""

        ports, caller, outputs = stack.ports, ADA, {"InboxBucketName": "inbox"}

        def __init__(self, target: Any) -> None:
            self.target = target

        def sweep(self) -> bool:
            stack.sweep()
            return True

        def invoke(self, output: str, payload: dict[str, Any]) -> Any:
            assert output == "PromoteModelFunctionName"
            try:
                return stack.call("promote_model", json.loads(json.dumps(payload)))
            except GovernorError as error:
                raise Complaint(str(error)) from error

    monkeypatch.setattr(governor_cli.stack_option, "DeployedStack", Deployed)
    monkeypatch.setattr("governor_cli.stack_option.running", list)
    monkeypatch.setenv("COLUMNS", "160")

    def _run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return _run


def _two_models(stack: Stack) -> list[str]:
    promoted(stack)
    stack.upload(train("b"), labelled(2, per_label=80))
    stack.run()
    assert ends(stack) == ["ModelPromoted"] * 2
    return [iteration["TrainedModelArn"] for iteration in iterations(stack)]


# ---- status --------------------------------------------------------------------------------------------------------


def _status(run: Run) -> dict[str, Any]:
    code, out, err = run("status", "--json")
    assert (code, err) == (0, "")
    (found,) = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_status_follows_a_flywheel_through_its_life(stack: Stack, run: Run) -> None:
    assert "There are no flywheels yet" in run("status")[1]
    stack.apply_policy(FLYWHEEL, policy())
    found = _status(run)
    assert (found["flywheel"], found["policy_version"], found["active_model"]) == (FLYWHEEL, 1, None)
    assert found["next_step"] == "waits for uploads"
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(9)))
    assert _status(run)["next_step"] == "inspecting uploads"
    assert stack.inspect() == []
    assert _status(run)["uploads"] == {"admitted": 0, "pending": 2}

    stack.machine.executions["alpha-1"].run_until("RegisterDatasets")
    found = _status(run)
    assert found["batch"] == {"id": 1, "phase": "PLANNED", "exam_usd": None}
    assert found["turn"]["state"] == "RUNNING"
    assert found["next_step"] == "registering the batch's datasets"

    stack.run()
    stack.upload(train("b"), labelled(2, per_label=80))
    stack.run()
    found = _status(run)
    assert found["active_model"] == active(stack)
    assert found["f1"] == iterations(stack)[-1]["TrainedModelMetrics"]["AverageF1Score"]
    assert found["last_batch"]["outcome"] == "PROMOTED"
    assert found["next_step"] == "waits for uploads"


def test_status_says_what_ends_a_hold_and_whom_it_waits_for(stack: Stack, run: Run) -> None:
    promoted(stack, approval="replacement")
    stack.upload(train("b"), labelled(2, per_label=80))
    stack.run()
    found = _status(run)
    assert found["asked_until"] is not None
    assert "people are asked about batch 2 until" in found["next_step"]

    assert run("reject", FLYWHEEL, "--because", "wrong labels")[0] == 0
    stack.sweep()
    stack.run()
    found = _status(run)
    assert found["hold"]["reason"] == "Rejected" == holds(stack)
    assert found["next_step"] == "held: a person decides: `governor resume alpha`"


@pytest.mark.parametrize("columns", ["80", "160"])
def test_status_says_in_a_line_why_the_last_turn_failed(
    stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    stack.apply_policy(FLYWHEEL, golden(rules={"must_pass": ["vital.csv"]}))
    first_model(stack, labelled(1))
    stack.clock.advance(3600)
    stack.sweep()
    stack.run()
    monkeypatch.setenv("COLUMNS", columns)

    (line,) = (line for line in run("status")[1].splitlines() if "in a row" in line)

    assert "turn 2 failed, 2 in a row: alpha/must-pass/vital.csv is not" in line
    assert len(line) <= int(columns)
    assert line.endswith("…")
    failure = _status(run)["failure"]
    assert (failure["turn"], failure["in_a_row"], failure["error"]) == (2, 2, "ExamUnavailableError")
    assert failure["cause"].endswith("Drop it there, or take it out of the policy.")

    stack.drop("alpha/must-pass/vital.csv", b"storage,bucket object versions lifecycle archive\n")
    assert run("resume", FLYWHEEL)[0] == 0
    stack.run()
    assert _status(run)["failure"] is None
    assert "in a row" not in run("status")[1]


@pytest.mark.parametrize("columns", ["60", "160"])
def test_the_picture_of_the_status_fits_the_terminal(
    stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    _two_models(stack)
    monkeypatch.setenv("COLUMNS", columns)

    _, out, _ = run("status")

    assert all(len(line) <= int(columns) for line in out.splitlines())
    assert "alpha" in out
    assert "waits for uploads" in out
    assert f"{iterations(stack)[-1]['TrainedModelMetrics']['AverageF1Score']:.4f}" in out


def test_status_of_a_name_that_nobody_knows(stack: Stack, run: Run) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    code, _, err = run("status", "alhpa")
    assert code == 1
    assert "There are: alpha." in err
    assert run("status", "--watch", "--json")[0] == 2


# ---- orders --------------------------------------------------------------------------------------------------------


def test_to_wait_is_also_to_wait_for_what_was_dropped_and_not_recorded_yet(
    stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    promoted(stack)
    event = stack.drop(train("b"), labelled(2, per_label=80))
    steps = [lambda: stack.deliver(event), stack.inspect, stack.run]

    def pause(_: float) -> None:
        steps.pop(0)()

    monkeypatch.setattr("governor_cli.commands.watching.pause", pause)
    code, out, _ = run("status", FLYWHEEL, "--wait")

    assert (code, steps) == (0, [])
    assert "2 PASS promoted" in out

    stack.drop(train("late"), labelled(3))
    stack.drop(f"{FLYWHEEL}/smoke/basic.csv", b"a,b\n")
    # Moto dates objects by the true time.
    dropped = max(version.modified for version in stack.ports.inbox.all_versions(FLYWHEEL))
    later = (dropped - stack.clock.now()).total_seconds() + 901
    monkeypatch.setattr("governor_cli.commands.watching.pause", lambda _: stack.clock.advance(later))
    assert run("status", "--wait")[0] == 0, "what no event announces is sweep's, and nobody waits for it"


def test_who_may_not_list_the_inbox_waits_for_what_the_ledger_has(
    stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: str) -> Any:
        raise AccessRefusedError("ListObjectVersions answered AccessDenied.")

    promoted(stack)
    monkeypatch.setattr(stack.ports.inbox, "all_versions", refused)
    assert run("status", "--wait")[0] == 0


def test_rollback_from_the_command_line(stack: Stack, run: Run) -> None:
    first, second = _two_models(stack)

    code, out, err = run("rollback", FLYWHEEL, "--because", "it misreads returns")

    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"The active model of flywheel alpha is now {first}.",
        f"Before: {second}.",
        "Automatic promotion is off. When all is well again: governor resume alpha",
    ]
    assert active(stack) == first
    shown = run("active", FLYWHEEL)[1]
    assert f"by {ADA}: it misreads returns" in shown
    assert "automatic promotion is off" in shown
    assert _status(run)["frozen"] is True
    code, _, err = run("rollback", FLYWHEEL, "--because", "again")
    assert code == 1
    assert "no earlier model" in err


def test_promote_takes_the_end_of_a_version_and_is_an_override(stack: Stack, run: Run) -> None:
    first, second = _two_models(stack)

    assert run("promote", FLYWHEEL, first[-8:], "--because", "legal wants it")[0] == 0

    assert active(stack) == first
    assert "nothing was changed" in run("promote", FLYWHEEL, first, "--because", "x")[1].lower()
    code, _, err = run("promote", FLYWHEEL, "nothing-such", "--because", "x")
    assert code == 1
    assert second in err
    assert run("promote", FLYWHEEL, second)[0] == 2, "a reason is needed"


def test_active_at_a_time(stack: Stack, run: Run) -> None:
    first, second = _two_models(stack)
    changes = stack.ports.serving.history(FLYWHEEL)
    between = changes[0].at.isoformat()

    assert json.loads(run("active", FLYWHEEL, "--at", between, "--json")[1])["model"] == first
    assert json.loads(run("active", FLYWHEEL, "--json")[1])["model"] == second
    assert "had no active model then" in run("active", FLYWHEEL, "--at", "1999-01-01")[1]
    assert run("active", FLYWHEEL, "--at", "yesterday")[0] == 2
    assert "look for a slip in the name" in run("active", "beta")[2]


def test_all_four_scores_of_both_models_can_be_read(stack: Stack, run: Run) -> None:
    """In the verdict's notice, and of the active model from the command line."""
    first, _ = _two_models(stack)
    scores = r"F1 [01]\.\d{4}, precision [01]\.\d{4}, recall [01]\.\d{4}, accuracy [01]\.\d{4}"

    assert re.search(rf"^  {scores} on the exam that it sat last$", run("active", FLYWHEEL)[1], re.MULTILINE)
    found = json.loads(run("active", FLYWHEEL, "--json")[1])
    assert all(0 < found[name] <= 1 for name in ("f1", "precision", "recall", "accuracy"))
    earlier, later = (body for subject, body in stack.notices.mails if subject.endswith("PASS"))
    assert re.search(rf"^Candidate's scores: {scores}\.$", earlier, re.MULTILINE)
    assert "Active model's scores" not in earlier
    assert re.search(rf"^Candidate's scores: {scores}\.\nActive model's scores: {scores}\.$", later, re.MULTILINE)
    assert f"Active model: {first}" in later


@pytest.mark.parametrize("command", [("rollback",), ("promote", "v1"), ("approve",), ("reject",)])
@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_reason_that_says_nothing_is_none(run: Run, command: tuple[str, ...], reason: str) -> None:
    word, *rest = command
    code, _, err = run(word, FLYWHEEL, *rest, "--because", reason)
    assert code == 2
    assert "a reason has 1 to 1,000 signs" in err


# ---- answers -------------------------------------------------------------------------------------------------------


def test_approve_under_one_s_own_name(stack: Stack, run: Run) -> None:
    promoted(stack, approval="replacement")
    first = active(stack)
    stack.upload(train("b"), labelled(2, per_label=80))
    stack.run()

    code, out, _ = run("approve", FLYWHEEL, "2", "--because", "I read the flips")

    assert code == 0
    assert "batch 2 of flywheel alpha" in out
    assert active(stack) == first
    stack.sweep()
    stack.run()
    assert active(stack) != first
    change = stack.ports.serving.last_change(FLYWHEEL)
    assert change is not None
    assert change.who == f"{ADA} (IAM identity)"


def test_answers_that_come_too_late_or_to_no_question(stack: Stack, run: Run) -> None:
    assert "Look for a slip in the name" in run("approve", FLYWHEEL, "--because", "x")[2]
    promoted(stack, approval="replacement")
    stack.upload(train("b"), labelled(2, per_label=80))
    assert "no batch in work" in run("approve", FLYWHEEL, "--because", "x")[2]
    stack.run()
    assert "is at batch 2, not 7" in run("approve", FLYWHEEL, "7", "--because", "x")[2]
    assert "is at batch 2, not 1" in run("reject", FLYWHEEL, "1", "--because", "x")[2]
    assert run("approve", FLYWHEEL, "two", "--because", "x")[0] == 2
    assert run("reject", FLYWHEEL, "--because", "no")[0] == 0
    code, _, err = run("approve", FLYWHEEL, "--because", "yes")
    assert code == 1
    assert f"is REJECTED by now: {ADA} (IAM identity), no" in err
