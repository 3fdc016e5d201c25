"""A verdict's row gives back every field, and rows that an older version wrote can be read."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from governor.domain.verdict import Exam, GateResult, Interval, Metrics, MustPass, Verdict
from governor.ports import VerdictRecord
from tests.doubles.approvals import FLYWHEEL, REGION, WaitingFlywheel, waiting_flywheel

GATE = GateResult(
    metric="f1",
    candidate=1 / 3,
    baseline=0.1 + 0.2,
    word="undecided",
    regression=False,
    words="F1 of caf\u00e9: undecided.",
    label="*",
    decided_by="caf\u00e9",
    rule="gain_at_least",
    threshold="5%",
    confidence=0.975,
    mode="shadow",
    interval=Interval(-0.1234567890123456, 1e-17),
    support=12,
    needed=340,
)
GATES = (GATE, dataclasses.replace(GATE, interval=None))
EXAM = Exam(
    candidate="arn:new",
    candidate_metrics=Metrics(1 / 3, None, 0.1, 1.0),
    scored_baseline="arn:old",
    baseline_metrics=None,
    has_test_data=True,
    kind="golden",
    candidate_digest="c" * 64,
    baseline_digest="c" * 64,
    documents=1000,
    support={"caf\u00e9": 12, "tea": 988},
    must_pass=MustPass(3, ("a.csv:1",), 1),
)


@pytest.fixture
def flywheel() -> Iterator[WaitingFlywheel]:
    with waiting_flywheel() as found:
        yield found


def put(flywheel: WaitingFlywheel, baseline: str) -> VerdictRecord:
    record = VerdictRecord(
        batch=1,
        candidate="arn:new",
        baseline=baseline,
        verdict=Verdict(
            "INCONCLUSIVE", "Why.", gates=(GATE, dataclasses.replace(GATE, interval=None)), remarks=("One.",)
        ),
        exam=EXAM,
        policy_version=1,
        reached_at=flywheel.clock.now(),
        decision_uri="s3://records/decisions/1.json",
        decision_sha256="e" * 64,
    )
    flywheel.ports.batches.put_verdict(FLYWHEEL, flywheel.execution, record)
    return record


def test_every_field_comes_back(flywheel: WaitingFlywheel) -> None:
    record = put(flywheel, "arn:old")
    read = flywheel.ports.batches.read_verdict(FLYWHEEL, 1, "arn:old")
    assert read is not None
    assert read == dataclasses.replace(record, exam=dataclasses.replace(EXAM, support={})), "the table is in the record"
    assert read.verdict.digest() == record.verdict.digest()


def test_a_row_of_an_older_version_has_the_defaults(flywheel: WaitingFlywheel) -> None:
    put(flywheel, "arn:old")
    table = boto3.resource("dynamodb", region_name=REGION).Table(flywheel.ports.batches._table._name)
    (row,) = [item for item in table.scan()["Items"] if item.get("baseline") == "arn:old"]
    verdict, exam = json.loads(str(row["verdict"])), json.loads(str(row["exam"]))
    old: dict[str, Any] = {key: verdict[key] for key in ("word", "reason", "regression")}
    kept = ("metric", "candidate", "baseline", "word", "regression", "words")
    old["gates"] = [{key: gate[key] for key in kept} for gate in verdict["gates"]]
    first = ("candidate", "candidate_metrics", "scored_baseline", "baseline_metrics", "has_test_data")
    row |= {"verdict": json.dumps(old), "exam": json.dumps({key: exam[key] for key in first})}
    table.put_item(Item=row)
    read = flywheel.ports.batches.read_verdict(FLYWHEEL, 1, "arn:old")
    assert read is not None
    assert (read.verdict.remarks, read.exam.kind, read.exam.must_pass) == ((), "iteration", None)
    assert read.verdict.gates[0] == GateResult("f1", 1 / 3, 0.1 + 0.2, "undecided", False, GATE.words)
