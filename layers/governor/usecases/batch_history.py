"""The history of a flywheel's batches: what came, what was decided and why, what became of it, by whose word.

Reads the ledger alone, and writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from governor.domain.approval import shown_state
from governor.domain.decided import deciding_line
from governor.domain.verdict import Word
from governor.ports import BatchRecord, Ports, Recheck, VerdictRecord
from governor.usecases.flywheel_timeline import Entry, Fate, History, timeline_of
from governor.usecases.last_word import deciding_recheck, recheck_of, told

Ending = Literal[
    "promoted",
    "taken back",
    "kept",
    "rejected",
    "expired",
    "no new model",
    "asked",
    "in work",
    "data refused",
    "torn down",
]
_UNJUDGED: dict[str, Ending] = {
    "DATASETS_REFUSED": "data refused",
    "TORN_DOWN": "torn down",
    "NO_CHANGE": "no new model",
}
_OF_FATE: dict[Fate, Ending] = {"promoted": "promoted", "rejected": "rejected", "expired": "expired", "kept": "kept"}


@dataclass(frozen=True)
class Line:
    """One batch.

    `f1` and `baseline_f1`: of the two models on the exam that decided. `line`: the one of the verdict that decided it.
    `who`: whose word it was in the end. `active`: the model that was active afterwards. `verdicts`: how often it was
    judged; more than once if the active model changed meanwhile. `recheck`: what a stricter policy said that came
    between verdict and promotion; if it decided, `verdict`, `line` and `policy_version` are its own, and `instead_of`
    is the verdict whose place it took.
    """

    batch: int
    at: datetime
    ending: Ending
    policy_version: int
    uploads: Mapping[str, int] = field(default_factory=dict)
    documents: Mapping[str, int] = field(default_factory=dict)
    candidate: str | None = None
    f1: float | None = None
    baseline_f1: float | None = None
    verdict: Word | None = None
    line: str = ""
    who: str = ""
    why: str = ""
    cost_usd: float | None = None
    active: str | None = None
    verdicts: int = 0
    recheck: Recheck | None = None
    instead_of: VerdictRecord | None = None


def batch_history(ports: Ports, flywheel: str, batches: History | None = None) -> list[Line]:
    """Return a line for every batch, oldest first. `batches`: the ledger's, if they were read already."""
    history = batches or ports.batches.history(flywheel)
    entries = timeline_of(ports, flywheel, history)
    judged = {entry.batch: entry for entry in entries if entry.batch is not None}
    return [
        _unjudged(record, entries)
        if record.id not in judged
        else _judged(ports, record, verdicts, judged[record.id], entries)
        for record, verdicts in history
    ]


def _unjudged(record: BatchRecord, entries: list[Entry]) -> Line:
    before = [entry for entry in entries if entry.at <= record.planned_at]
    return Line(
        batch=record.id,
        at=record.planned_at,
        ending=_UNJUDGED.get(record.outcome or "", "in work"),
        policy_version=record.policy_version,
        uploads=record.uploads,
        documents=record.documents,
        line=record.reason or "",
        cost_usd=_cost(record),
        active=before[-1].active if before else None,
    )


def _judged(
    ports: Ports, record: BatchRecord, verdicts: list[VerdictRecord], entry: Entry, entries: list[Entry]
) -> Line:
    last = verdicts[-1]
    decided = deciding_recheck(record, last)
    ending, active = _ending(ports, record, entry), entry.active
    if ending == "taken back":
        active = next((each.active for each in entries if each.batch is None and each.at >= entry.at), active)
    return Line(
        batch=record.id,
        at=last.reached_at,
        ending=ending,
        policy_version=(decided or last).policy_version,
        uploads=record.uploads,
        documents=record.documents,
        candidate=last.candidate,
        f1=entry.f1,
        baseline_f1=entry.baseline_f1,
        verdict=(decided or last.verdict).word,
        line=told(decided, decided.line or decided.reason) if decided is not None else deciding_line(last.verdict),
        who=entry.who,
        why=record.serving_failed or entry.why,
        cost_usd=_cost(record),
        active=active,
        verdicts=len(verdicts),
        recheck=recheck_of(record, last),
        instead_of=last if decided is not None else None,
    )


def _ending(ports: Ports, record: BatchRecord, entry: Entry) -> Ending:
    if entry.fate == "in work":
        row = ports.approvals.read(record.approval) if record.approval is not None else None
        return "asked" if row is not None and shown_state(row, ports.clock.now()) == "OPEN" else "in work"
    if record.outcome == "NO_CHANGE":
        return "no new model"
    if record.serving_failed is not None and entry.fate == "promoted":
        return "taken back"
    return _OF_FATE.get(entry.fate, "kept")


def _cost(record: BatchRecord) -> float | None:
    return sum(cost.usd for cost in record.costs) if record.costs else None
