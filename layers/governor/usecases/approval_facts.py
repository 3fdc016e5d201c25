"""What mail and page show of a question: numbers, the verdict and counts, never a document.

Kept as JSON in the approval row, because the page reads nothing but that row:

    {"verdict": "PASS", "reason": "...", "gates": [{"word": "met", "words": "..."}], "remarks": ["..."],
     "metrics": [{"metric": "f1", "candidate": 0.87, "active": 0.85, "difference": 0.02}],   missing: null
     "has_active": true, "has_test_data": true, "frozen": false, "asked_at": "2026-11-23T03:25:34.000000Z",
     "added": [{"kind": "TRAIN", "files": 2, "documents": 3200}],
     "report": "s3://..."}                                                      null in rows that are older than reports
"""

from datetime import datetime, timedelta
from typing import Any, get_args

from governor.domain.batch import NO_BASELINE
from governor.domain.gates import MetricName
from governor.domain.moments import to_text
from governor.domain.verdict import Metrics
from governor.ports import BatchRecord, VerdictRecord

METRICS: tuple[MetricName, ...] = get_args(MetricName)


def approval_facts(batch: BatchRecord, verdict: VerdictRecord, *, frozen: bool, now: datetime) -> dict[str, Any]:
    """Return the facts of the question whether `verdict`'s candidate may become active.

    `frozen`: automatic promotion is switched off since a rollback; approval switches it on again. The active model's
    numbers are left out where the iteration scored another model than the one that is active, because they would not
    be from the same exam.
    """
    exam = verdict.exam
    has_active = verdict.baseline != NO_BASELINE
    candidate = exam.candidate_metrics or Metrics()
    comparable = has_active and exam.scored_baseline == verdict.baseline
    active = (exam.baseline_metrics if comparable else None) or Metrics()
    return {
        "verdict": verdict.verdict.word,
        "reason": _reason(batch, verdict),
        "gates": [
            # What a shadow gate says is a remark.
            {"word": gate.word, "words": gate.words}
            for gate in verdict.verdict.gates
            if gate.mode == "enforce"
        ],
        "remarks": list(verdict.verdict.remarks),
        "metrics": [_side_by_side(metric, candidate.value(metric), active.value(metric)) for metric in METRICS],
        "has_active": has_active,
        "has_test_data": exam.has_test_data,
        "frozen": frozen,
        "asked_at": to_text(now),
        "added": [
            {"kind": kind.upper(), "files": files, "documents": batch.documents.get(kind, 0)}
            for kind, files in sorted(batch.uploads.items(), reverse=True)
            if files
        ],
        "report": verdict.report_uri,
    }


def _reason(batch: BatchRecord, verdict: VerdictRecord) -> str:
    """Return why, also under a stricter policy that came meanwhile and is the reason why people are asked."""
    again = batch.recheck
    if again is None or again.policy_version == verdict.policy_version:
        return verdict.verdict.reason
    return (
        f"{verdict.verdict.reason} Under version {again.policy_version} of the policy, which is stricter and came "
        f"meanwhile: {again.word}. {again.reason}"
    )


def _side_by_side(metric: str, candidate: float | None, active: float | None) -> dict[str, Any]:
    difference = None if candidate is None or active is None else candidate - active
    return {"metric": metric, "candidate": candidate, "active": active, "difference": difference}


# ---- numbers and times in words ------------------------------------------------------------------------------------


def shown_number(value: float | None, *, signed: bool = False) -> str:
    """Return a fraction with four decimals, `-` if there is none. A difference that rounds to nothing is `0.0000`."""
    if value is None:
        return "-"
    text = f"{value:+.4f}" if signed else f"{value:.4f}"
    return "0.0000" if text in {"+0.0000", "-0.0000"} else text


def shown_moment(moment: datetime) -> str:
    """Return `Thursday 26 November 2026, 03:46 UTC`."""
    return f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M} UTC"


def shown_span(span: timedelta) -> str:
    """Return a span of time in its two largest units: `2 days and 3 hours`."""
    minutes = max(0, int(span.total_seconds() // 60))
    units = [("day", minutes // 1440), ("hour", minutes % 1440 // 60), ("minute", minutes % 60)]
    parts = [counted(count, unit) for unit, count in units if count][:2]
    return " and ".join(parts) if parts else "less than a minute"


def counted(count: int, noun: str) -> str:
    """Return `1 file` or `3,200 files`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
