"""`governor history`, `explain` and `backtest`, over the functions' own handlers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from governor.domain.moments import to_text
from tests.doubles.command_line import Run, command_line
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.people import ADA, active, iterations
from tests.doubles.scenes import promoted
from tests.doubles.stack import Stack

FLOOR = {"metric": "f1", "at_least": 0.3, "confidence": 0.5}
GAIN = {"metric": "f1", "gain_at_least": 0.05, "confidence": 0.5}


@pytest.fixture
def run(stack: Stack, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    with command_line(stack, capsys) as command:
        yield command


def _batch(stack: Stack, name: str, content: bytes) -> None:
    stack.clock.advance(24 * 3600)
    stack.upload(train(name), content)
    stack.run()


def _story(stack: Stack, run: Run) -> list[str]:
    """A first model, one that people reject, one that is worse, one that passes."""
    promoted(stack, gates=[FLOOR], approval="replacement")
    _batch(stack, "b", labelled(2, per_label=60))
    assert run("reject", FLYWHEEL, "--because", "wrong labels")[0] == 0
    stack.run()
    assert run("resume", FLYWHEEL)[0] == 0
    stack.apply_policy(FLYWHEEL, policy(gates=[FLOOR, GAIN], on_regression="continue"))
    _batch(stack, "slipped", labelled(3, per_label=600, wrong=True))
    stack.apply_policy(FLYWHEEL, policy(gates=[FLOOR]))
    _batch(stack, "d", labelled(4, per_label=1500))
    return [iteration["TrainedModelArn"] for iteration in iterations(stack)]


def _policy_file(folder: Path, name: str = FLYWHEEL, **changes: Any) -> str:
    file = folder / "new.yaml"
    file.write_text(json.dumps({"name": name} | policy(**changes)))
    return str(file)


# ---- history ---------------------------------------------------------------------------------------------------------


def test_every_batch_is_a_line(stack: Stack, run: Run) -> None:
    models = _story(stack, run)

    code, out, err = run("history", FLYWHEEL, "--json")

    assert (code, err) == (0, "")
    told = json.loads(out)
    assert [(each["batch"], each["verdict"], each["outcome"]) for each in told] == [
        (1, "PASS", "promoted"),
        (2, "PASS", "rejected"),
        (3, "FAIL", "kept"),
        (4, "PASS", "promoted"),
    ]
    assert [each["active_model"] for each in told] == [models[0], models[0], models[0], models[3]]
    assert told[3]["active_model"] == active(stack)
    assert [each["candidate"] for each in told] == models
    assert [each["by"] for each in told] == [
        "Flywheel Governor", f"{ADA} (IAM identity)", "Flywheel Governor", "Flywheel Governor"
    ]  # fmt: skip
    assert told[1]["why"] == "wrong labels"
    assert ": missed, a regression: 0." in told[2]["line"], "the line of the gate that was missed"
    assert told[0]["uploads"] == {"train": 1, "test": 1}
    assert [each["policy_version"] for each in told] == [1, 1, 2, 3]


def test_the_table_has_the_last_batches_and_says_how_many_more_there_are(stack: Stack, run: Run) -> None:
    _story(stack, run)

    code, out, err = run("history", FLYWHEEL, "--limit", "2")

    assert code == 0
    assert err == "2 earlier batches are not shown: --limit 0 shows all.\n"
    assert "not promoted" in out
    assert "rejected" not in out
    assert "rejected" in run("history", FLYWHEEL)[1]
    assert len(json.loads(run("history", FLYWHEEL, "--limit", "1", "--json")[1])) == 1


def test_a_narrow_terminal_gets_a_line_a_fact(stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    promoted(stack, gates=[FLOOR])
    monkeypatch.setenv("COLUMNS", "70")

    out = run("history", FLYWHEEL)[1]

    assert "batch 1\n" in out
    assert max(map(len, out.splitlines())) <= 70


def test_what_is_not_over_is_told_as_it_is(stack: Stack, run: Run) -> None:
    promoted(stack, gates=[FLOOR], approval="replacement")
    _batch(stack, "b", labelled(2, per_label=60))
    assert json.loads(run("history", FLYWHEEL, "--json")[1])[-1]["outcome"] == "asked"

    stack.clock.advance(73 * 3600)
    stack.sweep()
    stack.run()
    assert json.loads(run("history", FLYWHEEL, "--json")[1])[-1]["outcome"] == "expired"


def test_only_test_data_are_a_batch_too(stack: Stack, run: Run) -> None:
    promoted(stack, gates=[FLOOR])
    stack.upload(exam("u"), labelled(9))
    stack.run()

    last = json.loads(run("history", FLYWHEEL, "--json")[1])[-1]

    assert (last["verdict"], last["outcome"], last["candidate"]) == ("NO_CHANGE", "no new model", None)


def test_a_flywheel_without_batches_and_a_name_that_nobody_knows(stack: Stack, run: Run, tmp_path: Path) -> None:
    file = _policy_file(tmp_path)
    for command in (["history", "alhpa"], ["explain", "alhpa", "1"], ["backtest", "alhpa", "--policy", file]):
        code, _, err = run(*command)
        assert code == 1
        assert "Nothing is known of a flywheel named alhpa" in err
    stack.apply_policy(FLYWHEEL, policy())
    assert run("history", FLYWHEEL)[1] == "There has been no batch yet.\n"
    assert run("backtest", FLYWHEEL, "--policy", file)[1] == "No decision is on record yet.\n"
    assert "has no batch 1: it has none yet" in run("explain", FLYWHEEL, "1")[2]


# ---- explain ---------------------------------------------------------------------------------------------------------


def test_a_batch_is_explained_with_all_that_is_known(stack: Stack, run: Run) -> None:
    models = _story(stack, run)

    code, out, err = run("explain", FLYWHEEL, "3", "--json")

    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["verdict"], told["outcome"], told["regression"]) == ("FAIL", "kept", True)
    assert (told["candidate"], told["baseline"]) == (models[2], models[0])
    assert [gate["word"] for gate in told["gates"]] == ["missed", "missed"]
    assert told["gates"][1]["asks"] == "F1: a gain of at least 0.0500, as the numbers stand"
    assert "F1: a gain of at least 0.0500, as the numbers stand: 0." in " ".join(told["what_would_have_changed_it"])
    assert told["policy"]["version"] == 2
    assert told["policy"]["author"] == "test"
    assert told["record"]["fault"] is None
    assert told["active_model"] == models[0]
    assert told["verified"] is None


def test_the_same_for_people(stack: Stack, run: Run) -> None:
    _story(stack, run)

    code, out, _ = run("explain", FLYWHEEL, "2")

    assert code == 0
    assert out.startswith("Batch 2 of alpha: PASS, rejected by a person\n")
    for words in (
        "under policy version 1; test wrote it at",
        "train/b.csv" if "train/b.csv" in out else "180 TRAIN documents in 1 file",
        "F1: at least 0.3000, as the numbers stand",
        f"REJECTED by {ADA} (IAM identity)",
        ": wrong labels",
        "to spare",
        "A yes of the people who were asked.",
        "s3://records/decisions/alpha/",
    ):
        assert words in out


def test_a_decision_is_verified_from_its_record(stack: Stack, run: Run) -> None:
    _story(stack, run)

    code, out, _ = run("explain", FLYWHEEL, "3", "--verify")

    assert code == 0
    assert "yes: Judged again from the record, the verdict is FAIL, every number alike." in " ".join(out.split())
    told = json.loads(run("explain", FLYWHEEL, "3", "--verify", "--json")[1])
    assert [(check["name"], check["holds"]) for check in told["verified"]] == [
        ("record", True), ("manifest", True), ("row", True), ("verdict", True)
    ]  # fmt: skip


def test_a_record_that_was_changed_is_no_explanation(stack: Stack, run: Run) -> None:
    promoted(stack, gates=[FLOOR])
    ((_, (row,)),) = stack.ports.batches.history(FLYWHEEL)
    key = row.decision_uri.removeprefix("s3://records/")
    stack.s3.put_object(Bucket="records", Key=key, Body=b"{}")

    code, out, _ = run("explain", FLYWHEEL, "1", "--verify")

    assert code == 1
    assert "is not what was written: its sha256 is not the one in the ledger" in " ".join(out.split())
    assert "PASS, promoted" in out, "what the ledger itself has is shown"


def test_batches_that_there_are_not(stack: Stack, run: Run) -> None:
    promoted(stack, gates=[FLOOR])

    code, _, err = run("explain", FLYWHEEL, "7")

    assert code == 1
    assert err == "governor: Flywheel alpha has no batch 7: it has batch 1 alone.\n"


# ---- backtest --------------------------------------------------------------------------------------------------------


def test_another_policy_says_which_decisions_differ(stack: Stack, run: Run, tmp_path: Path) -> None:
    _story(stack, run)
    before = sorted(str(sorted(row.items(), key=str)) for row in stack.rows())

    code, out, err = run(
        "backtest", FLYWHEEL, "--policy", _policy_file(tmp_path, gates=[FLOOR], approval="never"), "--json"
    )

    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["judged"], told["differing"]) == (4, 2)
    assert [each["differs"] for each in told["decisions"]] == [False, True, True, False]
    second, third = told["decisions"][1:3]
    assert (second["then"]["action"], second["now"]["action"]) == ("ASK", "PROMOTE")
    assert (third["then"]["verdict"], third["now"]["verdict"]) == ("FAIL", "FAIL")
    assert (third["then"]["hold"], third["now"]["hold"]) == (None, "Regression")
    assert sorted(str(sorted(row.items(), key=str)) for row in stack.rows()) == before, "nothing is written"


def test_the_table_and_the_exit_code(stack: Stack, run: Run, tmp_path: Path) -> None:
    _story(stack, run)
    stricter = _policy_file(tmp_path, gates=[{"metric": "f1", "at_least": 0.999, "confidence": 0.5}])

    code, out, _ = run("backtest", FLYWHEEL, "--policy", stricter)

    assert code == 0
    assert "of 4 decisions would differ. Candidates: promoted" in out
    assert "under the floor of 0.9990" in " ".join(out.split())
    assert run("backtest", FLYWHEEL, "--policy", stricter, "--exit-code")[0] == 3
    assert "│ the same" in out
    assert "│ the same" not in run("backtest", FLYWHEEL, "--policy", stricter, "--only-differing")[1]


@pytest.mark.parametrize("columns", [60, 80, 100, 160])
def test_no_verdict_is_cut_off_on_any_terminal(
    stack: Stack, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    promoted(stack, gates=[FLOOR])
    unsure = _policy_file(tmp_path, gates=[FLOOR | {"min_support": 100_000}])
    monkeypatch.setenv("COLUMNS", str(columns))

    shown, _, said = run("backtest", FLYWHEEL, "--policy", unsure)[1].partition("1 of 1 decision would differ")

    assert said
    assert max(map(len, shown.splitlines())) <= columns
    assert "INCONCLUSIVE, not promoted" in shown
    assert ("batch 1\n" in shown) == (columns <= 100), "where columns have no room, a line a fact"


def test_averages_are_told_as_averages(stack: Stack, run: Run, tmp_path: Path) -> None:
    promoted(stack, gates=[FLOOR])
    golden = _policy_file(tmp_path, gates=[FLOOR], exam={"kind": "golden"})

    out = run("backtest", FLYWHEEL, "--policy", golden)[1]

    assert "1 of them was judged by Comprehend's averages" in " ".join(out.split())


def test_defaults_are_merged_with_the_flywheels_own(stack: Stack, run: Run, tmp_path: Path) -> None:
    promoted(stack, gates=[FLOOR])
    file = tmp_path / "defaults.yaml"
    file.write_text("name: '*'\nregression_margin: 0.5\n")

    code, out, _ = run("backtest", FLYWHEEL, "--policy", str(file), "--json")

    assert code == 0
    assert json.loads(out)["policy"] == "*"
    assert json.loads(out)["differing"] == 0


def test_a_policy_of_another_flywheel_is_tried_and_said(stack: Stack, run: Run, tmp_path: Path) -> None:
    promoted(stack, gates=[FLOOR])

    code, _, err = run("backtest", FLYWHEEL, "--policy", _policy_file(tmp_path, "beta"))

    assert code == 0
    assert "the file is for flywheel beta; it is tried on the exams of alpha" in err


def test_all_faults_of_the_file_are_told(stack: Stack, run: Run, tmp_path: Path) -> None:
    promoted(stack, gates=[FLOOR])
    wrong = _policy_file(tmp_path, gates=[{"metric": "f2", "at_least": 2}])

    code, _, err = run("backtest", FLYWHEEL, "--policy", wrong)

    assert code == 1
    assert "gates.0.metric" in err
    assert "gates.0.at_least" in err


def test_what_cannot_be_read_hides_nothing_else(stack: Stack, run: Run, tmp_path: Path) -> None:
    _story(stack, run)
    (_, (row,)) = stack.ports.batches.history(FLYWHEEL)[1]
    stack.s3.delete_object(Bucket="records", Key=row.decision_uri.removeprefix("s3://records/"))

    code, out, err = run("backtest", FLYWHEEL, "--policy", _policy_file(tmp_path, gates=[FLOOR]), "--json")

    assert code == 1
    assert err.startswith("governor: batch 2 could not be judged: ")
    told = json.loads(out)
    assert told["judged"] == 3
    assert [each["batch"] for each in told["unread"]] == [2]
    assert told["unread"][0]["reached_at"] == to_text(row.reached_at)
