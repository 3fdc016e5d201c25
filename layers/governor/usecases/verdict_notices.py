"""Notices of what a batch's candidate was judged: numbers, reasons and costs, never a document."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from math import isfinite
from typing import Any

from governor.domain.batch import NO_BASELINE
from governor.domain.decision import Spent
from governor.domain.pricing import dollars
from governor.domain.suspects import sentence
from governor.domain.verdict import Metrics
from governor.ports import Notice, Recheck, VerdictRecord
from governor.usecases.approval_facts import shown_span
from governor.usecases.notices import make
from governor.usecases.report_files import report_uris
from governor.usecases.scores import scores_of

_FOLLOWS = {
    "PROMOTE": "The candidate is promoted.",
    "ASK": "People are asked for approval.",
    "KEEP": "The active model stays.",
}


def verdict_reached(flywheel: str, record: VerdictRecord, action: str, spent: Spent) -> Notice:
    """Tell what a batch's candidate was judged, what follows, and what it cost."""
    verdict = record.verdict
    scores = scores_of(record)
    # It is written in a moment, and its name follows from the decision's.
    report, _ = report_uris(record.decision_uri, record.decision_sha256)
    lines = [
        f"Flywheel {flywheel}, batch {record.batch}: {verdict.word}.",
        verdict.reason,
        *verdict.remarks,
        *filter(None, [sentence(record.suspects)]),
        "",
        _FOLLOWS[action],
        "",
        *([*scores, ""] if scores else []),
        *_cost(spent),
        *_lineage(record, record.policy_version, record.decision_uri, record.decision_sha256),
        f"Report: {report}",
        "",
        f"To see it, run: governor report {flywheel} {record.batch} --open",
    ]
    told = {
        "verdict": verdict.word,
        "follows": action,
        "regression": verdict.regression,
        "cost_usd": spent.usd,
        "policy_version": record.policy_version,
        "decision_uri": record.decision_uri,
        "decision_sha256": record.decision_sha256,
        "report_uri": report,
    }
    subject, occasion = f"[{flywheel}] Batch {record.batch}: {verdict.word}", (str(record.batch), record.baseline)
    return _notice(flywheel, record, subject, lines, occasion, told)


def verdict_rechecked(
    flywheel: str, record: VerdictRecord, recheck: Recheck, action: str, why: str, *, regression: bool
) -> Notice:
    """Tell what a stricter policy, which came before the promotion, says of a verdict."""
    versions = (
        f"{record.verdict.word} under version {record.policy_version} of the policy, {recheck.word} under version"
    )
    lines = [
        f"Flywheel {flywheel}, batch {record.batch}: {versions} {recheck.policy_version}.",
        why,
        "",
        _FOLLOWS[action],
        "",
        *_lineage(record, recheck.policy_version, recheck.decision_uri, recheck.decision_sha256),
    ]
    told = {
        "verdict": recheck.word,
        "follows": action,
        "regression": regression,
        "cost_usd": None,
        "policy_version": recheck.policy_version,
        "decision_uri": recheck.decision_uri,
        "decision_sha256": recheck.decision_sha256,
        "report_uri": None,
    }
    subject = f"[{flywheel}] Batch {record.batch}: {recheck.word} under a stricter policy"
    occasion = (str(record.batch), record.baseline, str(recheck.policy_version), action)
    return _notice(flywheel, record, subject, lines, occasion, told)


def _notice(
    flywheel: str,
    record: VerdictRecord,
    subject: str,
    lines: Iterable[str],
    occasion: tuple[str, ...],
    told: dict[str, Any],
) -> Notice:
    return make(
        "VerdictReached",
        record.reached_at,
        subject,
        "\n".join(lines),
        flywheel,
        *occasion,
        batch=record.batch,
        candidate=record.candidate,
        baseline=None if record.baseline == NO_BASELINE else record.baseline,
        exam=record.exam.kind,
        exam_documents=record.exam.documents,
        candidate_metrics=_metrics(record.exam.candidate_metrics),
        baseline_metrics=_metrics(record.exam.baseline_metrics),
        **told,
    )


def _lineage(record: VerdictRecord, policy_version: int, uri: str, sha256: str) -> list[str]:
    return [
        f"Candidate: {record.candidate or 'none'}",
        f"Active model: {record.baseline}",
        f"Policy version: {policy_version}",
        f"Decision record: {uri} (sha256 {sha256})",
    ]


def _cost(spent: Spent) -> list[str]:
    """Return what the batch cost, as far as it is known."""
    parts = []
    if spent.training_usd is not None:
        parts.append(
            f"training {dollars(spent.training_usd)} ({shown_span(timedelta(seconds=spent.training_seconds or 0.0))})"
        )
    if spent.exam_usd is not None:
        parts.append(f"exam {dollars(spent.exam_usd)}")
    return [f"Cost, estimated: {', '.join(parts)}", ""] if parts else []


def _metrics(metrics: Metrics | None) -> dict[str, float | None] | None:
    """Comprehend may give no number, or one that JSON has no word for."""
    if metrics is None:
        return None
    return {name: value if value is not None and isfinite(value) else None for name, value in asdict(metrics).items()}
