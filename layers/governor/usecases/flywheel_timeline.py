"""The history of a flywheel's models: every version with its score and its fate, and every change of the active one.

Reads the ledger alone, and writes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from governor.domain.batch import NO_BASELINE
from governor.domain.verdict import Word
from governor.ports import BatchRecord, Ports, ServingChange, VerdictRecord
from governor.usecases.last_word import deciding_recheck, told

History = list[tuple[BatchRecord, list[VerdictRecord]]]
Fate = Literal[
    "promoted", "kept", "rejected", "expired", "in work", "rolled back", "overridden", "outside", "torn down"
]


@dataclass(frozen=True)
class Entry:
    """A version that was judged, or a change of the active model that no batch made.

    `f1`: of `model` on the exam that it sat then. `active_f1`: of the model that is active afterwards, on the newest
    exam that it has sat by then; for a version, `baseline_f1` is the other model's on the same exam.
    `verdict`: the word of the judgement that decided, which may be one under a stricter policy that came meanwhile.
    """

    at: datetime
    fate: Fate
    model: str | None
    f1: float | None
    active: str | None
    active_f1: float | None
    batch: int | None = None
    verdict: Word | None = None
    baseline_f1: float | None = None
    who: str = ""
    why: str = ""
    turned_at: datetime | None = None
    """When the version became active."""


def timeline_of(ports: Ports, flywheel: str, batches: History | None = None) -> list[Entry]:
    """Return all entries, oldest first; the same moment's version before its change.

    `batches`: the ledger's, if they were read already.
    """
    changes = ports.serving.history(flywheel)
    promotions = {change.batch: change for change in changes if change.batch is not None}
    judged = [(record, verdicts[-1]) for record, verdicts in batches or ports.batches.history(flywheel) if verdicts]
    steps: list[tuple[datetime, tuple[BatchRecord, VerdictRecord] | ServingChange]] = [
        *((verdict.reached_at, (record, verdict)) for record, verdict in judged),
        *((change.at, change) for change in changes if change.batch is None),
    ]
    steps.sort(key=lambda step: step[0])

    active = changes[0].source if changes else _now(ports, flywheel)
    known: dict[str, float | None] = {}
    entries: list[Entry] = []
    for at, step in steps:
        if isinstance(step, ServingChange):
            active = step.target
            entries.append(_change(step, known.get(active)))
            continue
        record, verdict = step
        f1, baseline_f1 = _scores(verdict, known)
        turned = promotions.get(record.id)
        if turned is not None and turned.target == verdict.candidate:
            active = turned.target
        fate, who, why = _fate(ports, record, verdict, turned)
        entries.append(
            Entry(
                at=at,
                fate=fate,
                model=verdict.candidate,
                f1=f1,
                active=None if active == NO_BASELINE else active,
                active_f1=known.get(active),
                batch=record.id,
                verdict=(deciding_recheck(record, verdict) or verdict.verdict).word,
                baseline_f1=baseline_f1,
                who=who,
                why=why,
                turned_at=turned.at if turned is not None else None,
            )
        )
    return entries


def _now(ports: Ports, flywheel: str) -> str:
    serving = ports.serving.read(flywheel)
    return serving.active if serving is not None else NO_BASELINE


def _scores(verdict: VerdictRecord, known: dict[str, float | None]) -> tuple[float | None, float | None]:
    """Return candidate's and baseline's F1, and remember each as its model's newest."""
    exam = verdict.exam
    f1 = exam.candidate_metrics.f1 if exam.candidate_metrics is not None else None
    baseline_f1 = exam.baseline_metrics.f1 if exam.baseline_metrics is not None else None
    if verdict.candidate is not None and f1 is not None:
        known[verdict.candidate] = f1
    if exam.scored_baseline is not None and baseline_f1 is not None:
        known[exam.scored_baseline] = baseline_f1
    return f1, baseline_f1


def _fate(
    ports: Ports, record: BatchRecord, verdict: VerdictRecord, turned: ServingChange | None
) -> tuple[Fate, str, str]:
    if turned is not None and turned.target == verdict.candidate:
        return "promoted", turned.who, turned.why
    approval = ports.approvals.read(record.approval) if record.approval is not None else None
    if approval is not None and approval.state == "REJECTED":
        return "rejected", approval.person, approval.reason or ""
    recheck = deciding_recheck(record, verdict)
    reason = verdict.verdict.reason if recheck is None else told(recheck, recheck.reason)
    if record.outcome is None:
        return "in work", "", reason
    if approval is not None and approval.state == "EXPIRED":
        return "expired", "", "Nobody answered in time."
    return "kept", "Flywheel Governor", reason


def _change(change: ServingChange, f1: float | None) -> Entry:
    fates: dict[str, Fate] = {"rollback": "rolled back", "override": "overridden", "teardown": "torn down"}
    model = None if change.target == NO_BASELINE else change.target
    fate = fates.get(change.op.partition(":")[0], "outside")
    return Entry(change.at, fate, model, f1, model, f1, who=change.who, why=change.why, turned_at=change.at)
