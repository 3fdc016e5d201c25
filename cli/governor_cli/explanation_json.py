"""How `governor explain` gives a batch to programs: as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from governor.domain.approval import Approval
from governor.domain.batch import NO_BASELINE
from governor.domain.decided import rule_in_words
from governor.domain.decision import DecisionRecord
from governor.domain.moments import to_text
from governor.domain.verdict import Verdict
from governor.usecases.explain_batch import Check, Explanation
from governor_cli.explanation import Written, turning_points_of


def as_document(found: Explanation, written: Written | None, checks: Sequence[Check] | None) -> dict[str, Any]:
    """Return the batch as JSON. Times are UTC; what is not there is null."""
    line, verdict, record = found.line, found.verdict, found.record
    judged, _ = found.decided or (None, None)
    return {
        "batch": line.batch,
        "verdict": line.verdict,
        "outcome": line.ending,
        "reason": judged.reason if judged is not None else line.line or None,
        "regression": judged.regression if judged is not None else None,
        "remarks": list(judged.remarks) if judged is not None else [],
        "reached_at": to_text(verdict.reached_at) if verdict is not None else None,
        "candidate": verdict.candidate if verdict is not None else None,
        "baseline": verdict.baseline if verdict is not None and verdict.baseline != NO_BASELINE else None,
        "gates": _gates_document(judged) if judged is not None else [],
        "what_would_have_changed_it": turning_points_of(found),
        "exam": asdict(verdict.exam) | {"uses": record.uses if record is not None else None} if verdict else None,
        "policy": {"version": line.policy_version, **(asdict(written) if written is not None else {})},
        "uploads": [asdict(upload) for upload in record.uploads] if record is not None else [],
        "spent": asdict(record.spent) if record is not None else None,
        "approval": _approval_document(found.approval),
        "changes": [
            {"at": to_text(each.at), "from": each.source, "to": each.target, "by": each.who, "why": each.why}
            for each in found.changes
        ],
        "recheck": _recheck_document(found),
        "serving_failed": found.batch.serving_failed,
        "earlier": [
            {"reached_at": to_text(each.reached_at), "verdict": each.verdict.word, "baseline": each.baseline}
            for each in found.earlier
        ],
        "suspects": [asdict(each) for each in verdict.suspects] if verdict is not None else [],
        "report_uri": verdict.report_uri if verdict is not None else None,
        "active_model": line.active,
        "record": _record_document(found, record),
        "verified": [asdict(check) for check in checks] if checks is not None else None,
    }


def _gates_document(verdict: Verdict) -> list[dict[str, Any]]:
    return [asdict(gate) | {"asks": rule_in_words(gate)} for gate in verdict.gates]


def _recheck_document(found: Explanation) -> dict[str, Any] | None:
    """What a stricter policy said that came meanwhile. `instead_of`: the verdict whose place it took, if it decided."""
    if found.rechecked is None:
        return None
    before = found.line.instead_of
    told = None
    if before is not None:
        told = {
            "verdict": before.verdict.word,
            "policy_version": before.policy_version,
            "reason": before.verdict.reason,
            "regression": before.verdict.regression,
            "remarks": list(before.verdict.remarks),
            "gates": _gates_document(before.verdict),
        }
    return asdict(found.rechecked.row) | {
        "fault": found.rechecked.fault,
        "decided": before is not None,
        "instead_of": told,
    }


def _record_document(found: Explanation, record: DecisionRecord | None) -> dict[str, Any] | None:
    """The record of the verdict, also if a recheck decided: that one's is named in `recheck`."""
    if found.verdict is None:
        return None
    return {
        "uri": found.verdict.decision_uri,
        "sha256": found.verdict.decision_sha256,
        "fault": found.fault,
        "code_version": record.code_version or None if record is not None else None,
        "has_answers": record.sheet is not None if record is not None else None,
    }


def _approval_document(row: Approval | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "state": row.state,
        "by": row.by,
        "proof": row.proof if row.by is not None else None,
        "reason": row.reason or row.end_reason,
        "decided_at": to_text(row.decided_at) if row.decided_at is not None else None,
        "expires": to_text(row.expires),
    }
