"""`governor analyse` over the functions' own handlers."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import governor_cli.commands.analysing
from comprehend_local import Settings
from tests.doubles.command_line import Run, command_line
from tests.doubles.data import FLYWHEEL, WORDS, policy
from tests.doubles.scenes import promoted
from tests.doubles.stack import ACCOUNT, Stack

TEXT = "\n".join(" ".join(words) for words in WORDS.values())
QUIET = {"quiet_seconds": 0}


@pytest.fixture
def run(stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """While the command pauses, the cloud works; it gives up when the cloud is not getting on."""
    monkeypatch.setattr(governor_cli.commands.analysing, "pause", _cloud(stack))
    with command_line(stack, capsys) as command:
        yield command


def _cloud(stack: Stack) -> Callable[[float], None]:
    rounds = iter(range(20))

    def work(seconds: float) -> None:
        next(rounds)
        stack.clock.advance(seconds)
        stack.sweep()
        assert stack.inspect() == []
        for execution in stack.analysis_machine.running():
            for _ in range(5):
                execution.step()

    return work


def _file(folder: Path, name: str = "monday.txt", text: str = TEXT) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


@pytest.mark.parametrize("stack", [Settings.instant(account=ACCOUNT, job_seconds=10)], indirect=True)
def test_answers_are_fetched_and_summed_up(stack: Stack, run: Run, tmp_path: Path) -> None:
    promoted(stack, analysis=QUIET)
    results = tmp_path / "results"

    code, out, err = run("analyse", FLYWHEEL, _file(tmp_path), _file(tmp_path, "b.txt"), "--to", str(results))

    assert (code, err.splitlines()[0], err.splitlines()[-1]) == (0, "uploaded, waiting to be recorded", "answered")
    assert "the job runs in Comprehend" in err
    rows = list(csv.DictReader((results / "predictions.csv").read_text().splitlines()))
    assert [row["label"] for row in rows] == list(WORDS) * 2
    assert len((results / "predictions.jsonl").read_text().splitlines()) == 6
    assert all(label in out for label in WORDS)
    assert "33.3%" in out
    assert "6 documents, answered by arn:aws:comprehend:" in out
    assert "Low confidence (below 0.5)" in out
    assert f"Results: {results}" in out


def test_a_terminal_gets_a_bar(stack: Stack, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    promoted(stack, analysis=QUIET)

    code, _, err = run("analyse", FLYWHEEL, _file(tmp_path), "--to", str(tmp_path / "results"))

    assert code == 0
    assert "\u2501" in err
    assert "answered" in err


def test_json_has_the_summary_and_what_was_refused(stack: Stack, run: Run, tmp_path: Path) -> None:
    promoted(stack, analysis=QUIET)
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\xff")

    code, out, err = run(
        "analyse", FLYWHEEL, _file(tmp_path), str(bad), "--per-file", "--json", "--to", str(tmp_path / "results")
    )

    assert code == 1
    found = json.loads(out)
    assert [each["documents"] for each in found["results"]] == [1]
    assert found["refused"] == [{"file": str(bad), "reason": "The file is not UTF-8 text. Save it as UTF-8."}]
    assert "bad.txt was not answered" in err
    assert "1 of 2 answered" in err.splitlines()
    (row,) = csv.DictReader((tmp_path / "results" / "predictions.csv").read_text().splitlines())
    assert row["line"] == ""


def test_files_that_were_refused_are_not_said_to_be_answered(stack: Stack, run: Run, tmp_path: Path) -> None:
    promoted(stack, analysis=QUIET)
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"caf\xe9\n")

    code, out, err = run("analyse", FLYWHEEL, str(bad), "--to", str(tmp_path / "results"))

    assert (code, out) == (1, "")
    assert err.splitlines()[-2] == "not answered"
    assert "answered" not in err.splitlines()


def test_without_an_active_model_it_says_what_is_missing_and_so_does_the_status(
    stack: Stack, run: Run, tmp_path: Path
) -> None:
    stack.apply_policy(FLYWHEEL, policy(analysis=QUIET))

    code, out, err = run("analyse", FLYWHEEL, _file(tmp_path))

    assert (code, out) == (1, "")
    assert "no active model yet" in err
    (found,) = json.loads(run("status", "--json")[1])
    assert found["documents"] == {"waiting": 1, "at_work": False, "hold": "NoActiveModel"}
    assert found["uploads"] == {"admitted": 0, "pending": 0}
    assert "1 of documents (NoActiveModel)" in " ".join(run("status")[1].split())


def test_what_makes_no_sense_is_said_before_anything_is_uploaded(stack: Stack, run: Run, tmp_path: Path) -> None:
    assert "Nothing is known of a flywheel named nobody" in run("analyse", "nobody", _file(tmp_path))[2]
    stack.apply_policy(FLYWHEEL, policy())
    assert "documents are .txt files" in run("analyse", FLYWHEEL, _file(tmp_path, "a.csv"))[2]
    (tmp_path / "other").mkdir()
    other = _file(tmp_path / "other")
    assert "Two files are named monday.txt" in run("analyse", FLYWHEEL, _file(tmp_path), other)[2]
    assert run("analyse", FLYWHEEL, str(tmp_path / "none.txt"))[0] == 2
    assert "Contents" not in stack.s3.list_objects_v2(Bucket="inbox")
