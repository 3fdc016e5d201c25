import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from comprehend_local import ManualClock
from comprehend_local.service import worker as worker_module
from comprehend_local.service.context import Step, Writes
from comprehend_local.service.worker import Worker
from comprehend_local.store.database import Store, Work


class Lagging(Store):
    """Lists once what another thread finished in the meantime."""

    def __init__(self) -> None:
        super().__init__()
        self.stale: list[Work] = []

    def work(self) -> list[Work]:
        found, self.stale = self.stale, []
        return found or super().work()


def test_a_step_that_another_thread_has_taken_is_not_taken_again() -> None:
    store, taken = Lagging(), []

    def write() -> None:
        taken.append("step")

    worker = Worker(store, ManualClock(), {"step": Step(lambda _: write, lambda *_: None)})
    store.add_work("step", "key", 0)
    store.stale = store.work()
    store.finish_work(store.stale[0])

    assert worker.run_due() == 0
    assert taken == []
    store.add_work("step", "key", 0)
    assert worker.run_due() == 1
    assert taken == ["step"]
    store.close()


class Full(Store):
    """Refuses everything for a while, as a full disk does."""

    refusals = 2

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self.refusals:
            self.refusals -= 1
            raise sqlite3.OperationalError("database or disk is full")
        with super().transaction():
            yield


def test_a_thread_outlives_a_state_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker_module, "LONGEST_WAIT", 0.01)
    store, taken = Full(), threading.Event()
    worker = Worker(store, ManualClock(), {"step": Step(lambda _: taken.set, lambda *_: None)})
    store.add_work("step", "key", 0)

    worker.start(1)

    assert taken.wait(20)
    worker.stop()
    assert "the state cannot be read or written" in caplog.text
    assert store.work() == []
    store.close()


def test_a_step_that_takes_long_is_given_up_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "LAST_SECONDS", 0.01)
    store, begun, end = Store(), threading.Event(), threading.Event()

    def compute(_: str) -> Writes:
        begun.set()
        end.wait(20)
        return lambda: None

    worker = Worker(store, ManualClock(), {"step": Step(compute, lambda *_: None)})
    store.add_work("step", "key", 0)
    worker.start(2)
    assert begun.wait(20)

    worker.stop()

    assert [work.step for work in store.work()] == ["step"], "it is taken again after the next start"
    end.set()


def test_what_takes_long_keeps_nothing_else_waiting() -> None:
    store, end, taken, running = Store(), threading.Event(), threading.Event(), []

    def train(key: str) -> Writes:
        running.append(key)
        end.wait(20)
        return lambda: None

    steps = {
        "train": Step(train, lambda *_: None, long=True),
        "turn": Step(lambda _: taken.set, lambda *_: None),
    }
    worker = Worker(store, ManualClock(), steps)
    for number in range(5):
        store.add_work("train", f"model-{number}", 0)
    store.add_work("turn", "flywheel", 0)

    worker.start(2)

    assert taken.wait(10), "a thread is left for what is done at once"
    assert len(running) == 2, "no more at a time than there are workers"
    end.set()
    deadline = time.monotonic() + 20
    while store.work():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert len(running) == 5
    worker.stop()
    store.close()
