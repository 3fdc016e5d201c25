"""`governor rehearse` as people run it: a process of its own, which starts a local stack and leaves nothing behind."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from governor_local.running import running
from tests.doubles.data import labelled, policy

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_files_and_a_policy_are_rehearsed_and_nothing_is_left(tmp_path: Path) -> None:
    if running():
        pytest.skip("a local stack is running already: `governor local down` ends it")
    for name, content in (("may", labelled(1)), ("june", labelled(2, 60)), ("exam", labelled(3, 40))):
        (tmp_path / f"{name}.csv").write_bytes(content)
    gates = [{"metric": "f1", "at_least": 0.6}, {"metric": "f1", "label": "*", "drop_at_most": 0.3}]
    wanted = policy(gates=gates, exam={"kind": "golden", "must_pass": ["vital.csv"]}, approval="replacement")
    (tmp_path / "vital.csv").write_bytes(b"storage,bucket object versions lifecycle archive\n")
    (tmp_path / "reviews.yaml").write_text(json.dumps({"name": "reviews"} | wanted))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    keys = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    done = subprocess.run(
        [
            ROOT / ".venv/bin/governor", "rehearse", "--train", "may.csv", "--train", "june.csv", "--test", "exam.csv",
            "--policy", "reviews.yaml", "--approve", "always", "--json",
        ],
        cwd=tmp_path, env=keys | {"TMPDIR": str(temporary)}, capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert [(each["verdict"], each["outcome"], each["asked"]) for each in told["batches"]] == [
        ("PASS", "promoted", False), ("PASS", "promoted", True)
    ]  # fmt: skip
    assert [each["documents"].get("train") for each in told["batches"]] == [60, 180]
    assert told["batches"][1]["aws"]["usd"][0] > 4.05, "a training, and the answers of both models"
    reports = [(tmp_path / each["report"]).read_text("utf-8") for each in told["batches"]]
    assert all("<script" not in report for report in reports)
    assert "drop 2 of 2: 002-june.csv (180 documents)" in done.stderr
    assert not running()
    assert list(temporary.glob("flywheel-governor-*")) == []
    processes = subprocess.run(["ps", "-eo", "command="], capture_output=True, text=True, check=True).stdout
    assert str(temporary) not in processes
