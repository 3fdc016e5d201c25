"""Stored decisions to judge again: simulated exams, written to a folder as they are in the records bucket."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.measuring import measured
from governor.domain.batch import digest_of
from governor.domain.decision import DecisionRecord, from_bytes, to_bytes
from governor.domain.judgement import judge
from governor.domain.policy import Policy
from governor.domain.sheet import Row, Sheet, sheet_of
from governor.domain.verdict import Exam, Metrics
from governor.ports import VerdictRecord
from governor.usecases.backtest import backtest
from governor_cli.spreading import on_cores

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def policy_of(labels: int, *, confidence: float) -> Policy:
    """Return a policy that needs everything of the judgement: McNemar's test, the bootstrap, every label."""
    return Policy.model_validate(
        {
            "flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": _labels(labels)},
            "exam": {"kind": "golden"},
            "gates": [
                {"metric": "f1", "at_least": 0.7, "gain_at_least": 0.0, "confidence": confidence},
                {"metric": "f1", "label": "*", "drop_at_most": 0.1, "confidence": confidence},
                {"metric": "accuracy", "gain_at_least": 0.0, "confidence": confidence},
            ],
        }
    )


def write(folder: Path, decisions: int, documents: int, labels: int) -> None:
    """Write so many records, each of an exam of its own."""
    folder.mkdir()
    policy = policy_of(labels, confidence=0.95)
    for number in range(decisions):
        sheet = _sheet(number, documents, labels)
        exam = Exam(
            candidate=f"candidate-{number}",
            candidate_metrics=Metrics(),
            scored_baseline="baseline",
            baseline_metrics=Metrics(),
            has_test_data=True,
            kind="golden",
            candidate_digest="d",
            baseline_digest="d",
            documents=documents,
        )
        verdict = judge(policy, exam, "baseline", sheet)
        moment = _BEGAN + timedelta(hours=number)
        record = DecisionRecord("bench", number + 1, "baseline", 1, policy, exam, verdict, moment, sheet)
        (folder / f"{number:06}.json").write_bytes(to_bytes(record))


def judged(folder: str, labels: int, cores: int, answer_ms: float) -> dict[str, Any]:
    """Judge all records in the folder under a stricter policy. `answer_ms`: what S3 takes for each of them."""
    records = _Folder(Path(folder), answer_ms / 1000)
    rows = [_row(path) for path in sorted(Path(folder).iterdir())]
    policy = policy_of(labels, confidence=0.99)
    with measured():
        found = list(backtest(records, rows, policy, spread=on_cores(cores) if cores > 1 else None))
    return {"decisions": len(found), "differing": sum(getattr(each, "differs", False) for each in found)}


@dataclass(frozen=True)
class _Folder:
    """The records bucket."""

    path: Path
    answer_seconds: float

    def put(self, key: str, content: bytes, content_type: str = "application/json") -> str:
        raise NotImplementedError

    def get(self, uri: str) -> bytes:
        time.sleep(self.answer_seconds)
        return (self.path / uri).read_bytes()


def _row(path: Path) -> VerdictRecord:
    content = path.read_bytes()
    record = from_bytes(content)
    return VerdictRecord(
        batch=record.batch,
        candidate=record.exam.candidate,
        baseline=record.baseline,
        verdict=record.verdict,
        exam=record.exam,
        policy_version=1,
        reached_at=record.reached_at or _BEGAN,
        decision_uri=path.name,
        decision_sha256=digest_of(content),
    )


def _labels(number: int) -> list[str]:
    return [f"label-{each:03}" for each in range(number)]


def _sheet(seed: int, documents: int, labels: int) -> Sheet:
    """Return answers of two models that are right about 85 % of the documents, and mostly about the same ones."""
    pick = random.Random(seed)
    rows = []
    for _ in range(documents):
        truth = pick.randrange(labels)
        baseline = truth if pick.random() < 0.85 else pick.randrange(labels)
        candidate = baseline if pick.random() < 0.92 else truth if pick.random() < 0.6 else pick.randrange(labels)
        rows.append(Row(1, (truth,), (candidate,), (baseline,)))
    return sheet_of("MULTI_CLASS", _labels(labels), rows, has_baseline=True)
