"""The head rows and the turn log in the ledger table."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from governor.adapters.dynamodb import ConditionRefused, Item, Key, Table
from governor.domain.errors import TurnLostError
from governor.domain.moments import from_text, to_text
from governor.domain.turn import Head, Hold, OpenBatch, Phase
from governor.ports import TurnEnd

HELD = "#state = :running AND #holder = :me"
"""The fence: every write on behalf of a turn carries it."""
_TURN = "TURN#"

SET_HOLD = "#hold_until = :until, #hold_reason = :reason, #hold_policy_version = :version"
"""What writes a hold to the head, with the values of `hold_values`."""


def hold_values(hold: Hold) -> dict[str, Any]:
    """Return the values that `SET_HOLD` needs."""
    return {"until": to_text(hold.until), "reason": hold.reason, "version": hold.policy_version}


def flywheel_key(flywheel: str, sort: str) -> Key:
    """Return the key of a row of the flywheel's own partition."""
    return {"pk": f"F#{flywheel}", "sk": sort}


class DynamoHeads:
    """Implements `ports.Heads`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, flywheel: str) -> Head | None:
        item = self._table.get(flywheel_key(flywheel, "HEAD"))
        return None if item is None else _head(item)

    def fence(self, flywheel: str, me: str) -> Head:
        head = self.read(flywheel)
        if head is None or head.state != "RUNNING" or head.holder != me:
            raise turn_lost(flywheel)
        return head

    def take(self, flywheel: str, turn: int, me: str, now: datetime) -> bool:
        self._table.put({"pk": "FLYWHEELS", "sk": flywheel})
        free = _free(turn)
        try:
            self._table.update(
                flywheel_key(flywheel, "HEAD"),
                "SET #turn = :turn, #state = :running, #holder = :me, #since = :now",
                free,
                turn=turn, previous=turn - 1, running="RUNNING", idle="IDLE", me=me, now=to_text(now),
            )  # fmt: skip
        except ConditionRefused as refused:
            return bool(refused.item.get("holder") == me)
        return True

    def skip(self, flywheel: str, turn: int) -> bool:
        free = _free(turn)
        try:
            self._table.update(
                flywheel_key(flywheel, "HEAD"),
                "SET #turn = :turn, #state = :idle",
                free,
                turn=turn,
                previous=turn - 1,
                idle="IDLE",
            )
        except ConditionRefused:
            return False
        return True

    def set_flywheel_arn(self, flywheel: str, me: str, arn: str) -> None:
        self._set(flywheel, me, "SET #flywheel_arn = :arn", arn=arn)

    def set_phase(self, flywheel: str, me: str, batch: int, phase: Phase) -> None:
        self._set(flywheel, me, "SET #batch.#phase = :phase", batch=batch, phase=phase)

    def set_attempt(self, flywheel: str, me: str, batch: int, attempt: int) -> None:
        self._set(flywheel, me, "SET #batch.#attempt = :attempt", batch=batch, attempt=attempt)

    def set_baseline(self, flywheel: str, me: str, batch: int, baseline: str) -> None:
        self._set(flywheel, me, "SET #batch.#baseline = :baseline", batch=batch, baseline=baseline)

    def release(self, flywheel: str, me: str, *, failures: int, hold: Hold | None) -> bool:
        return to_idle(self._table, flywheel_key(flywheel, "HEAD"), HELD, failures, hold, me=me)

    def free(self, flywheel: str, turn: int, holder: str, *, failures: int, hold: Hold | None) -> bool:
        return to_idle(
            self._table,
            flywheel_key(flywheel, "HEAD"),
            f"{HELD} AND #turn = :turn",
            failures,
            hold,
            me=holder,
            turn=turn,
        )

    def lift_hold(self, flywheel: str, hold: Hold) -> bool:
        try:
            self._table.update(
                flywheel_key(flywheel, "HEAD"),
                "SET #failures = :none REMOVE #hold_until, #hold_reason, #hold_policy_version",
                "#hold_reason = :reason AND #hold_until = :until",
                none=0, reason=hold.reason, until=to_text(hold.until),
            )  # fmt: skip
        except ConditionRefused:
            return False
        return True

    def resume(self, flywheel: str, seen: Head, *, by: str, now: datetime) -> bool:
        condition = (
            "#failures = :failures" if seen.failures else "(#failures = :failures OR attribute_not_exists(#failures))"
        )
        values: dict[str, Any] = {"failures": seen.failures}
        if seen.hold is None:
            condition += " AND attribute_not_exists(#hold_until)"
        else:
            condition += " AND #hold_reason = :reason AND #hold_until = :until"
            values |= {"reason": seen.hold.reason, "until": to_text(seen.hold.until)}
        try:
            self._table.update(
                flywheel_key(flywheel, "HEAD"),
                "SET #failures = :none, #resumed_by = :by, #resumed_at = :now"
                " REMOVE #hold_until, #hold_reason, #hold_policy_version",
                f"attribute_exists(#pk) AND {condition}",
                none=0, by=by, now=to_text(now), **values,
            )  # fmt: skip
        except ConditionRefused:
            return False
        return True

    def names(self) -> list[str]:
        return [item["sk"] for item in self._table.query("#pk = :pk", pk="FLYWHEELS")]

    def _set(self, flywheel: str, me: str, update: str, **values: Any) -> None:
        condition = f"{HELD} AND #batch.#id = :batch" if "batch" in values else HELD
        try:
            self._table.update(flywheel_key(flywheel, "HEAD"), update, condition, running="RUNNING", me=me, **values)
        except ConditionRefused as refused:
            raise turn_lost(flywheel) from refused


class DynamoTurnLog:
    """Implements `ports.TurnLog`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def began(self, flywheel: str, turn: int, execution: str, now: datetime) -> None:
        item = {"execution": execution, "began": to_text(now)}
        try:
            self._table.put(_turn_key(flywheel, turn) | item, "attribute_not_exists(#pk)")
        except ConditionRefused:
            return

    def ended(self, flywheel: str, turn: int, outcome: str, cause: str, now: datetime) -> None:
        self._table.update(
            _turn_key(flywheel, turn),
            "SET #ended = :now, #outcome = :outcome, #cause = :cause",
            now=to_text(now), outcome=outcome, cause=cause,
        )  # fmt: skip

    def latest(self, flywheel: str, limit: int) -> Iterator[TurnEnd]:
        rows = self._table.query(
            "#pk = :pk AND begins_with(#sk, :prefix)",
            limit=limit,
            backwards=True,
            pk=f"F#{flywheel}",
            prefix=_TURN,
        )
        for row in rows:
            if "ended" in row:
                yield TurnEnd(int(row["sk"].removeprefix(_TURN)), row["outcome"], row["cause"])


def _free(turn: int) -> str:
    """The condition to take `turn`. A row without turns is there after an adoption or a teardown."""
    idle = "#state = :idle AND #turn = :previous"
    return f"attribute_not_exists(#pk) OR ({idle})" if turn == 1 else idle


def to_idle(table: Table, key: Key, condition: str, failures: int, hold: Hold | None, **values: Any) -> bool:
    """Move a claimed row (a head, or an analysis) from RUNNING to IDLE with what follows; False if refused."""
    update = "SET #state = :idle, #failures = :failures"
    if hold is None:
        update += " REMOVE #holder, #hold_until, #hold_reason, #hold_policy_version"
    else:
        update += f", {SET_HOLD} REMOVE #holder"
        values |= hold_values(hold)
    try:
        table.update(key, update, condition, idle="IDLE", running="RUNNING", failures=failures, **values)
    except ConditionRefused:
        return False
    return True


def turn_lost(flywheel: str) -> TurnLostError:
    """Return the error of an execution whose turn has gone to another."""
    return TurnLostError(f"This execution no longer holds the turn of flywheel {flywheel}; it changes nothing more.")


def _turn_key(flywheel: str, turn: int) -> Key:
    return flywheel_key(flywheel, f"{_TURN}{turn:09}")


def _head(item: Item) -> Head:
    hold = None
    if "hold_until" in item:
        hold = Hold(item["hold_reason"], from_text(item["hold_until"]), int(item.get("hold_policy_version", 0)))
    batch = None
    if "batch" in item:
        raw = item["batch"]
        batch = OpenBatch(
            int(raw["id"]), raw["phase"], int(raw["attempt"]), raw["baseline"], int(raw["policy_version"])
        )
    return Head(
        turn=int(item["turn"]),
        state=item["state"],
        holder=item.get("holder"),
        since=from_text(item["since"]) if "since" in item else None,
        failures=int(item.get("failures", 0)),
        hold=hold,
        generation=int(item.get("generation", 1)),
        flywheel_arn=item.get("flywheel_arn"),
        batch=batch,
    )
