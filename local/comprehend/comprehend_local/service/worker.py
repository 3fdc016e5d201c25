"""Takes the steps that are due: in threads, or inside the call that finds them due."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping

from comprehend_local.clock import Clock
from comprehend_local.control.rules import Rules
from comprehend_local.service.context import Step, Writes
from comprehend_local.store.database import Store, Work

logger = logging.getLogger(__name__)
LAST_SECONDS = 2.0
LONGEST_WAIT = 1.0
"""Seconds after which an idle thread looks again, should a clock have been moved."""


class Worker:
    """Steps of one record are taken one after the other; a step's writes and its end are one transaction.

    Lock order: the store's lock may be held when `_changed` is taken (a call that adds work wakes the threads), so the
    store is never asked while `_changed` is held.
    """

    def __init__(self, store: Store, clock: Clock, steps: Mapping[str, Step], rules: Rules | None = None) -> None:
        self._store = store
        self._rules = rules or Rules()
        self._clock = clock
        self._steps = steps
        self._changed = threading.Condition()
        self._changes = 0
        self._busy: dict[str, bool] = {}
        """By key of a record that is worked on, whether by a long step."""
        self._most_long = 1
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._inline = threading.RLock()

    def start(self, threads: int) -> None:
        """Work in the background: `threads` take long steps, and one more is left for what is done at once."""
        self._most_long = threads
        for number in range(threads + 1):
            thread = threading.Thread(target=self._loop, name=f"comprehend-worker-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def wake(self) -> None:
        """There may be something to do."""
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Let the steps that are being taken end, for LAST_SECONDS at most, and begin no others.

        A step that takes longer (a training) is given up; it is taken again after the next start.
        """
        self._stopping = True
        self.wake()
        end = time.monotonic() + LAST_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(end - time.monotonic(), 0))

    def run_due(self) -> int:
        """Take every step that is due, here and now; also those that become due by it. Returns how many."""
        taken = 0
        with self._inline:
            while work := self._claim():
                self._take(work)
                taken += 1
        return taken

    def _loop(self) -> None:
        while not self._stopping:
            seen = self._changes
            pause = self._turn()
            with self._changed:
                if pause and self._changes == seen and not self._stopping:
                    self._changed.wait(pause)

    def _turn(self) -> float:
        """Take a step if there is one; how long to wait for the next one."""
        try:
            work = self._claim()
            if work is None:
                return self._until_next()
            self._take(work)
        except Exception:
            if not self._stopping:
                logger.exception("the state cannot be read or written; this is tried again")
                time.sleep(LONGEST_WAIT)
        return 0.0

    def _until_next(self) -> float:
        for work in self._store.work():
            with self._changed:
                waits = self._waits(work)
            if not waits and not self._held(work):
                return min(max(work.due - self._clock.now(), 0.001), LONGEST_WAIT)
        return LONGEST_WAIT

    def _waits(self, work: Work) -> bool:
        """Whether a step that is being taken has to end first."""
        return work.key in self._busy or (self._steps[work.step].long and sum(self._busy.values()) >= self._most_long)

    def _held(self, work: Work) -> bool:
        kind = self._steps[work.step].ends
        return bool(kind) and work.due <= self._clock.now() and self._rules.holds(kind, work.key)

    def _claim(self) -> Work | None:
        """The first step that is due and whose record nobody works on; None when there is none now."""
        now = self._clock.now()
        for work in self._store.work():
            if work.due > now:
                break
            with self._changed:
                if self._waits(work) or self._held(work):
                    continue
                self._busy[work.key] = self._steps[work.step].long
            if self._store.has_work(work):
                return work
            self._release(work)  # another thread finished it since it was listed
        return None

    def _ending(self, step: Step, key: str) -> Writes | None:
        """What a rule wants to be written instead of the end that it would have."""
        rule = self._rules.ending(step.ends, key) if step.ends else None
        if rule is None:
            return None
        stop = step.stop
        if rule.do == "stop" and stop is not None:
            return lambda: stop(key)
        message = rule.message
        return lambda: step.fail(key, message)

    def _release(self, work: Work) -> None:
        with self._changed:
            self._busy.pop(work.key, None)
            self._changes += 1
            self._changed.notify_all()

    def _take(self, work: Work) -> None:
        step = self._steps[work.step]
        try:
            write = self._ending(step, work.key) or step.compute(work.key)
            with self._store.transaction():
                write()
                self._store.finish_work(work)
        except Exception:
            if self._stopping:
                return  # the state is closed, or about to be; the step is taken again after the next start
            logger.exception("step %s for %s broke down", work.step, work.key)
            with self._store.transaction():
                step.fail(work.key, "INTERNAL_SERVER_ERROR: comprehend_local broke down; its log says how.")
                self._store.finish_work(work)
        finally:
            self._release(work)
