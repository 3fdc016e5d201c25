"""Documents on the local stack: dropped, answered by an asynchronous job, and read as people read them."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from governor_local.rig import Rig
from tests.doubles.data import WORDS
from tests.e2e.acting import PATIENCE, Acting

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TEXT = "\n".join(" ".join(words) for words in WORDS.values())


@pytest.fixture
def acting(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Acting:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return Acting(rig, "documents", tmp_path)


def _read(acting: Acting, name: str, where: str) -> str:
    bucket, _, prefix = where.removeprefix("s3://").partition("/")
    assert bucket == acting.rig.outputs["LakeBucketName"]
    content: str = acting.rig.client("s3").get_object(Bucket=bucket, Key=f"{prefix}{name}")["Body"].read().decode()
    return content


def _ended(acting: Acting) -> list[dict[str, Any]]:
    """Return the analyses that are over, oldest first."""
    rows = acting.rig.client("dynamodb").query(
        TableName=acting.rig.outputs["LedgerTableName"],
        KeyConditionExpression="pk = :pk AND begins_with(sk, :row)",
        ExpressionAttributeValues={":pk": {"S": f"F#{acting.name}"}, ":row": {"S": "ANALYSIS#"}},
        ConsistentRead=True,
    )["Items"]
    return [dict(row) for row in rows]


def test_dropped_documents_become_predictions(acting: Acting, capsys: pytest.CaptureFixture[str]) -> None:
    """They wait for the first model, are answered by themselves then, and by `governor analyse`."""
    acting.apply_policy(analysis={"quiet_seconds": 2})
    acting.rig.upload(acting.name, "documents", "monday.txt", TEXT.encode())
    acting.rig.upload(acting.name, "documents", "letters/one.txt", b"message visibility\ndelay redrive receive")
    assert "drop training and test files" in acting.mail("Documents wait: NoActiveModel").body

    acting.drop_good(1)
    assert acting.last_state(acting.turn(1)) == "ModelPromoted"
    acting.rig.invoke("sweep", {})

    def both() -> list[dict[str, Any]] | None:
        found = _ended(acting)
        return found if len(found) == 2 else None

    ended = acting.rig.wait_for("both jobs", both, PATIENCE)

    assert [row["outcome"]["S"] for row in ended] == ["ANALYSED"] * 2
    tables = [list(csv.DictReader(_read(acting, "predictions.csv", row["results"]["S"]).splitlines())) for row in ended]
    lines, letter = sorted(tables, key=len, reverse=True)
    assert [(row["line"], row["label"]) for row in lines] == [
        (str(number), label) for number, label in enumerate(WORDS, start=1)
    ]
    assert [(row["input"], row["line"], row["label"]) for row in letter] == [
        (f"{acting.name}/documents/letters/one.txt", "", "queue")
    ]
    summary = json.loads(_read(acting, "summary.json", ended[0]["results"]["S"]))
    assert summary["model"] == acting.active()
    assert f"{acting.rig.outputs['LakeBucketName']}/results/{acting.name}/" in acting.mail("Analysed: ").body

    file, results = acting.rig.folder / "tuesday.txt", acting.rig.folder / "results"
    file.write_text(TEXT)
    capsys.readouterr()
    assert acting.command("analyse", acting.name, str(file), "--to", str(results)) == 0
    assert "3 documents, answered by" in capsys.readouterr().out
    assert len((results / "predictions.jsonl").read_text().splitlines()) == 3
