"""`governor teardown` and what analyses left: archives of jobs, results, documents that wait."""

from collections.abc import Iterator

import pytest

from comprehend_local import Settings
from governor_cli.commands import teardown
from tests.doubles.command_line import Run, command_line
from tests.doubles.data import FLYWHEEL, WORDS, labelled, policy
from tests.doubles.scenes import first_model, promoted
from tests.doubles.stack import ACCOUNT, Stack
from tests.integration.test_cli_teardown import flywheels, keys

DOCUMENTS = f"{FLYWHEEL}/documents/monday.txt"
TEXT = "\n".join(" ".join(words) for words in WORDS.values()).encode()
SLOW_JOBS = Settings.instant(account=ACCOUNT, job_seconds=40)


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    monkeypatch.setattr(teardown, "pause", stack.clock.advance)
    with command_line(stack, capsys) as run:
        yield run


def drop(stack: Stack, key: str) -> None:
    stack.deliver(stack.drop(key, TEXT))
    assert stack.inspect() == []


def states(stack: Stack) -> dict[str, str]:
    return {row["key"]: row["state"] for row in stack.rows() if row["pk"] == f"D#{FLYWHEEL}"}


def analysed(stack: Stack) -> None:
    promoted(stack, analysis={"quiet_seconds": 0})
    drop(stack, DOCUMENTS)
    stack.run()
    assert states(stack) == {DOCUMENTS: "ANALYSED"}
    assert keys(stack, "jobs/alpha/")
    assert keys(stack, "results/alpha/")


def test_archives_and_results_are_planned_and_deleted(stack: Stack, run: Run) -> None:
    analysed(stack)
    for key in ("jobs/alphabet/one", "results/alphabet/one"):
        stack.s3.put_object(Bucket="lake", Key=key, Body=b"of another flywheel")

    _, out, _ = run("teardown", FLYWHEEL, "--dry-run")
    lines = [" ".join(line.split()[:2]) for line in out.splitlines()]
    order = [
        "delete staging/alpha/",
        "delete exams/alpha/",
        "delete jobs/alpha/",
        "delete results/alpha/",
        "delete lakes/alpha/",
    ]
    assert [line for line in lines if line in order] == order

    assert run("teardown", FLYWHEEL, "--yes")[0] == 0
    assert keys(stack, "jobs/") == ["jobs/alphabet/one"]
    assert keys(stack, "results/") == ["results/alphabet/one"]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (("--keep-exams",), {"exams"}),
        (("--keep-jobs",), {"jobs"}),
        (("--keep-results",), {"results"}),
        (("--keep-data",), {"staging", "exams", "jobs", "results", "lakes"}),
    ],
)
def test_each_can_be_kept_and_a_later_run_deletes_it(
    stack: Stack, run: Run, options: tuple[str, ...], kept: set[str]
) -> None:
    analysed(stack)

    code, out, _ = run("teardown", FLYWHEEL, "--yes", *options)

    assert code == 0
    there = {key.partition("/")[0] for key in keys(stack, "")}
    assert there == kept
    assert all(f"keep    {folder}/alpha/" in out for folder in kept)
    assert run("teardown", FLYWHEEL, "--yes")[0] == 0
    assert keys(stack, "") == []
    assert "torn down already" in run("teardown", FLYWHEEL, "--yes")[1]


@pytest.mark.parametrize("stack", [SLOW_JOBS], indirect=True)
def test_it_refuses_while_an_analysis_is_at_work(stack: Stack, run: Run) -> None:
    promoted(stack, analysis={"quiet_seconds": 0})
    drop(stack, DOCUMENTS)
    stack.analysis_machine.executions["alpha-1"].run_until("CheckAnalysis")

    code, _, err = run("teardown", FLYWHEEL, "--yes")

    assert code == 1
    assert "An analysis of flywheel alpha is at work" in err
    assert len(flywheels(stack)) == 1
    stack.run()
    assert states(stack) == {DOCUMENTS: "ANALYSED"}


@pytest.mark.parametrize("stack", [SLOW_JOBS], indirect=True)
def test_documents_that_wait_are_withdrawn_with_their_analysis(stack: Stack, run: Run) -> None:
    promoted(stack, analysis={"quiet_seconds": 0})
    drop(stack, DOCUMENTS)
    stack.analysis_machine.executions["alpha-1"].run_until("CheckAnalysis").abort()
    stack.clock.advance(3600)
    stack.sweep()
    head = stack.ports.analyses.read(FLYWHEEL)
    assert head is not None
    assert (head.state, head.open is not None, states(stack)) == ("IDLE", True, {DOCUMENTS: "PENDING"})

    assert "1 files of documents wait there" in run("teardown", FLYWHEEL, "--yes")[1]

    assert states(stack) == {DOCUMENTS: "WITHDRAWN"}
    (row,) = [row for row in stack.rows() if row["sk"].startswith("ANALYSIS#")]
    assert row["outcome"] == "TORN_DOWN"
    assert run("resume", FLYWHEEL)[0] == 0
    first_model(stack, labelled(1))
    drop(stack, DOCUMENTS)
    stack.run()
    assert stack.notices.subjects()[-1] == "[alpha] Analysed: 3 documents"


def test_documents_that_wait_stay_with_what_was_staged_of_them(stack: Stack, run: Run) -> None:
    stack.apply_policy(FLYWHEEL, policy(analysis={"quiet_seconds": 0}))
    drop(stack, DOCUMENTS)
    stack.run()
    assert run("teardown", FLYWHEEL, "--yes", "--keep-staged")[0] == 0
    assert states(stack) == {DOCUMENTS: "PENDING"}
    assert keys(stack, "staging/alpha/documents/")
