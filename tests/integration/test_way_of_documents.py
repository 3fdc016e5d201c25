"""Documents without labels: from the inbox to predictions, by the machine `analysis`."""

import csv
import dataclasses
import io
import itertools
import json
from typing import Any

import pytest

from comprehend_local import Settings
from governor.usecases.resume_flywheel import resume_flywheel
from tests.doubles.asl import Execution
from tests.doubles.data import FLYWHEEL, WORDS, exam, policy, train
from tests.doubles.scenes import SOON, promoted
from tests.doubles.stack import ACCOUNT, Stack

LINES = f"{FLYWHEEL}/documents/monday.txt"
FILE = f"{FLYWHEEL}/documents/letters/one.txt"
SLOW = Settings.instant(account=ACCOUNT, job_seconds=40)
TEXT = "\n".join(" ".join(words) for words in WORDS.values()).encode()


def _drop(stack: Stack, *files: tuple[str, bytes]) -> None:
    stack.deliver(*(stack.drop(key, content) for key, content in files))
    assert stack.inspect() == []


def _ends(stack: Stack) -> list[str]:
    return [execution.state for execution in stack.analysis_machine.executions.values()]


def _states(stack: Stack) -> dict[str, str]:
    return {row["key"]: row["state"] for row in stack.rows() if row["pk"] == f"D#{FLYWHEEL}"}


def _results(stack: Stack, name: str, number: int = -1) -> bytes:
    """Return a file of the analysis of that number, as in a list."""
    ended = [row for row in stack.rows() if row["sk"].startswith("ANALYSIS#") and "results" in row]
    where = sorted(ended, key=lambda row: int(row["id"]))[number]["results"].removeprefix("s3://lake/")
    content: bytes = stack.s3.get_object(Bucket="lake", Key=f"{where}{name}")["Body"].read()
    return content


def _table(stack: Stack, number: int = -1) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(_results(stack, "predictions.csv", number).decode())))


def _row(stack: Stack) -> Any:
    return stack.ports.analyses.read(FLYWHEEL)


# ---- the good way --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stack", [SLOW], indirect=True)
def test_documents_become_predictions(stack: Stack) -> None:
    """IsAnalysisTaken > CheckDocuments; AreDocumentsQuiet > WaitForDocuments; AreDocumentsQuiet > StartAnalysis.

    IsAnalysisStarted > WaitForAnalysis; IsAnalysisFinished > WaitForAnalysis; IsAnalysisFinished > CollectResults;
    IsMoreWaiting > EndAnalysis; HowDidAnalysisEnd > DocumentsAnalysed.
    """
    promoted(stack, analysis={"quiet_seconds": 30, "low_confidence": 0.9})

    _drop(stack, (LINES, b"\xef\xbb\xbf" + TEXT.replace(b"\n", b"\r\n") + b"\r\n\r\n"))
    stack.run()

    assert _ends(stack) == ["DocumentsAnalysed"]
    assert _states(stack) == {LINES: "ANALYSED"}
    rows = _table(stack)
    assert [(row["input"], row["line"], row["label"]) for row in rows] == [
        (LINES, str(number), label) for number, label in enumerate(WORDS, start=1)
    ]
    assert all(0 < float(row["score"]) <= 1 for row in rows)
    active = stack.ports.serving.read(FLYWHEEL).active  # type: ignore[union-attr]
    assert {row["model_version"] for row in rows} == {active.rpartition("/")[2]}
    lines = [json.loads(line) for line in _results(stack, "predictions.jsonl").splitlines()]
    assert [(line["line"], line["label"]) for line in lines] == list(enumerate(WORDS, start=1))
    assert all(line["score"] == line["labels"][0]["score"] for line in lines)
    summary = json.loads(_results(stack, "summary.json"))
    assert (summary["documents"], summary["model"]) == (3, active)
    assert {name: each["count"] for name, each in summary["labels"].items()} == dict.fromkeys(WORDS, 1)
    assert summary["low_confidence"]["below"] == 0.9
    subject, body = stack.notices.mails[-1]
    assert subject == f"[{FLYWHEEL}] Analysed: 3 documents"
    assert "s3://lake/results/alpha/" in body
    assert "lifecycle" not in body + json.dumps(list(stack.rows()), default=str), "no document leaves S3"


def test_a_recognizer_s_entities_have_their_places(stack: Stack) -> None:
    people, cities = ("Ada", "Grace", "Alan"), ("Paris", "Lima")
    sentences = [f"On day {n} {people[n % 3]} went to {cities[n % 2]} by train" for n in range(60)]
    lines = []
    for n, text in enumerate(sentences):
        found = [(people[n % 3], "PERSON"), (cities[n % 2], "CITY")]
        entities = [
            {"startOffset": text.index(name), "endOffset": text.index(name) + len(name), "label": type_}
            for name, type_ in found
        ]
        annotated = {"source": text, "n": {"annotations": {"entities": entities}}, "n-metadata": {"type": "x"}}
        lines.append(json.dumps(annotated) + "\n")
    definition = {"language": "en", "model_type": "ENTITY_RECOGNIZER", "entity_types": ["PERSON", "CITY"]}
    gates = [{"metric": "f1", "at_least": 0.5}]
    stack.apply_policy(FLYWHEEL, policy(flywheel=definition, gates=gates, analysis={"quiet_seconds": 0}))
    _drop(
        stack,
        (f"{FLYWHEEL}/train/a.jsonl", "".join(lines[:45]).encode()),
        (f"{FLYWHEEL}/test/t.jsonl", "".join(lines[45:]).encode()),
    )
    stack.run()

    for key, text in ((LINES, "\n".join(sentences[:5])), (FILE, f"Dear all,\n{sentences[0]}")):
        _drop(stack, (key, text.encode()))
        stack.run()

    assert _states(stack)[LINES] == _states(stack)[FILE] == "ANALYSED"
    expected: list[tuple[int, list[str]]] = [(0, sentences[:5]), (1, [f"Dear all,\n{sentences[0]}"])]
    for number, texts in expected:
        rows = _table(stack, number)
        assert {row["type"] for row in rows} == {"PERSON", "CITY"}
        for row in rows:
            text = texts[int(row["line"] or 1) - 1]
            assert text[int(row["begin"]) : int(row["end"])] == row["text"]
    summary = json.loads(_results(stack, "summary.json", 0))
    assert summary["entities"].keys() == {"PERSON", "CITY"}
    assert summary["low_confidence"]["of"] == "mentions"
    assert ":entity-recognizer/" in summary["model"]


def test_a_document_with_several_labels_has_a_row_for_each(stack: Stack) -> None:
    labels = list(WORDS)
    rows = []
    for n in range(120):
        own = [labels[n % 3]] if n % 2 else [labels[n % 3], labels[(n + 1) % 3]]
        rows.append(f"{'|'.join(own)},{' '.join(f'{name} things' for name in own)} {n}\n")
    definition = {"language": "en", "mode": "MULTI_LABEL", "labels": labels}
    gates = [{"metric": "f1", "at_least": 0.5}]
    stack.apply_policy(FLYWHEEL, policy(flywheel=definition, gates=gates, analysis={"quiet_seconds": 0}))
    _drop(stack, (train(), "".join(rows[:90]).encode()), (exam(), "".join(rows[90:]).encode()))
    stack.run()

    _drop(stack, (LINES, b"storage things queue things\ncompute things"))
    stack.run()

    found = [(row["line"], row["label"]) for row in _table(stack)]
    assert sorted(found) == [("1", "queue"), ("1", "storage"), ("2", "compute")]
    first = json.loads(_results(stack, "predictions.jsonl").splitlines()[0])
    assert len(first["labels"]) == 3
    assert "label" not in first


def test_one_execution_serves_all_that_wait_whatever_their_shape(stack: Stack) -> None:
    """IsMoreWaiting > StartAnalysis."""
    promoted(stack, analysis={"quiet_seconds": 0})
    turns = len(stack.machine.executions)
    others = [(f"{FLYWHEEL}/documents/{number}.txt", TEXT) for number in range(5)]

    _drop(stack, *others, (FILE, TEXT), (f"{FLYWHEEL}/documents/letters/two.txt", b"message visibility\n\ndelay"))
    stack.run()

    assert _ends(stack) == ["DocumentsAnalysed"]
    assert set(_states(stack).values()) == {"ANALYSED"}
    # Nothing says which of them is the oldest: they came at the same moment.
    files, lines = sorted((_table(stack, 0), _table(stack, 1)), key=len)
    assert len(lines) == 15
    assert {(row["input"], row["line"]) for row in files} == {
        (FILE, ""),
        (f"{FLYWHEEL}/documents/letters/two.txt", ""),
    }
    assert len(stack.machine.executions) == turns, "documents are no work of the flywheel's turns"


def test_two_bursts_are_two_jobs_and_the_second_waits_for_the_first(stack: Stack) -> None:
    promoted(stack, analysis={"quiet_seconds": 0})
    _drop(stack, (LINES, TEXT))
    execution = next(iter(stack.analysis_machine.executions.values())).run_until("CheckAnalysis")
    _drop(stack, (f"{FLYWHEEL}/documents/tuesday.txt", TEXT))
    assert list(stack.analysis_machine.executions.values()) == [execution]

    stack.run()

    assert execution.visited.count("StartAnalysis") == 2
    assert set(_states(stack).values()) == {"ANALYSED"}
    assert {row["input"] for row in _table(stack, 0)} == {LINES}


def test_what_is_left_after_three_jobs_gets_an_execution_of_its_own(stack: Stack) -> None:
    promoted(stack, analysis={"quiet_seconds": 0})
    _drop(stack, (LINES, TEXT))
    execution = next(iter(stack.analysis_machine.executions.values()))
    for number in range(3):
        execution.run_until("CollectResults")
        _drop(stack, (f"{FLYWHEEL}/documents/{number}.txt", TEXT))
        execution.step()

    stack.run()

    assert _ends(stack) == ["DocumentsAnalysed", "DocumentsAnalysed"]
    assert set(_states(stack).values()) == {"ANALYSED"}


# ---- what is not analysed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "content", "reason"),
    [
        (LINES, b"good\nbad \xff", "Line 2: not UTF-8"),
        (LINES, "utf-16".encode("utf-16"), "NUL byte"),
        (LINES, b"\n\n  \n", "The file has no text"),
        (FILE, b"\xff\xfe", "not UTF-8"),
        (FILE, b"a\0b", "NUL byte"),
        (FILE, b" " * 10_000_001, "larger than 10,000,000 bytes"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(stack: Stack, key: str, content: bytes, reason: str) -> None:
    _drop(stack, (key, content))

    assert _states(stack) == {key: "REFUSED"}
    (subject, body), *_ = stack.notices.mails
    assert "Upload refused" in subject
    assert reason in body
    assert _ends(stack) == []


@pytest.mark.parametrize("key", [f"{FLYWHEEL}/documents/a.csv", f"{FLYWHEEL}/documents/a/b/c.txt"])
def test_other_files_are_told_the_layout(stack: Stack, key: str) -> None:
    stack.deliver(stack.drop(key, TEXT))

    assert "<flywheel>/documents/<name>.txt" in stack.notices.mails[0][1]


def test_the_newest_version_alone_is_analysed_and_a_deleted_one_is_not(stack: Stack) -> None:
    """AreDocumentsQuiet > EndAnalysis; IsAnalysisStarted > EndAnalysis; HowDidAnalysisEnd > NothingToAnalyse."""
    promoted(stack, analysis={"quiet_seconds": 0})
    _drop(stack, (LINES, TEXT), (LINES, TEXT + b"\nfleet spot"))
    stack.run()
    assert len(_table(stack)) == 4
    assert sorted(row["state"] for row in stack.rows() if row["pk"] == f"D#{FLYWHEEL}") == ["ANALYSED", "SUPERSEDED"]

    _drop(stack, (FILE, TEXT))
    stack.s3.delete_object(Bucket="inbox", Key=FILE)
    stack.run()
    assert _states(stack)[FILE] == "WITHDRAWN"
    assert stack.analysis_machine.start("by-hand", json.dumps({"flywheel": FLYWHEEL}))
    assert stack.analysis_machine.executions["by-hand"].run().state == "NothingToAnalyse"


@pytest.mark.parametrize("payload", [{"flywheel": "no such"}, {"flywheel": "nobody"}, {"flywheel": FLYWHEEL, "n": 1}])
def test_an_execution_without_sense_is_refused(stack: Stack, payload: dict[str, Any]) -> None:
    """TakeAnalysis > AnalysisRefused."""
    assert stack.analysis_machine.start("by-hand", json.dumps(payload))

    assert stack.analysis_machine.executions["by-hand"].run().status == "FAILED"
    assert _row(stack) is None


def test_a_second_execution_says_who_analyses(stack: Stack) -> None:
    """IsAnalysisTaken > AnalysisHeldBy."""
    promoted(stack, analysis={"quiet_seconds": 0})
    _drop(stack, (LINES, TEXT))
    first = next(iter(stack.analysis_machine.executions.values())).run_until("CheckAnalysis")

    assert stack.analysis_machine.start("by-hand", json.dumps({"flywheel": FLYWHEEL}))
    second = stack.analysis_machine.executions["by-hand"].run()

    assert second.output["holder"] == first.arn
    assert first.run().state == "DocumentsAnalysed"


# ---- failures ------------------------------------------------------------------------------------------------------


def test_documents_wait_for_the_first_model_and_are_told_of_once(stack: Stack) -> None:
    """HowDidAnalysisEnd > AnalysisFailed."""
    _drop(stack, (LINES, TEXT))
    stack.run()
    assert _ends(stack) == ["AnalysisFailed"]
    assert _row(stack).hold.reason == "NoActiveModel"
    stack.clock.advance(3700)
    stack.sweep()
    stack.run()
    told = [body for subject, body in stack.notices.mails if "Documents wait" in subject]
    assert len(told) == 1
    assert "drop training and test files" in told[0]

    promoted(stack, analysis={"quiet_seconds": 0})
    stack.sweep()
    stack.run()

    assert _ends(stack)[-1] == "DocumentsAnalysed"
    assert _states(stack) == {LINES: "ANALYSED"}


def test_a_job_that_fails_is_tried_again_and_at_last_its_documents_are_refused(stack: Stack) -> None:
    promoted(stack, analysis={"quiet_seconds": 0}, backoff_base_seconds=60)
    stack.roles.refused = "jobs/"
    _drop(stack, (LINES, TEXT))
    for attempt in range(1, 4):
        stack.run()
        assert _ends(stack) == ["AnalysisFailed"] * attempt
        stack.clock.advance(3600)
        stack.sweep()

    assert _states(stack) == {LINES: "REFUSED"}
    assert any("by Comprehend" in subject for subject in stack.notices.subjects())
    stack.roles.refused = None
    _drop(stack, (f"{FLYWHEEL}/documents/later.txt", TEXT))
    stack.run()
    assert _ends(stack)[-1] == "DocumentsAnalysed"


def test_a_job_that_recovers_is_a_new_job_with_the_same_documents(stack: Stack) -> None:
    promoted(stack, analysis={"quiet_seconds": 0}, backoff_base_seconds=60)
    stack.roles.refused = "jobs/"
    _drop(stack, (LINES, TEXT))
    stack.run()
    assert _row(stack).hold.reason == "Failure"
    stack.roles.refused = None
    stack.clock.advance(61)
    stack.sweep()
    stack.run()

    assert _states(stack) == {LINES: "ANALYSED"}
    jobs = stack.comprehend.list_document_classification_jobs()["DocumentClassificationJobPropertiesList"]
    assert [job["JobName"] for job in jobs] == ["alpha-analysis-1-2", "alpha-analysis-1-1"]


@pytest.mark.parametrize("content", [b"one document" + b"\r\n" * 300, b"\r\n" * 10 + b"a\r\n" * 161])
def test_what_is_too_little_for_a_job_once_it_is_staged_is_filled_up(stack: Stack, content: bytes) -> None:
    promoted(stack, analysis={"quiet_seconds": 0})
    assert len(content) > 500
    _drop(stack, (LINES, content))
    stack.run()

    assert _states(stack) == {LINES: "ANALYSED"}


def test_a_job_that_comprehend_no_longer_knows_is_started_anew(stack: Stack) -> None:
    """After a hold of months, say."""
    promoted(stack, analysis={"quiet_seconds": 0}, backoff_base_seconds=60)
    _drop(stack, (LINES, TEXT))
    execution = next(iter(stack.analysis_machine.executions.values())).run_until("CheckAnalysis")
    forgotten = dataclasses.replace(_row(stack).open, job="0" * 32)
    stack.ports.analyses.record_attempt(FLYWHEEL, execution.arn, forgotten)
    assert execution.run().error == "AnalysisFailedError"
    stack.clock.advance(3600)
    _ask_again(stack)

    assert _states(stack) == {LINES: "ANALYSED"}


@pytest.mark.parametrize("stack", [Settings.instant(account=ACCOUNT, job_seconds=100_000)], indirect=True)
def test_a_job_that_takes_too_long_is_waited_for_by_the_next_execution(stack: Stack) -> None:
    """IsAnalysisFinished > EndAnalysis."""
    promoted(stack, analysis={"quiet_seconds": 0})
    _drop(stack, (LINES, TEXT))
    stack.run()
    assert _row(stack).open.job is not None
    stack.clock.advance(100_000)
    stack.sweep()
    stack.run()

    assert _ends(stack) == ["AnalysisFailed", "DocumentsAnalysed"]
    jobs = stack.comprehend.list_document_classification_jobs()["DocumentClassificationJobPropertiesList"]
    assert len(jobs) == 1


def test_results_that_are_gone_or_changed_are_told_and_not_guessed(stack: Stack) -> None:
    promoted(stack, analysis={"quiet_seconds": 0}, backoff_base_seconds=60)
    _drop(stack, (LINES, TEXT))
    execution = next(iter(stack.analysis_machine.executions.values())).run_until("CollectResults")
    (archive,) = stack.s3.list_objects_v2(Bucket="lake", Prefix="jobs/")["Contents"]
    stack.s3.delete_object(Bucket="lake", Key=archive["Key"])
    assert execution.run().error == "UnexpectedReplyError"
    assert "is gone" in (execution.cause or "")
    assert _states(stack) == {LINES: "PENDING"}
    assert "Analysis 1 failed: UnexpectedReplyError" in " ".join(stack.notices.subjects())

    stack.s3.put_object(Bucket="lake", Key=archive["Key"], Body=b"no archive")
    (manifest,) = stack.s3.list_objects_v2(Bucket="records", Prefix=f"manifests/{FLYWHEEL}/analysis-")["Contents"]
    before = stack.s3.get_object(Bucket="records", Key=manifest["Key"])["Body"].read()
    stack.s3.put_object(Bucket="records", Key=manifest["Key"], Body=before.replace(b"monday", b"sunday"))
    for number, error in enumerate(("DatasetConflictError", "UnexpectedReplyError"), start=2):
        stack.clock.advance(3600)
        assert _ask_again(stack).error == error
        stack.s3.put_object(Bucket="records", Key=manifest["Key"], Body=before)
        assert _row(stack).hold.reason == ("Failure" if number < 3 else "NeedsYou")
    stack.clock.advance(100_000)
    stack.sweep()
    assert stack.analysis_machine.running() == [], "it waits for a person"


def _ask_again(stack: Stack) -> Execution:
    stack.sweep()
    (execution,) = stack.analysis_machine.running()
    return execution.run()


def test_an_execution_that_was_freed_and_goes_on_later_changes_nothing(stack: Stack) -> None:
    promoted(stack, analysis={"quiet_seconds": 0}, backoff_base_seconds=60)
    _drop(stack, (LINES, TEXT))
    first = next(iter(stack.analysis_machine.executions.values())).run_until("CollectResults")
    first.die()
    stack.clock.advance(361)
    stack.sweep()
    stack.clock.advance(61)
    stack.sweep()
    (second,) = stack.analysis_machine.running()
    second.run_until("CollectResults")

    first.redrive()
    assert first.run().error == "TurnLostError"
    assert _row(stack).holder == second.arn
    assert second.run().state == "DocumentsAnalysed"


def test_what_was_deleted_before_it_was_inspected_is_refused(stack: Stack) -> None:
    event = stack.drop(LINES, TEXT)
    stack.deliver(event)
    version = event["detail"]["object"]["version-id"]
    stack.s3.delete_object(Bucket="inbox", Key=LINES, VersionId=version)
    assert stack.inspect() == []

    assert _states(stack) == {LINES: "REFUSED"}
    assert "deleted before" in stack.notices.mails[0][1]


def test_a_number_that_was_used_up_is_skipped(stack: Stack) -> None:
    promoted(stack, analysis={"quiet_seconds": 0})
    for number in (1, 2):
        assert stack.analysis_machine.start(f"{FLYWHEEL}-{number}", json.dumps({"flywheel": FLYWHEEL}))
        stack.analysis_machine.executions[f"{FLYWHEEL}-{number}"].die()
    _drop(stack, (LINES, TEXT))
    stack.run()

    assert stack.analysis_machine.executions[f"{FLYWHEEL}-3"].state == "DocumentsAnalysed"


def test_a_model_that_only_the_ledger_has_asks_for_a_person_and_does_not_loop(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    promoted(stack, analysis={"quiet_seconds": 0})
    model = stack.ports.serving.read(FLYWHEEL).active  # type: ignore[union-attr]
    describe = type(stack.ports.comprehend).describe_flywheel
    _drop(stack, (LINES, TEXT))
    arn = stack.ports.comprehend.flywheel_arn(FLYWHEEL)
    facts = describe(stack.ports.comprehend, arn)
    assert facts is not None
    nobody = dataclasses.replace(facts, arn=stack.ports.comprehend.flywheel_arn("nobody"))
    monkeypatch.setattr(type(stack.ports.comprehend), "describe_flywheel", lambda *_: nobody)
    stack.run()

    assert nobody.active_model == model
    assert _ends(stack) == ["AnalysisFailed"]
    assert _row(stack).hold.reason == "Failure", "the ledger has a model, so a wait for the first one would not end"
    assert "Comprehend cannot use" in next(body for _, body in stack.notices.mails if "wait" in body)
    for _ in range(3):
        stack.clock.advance(3600)
        stack.sweep()
        stack.run()
    assert _ends(stack) == ["AnalysisFailed"] * 3
    assert _row(stack).hold.reason == "NeedsYou"


@pytest.mark.parametrize("state", ["CheckDocuments", "StartAnalysis", "CheckAnalysis", "CollectResults", "EndAnalysis"])
@pytest.mark.parametrize("ended", ["die", "abort"])
def test_an_execution_that_ends_anywhere_is_freed_and_its_work_is_resumed(stack: Stack, state: str, ended: str) -> None:
    promoted(stack, analysis={"quiet_seconds": 0})
    _drop(stack, (LINES, TEXT))
    execution = next(iter(stack.analysis_machine.executions.values())).run_until(state)
    getattr(execution, ended)()
    stack.sweep()
    assert _row(stack).state == "RUNNING", "nobody is freed before the time of grace"

    stack.clock.advance(361)
    stack.sweep()
    assert _row(stack).hold.reason == ("Aborted" if ended == "abort" else "Failure")
    assert stack.ports.analyses.resume(FLYWHEEL)
    stack.sweep()
    stack.run()

    assert _states(stack) == {LINES: "ANALYSED"}
    assert len([subject for subject in stack.notices.subjects() if "Analysed" in subject]) == 1
    jobs = stack.comprehend.list_document_classification_jobs()["DocumentClassificationJobPropertiesList"]
    assert len(jobs) == 1, "whatever died, the documents are paid for once"


def test_an_end_that_is_not_reached_is_freed_by_the_queue(stack: Stack) -> None:
    """EndAnalysis > AnalysisNotReleased."""
    promoted(stack, analysis={"quiet_seconds": 0})
    _drop(stack, (LINES, TEXT))
    execution = next(iter(stack.analysis_machine.executions.values())).run_until("EndAnalysis")
    for _ in range(40):
        stack.faults.on("dynamodb.GetItem", "busy")
    assert execution.run().state == "AnalysisNotReleased"
    stack.faults.clear()
    stack.clock.advance(361)
    detail = {"executionArn": execution.arn, "name": execution.arn.rpartition(":")[2], "status": "FAILED"}
    body = json.dumps({"source": "aws.states", "detail": detail})
    record = {"messageId": "1", "body": body, "eventSource": "aws:sqs"}

    assert stack.call("sweep", {"Records": [record]}) == {"batchItemFailures": []}

    assert _row(stack).state == "IDLE"


def test_a_redelivered_event_changes_nothing(stack: Stack) -> None:
    promoted(stack, analysis={"quiet_seconds": 0})
    event = stack.drop(LINES, TEXT)
    for _ in range(2):
        stack.deliver(event, event)
        assert stack.inspect() == []
    stack.run()
    stack.deliver(event)
    stack.inspect()
    stack.run()

    assert _ends(stack) == ["DocumentsAnalysed"]


def test_documents_that_no_event_announced_are_found(stack: Stack) -> None:
    promoted(stack, analysis={"quiet_seconds": 0})
    stack.drop(LINES, TEXT)
    stack.sweep()
    assert stack.inspect() == []
    stack.sweep()
    stack.run()

    assert _states(stack) == {LINES: "ANALYSED"}


def test_resuming_a_flywheel_ends_the_hold_of_its_documents_too(stack: Stack) -> None:
    _drop(stack, (LINES, TEXT))
    stack.run()
    assert _row(stack).hold is not None

    resume_flywheel(stack.ports, FLYWHEEL, by="ada")

    assert _row(stack).hold is None


@pytest.mark.parametrize("stack", [SOON], indirect=True)
@pytest.mark.parametrize(
    ("state", "kind"),
    [
        *itertools.product(["StartAnalysis", "CollectResults"], ["die before", "die after", "lose reply"]),
        ("TakeAnalysis", "die after"),
        ("EndAnalysis", "die after"),
        ("EndAnalysis", "lose reply"),
    ],
)
def test_a_fault_at_any_call_of_a_step_loses_and_repeats_nothing(stack: Stack, state: str, kind: Any) -> None:
    promoted(stack, analysis={"quiet_seconds": 0})
    number = 0
    while True:
        number += 1
        key = f"{FLYWHEEL}/documents/{number}.txt"
        _drop(stack, (key, TEXT))
        execution = list(stack.analysis_machine.executions.values())[-1].run_until(state)
        stack.faults.clear()
        stack.faults.at(number, kind)
        execution.step()
        passed = not stack.faults.came_to_pass
        stack.faults.clear()
        stack.run()
        assert _states(stack)[key] == "ANALYSED"
        if passed:
            break
    jobs = stack.comprehend.list_document_classification_jobs()["DocumentClassificationJobPropertiesList"]
    assert len(jobs) == number
    told = [row for row in stack.rows() if row.get("kind") == "DocumentsAnalysed"]
    assert len(told) == number
    assert [row["sk"] for row in told if "pending" in row] == []
    assert all(len(_table(stack, each)) == 3 for each in range(number))
    assert number > 2
