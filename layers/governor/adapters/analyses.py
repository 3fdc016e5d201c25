"""The row `ANALYSIS` of a flywheel, and a row for each analysis that is over, in the ledger table."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from governor.adapters.dynamodb import ConditionRefused, Item, Table, Write
from governor.adapters.heads import HELD, flywheel_key, to_idle
from governor.domain.analysis import AnalysisHead, OpenAnalysis
from governor.domain.errors import TurnLostError
from governor.domain.moments import from_text, to_text
from governor.domain.turn import Hold
from governor.ports import AnalysisOutcome

ROW = "ANALYSIS"


class DynamoAnalyses:
    """Implements `ports.Analyses`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, flywheel: str) -> AnalysisHead | None:
        item = self._table.get(flywheel_key(flywheel, ROW))
        return None if item is None else _head(item)

    def fence(self, flywheel: str, me: str) -> AnalysisHead:
        head = self.read(flywheel)
        if head is None or head.state != "RUNNING" or head.holder != me:
            raise analysis_lost(flywheel)
        return head

    def take(self, flywheel: str, number: int, me: str, now: datetime) -> bool:
        self._table.put({"pk": "FLYWHEELS", "sk": flywheel})
        return self._move_on(
            flywheel,
            number,
            "SET #number = :number, #state = :running, #holder = :me, #since = :now",
            running="RUNNING", me=me, now=to_text(now),
        )  # fmt: skip

    def skip(self, flywheel: str, number: int) -> bool:
        return self._move_on(flywheel, number, "SET #number = :number, #state = :idle")

    def open(self, flywheel: str, me: str, analysis: OpenAnalysis) -> None:
        values = {"last": analysis.id, "open": _open_item(analysis)}
        self._set(flywheel, me, "SET #last = :last, #open = :open", "attribute_not_exists(#open)", values)

    def record_attempt(self, flywheel: str, me: str, analysis: OpenAnalysis) -> None:
        values = {"id": analysis.id, "open": _open_item(analysis)}
        self._set(flywheel, me, "SET #open = :open", "#open.#id = :id", values)

    def close(
        self,
        flywheel: str,
        me: str,
        analysis: OpenAnalysis,
        outcome: AnalysisOutcome,
        now: datetime,
        *,
        documents: int,
        results: str | None,
    ) -> None:
        row = _open_item(analysis) | {"outcome": outcome, "ended": to_text(now), "documents": documents}
        if results is not None:
            row["results"] = results
        ends = Write(
            flywheel_key(flywheel, ROW),
            update="REMOVE #open",
            condition=f"{HELD} AND #open.#id = :id",
            values={"running": "RUNNING", "me": me, "id": analysis.id},
        )
        try:
            self._table.transact([ends, Write(flywheel_key(flywheel, f"{ROW}#{analysis.id:09}"), item=row)])
        except ConditionRefused as refused:
            # A lost reply: closed by this execution's own hand already.
            if refused.item.get("holder") != me or "open" in refused.item:
                raise analysis_lost(flywheel) from refused

    def release(self, flywheel: str, me: str, *, failures: int, hold: Hold | None) -> bool:
        return to_idle(self._table, flywheel_key(flywheel, ROW), HELD, failures, hold, me=me)

    def free(self, flywheel: str, number: int, holder: str, *, failures: int, hold: Hold | None) -> bool:
        return to_idle(
            self._table,
            flywheel_key(flywheel, ROW),
            f"{HELD} AND #number = :number",
            failures,
            hold,
            me=holder,
            number=number,
        )

    def resume(self, flywheel: str) -> bool:
        try:
            self._table.update(
                flywheel_key(flywheel, ROW),
                "SET #failures = :none REMOVE #hold_until, #hold_reason, #hold_policy_version",
                "attribute_exists(#hold_until)",
                none=0,
            )
        except ConditionRefused:
            return False
        return True

    def _move_on(self, flywheel: str, number: int, update: str, **values: Any) -> bool:
        free = "attribute_not_exists(#pk)" if number == 1 else "#state = :idle AND #number = :previous"
        try:
            self._table.update(
                flywheel_key(flywheel, ROW), update, free, number=number, previous=number - 1, idle="IDLE", **values
            )
        except ConditionRefused as refused:
            return "me" in values and bool(refused.item.get("holder") == values["me"])
        return True

    def _set(self, flywheel: str, me: str, update: str, condition: str, values: dict[str, Any]) -> None:
        try:
            self._table.update(
                flywheel_key(flywheel, ROW), update, f"{HELD} AND {condition}", running="RUNNING", me=me, **values
            )
        except ConditionRefused as refused:
            mine = refused.item.get("holder") == me and refused.item.get("state") == "RUNNING"
            if not mine or refused.item.get("open") != values["open"]:
                raise analysis_lost(flywheel) from refused


def analysis_lost(flywheel: str) -> TurnLostError:
    """Return the error of an execution whose right to analyse has gone to another."""
    return TurnLostError(f"This execution no longer analyses for flywheel {flywheel}; it changes nothing more.")


def _open_item(analysis: OpenAnalysis) -> Item:
    began = None if analysis.began is None else to_text(analysis.began)
    return {name: value for name, value in (vars(analysis) | {"began": began}).items() if value is not None}


def _head(item: Item) -> AnalysisHead:
    hold = None
    if "hold_until" in item:
        hold = Hold(item["hold_reason"], from_text(item["hold_until"]), int(item.get("hold_policy_version", 0)))
    head = AnalysisHead(
        number=int(item["number"]),
        state=item["state"],
        holder=item.get("holder"),
        since=from_text(item["since"]) if "since" in item else None,
        failures=int(item.get("failures", 0)),
        hold=hold,
        last=int(item.get("last", 0)),
    )
    return replace(head, open=_open(item["open"])) if "open" in item else head


def _open(raw: Item) -> OpenAnalysis:
    return OpenAnalysis(
        id=int(raw["id"]),
        shape=raw["shape"],
        manifest_uri=raw["manifest_uri"],
        digest=raw["digest"],
        attempt=int(raw["attempt"]),
        job=raw.get("job"),
        model=raw.get("model"),
        began=from_text(raw["began"]) if "began" in raw else None,
    )
