"""A golden exam on the local stack: real roles, real jobs of a Comprehend that trains, and the answers in S3."""

import json
from pathlib import Path
from typing import Any

import pytest

from governor.domain.decision import from_bytes
from governor.domain.judgement import judge
from governor_local.rig import Rig
from tests.doubles.data import labelled
from tests.e2e.acting import Acting

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MUST_PASS = b"queue,visibility redrive receive fifo\nstorage,bucket object lifecycle archive\n"


@pytest.fixture
def acting(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Acting:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return Acting(rig, "exams", tmp_path)


def _verdicts(acting: Acting) -> list[dict[str, Any]]:
    rows = acting.rig.client("dynamodb").query(
        TableName=acting.rig.outputs["LedgerTableName"],
        KeyConditionExpression="pk = :pk AND begins_with(sk, :row)",
        ExpressionAttributeValues={":pk": {"S": f"F#{acting.name}"}, ":row": {"S": "BATCH#"}},
        ConsistentRead=True,
    )["Items"]
    return [dict(row) for row in rows if "#VERDICT#" in row["sk"]["S"]]


def _jobs(acting: Acting) -> list[str]:
    """Return which models sat exams of the flywheel."""
    listed = acting.rig.comprehend().list_document_classification_jobs()["DocumentClassificationJobPropertiesList"]
    return [job["DocumentClassifierArn"] for job in listed if job["JobName"].startswith(f"{acting.name}-exam-")]


def _active(acting: Acting) -> str:
    model = acting.active()
    assert model is not None
    return model


def _content(acting: Acting, uri: str) -> bytes:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    body: bytes = acting.rig.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def test_models_sit_the_same_documents_and_the_record_is_enough_to_judge_again(
    acting: Acting, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first model is promoted, a good one takes its place, and what trains on wrong labels is a regression."""
    acting.apply_policy(exam={"kind": "golden", "must_pass": ["core.csv"]}, budget_usd_per_month=100)
    acting.rig.upload(acting.name, "must-pass", "core.csv", MUST_PASS)
    acting.drop_good(1)
    assert acting.last_state(acting.turn(1)) == "ModelPromoted"
    first = _active(acting)
    assert _jobs(acting) == [first, first], "the exam, and what must be right"

    acting.drop(("train", "2.csv", labelled(2, per_label=30)))
    assert acting.last_state(acting.turn(2)) == "ModelPromoted"
    second = _active(acting)
    assert sorted(_jobs(acting)) == sorted([first, first, second, second]), "nobody sits an exam twice"

    acting.drop(("train", "bad.csv", labelled(3, per_label=90, wrong=True)))
    assert acting.last_state(acting.turn(3)) == "ActiveModelKept"
    assert acting.active() == second
    assert f"Look first at {acting.name}/train/bad.csv (270 documents" in acting.mail("Batch 3: FAIL").body

    verdicts = _verdicts(acting)
    records = [from_bytes(_content(acting, row["decision_uri"]["S"])) for row in verdicts]
    assert [record.verdict.word for record in records] == ["PASS", "PASS", "FAIL"]
    for record in records:
        assert (
            judge(record.policy, record.exam, record.judged_against, record.sheet, uses=record.uses) == record.verdict
        )
        assert record.exam.documents == 60
        assert record.exam.must_pass is not None
    assert len({record.exam.candidate_digest for record in records}) == 1
    assert records[2].flips_uri is not None
    flips = json.loads(_content(acting, records[2].flips_uri))
    assert flips["right_to_wrong"]["count"] > flips["wrong_to_right"]["count"]

    capsys.readouterr()
    assert acting.command("status", acting.name, "--json") == 0
    (status,) = json.loads(capsys.readouterr().out)
    assert status["spent_this_month_usd"] > 0
    assert status["budget_usd_per_month"] == 100
