"""Every verdict has its report before anything follows from it.

A docstring names the branches of the machine that its test takes.
"""

import dataclasses
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from governor.domain.errors import TurnLostError, UnexpectedReplyError
from governor.ports import VerdictRecord
from governor.usecases.report_files import report_uris
from tests.contract.template import ROOT
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.exams import golden
from tests.doubles.scenes import ends, first_model, promoted
from tests.doubles.stack import Stack
from tests.unit.report.browser import read

FLOOR = {"metric": "f1", "at_least": 0.3, "confidence": 0.5}
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "report.schema.json").read_text()))


def _verdicts(stack: Stack) -> list[VerdictRecord]:
    return [verdict for _, verdicts in stack.ports.batches.history(FLYWHEEL) for verdict in verdicts]


def _object(stack: Stack, uri: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.s3.get_object(Bucket="records", Key=uri.removeprefix("s3://records/"))
    return found


def _report(stack: Stack, verdict: VerdictRecord) -> tuple[str, dict[str, Any]]:
    """Return the words of the page, and the JSON; both are what they should be."""
    page_uri, document_uri = report_uris(verdict.decision_uri, verdict.decision_sha256)
    assert verdict.report_uri == page_uri
    page, document = _object(stack, page_uri), _object(stack, document_uri)
    assert (page["ContentType"], document["ContentType"]) == ("text/html; charset=utf-8", "application/json")
    told = json.loads(document["Body"].read())
    SCHEMA.validate(told)
    assert told["lineage"]["decision_sha256"] == verdict.decision_sha256
    return read(page["Body"].read()).one("body").text, told


def _reports(stack: Stack) -> int:
    listed = stack.s3.list_object_versions(Bucket="records", Prefix="reports/")
    return len(listed.get("Versions", []))


def test_a_promotion_has_a_report_that_was_there_before_it(stack: Stack) -> None:
    """IsVerdictReached > WriteReport."""
    promoted(stack, gates=[FLOOR])
    (verdict,) = _verdicts(stack)
    words, told = _report(stack, verdict)
    assert "Batch 1 passes: its model becomes the first active one." in words
    assert verdict.report_uri is not None
    assert verdict.report_uri.startswith(f"s3://records/reports/{FLYWHEEL}/000000001-")
    assert [each["word"] for each in told["gates"]] == ["met"]
    visited = stack.machine.executions[next(iter(stack.machine.executions))].visited
    assert visited.index("CompareModels") < visited.index("WriteReport") < visited.index("PromoteModel")


def test_the_notice_and_the_event_name_the_report(stack: Stack) -> None:
    promoted(stack, gates=[FLOOR])
    (verdict,) = _verdicts(stack)
    (body,) = (body for subject, body in stack.notices.mails if subject == f"[{FLYWHEEL}] Batch 1: PASS")
    assert f"Report: {verdict.report_uri}" in body
    assert f"governor report {FLYWHEEL} 1 --open" in body
    (detail,) = (detail for kind, detail in stack.events if kind == "Verdict Reached")
    assert detail["report_uri"] == verdict.report_uri


def test_a_golden_exam_tells_labels_mistakes_and_documents(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, golden())
    first_model(stack, labelled(1))
    stack.upload(train("bad"), labelled(3, per_label=60, wrong=True))
    stack.run()

    words, told = _report(stack, _verdicts(stack)[-1])
    assert told["decision"]["hold"] == "Regression"
    assert "Batch 2 fails: its model is worse than the active one." in words
    assert len(told["labels"]) == 3
    assert told["confusions_gained"]
    (file,) = told["right_to_wrong"]["files"]
    assert file["key"] == exam()
    assert file["command"].startswith(
        f"aws s3api get-object --bucket inbox --key {exam()} --version-id {file['version']}"
    )
    assert told["right_to_wrong"]["count"] == sum(len(each["documents"]) for each in told["right_to_wrong"]["files"])
    suspects = [each["key"] for each in told["added"] if each["suspect"]]
    assert suspects == [suspect.key for suspect in _verdicts(stack)[-1].suspects] == [train("bad")]
    assert train("bad") in words


def test_nothing_new_has_a_report_too(stack: Stack) -> None:
    promoted(stack, gates=[FLOOR])
    stack.upload(exam("more"), labelled(5))
    stack.run()
    words, told = _report(stack, _verdicts(stack)[-1])
    assert told["decision"]["verdict"] == "NO_CHANGE"
    assert "Batch 2 trained no new model." in words


def test_whoever_is_asked_is_told_where_the_report_is(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy(gates=[FLOOR], approval="always"))
    first_model(stack, labelled(1))
    (verdict,) = _verdicts(stack)
    words, told = _report(stack, verdict)
    assert told["decision"]["action"] == "ASK"
    assert "its model waits for approval" in words
    ((_, mail),) = stack.approvals.mails
    assert str(verdict.report_uri) in mail
    (row,) = stack.rows("APPROVALS_TABLE_NAME")
    assert json.loads(row["facts"])["report"] == verdict.report_uri


def test_written_again_it_says_the_same(stack: Stack) -> None:
    promoted(stack, gates=[FLOOR])
    stack.apply_policy(FLYWHEEL, policy(gates=[FLOOR], approval="always"))
    stack.upload(train("b"), labelled(2, per_label=60))
    stack.run()
    (execution,) = stack.machine.running()
    before = [_report(stack, verdict) for verdict in _verdicts(stack)]
    written = _reports(stack)

    step = {"flywheel": FLYWHEEL, "turn": 2, "execution": execution.arn, "word": "ASK", "hold": None}
    answer = stack.invoke("WriteReport", step)

    assert answer == {"report": _verdicts(stack)[-1].report_uri}
    assert [_report(stack, verdict) for verdict in _verdicts(stack)] == before
    assert _reports(stack) == written + 2


def test_who_has_lost_the_turn_notes_nothing(stack: Stack) -> None:
    promoted(stack, gates=[FLOOR])
    step = {"flywheel": FLYWHEEL, "turn": 1, "execution": "arn:gone", "word": "KEEP", "hold": None}
    with pytest.raises(TurnLostError):
        stack.invoke("WriteReport", step)


def test_only_who_has_the_turn_names_a_report_and_only_of_a_verdict_that_is_there(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy(gates=[FLOOR], approval="always"))
    first_model(stack, labelled(1))
    (execution,) = stack.machine.running()
    (verdict,) = _verdicts(stack)
    with pytest.raises(TurnLostError):
        stack.ports.batches.record_report(FLYWHEEL, "arn:gone", verdict, "s3://records/another.html")
    unknown = dataclasses.replace(verdict, baseline="arn:unknown")
    with pytest.raises(UnexpectedReplyError, match="no verdict in the ledger"):
        stack.ports.batches.record_report(FLYWHEEL, execution.arn, unknown, "s3://records/another.html")
    assert _verdicts(stack) == [verdict]


def test_a_report_that_could_not_be_written_is_written_by_the_next_turn(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy(gates=[FLOOR]))
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(2)))
    stack.inspect()
    (execution,) = stack.machine.running()
    while execution.state != "WriteReport":
        execution.step()
    (verdict,) = _verdicts(stack)
    key = verdict.decision_uri.removeprefix("s3://records/")
    content = stack.s3.get_object(Bucket="records", Key=key)["Body"].read()
    stack.s3.put_object(Bucket="records", Key=key, Body=b"{}")
    stack.run()
    assert ends(stack)[0] == "TurnFailed"
    assert "is not what was written" in str(execution.cause)
    assert _verdicts(stack)[0].report_uri is None

    stack.s3.put_object(Bucket="records", Key=key, Body=content)
    stack.clock.advance(24 * 3600)
    stack.sweep()
    stack.run()
    assert ends(stack)[-1] == "ModelPromoted"
    _report(stack, _verdicts(stack)[0])
