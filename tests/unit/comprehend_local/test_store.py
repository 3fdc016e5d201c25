import sqlite3
from pathlib import Path

import pytest

from comprehend_local.store.database import VERSION, StateInUse, Store
from comprehend_local.store.records import Tags


def test_a_transaction_is_all_or_nothing() -> None:
    store = Store()

    def write_and_break_down() -> None:
        with store.transaction():
            store.put(Tags("a", {"k": "v"}))
            store.add_work("step", "a", 1.0)
            with store.transaction():
                store.put_blob("b", b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_break_down()

    assert store.find(Tags, "a") is None
    assert store.work() == []
    with pytest.raises(KeyError):
        store.blob("b")
    store.close()


def test_records_keep_the_order_in_which_they_were_first_put() -> None:
    store = Store()
    for key in ("b", "a", "c", "a"):
        store.put(Tags(key, {"k": key * 2}))

    assert [item.key for item in store.every(Tags)] == ["b", "a", "c"]
    store.delete(Tags, "b")
    assert [item.key for item in store.every(Tags)] == ["a", "c"]
    store.close()


def test_work_comes_by_time_and_then_in_order() -> None:
    store = Store()
    for step, due in (("late", 9.0), ("first", 1.0), ("second", 1.0)):
        store.add_work(step, "k", due)

    first, second, late = store.work()
    assert [item.step for item in (first, second, late)] == ["first", "second", "late"]
    store.finish_work(first)
    assert not store.has_work(first)
    assert store.has_work(second)
    store.close()


def test_a_file_keeps_everything_and_serves_one_at_a_time(tmp_path: Path) -> None:
    first = Store(tmp_path / "state")
    first.put(Tags("a", {"k": "v"}))
    first.put_blob("b", b"\x00x")
    with pytest.raises(StateInUse, match="another comprehend_local is using"):
        Store(tmp_path / "state")
    first.close()

    second = Store(tmp_path / "state")
    assert second.find(Tags, "a") == Tags("a", {"k": "v"})
    assert second.blob("b") == b"\x00x"
    second.close()


def test_a_state_of_another_version_is_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / "state.sqlite3") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()

    with pytest.raises(StateInUse, match=f"has format 99; this version reads {VERSION}"):
        Store(tmp_path)


@pytest.mark.parametrize("content", [b"not a database", b"\x00" * 5000, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_state_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.sqlite3").write_bytes(content)

    with pytest.raises(StateInUse, match="is not a state of comprehend_local"):
        Store(tmp_path)

    (tmp_path / "state.sqlite3").unlink()
    Store(tmp_path).close()  # the folder was let go


def test_a_commit_that_fails_leaves_no_transaction_open() -> None:
    store = Store()
    store._db.executescript(
        "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a (id) DEFERRABLE "
        "INITIALLY DEFERRED); PRAGMA foreign_keys = ON;"
    )

    def write_what_no_commit_takes() -> None:
        with store.transaction():
            store._db.execute("INSERT INTO b VALUES (7)")
            store.put(Tags("a", {}))

    with pytest.raises(sqlite3.IntegrityError):
        write_what_no_commit_takes()

    assert store.find(Tags, "a") is None
    with store.transaction():
        store.put(Tags("b", {}))
    assert store.find(Tags, "b") is not None
    store.close()
