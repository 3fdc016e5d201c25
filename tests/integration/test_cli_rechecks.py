"""`governor history`, `explain` and `timeline` of a batch that a stricter policy decided which came meanwhile."""

import json
from collections.abc import Iterator

import boto3
import pytest

from tests.doubles.command_line import Run, command_line
from tests.doubles.data import FLYWHEEL, labelled
from tests.doubles.exams import golden
from tests.doubles.people import answer
from tests.doubles.scenes import ends
from tests.doubles.stack import Stack

EASY = [{"metric": "f1", "at_least": 0.6}]
HARD = [*EASY, {"metric": "accuracy", "at_least": 0.99}, {"metric": "recall", "at_least": 0.98}]
MEANWHILE = "under policy version 2, which came meanwhile: "


@pytest.fixture
def run(stack: Stack, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    with command_line(stack, capsys) as command:
        yield command


def _approved(stack: Stack, **stricter: object) -> None:
    """A PASS that a person approves after a stricter policy has come."""
    stack.apply_policy(FLYWHEEL, golden(gates=EASY, approval="always"))
    content = labelled(2) + labelled(9, per_label=3, wrong=True)
    stack.deliver(stack.drop(f"{FLYWHEEL}/train/a.csv", labelled(1)), stack.drop(f"{FLYWHEEL}/test/t.csv", content))
    assert stack.inspect() == []
    stack.run()
    assert stack.apply_policy(FLYWHEEL, golden(approval="always", **stricter)) == 2
    assert answer(stack, "approve") == 200
    stack.run()


def test_history_tells_the_judgement_that_decided(stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _approved(stack, gates=HARD)
    assert ends(stack) == ["ActiveModelKept"]

    (told,) = json.loads(run("history", FLYWHEEL, "--json")[1])

    assert (told["verdict"], told["outcome"], told["by"]) == ("FAIL", "kept", "Flywheel Governor")
    assert told["line"].startswith(f"FAIL {MEANWHILE}")
    assert "under the floor of 0.9900. And 1 more gate missed." in told["line"], "the line that decided, not all lines"
    assert told["why"].startswith(f"FAIL {MEANWHILE}")
    assert told["policy_version"] == 2
    recheck = told["recheck"]
    assert (recheck["word"], recheck["policy_version"], recheck["decided"]) == ("FAIL", 2, True)
    assert recheck["instead_of"] == {"verdict": "PASS", "policy_version": 1}
    monkeypatch.setenv("COLUMNS", "200")
    out = " ".join(run("history", FLYWHEEL)[1].split())
    assert "FAIL" in out
    assert "PASS" not in out
    (entry,) = json.loads(run("timeline", FLYWHEEL, "--json")[1])
    assert (entry["verdict"], entry["why"]) == ("FAIL", told["why"])
    (now,) = json.loads(run("status", "--json")[1])
    assert (now["last_batch"]["verdict"], now["last_batch"]["reason"]) == ("FAIL", told["why"])


def test_both_judgements_are_explained_and_verified(stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _approved(stack, gates=HARD)

    code, out, err = run("explain", FLYWHEEL, "1", "--verify", "--json")

    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["verdict"], told["policy"]["version"], told["outcome"]) == ("FAIL", 2, "kept")
    assert [gate["word"] for gate in told["gates"]] == ["met", "missed", "missed"]
    accuracy, recall = told["what_would_have_changed_it"]
    assert accuracy.startswith("Accuracy: at least 0.9900, as the numbers stand: 0.")
    assert recall.startswith("Recall: at least 0.9800, as the numbers stand: 0.")
    before = told["recheck"]["instead_of"]
    assert (before["verdict"], before["policy_version"]) == ("PASS", 1)
    assert [gate["word"] for gate in before["gates"]] == ["met"]
    first, again = ["record", "manifest", "row", "verdict"], ["record", "row", "facts", "verdict"]
    names = [*first, *(f"recheck {name}" for name in again)]
    assert [(check["name"], check["holds"]) for check in told["verified"]] == [(name, True) for name in names]

    monkeypatch.setenv("COLUMNS", "200")
    out = run("explain", FLYWHEEL, "1", "--verify")[1]
    assert out.startswith("Batch 1 of alpha: FAIL, not promoted\nIt was PASS under policy version 1, and FAIL under")
    for words in (
        "Under policy version 2: FAIL",
        "Under policy version 1: PASS",
        "after that, under policy version 2; test wrote it at",
        "APPROVED by",
        told["recheck"]["decision_uri"],
        told["record"]["uri"],
        "To see the report (as it was under policy version 1): governor report alpha 1 --open",
        "yes: Under policy version 2: judged again from the record, the verdict is FAIL, every number alike.",
    ):
        assert words in out
    assert "to spare" not in out


def test_a_recheck_s_record_that_was_changed_is_said(stack: Stack, run: Run) -> None:
    _approved(stack, gates=HARD)
    recheck = stack.ports.batches.read(FLYWHEEL, 1).recheck
    assert recheck is not None
    stack.s3.put_object(Bucket="records", Key=recheck.decision_uri.removeprefix("s3://records/"), Body=b"{}")

    code, out, _ = run("explain", FLYWHEEL, "1", "--verify", "--json")

    assert code == 1
    told = json.loads(out)
    assert (told["verdict"], told["reason"]) == ("FAIL", recheck.reason), "what the ledger itself has is shown"
    assert "its sha256 is not the one in the ledger" in told["recheck"]["fault"]
    assert [(each["name"], each["holds"]) for each in told["verified"]][3:] == [
        ("verdict", True), ("recheck record", False)
    ]  # fmt: skip
    assert run("explain", FLYWHEEL, "1")[0] == 1
    assert recheck.line in json.loads(run("history", FLYWHEEL, "--json")[1])[0]["line"]


def test_a_recheck_s_row_that_was_changed_is_said(stack: Stack, run: Run) -> None:
    _approved(stack, gates=HARD)
    (row,) = [row for row in stack.rows() if "recheck" in row]
    table = boto3.resource("dynamodb", region_name="us-east-1").Table("LedgerTable")
    table.update_item(
        Key={"pk": row["pk"], "sk": row["sk"]},
        UpdateExpression="SET recheck.reason = :reason",
        ExpressionAttributeValues={":reason": "no"},
    )

    code, out, _ = run("explain", FLYWHEEL, "1", "--verify", "--json")

    assert code == 1
    assert [each["name"] for each in json.loads(out)["verified"] if not each["holds"]] == ["recheck row"]


def test_a_recheck_that_says_the_same_takes_no_verdict_s_place(stack: Stack, run: Run) -> None:
    _approved(stack, gates=[{"metric": "f1", "at_least": 0.61}])
    assert ends(stack) == ["ModelPromoted"]

    (line,) = json.loads(run("history", FLYWHEEL, "--json")[1])

    assert (line["verdict"], line["outcome"], line["policy_version"]) == ("PASS", "promoted", 1)
    assert "meanwhile" not in line["line"]
    assert (line["recheck"]["decided"], line["recheck"]["instead_of"]) == (False, None)
    code, out, _ = run("explain", FLYWHEEL, "1", "--verify")
    assert code == 0
    assert "judged again" in out
    assert "under policy version 2, which is stricter: PASS." in " ".join(out.split())


def test_people_s_word_is_told_where_a_newer_policy_had_them_asked(stack: Stack, run: Run) -> None:
    """The verdict alone would have promoted."""
    stack.apply_policy(FLYWHEEL, golden(gates=EASY))
    stack.deliver(stack.drop(f"{FLYWHEEL}/train/a.csv", labelled(1)), stack.drop(f"{FLYWHEEL}/test/t.csv", labelled(2)))
    assert stack.inspect() == []
    execution = stack.machine.executions["alpha-1"].run_until("RecheckPolicy")
    stack.apply_policy(FLYWHEEL, golden(gates=EASY, approval="always"))
    execution.run()

    (asked,) = json.loads(run("history", FLYWHEEL, "--json")[1])
    assert (asked["outcome"], asked["recheck"]["action"]) == ("asked", "ASK")
    assert asked["line"].startswith(f"PASS {MEANWHILE}")

    assert answer(stack, "reject") == 200
    stack.run()
    (told,) = json.loads(run("history", FLYWHEEL, "--json")[1])
    assert told["outcome"] == "rejected"
    assert told["line"] == asked["line"]
