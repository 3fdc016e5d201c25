"""The ledger's rows of deleted model versions, and the head row's record of a teardown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from governor.adapters.analyses import ROW as ANALYSIS
from governor.adapters.dynamodb import ConditionRefused, Item, Key, Table, Write
from governor.adapters.heads import SET_HOLD, flywheel_key, hold_values
from governor.adapters.serving import notice_write
from governor.domain.batch import NO_BASELINE, token
from governor.domain.errors import ServiceBusyError
from governor.domain.moments import OPEN_END, from_text, to_text
from governor.domain.turn import Hold
from governor.ports import Notice, Teardown

_FIRST_OR_IDLE = "(attribute_not_exists(#pk) OR #state = :idle)"


class DynamoRetirements:
    """Implements `ports.Retirements`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def intend(self, flywheel: str, model: str, *, active: str, now: datetime) -> bool:
        still = Write(
            flywheel_key(flywheel, "ACTIVE"),
            condition="#phase = :settled AND #active = :active",
            values={"settled": "SETTLED", "active": active},
        )
        row: Item = {"model": model, "state": "DELETING", "intended_at": to_text(now)}
        try:
            self._table.transact([still, Write(_row(flywheel, model), item=row)])
        except ConditionRefused:
            return False
        return True

    def deleting(self, flywheel: str) -> list[str]:
        rows = self._table.query("#pk = :pk AND begins_with(#sk, :prefix)", pk=f"F#{flywheel}", prefix="MODEL#")
        return [row["model"] for row in rows if row["state"] == "DELETING"]

    def settle(self, flywheel: str, model: str, state: Literal["DELETED", "KEPT"], now: datetime) -> None:
        self._table.update(
            _row(flywheel, model), "SET #state = :state, #settled_at = :now", state=state, now=to_text(now)
        )


class DynamoTeardowns:
    """Implements `ports.Teardowns`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, flywheel: str) -> Teardown | None:
        item = self._table.get(flywheel_key(flywheel, "HEAD"))
        if item is None or "teardown" not in item:
            return None
        raw = item["teardown"]
        return Teardown(
            by=raw["by"],
            began=from_text(raw["began"]),
            arn=raw["arn"],
            mode=raw["mode"],
            lake_uri=raw["lake_uri"],
            ended=from_text(raw["ended"]) if "ended" in raw else None,
        )

    def begin(self, flywheel: str, teardown: Teardown) -> bool:
        self._table.put({"pk": "FLYWHEELS", "sk": flywheel})
        try:
            self._table.update(
                flywheel_key(flywheel, "HEAD"),
                f"SET #turn = if_not_exists(#turn, :none), #state = :idle, #teardown = :teardown, {SET_HOLD}",
                f"{_FIRST_OR_IDLE} AND (attribute_not_exists(#hold_reason) OR #hold_reason <> :reason)",
                idle="IDLE", none=0, teardown=_raw(teardown), **hold_values(Hold("TornDown", OPEN_END)),
            )  # fmt: skip
        except ConditionRefused as refused:
            return bool(refused.item.get("hold_reason") == "TornDown" and refused.item.get("state") == "IDLE")
        return True

    def end(self, flywheel: str, teardown: Teardown, notice: Notice, now: datetime) -> None:
        head = self._table.get(flywheel_key(flywheel, "HEAD")) or {}
        writes = [
            Write(
                flywheel_key(flywheel, "HEAD"),
                update="SET #generation = :next, #teardown.#ended = :now, #failures = :none "
                "REMOVE #flywheel_arn, #batch",
                condition="#state = :idle AND #hold_reason = :torn AND attribute_not_exists(#teardown.#ended)",
                values={
                    "next": int(head.get("generation", 1)) + 1,
                    "now": to_text(now),
                    "none": 0,
                    "idle": "IDLE",
                    "torn": "TornDown",
                },
            ),
            notice_write(flywheel, notice),
            *self._forget_active(flywheel, teardown, now),
            *self._close_batch(flywheel, head, now),
        ]
        try:
            self._table.transact(writes)
        except ConditionRefused as refused:
            if not refused.index and "ended" in refused.item.get("teardown", {}):
                return
            raise ServiceBusyError(
                f"The ledger of flywheel {flywheel} changed while it was torn down: a turn that was started by hand "
                "may be at work. Run the command again when it has ended."
            ) from refused

    def withdraw(self, flywheel: str, uploads: Sequence[str]) -> None:
        self._withdraw(f"U#{flywheel}", uploads, "registered")

    def withdraw_documents(self, flywheel: str, uploads: Sequence[str], now: datetime) -> bool:
        row = flywheel_key(flywheel, ANALYSIS)
        item = self._table.get(row)
        if item is not None:
            if item["state"] != "IDLE":
                return False
            if "open" in item and not self._close_analysis(flywheel, item, now):
                return False
        self._withdraw(f"D#{flywheel}", uploads, "analysed")
        return True

    def _close_analysis(self, flywheel: str, seen: Item, now: datetime) -> bool:
        over = Write(
            flywheel_key(flywheel, ANALYSIS),
            update="REMOVE #open",
            condition="#state = :idle AND #number = :seen",
            values={"idle": "IDLE", "seen": seen["number"]},
        )
        ended = seen["open"] | {"outcome": "TORN_DOWN", "ended": to_text(now), "documents": 0}
        record = Write(flywheel_key(flywheel, f"{ANALYSIS}#{int(seen['open']['id']):09}"), item=ended)
        try:
            self._table.transact([over, record])
        except ConditionRefused:
            return False
        return True

    def _withdraw(self, partition: str, uploads: Sequence[str], end: str) -> None:
        for upload in uploads:
            try:
                self._table.update(
                    {"pk": partition, "sk": upload},
                    "SET #state = :withdrawn, #reason = :reason REMOVE #pending",
                    "#state = :pending",
                    withdrawn="WITHDRAWN",
                    reason=f"The flywheel was torn down before it was {end}.",
                    pending="PENDING",
                )
            except ConditionRefused:
                continue

    def adopt(self, flywheel: str, arn: str) -> str:
        self._table.put({"pk": "FLYWHEELS", "sk": flywheel})
        try:
            self._table.update(
                flywheel_key(flywheel, "HEAD"),
                "SET #turn = if_not_exists(#turn, :none), #state = :idle, #flywheel_arn = :arn",
                f"{_FIRST_OR_IDLE} AND (attribute_not_exists(#flywheel_arn) OR #flywheel_arn = :arn)",
                idle="IDLE", none=0, arn=arn,
            )  # fmt: skip
        except ConditionRefused as refused:
            return str(refused.item.get("flywheel_arn", ""))
        return arn

    def _forget_active(self, flywheel: str, teardown: Teardown, now: datetime) -> list[Write]:
        row = self._table.get(flywheel_key(flywheel, "ACTIVE"))
        if row is None:
            return []
        seq = int(row["seq"]) + 1
        change: dict[str, Any] = {
            "op": f"teardown:{seq}",
            "who": teardown.by,
            "why": "The flywheel was torn down.",
            "source": row["active"],
            "target": NO_BASELINE,
            "batch": None,
            "at": to_text(now),
        }
        return [
            Write(
                flywheel_key(flywheel, "ACTIVE"),
                update="SET #phase = :settled, #active = :nothing, #previous = :source, #seq = :seq "
                "REMOVE #target, #op, #claimed_at, #who, #why, #frozen",
                condition="#seq = :seen",
                values={
                    "settled": "SETTLED",
                    "nothing": NO_BASELINE,
                    "source": row["active"],
                    "seq": seq,
                    "seen": row["seq"],
                },
            ),
            Write(flywheel_key(flywheel, f"ACTIVE#{to_text(now)}#{seq:09}"), item=change),
        ]

    @staticmethod
    def _close_batch(flywheel: str, head: Item, now: datetime) -> list[Write]:
        if "batch" not in head:
            return []
        return [
            Write(
                flywheel_key(flywheel, f"BATCH#{int(head['batch']['id']):09}"),
                update="SET #outcome = :outcome, #closed_at = :now",
                values={"outcome": "TORN_DOWN", "now": to_text(now)},
            )
        ]


def _raw(teardown: Teardown) -> dict[str, str]:
    return {
        "by": teardown.by,
        "began": to_text(teardown.began),
        "arn": teardown.arn,
        "mode": teardown.mode,
        "lake_uri": teardown.lake_uri,
    }


def _row(flywheel: str, model: str) -> Key:
    return flywheel_key(flywheel, f"MODEL#{token(model)[:32]}")
