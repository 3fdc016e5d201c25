"""The ACTIVE row, its history, and the notices in the ledger table."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from governor.adapters.dynamodb import ConditionRefused, Item, Key, Table, Write
from governor.adapters.heads import flywheel_key
from governor.domain.moments import from_text, to_text
from governor.ports import Notice, Serving, ServingChange

_MINE = "#phase = :changing AND #op = :op"
_CLAIM_ENDS = "REMOVE #target, #op, #claimed_at, #who, #why"


class DynamoServing:
    """Implements `ports.ServingRows`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, flywheel: str) -> Serving | None:
        item = self._table.get(_key(flywheel))
        return None if item is None else _serving(item)

    def put_first(self, flywheel: str, active: str) -> None:
        try:
            self._table.put(
                _key(flywheel) | {"phase": "SETTLED", "active": active, "seq": 0}, "attribute_not_exists(#pk)"
            )
        except ConditionRefused:
            return

    def claim(
        self,
        flywheel: str,
        *,
        op: str,
        baseline: str,
        target: str,
        ignore_frozen: bool,
        now: datetime,
        who: str = "",
        why: str = "",
    ) -> bool:
        free = "#phase = :settled AND #active = :baseline"
        if not ignore_frozen:
            free += " AND attribute_not_exists(#frozen)"
        try:
            self._table.update(
                _key(flywheel),
                "SET #phase = :changing, #target = :target, #op = :op, #claimed_at = :now, #who = :who, #why = :why "
                "ADD #seq :one",
                f"({free}) OR ({_MINE})",
                changing="CHANGING",
                settled="SETTLED",
                target=target,
                op=op,
                baseline=baseline,
                now=to_text(now),
                who=who,
                why=why,
                one=1,
            )
        except ConditionRefused:
            return False
        return True

    def settle(
        self,
        flywheel: str,
        change: ServingChange,
        notice: Notice,
        *,
        active: str,
        thaw: bool = False,
        freeze: bool = False,
    ) -> bool:
        row = self._table.get(_key(flywheel))
        if row is None or row["phase"] != "CHANGING" or row.get("op") != change.op:
            return False
        sets = "SET #phase = :settled, #active = :active, #previous = :previous"
        values = {"active": active, "previous": change.source, "op": change.op}
        if freeze:
            sets, values = f"{sets}, #frozen = :frozen", values | {"frozen": to_text(change.at)}
        move = Write(
            _key(flywheel),
            update=f"{sets} {_CLAIM_ENDS}, #frozen" if thaw else f"{sets} {_CLAIM_ENDS}",
            condition=_MINE,
            values={"settled": "SETTLED", "changing": "CHANGING"} | values,
        )
        return self._with_history(flywheel, move, change, notice, int(row["seq"]))

    def release_claim(self, flywheel: str, seen: Serving) -> bool:
        try:
            self._table.update(
                _key(flywheel),
                f"SET #phase = :settled {_CLAIM_ENDS}",
                f"{_MINE} AND #seq = :seq",
                settled="SETTLED", changing="CHANGING", op=seen.op, seq=seen.seq,
            )  # fmt: skip
        except ConditionRefused:
            return False
        return True

    def adopt(self, flywheel: str, seen: Serving, change: ServingChange, notice: Notice) -> bool:
        move = Write(
            _key(flywheel),
            update="SET #active = :target, #previous = :source ADD #seq :one",
            condition="#phase = :settled AND #active = :source AND #seq = :seq",
            values={"target": change.target, "source": change.source, "settled": "SETTLED", "seq": seen.seq, "one": 1},
        )
        return self._with_history(flywheel, move, change, notice, seen.seq + 1)

    def thaw(self, flywheel: str) -> bool:
        try:
            self._table.update(_key(flywheel), "REMOVE #frozen", "attribute_exists(#frozen)")
        except ConditionRefused:
            return False
        return True

    def last_change(self, flywheel: str) -> ServingChange | None:
        return next((_change(item) for item in self._changes(flywheel, backwards=True, limit=1)), None)

    def history(self, flywheel: str) -> list[ServingChange]:
        return [_change(item) for item in self._changes(flywheel)]

    def _changes(self, flywheel: str, **how: Any) -> Iterable[Item]:
        return self._table.query("#pk = :pk AND begins_with(#sk, :prefix)", **how, pk=f"F#{flywheel}", prefix="ACTIVE#")

    def _with_history(self, flywheel: str, move: Write, change: ServingChange, notice: Notice, seq: int) -> bool:
        key = flywheel_key(flywheel, f"ACTIVE#{to_text(change.at)}#{seq:09}")
        history = Write(key, item=asdict(change) | {"at": to_text(change.at)})
        try:
            self._table.transact([move, history, notice_write(flywheel, notice)])
        except ConditionRefused:
            return False
        return True


class DynamoNotices:
    """Implements `ports.Notices`. A notice that has not gone out has `pending`, so that the sparse index finds it."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, flywheel: str, notice: Notice) -> bool:
        try:
            self._table.put(_notice_key(flywheel, notice) | _notice_item(notice), "attribute_not_exists(#pk)")
        except ConditionRefused as refused:
            return "pending" in refused.item
        return True

    def is_there(self, flywheel: str, notice: Notice) -> bool:
        return self._table.get(_notice_key(flywheel, notice)) is not None

    def unsent(self, flywheel: str) -> list[Notice]:
        return [_notice(item) for item in self._table.query("#pk = :pk", index="by_pending", pk=f"F#{flywheel}")]

    def mark_sent(self, flywheel: str, notice: Notice, now: datetime, *, mailed: bool, published: bool) -> None:
        sets = [name for name, done in (("sent_at", mailed), ("published_at", published)) if done]
        if not sets:
            return
        update = "SET " + ", ".join(f"#{name} = if_not_exists(#{name}, :now)" for name in sets)
        if mailed and published:
            update += " REMOVE #pending"
        self._table.update(_notice_key(flywheel, notice), update, now=to_text(now))


def notice_write(flywheel: str, notice: Notice) -> Write:
    """Return the write of a notice, for a transaction that it belongs to."""
    return Write(_notice_key(flywheel, notice), item=_notice_item(notice))


def _key(flywheel: str) -> Key:
    return flywheel_key(flywheel, "ACTIVE")


def _notice_key(flywheel: str, notice: Notice) -> Key:
    return flywheel_key(flywheel, _notice_sort(notice))


def _notice_sort(notice: Notice) -> str:
    return f"NOTICE#{to_text(notice.at)}#{notice.id}"


def _notice_item(notice: Notice) -> Item:
    return {
        "kind": notice.kind,
        "id": notice.id,
        "at": to_text(notice.at),
        "subject": notice.subject,
        "body": notice.body,
        # As text: DynamoDB's numbers are not floats.
        "detail": json.dumps(notice.detail, sort_keys=True),
        "pending": _notice_sort(notice),
    }


def _notice(item: Item) -> Notice:
    return Notice(
        item["kind"],
        item["id"],
        from_text(item["at"]),
        item["subject"],
        item["body"],
        json.loads(item.get("detail", "{}")),
        mailed="sent_at" in item,
        published="published_at" in item,
    )


def _serving(item: Item) -> Serving:
    return Serving(
        phase=item["phase"],
        active=item["active"],
        seq=int(item["seq"]),
        previous=item.get("previous"),
        target=item.get("target"),
        op=item.get("op"),
        frozen="frozen" in item,
        claimed_at=from_text(item["claimed_at"]) if "claimed_at" in item else None,
        who=item.get("who", ""),
        why=item.get("why", ""),
    )


def _change(item: Item) -> ServingChange:
    batch: Any = item.get("batch")
    return ServingChange(
        op=item["op"],
        who=item["who"],
        why=item["why"],
        source=item["source"],
        target=item["target"],
        batch=None if batch is None else int(batch),
        at=from_text(item["at"]),
    )
