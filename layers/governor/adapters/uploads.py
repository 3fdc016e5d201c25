"""The upload rows and the registered contents in the ledger table."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from governor.adapters.dynamodb import ConditionRefused, Item, Key, Table, Write
from governor.adapters.heads import HELD, flywheel_key, turn_lost
from governor.domain.batch import ManifestRow, Settled
from governor.domain.errors import UnexpectedReplyError
from governor.domain.moments import from_text, to_text
from governor.domain.upload import Kind, Upload

_ADMITTED = "#state = :admitted"
_MOST_COUNTS_BYTES = 16 * 1024
"""As JSON: hundreds of labels. Of more than that the counts are made from the documents when they are needed."""
_MOST_WRITES = 99
"""Of a transaction's 100, one is the fence."""


class DynamoUploads:
    """Implements `ports.Uploads`.

    What waits for a batch has `pending`, what waits for inspection has `admitted`: each a sparse local index. Documents
    to be analysed have partitions of their own, so that no turn sees them. `held_row`: whose holder may settle them.
    """

    def __init__(self, table: Table, *, partition: str = "U#", held_row: str = "HEAD") -> None:
        self._table = table
        self._partition = partition
        self._held_row = held_row

    def record(self, upload: Upload) -> bool:
        item: Item = {
            "key": upload.key,
            "version": upload.version,
            "state": upload.state,
            "recorded_at": to_text(upload.recorded_at),
            "size": upload.size,
        }
        if upload.kind is not None:
            item["kind"] = upload.kind
        if upload.reason is not None:
            item["reason"] = upload.reason
        if upload.state == "ADMITTED":
            item["admitted"] = _order(upload)
        try:
            self._table.put(self._key(upload.flywheel, upload.id) | item, "attribute_not_exists(#pk)")
        except ConditionRefused:
            return False
        return True

    def get(self, flywheel: str, upload: str) -> Upload | None:
        item = self._table.get(self._key(flywheel, upload))
        return None if item is None else _upload(flywheel, item)

    def mark_pending(self, upload: Upload) -> bool:
        return self._leave_admitted(
            upload.flywheel,
            upload.id,
            "SET #state = :state, #pending = :pending, #size = :size, #sha256 = :sha256, #staged = :staged,"
            " #documents = :documents, #labels = :labels, #counts = :counts, #form = :form REMOVE #admitted",
            state="PENDING",
            pending=upload.pending,
            size=upload.size,
            sha256=upload.sha256,
            staged=upload.staged,
            documents=upload.documents,
            labels=upload.labels,
            counts=_counts(upload),
            form=upload.form,
        )

    def return_to_inspection(self, flywheel: str, me: str, uploads: Sequence[Upload]) -> None:
        moves = [
            Write(
                self._key(flywheel, upload.id),
                update="SET #state = :state, #admitted = :admitted REMOVE #pending",
                condition="attribute_exists(#pending) OR #state = :state",
                values={"state": "ADMITTED", "admitted": _order(upload)},
            )
            for upload in uploads
        ]
        self._under_fence(flywheel, me, moves, together=1)

    def refuse(self, flywheel: str, upload: str, reason: str) -> bool:
        return self._leave_admitted(
            flywheel, upload, "SET #state = :state, #reason = :reason REMOVE #admitted", state="REFUSED", reason=reason
        )

    def anything_pending(self, flywheel: str) -> bool:
        return any(True for _ in self._table.query("#pk = :pk", index="by_pending", limit=1, pk=self._pk(flywheel)))

    def pending(self, flywheel: str) -> list[Upload]:
        return [
            _upload(flywheel, item)
            for item in self._table.query("#pk = :pk", index="by_pending", pk=self._pk(flywheel))
        ]

    def all(self, flywheel: str) -> list[Upload]:
        return [_upload(flywheel, item) for item in self._table.query("#pk = :pk", pk=self._pk(flywheel))]

    def admitted_before(self, flywheel: str, moment: datetime) -> list[Upload]:
        rows = self._table.query(
            "#pk = :pk AND #admitted < :moment", index="by_admitted", pk=self._pk(flywheel), moment=to_text(moment)
        )
        return [_upload(flywheel, item) for item in rows]

    def anything_known(self, flywheel: str) -> bool:
        return any(True for _ in self._table.query("#pk = :pk", limit=1, pk=self._pk(flywheel)))

    def settle(self, flywheel: str, me: str, settled: Sequence[Settled]) -> None:
        moves = [
            Write(
                self._key(flywheel, each.upload),
                update="SET #state = :state, #reason = :reason REMOVE #pending",
                condition="attribute_exists(#pending) OR #state = :state",
                values={"state": each.state, "reason": each.reason},
            )
            for each in settled
        ]
        self._under_fence(flywheel, me, moves, together=1)

    def register(self, flywheel: str, me: str, generation: int, batch: int, rows: Sequence[ManifestRow]) -> None:
        writes: list[Write] = []
        for row in rows:
            mark = Write(
                self._key(flywheel, row["upload"]),
                update="SET #state = :state, #batch = :batch REMOVE #pending",
                condition="attribute_exists(#pending) OR #batch = :batch",
                values={"state": "REGISTERED", "batch": batch},
            )
            content = Write(
                _content_key(flywheel, generation, row["sha256"]),
                item={"upload": row["upload"], "batch": batch, "key": row["key"], "kind": row["kind"]},
                condition="attribute_not_exists(#pk) OR #upload = :upload",
                values={"upload": row["upload"]},
            )
            writes += [mark, content]
        self._under_fence(flywheel, me, writes, together=2)

    def known(self, flywheel: str, uploads: Sequence[str]) -> set[str]:
        return {item["sk"] for item in self._table.get_all(self._key(flywheel, upload) for upload in uploads)}

    def anything_to_train(self, flywheel: str, generation: int) -> bool:
        contents = self._table.query("#pk = :pk", pk=_content_pk(flywheel, generation))
        return any(item["kind"] == "train" for item in contents)

    def registered(self, flywheel: str, generation: int, kind: Kind) -> list[Upload]:
        contents = self._table.query("#pk = :pk", pk=_content_pk(flywheel, generation))
        keys = [self._key(flywheel, item["upload"]) for item in contents if item["kind"] == kind]
        found = [_upload(flywheel, item) for item in self._table.get_all(keys)]
        return sorted(found, key=lambda upload: (upload.recorded_at, upload.id), reverse=True)

    def registered_contents(self, flywheel: str, generation: int, sha256s: Iterable[str]) -> dict[str, str]:
        keys = (_content_key(flywheel, generation, sha256) for sha256 in set(sha256s))
        return {item["sk"]: item["key"] for item in self._table.get_all(keys)}

    def _pk(self, flywheel: str) -> str:
        return f"{self._partition}{flywheel}"

    def _key(self, flywheel: str, upload: str) -> Key:
        return {"pk": self._pk(flywheel), "sk": upload}

    def _leave_admitted(self, flywheel: str, upload: str, update: str, **values: Any) -> bool:
        try:
            self._table.update(self._key(flywheel, upload), update, _ADMITTED, admitted="ADMITTED", **values)
        except ConditionRefused:
            return False
        return True

    def _under_fence(self, flywheel: str, me: str, writes: Sequence[Write], *, together: int) -> None:
        """Write in transactions as large as DynamoDB takes; `together`: so many in a row must not be torn apart."""
        size = _MOST_WRITES // together * together
        for start in range(0, len(writes), size):
            try:
                self._table.transact([fence(flywheel, me, self._held_row), *writes[start : start + size]])
            except ConditionRefused as refused:
                if refused.index == 0:
                    raise turn_lost(flywheel) from refused
                raise UnexpectedReplyError(
                    f"An upload of flywheel {flywheel} is {refused.item.get('state', 'gone')}, and not by this batch."
                ) from refused


def fence(flywheel: str, me: str, held_row: str = "HEAD") -> Write:
    """Return the first write of a transaction on behalf of a turn: nothing happens unless `me` still holds it."""
    return Write(flywheel_key(flywheel, held_row), condition=HELD, values={"running": "RUNNING", "me": me})


def _counts(upload: Upload) -> str:
    """Return the counts as JSON, or none: a row is read many times while it waits, and ends at 400 KB."""
    text = json.dumps(dict(upload.counts), ensure_ascii=False, separators=(",", ":"))
    return text if len(text.encode()) <= _MOST_COUNTS_BYTES else "{}"


def _order(upload: Upload) -> str:
    return f"{to_text(upload.recorded_at)}#{upload.id}"


def _content_key(flywheel: str, generation: int, sha256: str) -> Key:
    return {"pk": _content_pk(flywheel, generation), "sk": sha256}


def _content_pk(flywheel: str, generation: int) -> str:
    return f"C#{flywheel}#{generation}"


def _upload(flywheel: str, item: Item) -> Upload:
    return Upload(
        flywheel=flywheel,
        id=item["sk"],
        key=item["key"],
        version=item["version"],
        kind=item.get("kind"),
        state=item["state"],
        recorded_at=from_text(item["recorded_at"]),
        reason=item.get("reason"),
        size=int(item.get("size", 0)),
        sha256=item.get("sha256"),
        staged=item.get("staged"),
        documents=int(item.get("documents", 0)),
        labels=int(item.get("labels", 0)),
        counts=json.loads(item.get("counts", "{}")),
        form=item.get("form", "csv"),
        pending=item.get("pending"),
        batch=int(item["batch"]) if "batch" in item else None,
    )
