"""The batch rows and their verdicts in the ledger table."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from governor.adapters.dynamodb import ConditionRefused, Item, Key, Table, Write
from governor.adapters.exam_rows import (
    cost_item,
    costs_of,
    exam_item,
    exam_of,
    sitting_item,
    sitting_name,
    sittings_of,
)
from governor.adapters.heads import HELD, SET_HOLD, flywheel_key, hold_values, turn_lost
from governor.adapters.uploads import fence
from governor.domain.batch import digest_of
from governor.domain.budget import Cost
from governor.domain.errors import ServiceBusyError, UnexpectedReplyError
from governor.domain.moments import from_text, to_text
from governor.domain.suspects import Suspect
from governor.domain.turn import Hold, OpenBatch
from governor.domain.verdict import Exam, GateResult, Interval, Metrics, MustPass, Verdict
from governor.ports import BatchOutcome, BatchRecord, DatasetRecord, ExamRecord, Recheck, Sitting, VerdictRecord


class DynamoBatches:
    """Implements `ports.Batches`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def open(self, flywheel: str, me: str, batch: OpenBatch, record: BatchRecord) -> None:
        item = {
            "manifest_uri": record.manifest_uri,
            "digest": record.digest,
            "policy_version": record.policy_version,
            "planned_at": to_text(record.planned_at),
            "uploads": dict(record.uploads),
            "documents": dict(record.documents),
            "datasets": {},
            "iterations": {},
            "trains": record.trains,
            "likely_exam_usd": repr(record.likely_exam_usd),
        }
        head = Write(
            flywheel_key(flywheel, "HEAD"),
            update="SET #batch = :batch",
            condition=f"{HELD} AND attribute_not_exists(#batch)",
            values={"running": "RUNNING", "me": me, "batch": asdict(batch)},
        )
        row = Write(_key(flywheel, batch.id), item=item, condition="attribute_not_exists(#pk)")
        try:
            self._table.transact([head, row])
        except ConditionRefused as refused:
            if not self._is_open(flywheel, me, batch):
                raise turn_lost(flywheel) from refused

    def _is_open(self, flywheel: str, me: str, batch: OpenBatch) -> bool:
        """Tell whether a refused `open` had already happened: its reply was lost and the client sent it again."""
        head = self._table.get(flywheel_key(flywheel, "HEAD")) or {}
        mine = head.get("state") == "RUNNING" and head.get("holder") == me
        return mine and head.get("batch") == asdict(batch)

    def read(self, flywheel: str, batch: int) -> BatchRecord:
        item = self._table.get(_key(flywheel, batch))
        if item is None:
            raise UnexpectedReplyError(f"Batch {batch} of flywheel {flywheel} is open but has no row in the ledger.")
        return _batch(flywheel, item)

    def record_dataset(self, flywheel: str, me: str, batch: int, dataset: DatasetRecord) -> None:
        value: dict[str, Any] = {"name": dataset.name, "arn": dataset.arn, "documents": dataset.documents}
        if dataset.completed_at is not None:
            value["completed_at"] = to_text(dataset.completed_at)
        self._set(flywheel, me, batch, f"SET #datasets.#{dataset.kind} = :value", value=value)

    def record_iteration(self, flywheel: str, me: str, batch: int, attempt: int, iteration: str) -> None:
        self._set(flywheel, me, batch, f"SET #iterations.#a{attempt} = :value", value=iteration)

    def record_approval(
        self, flywheel: str, me: str, batch: int, approval: str, expires: datetime, *, previous: str | None
    ) -> None:
        unchanged = "attribute_not_exists(#approval)" if previous is None else "#approval = :previous"
        name = Write(
            _key(flywheel, batch),
            update="SET #approval = :approval, #approval_expires = :expires",
            condition=f"{unchanged} OR #approval = :approval",
            values={"approval": approval, "expires": to_text(expires), "previous": previous},
        )
        try:
            self._table.transact([fence(flywheel, me), name])
        except ConditionRefused as refused:
            if refused.index == 0:
                raise turn_lost(flywheel) from refused
            raise ServiceBusyError(
                f"Another attempt of this state has just asked for approval of batch {batch}."
            ) from refused

    def record_exam(self, flywheel: str, me: str, batch: int, exam: ExamRecord) -> None:
        self._set(flywheel, me, batch, "SET #exam = :value", value=exam_item(exam))

    def record_sitting(self, flywheel: str, me: str, batch: int, sitting: Sitting, cost: Cost | None = None) -> None:
        name = sitting_name(sitting)
        update, values = f"SET #{name} = :sitting", {"sitting": sitting_item(sitting)}
        if cost is not None:
            update += f", #cost_{name}_{sitting.attempt} = :cost"
            values["cost"] = cost_item(cost)
        self._set(flywheel, me, batch, update, **values)

    def record_training(self, flywheel: str, me: str, batch: int, attempt: int, cost: Cost) -> None:
        self._set(flywheel, me, batch, f"SET #cost_training_{attempt} = :value", value=cost_item(cost))

    def record_recheck(self, flywheel: str, me: str, batch: int, recheck: Recheck) -> None:
        self._set(flywheel, me, batch, "SET #recheck = :value", value=asdict(recheck))

    def record_serving_failed(self, flywheel: str, me: str, batch: int, reason: str) -> None:
        note = Write(_key(flywheel, batch), update="SET #serving_failed = :reason", values={"reason": reason})
        try:
            self._table.transact([fence(flywheel, me), note])
        except ConditionRefused as refused:
            raise turn_lost(flywheel) from refused

    def read_verdict(self, flywheel: str, batch: int, baseline: str) -> VerdictRecord | None:
        item = self._table.get(_verdict_key(flywheel, batch, baseline))
        return None if item is None else _verdict(item)

    def put_verdict(self, flywheel: str, me: str, record: VerdictRecord) -> VerdictRecord:
        key = _verdict_key(flywheel, record.batch, record.baseline)
        item = {
            "batch": record.batch,
            "candidate": record.candidate,
            "baseline": record.baseline,
            "verdict": json.dumps(asdict(record.verdict), sort_keys=True),
            # Its table of labels may be larger than a row; the decision record has it.
            "exam": json.dumps(asdict(record.exam) | {"support": {}}, sort_keys=True),
            "policy_version": record.policy_version,
            "reached_at": to_text(record.reached_at),
            "decision_uri": record.decision_uri,
            "decision_sha256": record.decision_sha256,
            "suspects": json.dumps([asdict(suspect) for suspect in record.suspects]),
        }
        latest = Write(
            _key(flywheel, record.batch),
            update="SET #verdict = :word, #reason = :reason",
            values={"word": record.verdict.word, "reason": record.verdict.reason},
        )
        try:
            self._table.transact(
                [fence(flywheel, me), Write(key, item=item, condition="attribute_not_exists(#pk)"), latest]
            )
        except ConditionRefused as refused:
            if refused.index == 0:
                raise turn_lost(flywheel) from refused
        standing = self.read_verdict(flywheel, record.batch, record.baseline)
        return standing or record

    def record_report(self, flywheel: str, me: str, verdict: VerdictRecord, uri: str) -> None:
        key = _verdict_key(flywheel, verdict.batch, verdict.baseline)
        note = Write(key, update="SET #report_uri = :uri", condition="attribute_exists(#pk)", values={"uri": uri})
        try:
            self._table.transact([fence(flywheel, me), note])
        except ConditionRefused as refused:
            if refused.index == 0:
                raise turn_lost(flywheel) from refused
            raise UnexpectedReplyError(
                f"Batch {verdict.batch} of flywheel {flywheel} has a report, but no verdict in the ledger."
            ) from refused

    def history(self, flywheel: str) -> list[tuple[BatchRecord, list[VerdictRecord]]]:
        rows = self._table.query("#pk = :pk AND begins_with(#sk, :prefix)", pk=f"F#{flywheel}", prefix="BATCH#")
        found: list[tuple[BatchRecord, list[VerdictRecord]]] = []
        for item in rows:
            if "#VERDICT#" in item["sk"]:
                found[-1][1].append(_verdict(item))
            else:
                found.append((_batch(flywheel, item), []))
        for _, verdicts in found:
            verdicts.sort(key=lambda verdict: verdict.reached_at)
        return found

    def close(
        self, flywheel: str, me: str, batch: int, outcome: BatchOutcome, now: datetime, *, hold: Hold | None
    ) -> None:
        values: dict[str, Any] = {"running": "RUNNING", "me": me, "batch": batch}
        head = Write(
            flywheel_key(flywheel, "HEAD"),
            update="REMOVE #batch" if hold is None else f"SET {SET_HOLD} REMOVE #batch",
            condition=f"{HELD} AND #batch.#id = :batch",
            values=values if hold is None else values | hold_values(hold),
        )
        row = Write(
            _key(flywheel, batch),
            update="SET #outcome = :outcome, #closed_at = :now",
            values={"outcome": outcome, "now": to_text(now)},
        )
        try:
            self._table.transact([head, row])
        except ConditionRefused as refused:
            held = refused.item.get("state") == "RUNNING" and refused.item.get("holder") == me
            if not held or "batch" in refused.item:
                raise turn_lost(flywheel) from refused

    def _set(self, flywheel: str, me: str, batch: int, update: str, **values: Any) -> None:
        try:
            self._table.transact([fence(flywheel, me), Write(_key(flywheel, batch), update=update, values=values)])
        except ConditionRefused as refused:
            raise turn_lost(flywheel) from refused


def _key(flywheel: str, batch: int) -> Key:
    return flywheel_key(flywheel, f"BATCH#{batch:09}")


def _verdict_key(flywheel: str, batch: int, baseline: str) -> Key:
    return flywheel_key(flywheel, f"BATCH#{batch:09}#VERDICT#{digest_of(baseline.encode())[:12]}")


def _batch(flywheel: str, item: Item) -> BatchRecord:
    return BatchRecord(
        flywheel=flywheel,
        id=int(item["sk"].removeprefix("BATCH#")),
        manifest_uri=item["manifest_uri"],
        digest=item["digest"],
        policy_version=int(item["policy_version"]),
        planned_at=from_text(item["planned_at"]),
        uploads={kind: int(count) for kind, count in item["uploads"].items()},
        documents={kind: int(count) for kind, count in item["documents"].items()},
        datasets={kind: _dataset(kind, value) for kind, value in item["datasets"].items()},
        iterations={int(attempt.removeprefix("a")): iteration for attempt, iteration in item["iterations"].items()},
        approval=item.get("approval"),
        approval_expires=from_text(item["approval_expires"]) if "approval_expires" in item else None,
        verdict=item.get("verdict"),
        reason=item.get("reason"),
        outcome=item.get("outcome"),
        serving_failed=item.get("serving_failed"),
        trains=bool(item.get("trains", True)),
        likely_exam_usd=float(item.get("likely_exam_usd", 0.0)),
        exam=exam_of(item["exam"]) if "exam" in item else None,
        sittings=sittings_of(item),
        costs=costs_of(item),
        recheck=_recheck(item["recheck"]) if "recheck" in item else None,
    )


def _recheck(value: Item) -> Recheck:
    return Recheck(**value | {"policy_version": int(value["policy_version"])})


def _dataset(kind: Any, value: Item) -> DatasetRecord:
    completed = from_text(value["completed_at"]) if "completed_at" in value else None
    return DatasetRecord(kind, value["name"], value["arn"], int(value["documents"]), completed)


def _verdict(item: Item) -> VerdictRecord:
    return VerdictRecord(
        batch=int(item["batch"]),
        candidate=item["candidate"],
        baseline=item["baseline"],
        verdict=_judgement(json.loads(item["verdict"])),
        exam=_exam(json.loads(item["exam"])),
        policy_version=int(item["policy_version"]),
        reached_at=from_text(item["reached_at"]),
        decision_uri=item["decision_uri"],
        decision_sha256=item["decision_sha256"],
        suspects=tuple(Suspect(**each) for each in json.loads(item.get("suspects", "[]"))),
        report_uri=item.get("report_uri"),
    )


def _judgement(value: dict[str, Any]) -> Verdict:
    """Return a verdict; one that an older version wrote has fewer fields, and the others their defaults."""
    parts = {"gates": tuple(map(_gate, value["gates"])), "remarks": tuple(value.get("remarks", ()))}
    return Verdict(**value | parts)


def _gate(value: dict[str, Any]) -> GateResult:
    interval = value.get("interval")
    return GateResult(**value | {"interval": None if interval is None else Interval(**interval)})


def _exam(value: dict[str, Any]) -> Exam:
    must_pass = value.get("must_pass")
    parts = {
        "candidate_metrics": _metrics(value["candidate_metrics"]),
        "baseline_metrics": _metrics(value["baseline_metrics"]),
        "must_pass": None if must_pass is None else MustPass(**must_pass | {"failed": tuple(must_pass["failed"])}),
    }
    return Exam(**value | parts)


def _metrics(value: dict[str, float | None] | None) -> Metrics | None:
    return None if value is None else Metrics(**value)
