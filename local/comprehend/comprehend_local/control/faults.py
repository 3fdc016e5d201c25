"""Applies the rules to calls, and notes every call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from comprehend_local.clock import Clock
from comprehend_local.control.audit import Audit
from comprehend_local.control.rules import CallRule, Rules
from comprehend_local.service.errors import ServiceError

T = TypeVar("T")


class Unanswered(Exception):
    """The caller is to get no answer. `hung`: only after a wait, see `Faults.hang`."""

    def __init__(self, rule: CallRule) -> None:
        super().__init__(f"no answer to {rule.operation}: rule {rule.id}")
        self.hung = rule.do == "hang"
        self.rule = rule.id
        self.seconds = rule.seconds if self.hung else 0.0


class Faults:
    """The rules, the calls that were seen, and those that hang."""

    def __init__(self, clock: Clock) -> None:
        self.rules = Rules()
        self.audit = Audit()
        self._clock = clock
        self._changed = threading.Condition()
        self._closed = False

    def around(self, operation: str, caller: str, region: str, act: Callable[[], T]) -> T:
        """Make a call under the rules. Raises ServiceError and Unanswered."""
        rule = self.rules.of_call(operation)
        outcome = "InternalServerException"
        try:
            if rule is not None and rule.do in ("throttle", "fail"):
                raise ServiceError(rule.code, rule.message, rule.status)
            if rule is not None and rule.do == "hang":
                raise Unanswered(rule)
            if rule is not None:
                with suppress(ServiceError):
                    act()
                raise Unanswered(rule)  # whatever the answer was, it is lost
            answer = act()
            outcome = "ok"
            return answer
        except ServiceError as error:
            outcome = error.code
            raise
        except Unanswered as lost:
            outcome = "hang" if lost.hung else "lose_reply"
            raise
        finally:
            self.audit.note(self._clock.now(), operation, caller, region, outcome, rule.id if rule else None)

    def hang(self, unanswered: Unanswered) -> None:
        """Wait as long as a call is to hang: its time, or until its rule is taken away or the server ends."""
        end = time.monotonic() + unanswered.seconds
        with self._changed:
            while not self._closed and self.rules.has(unanswered.rule) and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)

    def changed(self) -> None:
        """Rules were taken away."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Let go of what hangs."""
        self._closed = True
        self.changed()
