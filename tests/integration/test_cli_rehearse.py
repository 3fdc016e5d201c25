"""`governor rehearse`, over the functions' own handlers: a drop a batch, people played, holds ended, nothing kept."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import governor.usecases.flywheel_status
import governor_cli.commands.rehearsing
import governor_cli.rehearsal.place
import governor_cli.rehearsal.play
from governor.domain.errors import UnexpectedReplyError
from governor.usecases.flywheel_status import rests, status_of
from governor_cli.doctor.flywheels import Limits, examine_flywheels
from governor_cli.rehearsal.place import Place
from tests.doubles.command_line import OUTPUTS, Run, command_line
from tests.doubles.data import FLYWHEEL, labelled, policy, train
from tests.doubles.people import ADA
from tests.doubles.scenes import holds
from tests.doubles.stack import ACCOUNT, MACHINE_ARN, Stack

MODEL = "arn:aws:comprehend:us-east-1:123456789012:document-classifier/a"
FLOOR = {"metric": "f1", "at_least": 0.3}


@dataclass
class Local:
    """The local stack: what is due is done whenever somebody looks."""

    stack: Stack
    caller = ADA
    outputs = OUTPUTS | {"FlywheelMachineArn": MACHINE_ARN}

    @property
    def ports(self) -> Any:
        return self.stack.ports

    def sweep(self) -> bool:
        self.stack.sweep()
        self.stack.run()
        return True

    def client(self, service: str) -> Any:
        assert service == "stepfunctions"
        return self

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803 - as boto3 calls it
        execution = self.stack.machine.executions[executionArn.rpartition(":")[2]]
        return {"status": execution.status, "error": execution.error, "cause": execution.cause}

    def go_on(self, seconds: float) -> None:
        """Let time pass: events arrive, uploads are inspected, executions run."""
        self.stack.clock.advance(1 + seconds)
        for version in self.ports.inbox.all_versions(None):
            detail = {
                "bucket": {"name": "inbox"},
                "object": {"key": version.key, "size": version.size, "version-id": version.version},
            }
            self.stack.deliver(
                {"source": "aws.s3", "account": ACCOUNT, "detail-type": "Object Created", "detail": detail}
            )
        self.stack.inspect()
        self.stack.run()


@pytest.fixture
def run(stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    local = Local(stack)

    @contextmanager
    def place(_: Any) -> Iterator[Place]:
        yield Place(local, temporary=False)  # type: ignore[arg-type]

    monkeypatch.setattr(governor_cli.commands.rehearsing, "local_place", place)
    monkeypatch.setattr(governor_cli.rehearsal.play, "pause", local.go_on)
    monkeypatch.setattr(governor_cli.rehearsal.place, "pause", local.go_on)
    with command_line(stack, capsys) as command:
        yield command


class Files:
    """Files of a person who rehearses."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return str(path)

    def policy(self, **changes: Any) -> str:
        return self.write("policy.yaml", json.dumps({"name": "reviews"} | policy(**changes)).encode())


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.chdir(tmp_path)
    return Files(tmp_path)


def _rehearse(run: Run, files: Files, *more: str, trains: int = 2, **changes: Any) -> tuple[int, dict[str, Any], str]:
    """Rehearse so many good TRAIN files and an exam; return exit code, JSON and errors."""
    sizes = (20, 60, 100)
    named = [f"--train={files.write(f'{number}.csv', labelled(number, sizes[number]))}" for number in range(trains)]
    exam = files.write("exam.csv", labelled(99))
    code, out, err = run("rehearse", *named, "--test", exam, "--policy", files.policy(**changes), "--json", *more)
    return code, json.loads(out) if out else {}, err


def _endings(told: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [(each["verdict"], each["outcome"], each["asked"]) for each in told["batches"]]


def test_every_drop_is_a_batch(run: Run, files: Files) -> None:
    code, told, err = _rehearse(run, files, gates=[FLOOR], approval="never")

    assert code == 0
    assert _endings(told) == [("PASS", "promoted", False)] * 2
    assert [each["files"] for each in told["batches"]] == [
        ["test/001-exam.csv", "train/001-0.csv"], ["train/002-1.csv"]
    ]  # fmt: skip
    assert told["batches"][1]["active_model"] == told["batches"][1]["candidate"]
    assert told["batches"][1]["aws"] == {"seconds": [4860.0, 8580.0], "usd": [4.05, 7.15]}
    assert told["aws"]["usd"] == [8.1, 14.3]
    assert "drop 2 of 2: 002-1.csv (180 documents)" in err
    assert told["flywheel"].startswith("rehearsal-reviews-")
    reports = [Path(each["report"]) for each in told["batches"]]
    assert reports == [Path("rehearsal-reviews/batch-1.html"), Path("rehearsal-reviews/batch-2.html")]
    assert all("Batch" in report.read_text("utf-8") for report in reports)


def test_nothing_of_it_is_left(stack: Stack, run: Run, files: Files) -> None:
    _, told, _ = _rehearse(run, files, gates=[FLOOR], approval="never")

    assert stack.ports.comprehend.describe_flywheel(stack.ports.comprehend.flywheel_arn(told["flywheel"])) is None
    assert holds(stack, told["flywheel"]) == "TornDown"
    assert list(stack.ports.models.versions("MULTI_CLASS")) == []
    assert len(stack.ports.batches.history(told["flywheel"])) == 2, "the ledger stays"


def test_what_was_rehearsed_is_no_flywheel_that_waits_for_anybody(stack: Stack, run: Run, files: Files) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    _, told, _ = _rehearse(run, files, trains=1, gates=[FLOOR], approval="never")
    name = told["flywheel"]

    assert [each["flywheel"] for each in json.loads(run("status", "--json")[1])] == [FLYWHEEL]
    assert list(examine_flywheels(stack.ports, Limits(timedelta(9), timedelta(9), timedelta(9)))) == []
    for command in (("status", name), ("history", name), ("report", name)):
        code, out, err = run(*command, "--json")
        assert (code, err) == (0, "")
        assert name in out


@pytest.mark.parametrize(
    ("answer", "ending", "hold"),
    [
        ((), "expired", None),
        (("--approve", "never"), "rejected", "Rejected"),
        (("--approve", "always"), "promoted", None),
    ],
)
def test_people_are_played(run: Run, files: Files, answer: tuple[str, ...], ending: str, hold: str | None) -> None:
    code, told, _ = _rehearse(run, files, *answer, trains=3, gates=[FLOOR], approval="replacement")

    assert code == 0
    assert _endings(told) == [("PASS", "promoted", False), ("PASS", ending, True), ("PASS", ending, True)]
    assert [each["hold"] for each in told["batches"]] == [None, hold, hold]


def test_a_hold_is_told_and_ended(run: Run, files: Files) -> None:
    slipped = files.write("slipped.csv", labelled(7, per_label=900, wrong=True))

    again = files.write("again.csv", labelled(8))

    code, told, _ = _rehearse(
        run, files, f"--train={slipped}", f"--train={again}", trains=1, gates=[FLOOR], approval="never"
    )

    assert code == 0
    assert [each["verdict"] for each in told["batches"][:2]] == ["PASS", "FAIL"]
    assert told["batches"][1]["hold"] == "Regression"
    assert len(told["batches"]) == 3, "the third is not kept waiting"


def test_the_table_is_for_people(run: Run, files: Files) -> None:
    one, exam = files.write("may.csv", labelled(1)), files.write("exam.csv", labelled(2))

    code, out, _ = run(
        "rehearse", "--train", one, "--test", exam, "--policy", files.policy(gates=[FLOOR], approval="always"),
        "--out", "mine",
    )  # fmt: skip

    assert code == 0
    for words in ("train/001-may.csv", "people would be asked", "1 h 21 min to 2 h 23 min", "4.05 to 7.15 dollars"):
        assert words in out
    assert "--approve always shows the other way" in out
    assert "Report of batch 1: mine/batch-1.html" in out
    assert Path("mine/batch-1.html").exists()


def test_on_a_narrow_terminal_every_fact_has_a_line(run: Run, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    one, exam = files.write("may.csv", labelled(1)), files.write("exam.csv", labelled(2))

    code, out, _ = run(
        "rehearse", "--train", one, "--test", exam, "--policy", files.policy(gates=[FLOOR], approval="never")
    )

    assert code == 0
    lines = out.splitlines()
    assert "batch 1" in lines
    assert "  Files        test/001-exam.csv, train/001-may.csv" in lines
    assert "  Then         promoted" in lines
    assert "  On AWS       1 h 21 min to 2 h 23 min, 4.05 to 7.15 dollars" in lines


def test_one_file_is_cut_into_batches(run: Run, files: Files) -> None:
    rows = sorted(labelled(1, per_label=40).splitlines(keepends=True))
    named = [f"--train={files.write('all.csv', b''.join(rows))}", f"--test={files.write('exam.csv', labelled(2))}"]

    code, out, _ = run("rehearse", *named, "--split", "3", "--policy", files.policy(gates=[FLOOR]), "--json")

    told = json.loads(out)
    assert code == 0
    assert [each["documents"].get("train") for each in told["batches"]] == [40, 40, 40]
    assert [each["verdict"] for each in told["batches"]] == ["PASS"] * 3, "each has some of every label"


def test_what_is_too_little_waits_for_the_next_drop(run: Run, files: Files) -> None:
    first = files.write("first.csv", labelled(1))
    sizes = {"exam": 20, "small": 2, "more": 21}
    tests = [f"--test={files.write(f'{name}.csv', labelled(2, size))}" for name, size in sizes.items()]

    code, out, _ = run("rehearse", "--train", first, *tests, "--policy", files.policy(gates=[FLOOR]), "--json")

    told = json.loads(out)
    assert code == 0
    assert told["waiting"] == ["TooFewDocuments: what was dropped waited for the next drop."]
    assert [each["files"] for each in told["batches"]] == [
        ["test/001-exam.csv", "train/001-first.csv"], ["test/002-small.csv", "test/003-more.csv"]
    ]  # fmt: skip
    assert told["batches"][1]["verdict"] == "NO_CHANGE"
    assert told["batches"][1]["aws"]["usd"] == [0.0, 0.0]


def test_all_faults_of_all_files_are_told_before_anything_begins(stack: Stack, run: Run, files: Files) -> None:
    bad = files.write("bad.csv", b"storage,one\nonly one column\n")
    tiny = files.write("tiny.csv", b"storage,one\nqueue,two\n")
    notes = files.write("notes.txt", b"storage,one\n")
    good = files.write("good.csv", labelled(1))

    code, out, err = run(
        "rehearse",
        *(f"--train={file}" for file in (bad, tiny, notes, good)),
        "--test",
        good,
        "--policy",
        files.policy(),
    )

    assert (code, out) == (1, "")
    assert f"{bad}: Line 2: 1 columns instead of two. Write label,text" in err
    assert f"{tiny}: 22 bytes; Comprehend takes no dataset under 500. Add documents." in err
    assert f"{notes}: its name must end in .csv" in err
    assert "good.csv has the same content as good.csv" in err
    assert "only one column" not in err
    assert list(stack.rows()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"exam": {"must_pass": ["vital.csv"]}}, "must-pass/vital.csv"),
        ({"exam": {"kind": "golden", "set": "spring"}}, "exam/spring/"),
        ({"serving": {"smoke": ["s.csv"]}}, "smoke/s.csv"),
        ({"gates": [{"metric": "f2", "at_least": 0.5}]}, "gates.0.metric"),
        ({"flywheel": {"active_model_arn": MODEL}}, "in AWS"),
    ],
)  # fmt: skip
def test_what_the_policy_needs_and_is_not_there(run: Run, files: Files, changes: dict[str, Any], words: str) -> None:
    code, told, err = _rehearse(run, files, trains=1, **changes)

    assert (code, told) == (1, {})
    assert words in err


def test_a_budget_that_cannot_pay_for_a_training_ends_it(run: Run, files: Files) -> None:
    code, told, _ = _rehearse(run, files, budget_usd_per_month=4)

    assert (code, told["batches"]) == (0, [])
    assert told["ended"] == (
        "The budget does not pay for what comes next. This month 0.00 dollars of the 4.00 dollars are spent "
        "(budget_usd_per_month) and the next batch (training and exam) would cost about 4.05 dollars. That alone is "
        "more than the budget of a month: raise it. Prices are estimates for us-east-1. The flywheel would rest until "
        "2023-12-01, or a new policy."
    )
    code, out, _ = run("rehearse", "--train", "0.csv", "--test", "exam.csv", "--policy", "policy.yaml")
    assert (code, "The budget does not pay" in out) == (0, True)


def test_a_split_is_of_one_file(run: Run, files: Files) -> None:
    assert "--split cuts one TRAIN file" in _rehearse(run, files, "--split", "2")[2]
    few, exam = files.write("few.csv", labelled(1, per_label=3)), files.write("exam.csv", labelled(2))
    code, _, err = run("rehearse", "--train", few, "--split", "20", "--test", exam, "--policy", files.policy())
    assert code == 1
    assert "few.csv has 9 documents; they cannot be cut into 20 parts." in err


def test_smoke_documents_are_asked_and_a_wrong_answer_is_told(run: Run, files: Files) -> None:
    files.write("smoke/s.csv", b"queue,bucket object versions lifecycle archive\n")

    code, told, _ = _rehearse(
        run, files, gates=[FLOOR], approval="never", serving={"endpoint": "theirs", "smoke": ["s.csv"]}
    )

    assert code == 0
    assert [(each["outcome"], each["hold"]) for each in told["batches"]] == [
        ("promoted", "ServingFailed"), ("taken back", "Frozen")
    ]  # fmt: skip


def test_a_turn_that_fails_ends_it_with_its_cause(
    stack: Stack, run: Run, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise UnexpectedReplyError("StartFlywheelIteration answered nonsense.")

    monkeypatch.setattr(stack.ports.comprehend, "start_iteration", broken)

    code, _, err = _rehearse(run, files, trains=1, gates=[FLOOR])

    assert code == 1
    assert err.splitlines()[-1] == (
        "governor: Turn 1 failed. UnexpectedReplyError: StartFlywheelIteration answered nonsense."
    )
    (rehearsed,) = (name for name in stack.ports.heads.names() if name.startswith("rehearsal-"))
    assert holds(stack, rehearsed) == "TornDown", "nothing of it is left either"


def test_data_that_comprehend_refuses_cost_nothing_and_are_told(stack: Stack, run: Run, files: Files) -> None:
    stack.roles.refused = "staging/"

    code, told, _ = _rehearse(run, files, trains=1, gates=[FLOOR])

    assert code == 1
    assert [each["outcome"] for each in told["batches"]] == ["data refused"]
    assert [each["file"] for each in told["refused"]] == ["test/001-exam.csv", "train/001-0.csv"]
    assert told["aws"] == {"seconds": [0.0, 0.0], "usd": [0.0, 0.0]}


def test_a_file_that_is_recorded_between_two_looks_is_not_overlooked(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    before = status_of(stack.ports, FLYWHEEL, stack.clock.now())

    def recorded_now(*_: Any) -> int:
        stack.deliver(stack.drop(train(), labelled(1)))
        return 0

    monkeypatch.setattr(governor.usecases.flywheel_status, "unrecorded", recorded_now)

    assert not rests(stack.ports, before)
