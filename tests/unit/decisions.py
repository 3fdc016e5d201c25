"""Decision records for tests: exams of which it is known what the policy says, and their rows."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from governor.domain.batch import NO_BASELINE, digest_of
from governor.domain.decision import DecisionRecord, to_bytes
from governor.domain.judgement import judge
from governor.domain.policy import Policy
from governor.domain.sheet import Row, Sheet, sheet_of
from governor.domain.verdict import Exam, Metrics
from governor.ports import VerdictRecord
from tests.unit.policies import a_policy

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
ARN = "arn:aws:comprehend:us-east-1:123456789012:document-classifier/reviews/version/"


def a_sheet(seed: int, documents: int = 200, *, candidate: float = 0.85, baseline: float = 0.8) -> Sheet:
    """Return answers of two models that are right about so many documents by chance."""
    pick = random.Random(seed)
    rows = []
    for _ in range(documents):
        truth = pick.randrange(2)
        answers = (truth if pick.random() < share else 1 - truth for share in (candidate, baseline))
        rows.append(Row(1, (truth,), *((answer,) for answer in answers)))
    return sheet_of("MULTI_CLASS", ("complaint", "praise"), rows, has_baseline=True)


def an_exam(*, f1: float = 0.85, baseline_f1: float | None = 0.8, **changes: Any) -> Exam:
    """Return an exam's averages."""
    facts: dict[str, Any] = {
        "candidate": f"{ARN}new",
        "candidate_metrics": Metrics(f1, f1, f1, f1),
        "scored_baseline": None if baseline_f1 is None else f"{ARN}old",
        "baseline_metrics": None
        if baseline_f1 is None
        else Metrics(baseline_f1, baseline_f1, baseline_f1, baseline_f1),
        "has_test_data": True,
        "documents": 200,
        "support": {"complaint": 100, "praise": 100},
    }
    return Exam(**facts | changes)


def a_record(
    batch: int = 1, policy: Policy | None = None, exam: Exam | None = None, sheet: Sheet | None = None, **changes: Any
) -> DecisionRecord:
    """Return the record of a decision as it would have been made."""
    policy, exam = policy or a_policy(), exam or an_exam()
    baseline, uses = exam.scored_baseline or NO_BASELINE, changes.get("uses", 0)
    verdict = judge(policy, exam, exam.scored_baseline, sheet, uses=uses)
    facts: dict[str, Any] = {
        "reached_at": BEGAN + timedelta(days=batch),
        "manifest_uri": f"s3://records/manifests/reviews/{batch}.json",
        "manifest_sha256": digest_of(b"manifest"),
        "iteration": f"2026110{batch % 10}T000000Z",
        "code_version": "0.1.0",
    }
    return DecisionRecord("reviews", batch, baseline, 1, policy, exam, verdict, sheet=sheet, **facts | changes)


def a_row(record: DecisionRecord) -> VerdictRecord:
    """Return the record's row in the ledger."""
    content = to_bytes(record)
    return VerdictRecord(
        batch=record.batch,
        candidate=record.exam.candidate,
        baseline=record.baseline,
        verdict=record.verdict,
        exam=replace(record.exam, support={}),
        policy_version=record.policy_version,
        reached_at=record.reached_at or BEGAN,
        decision_uri=f"s3://records/decisions/reviews/{record.batch}.json",
        decision_sha256=digest_of(content),
    )


class KeptRecords:
    """The records bucket in memory."""

    def __init__(self, *records: DecisionRecord) -> None:
        self.objects = {a_row(record).decision_uri: to_bytes(record) for record in records}
        self.objects |= {record.manifest_uri: b"manifest" for record in records}

    def put(self, key: str, content: bytes, content_type: str = "application/json") -> str:
        assert content_type == "application/json"
        self.objects[f"s3://records/{key}"] = content
        return f"s3://records/{key}"

    def get(self, uri: str) -> bytes:
        return self.objects[uri]
