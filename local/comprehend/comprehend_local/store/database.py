"""The store: records, blobs and work that is due, in one SQLite database (a file, or memory alone).

A transaction is all or nothing and on disk when it ends, so a server killed at any point finds everything that it
acknowledged, and the work that was not finished is still due.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from comprehend_local.store.records import Record

R = TypeVar("R", bound=Record)
VERSION = 2
SCHEMA = """
CREATE TABLE record (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, key TEXT, parent TEXT, body TEXT,
                     UNIQUE (kind, key));
CREATE INDEX record_parent ON record (kind, parent);
CREATE TABLE blob (key TEXT PRIMARY KEY, content BLOB);
CREATE TABLE work (id INTEGER PRIMARY KEY AUTOINCREMENT, step TEXT, key TEXT, due REAL);
"""


class Work(NamedTuple):
    """A step that is to be taken for the record `key` at `due`."""

    id: int
    step: str
    key: str
    due: float


class StateInUse(Exception):
    """Another server holds the state directory, or it was written by another version."""


class Store:
    """All access goes through one connection under one lock; `transaction` may be nested."""

    def __init__(self, folder: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._hold = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._hold = (folder / "lock").open("w")
            try:
                fcntl.flock(self._hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                self._hold.close()
                raise StateInUse(f"another comprehend_local is using {folder}") from error
        target = ":memory:" if folder is None else str(folder / "state.sqlite3")
        self._db = sqlite3.connect(target, check_same_thread=False, isolation_level=None)
        try:
            self._prepare(target, in_file=folder is not None)
        except sqlite3.DatabaseError as error:
            self.close()
            raise StateInUse(f"{target} is not a state of comprehend_local ({error})") from error
        except StateInUse:
            self.close()
            raise

    def _prepare(self, target: str, *, in_file: bool) -> None:
        if in_file:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            self._db.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
        elif found != VERSION:
            raise StateInUse(
                f"{target} has format {found}; this version reads {VERSION}. "
                "Start with another folder, or with the version that wrote this one"
            )

    def close(self) -> None:
        """Release the files."""
        with self._lock:
            self._db.close()
            if self._hold is not None:
                self._hold.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written together, or not at all when it raises."""
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                if outermost:
                    self._db.execute("ROLLBACK")
                raise
            else:
                if outermost:
                    self._commit()
            finally:
                self._depth -= 1

    def _commit(self) -> None:
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error:  # the disk is full, say: the caller is told, and the next transaction can begin
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    # Records

    def find(self, kind: type[R], key: str) -> R | None:
        """One record, or None."""
        with self._lock:
            row = self._db.execute("SELECT body FROM record WHERE kind = ? AND key = ?", (kind.kind, key)).fetchone()
        return kind(**json.loads(row[0])) if row else None

    def every(self, kind: type[R], parent: str | None = None) -> list[R]:
        """All records of a kind (of one parent), in the order in which they were first put."""
        query, values = "SELECT body FROM record WHERE kind = ?", [kind.kind]
        if parent is not None:
            query, values = query + " AND parent = ?", [*values, parent]
        with self._lock:
            rows = self._db.execute(query + " ORDER BY seq", values).fetchall()
        return [kind(**json.loads(body)) for (body,) in rows]

    def places(self, kind: type[Record]) -> dict[str, int]:
        """By key, where each record stands in the order in which they were first put; a place is never given again."""
        with self._lock:
            rows = self._db.execute("SELECT key, seq FROM record WHERE kind = ?", (kind.kind,)).fetchall()
        return dict(rows)

    def put(self, record: Record) -> None:
        """Write one record, new or changed."""
        body = json.dumps({item.name: getattr(record, item.name) for item in fields(record)})
        with self._lock:
            self._db.execute(
                "INSERT INTO record (kind, key, parent, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body, parent = excluded.parent",
                (record.kind, record.key, record.parent, body),
            )

    def delete(self, kind: type[Record], key: str) -> None:
        """Forget one record."""
        with self._lock:
            self._db.execute("DELETE FROM record WHERE kind = ? AND key = ?", (kind.kind, key))

    # Blobs

    def put_blob(self, key: str, content: bytes) -> None:
        """Write bytes under a key."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO blob VALUES (?, ?)", (key, content))

    def blob(self, key: str) -> bytes:
        """The bytes under a key. Raises KeyError."""
        with self._lock:
            row = self._db.execute("SELECT content FROM blob WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise KeyError(key)
        content: bytes = row[0]
        return content

    def delete_blob(self, key: str) -> None:
        """Forget the bytes under a key."""
        with self._lock:
            self._db.execute("DELETE FROM blob WHERE key = ?", (key,))

    def blob_keys(self, prefix: str) -> list[str]:
        """The keys that begin with a prefix, sorted."""
        with self._lock:
            rows = self._db.execute("SELECT key FROM blob WHERE key >= ? AND key < ? ORDER BY key", _between(prefix))
            return [key for (key,) in rows.fetchall()]

    def delete_blobs(self, prefix: str) -> None:
        """Forget the bytes under every key that begins with a prefix."""
        with self._lock:
            self._db.execute("DELETE FROM blob WHERE key >= ? AND key < ?", _between(prefix))

    # Work

    def add_work(self, step: str, key: str, due: float) -> None:
        """Have a step taken for a record at a time."""
        with self._lock:
            self._db.execute("INSERT INTO work (step, key, due) VALUES (?, ?, ?)", (step, key, due))

    def work(self) -> list[Work]:
        """All work, the earliest first."""
        with self._lock:
            rows = self._db.execute("SELECT id, step, key, due FROM work ORDER BY due, id").fetchall()
        return [Work(*row) for row in rows]

    def has_work(self, work: Work) -> bool:
        """Whether a step is still on the list."""
        with self._lock:
            return self._db.execute("SELECT 1 FROM work WHERE id = ?", (work.id,)).fetchone() is not None

    def finish_work(self, work: Work) -> None:
        """Take a step off the list."""
        with self._lock:
            self._db.execute("DELETE FROM work WHERE id = ?", (work.id,))


def _between(prefix: str) -> tuple[str, str]:
    """The prefix, and the first key after all that begin with it."""
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)


def as_json(value: Any) -> str:
    """A value in one canonical form, for digests."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
