"""`governor report`: the newest verdict's or a batch's, as a sentence, a page and JSON."""

import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import boto3
import pytest
from jsonschema import Draft202012Validator

from tests.contract.template import ROOT
from tests.doubles.command_line import Run, command_line
from tests.doubles.data import FLYWHEEL, labelled, policy, train
from tests.doubles.scenes import promoted
from tests.doubles.stack import REGION, Stack

FLOOR = {"metric": "f1", "at_least": 0.3, "confidence": 0.5}
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "report.schema.json").read_text()))


@pytest.fixture
def run(stack: Stack, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    with command_line(stack, capsys) as command:
        yield command


def _two_batches(stack: Stack) -> None:
    promoted(stack, gates=[FLOOR])
    stack.clock.advance(24 * 3600)
    stack.apply_policy(FLYWHEEL, policy(gates=[FLOOR], on_regression="continue"))
    stack.upload(train("slipped"), labelled(3, per_label=600, wrong=True))
    stack.run()


def test_the_newest_verdict_is_told_in_sentences(stack: Stack, run: Run) -> None:
    _two_batches(stack)
    code, out, err = run("report", FLYWHEEL)
    assert (code, err) == (0, "")
    assert out.startswith("Batch 2 fails: ")
    assert "The active model stays." in out
    assert f"governor report {FLYWHEEL} 2 --open" in out
    assert "Page: s3://records/reports/" in out
    assert run("report", FLYWHEEL, "1")[1].startswith("Batch 1 passes: its model becomes the first active one.")


def test_the_json_keeps_to_its_schema_and_goes_into_a_pipe_or_a_file(stack: Stack, run: Run, tmp_path: Path) -> None:
    _two_batches(stack)
    code, out, err = run("report", FLYWHEEL, "1", "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    SCHEMA.validate(document)
    assert (document["flywheel"], document["batch"], document["decision"]["verdict"]) == (FLYWHEEL, 1, "PASS")
    assert {each["key"] for each in document["added"]} == {f"{FLYWHEEL}/train/a.csv", f"{FLYWHEEL}/test/t.csv"}

    file = tmp_path / "one.json"
    assert run("report", FLYWHEEL, "1", "--json", "--out", str(file)) == (
        0, "", f"The report of batch 1 is in {file}.\n"
    )  # fmt: skip
    assert file.read_text() == out


def test_the_page_goes_into_a_file_or_a_browser(stack: Stack, run: Run, tmp_path: Path) -> None:
    _two_batches(stack)
    file = tmp_path / "report.html"
    assert run("report", FLYWHEEL, "--out", str(file)) == (0, "", f"The report of batch 2 is in {file}.\n")
    assert file.read_text().startswith("<!doctype html>")

    with patch("webbrowser.open", return_value=True) as browser, patch("tempfile.tempdir", str(tmp_path)):
        code, out, err = run("report", FLYWHEEL, "--open")
    assert (code, out) == (0, "")
    (address,) = browser.call_args.args
    shown = Path(address.removeprefix("file://"))
    assert shown.read_bytes() == file.read_bytes()
    assert shown.parent.stat().st_mode & 0o077 == 0, "nobody else may look"
    assert err == f"The report of batch 2 is shown in your browser, from {shown}.\n"

    with patch("webbrowser.open", return_value=False) as browser:
        _, _, err = run("report", FLYWHEEL, "--open", "--out", str(file))
    assert browser.call_args.args == (file.as_uri(),)
    assert f"No browser was found; the report of batch 2 is in {file}.\n" in err


def test_where_there_is_no_verdict_the_answer_says_so(stack: Stack, run: Run) -> None:
    assert "Nothing is known of a flywheel named nobody" in run("report", "nobody")[2]
    stack.apply_policy(FLYWHEEL, policy())
    code, _, err = run("report", FLYWHEEL)
    assert code == 1
    assert f"No batch of flywheel {FLYWHEEL} has been judged yet." in err
    promoted(stack, gates=[FLOOR])
    code, _, err = run("report", FLYWHEEL, "9")
    assert code == 1
    assert f"Batch 9 of flywheel {FLYWHEEL} has no verdict." in err
    assert run("report", FLYWHEEL, "--open", "--json")[0] == 2


def _forget_report(stack: Stack) -> None:
    """Let the verdict be one of a version that wrote no reports."""
    table = boto3.resource("dynamodb", region_name=REGION).Table("LedgerTable")
    for row in list(stack.rows()):
        if "report_uri" in row:
            table.update_item(Key={"pk": row["pk"], "sk": row["sk"]}, UpdateExpression="REMOVE report_uri")


def test_of_a_verdict_without_a_report_it_is_made_from_the_decision_record(stack: Stack, run: Run) -> None:
    _two_batches(stack)
    written = {batch: run("report", FLYWHEEL, batch, "--json")[1] for batch in ("1", "2")}
    pages = run("report", FLYWHEEL, "1")[1]
    _forget_report(stack)
    for batch, before in written.items():
        assert run("report", FLYWHEEL, batch, "--json")[1] == before
    told = run("report", FLYWHEEL, "1")[1]
    assert "this one is made from the decision record" in told
    assert told.splitlines()[:2] == pages.splitlines()[:2]


def test_a_record_that_was_changed_is_not_reported(stack: Stack, run: Run) -> None:
    promoted(stack, gates=[FLOOR])
    _forget_report(stack)
    (row,) = (row for row in stack.rows() if "decision_uri" in row)
    stack.s3.put_object(Bucket="records", Key=row["decision_uri"].removeprefix("s3://records/"), Body=b"{}")
    code, _, err = run("report", FLYWHEEL)
    assert code == 1
    assert "is not what was written" in err
