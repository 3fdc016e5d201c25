"""Lets calls of AWS go wrong at any point: the process dies, a reply is lost, the service is busy, others are faster.

Only what the functions call is counted, not what tests do. The hooks are botocore's own events.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

Kind = Literal["die before", "die after", "lose reply", "busy", "busy after"]
"""What happens to one call.

die before, die after: the process ends just before, or after the call took effect. lose reply: it took effect, and the
client sends it again. busy: every try fails and nothing takes effect. busy after: it took effect, but no try brings a
reply.
"""

Meanwhile = Callable[[], object]
"""What others do just before a call, while the function that makes it is under way."""


class FunctionDied(BaseException):
    """The Lambda's process ended in the middle; whatever it had written stays written."""

    with_execution = False
    """Whether the execution is dead, too: nobody tries again, and nobody releases the turn."""


class ExecutionDied(FunctionDied):
    """The Lambda's process ended, and so did the execution that had called it."""

    with_execution = True


class Faults:
    """Counts calls and spoils those that it is told to."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        """Every call since the last `clear`, as `dynamodb.UpdateItem`."""
        self.with_execution = False
        """Whether a death takes the execution along."""
        self.others_acted = False
        """Whether others acted while a function was under way."""
        self._active = False
        self._suspended = False
        self._plan: dict[int, Kind | Meanwhile] = {}
        self._named: list[tuple[str, Kind | Meanwhile]] = []
        self._now: Kind | None = None

    def at(self, number: int, kind: Kind | Meanwhile) -> None:
        """Spoil the call `number`, counted from the next one, which is 1."""
        self._plan[len(self.calls) + number] = kind

    def on(self, call: str, kind: Kind | Meanwhile) -> None:
        """Spoil the next call of this name."""
        self._named.append((call, kind))

    def clear(self) -> None:
        """Forget all calls, and plans that did not come to pass."""
        self.calls.clear()
        self._plan.clear()
        self._named.clear()
        self._now = None
        self.with_execution = False
        self.others_acted = False

    @property
    def came_to_pass(self) -> bool:
        return not self._plan and not self._named

    @contextmanager
    def active(self) -> Iterator[None]:
        """Faults happen only inside: while a function runs."""
        before, self._active = self._active, not self._suspended
        try:
            yield
        finally:
            self._active = before

    @contextmanager
    def around(self, call: str) -> Iterator[None]:
        """Make an act of a double one of the counted calls."""
        self.before(call)
        yield
        if self._now == "lose reply":
            self._now = None
        self.after()

    def before(self, call: str) -> None:
        if not self._active:
            return
        self.calls.append(call)
        fault = self._plan.pop(len(self.calls), None) or self._named_fault(call)
        if fault is not None and not isinstance(fault, str):
            self._let_others(fault)
            return
        self._now = fault
        if self._now == "die before":
            self._die()
        if self._now == "busy":
            self._now = None
            raise EndpointConnectionError(endpoint_url="https://busy.example.com")

    def sent(self) -> None:
        if self._active and self._now == "lose reply":
            self._now = None
            raise ConnectionClosedError(endpoint_url="https://lost.example.com")

    def after(self) -> None:
        if not self._active:
            return
        if self._now == "die after":
            self._die()
        if self._now == "busy after":
            self._now = None
            raise ReadTimeoutError(endpoint_url="https://late.example.com")

    def _named_fault(self, call: str) -> Kind | Meanwhile | None:
        for index, (name, kind) in enumerate(self._named):
            if name == call:
                del self._named[index]
                return kind
        return None

    def _let_others(self, act: Meanwhile) -> None:
        self._active, self._suspended, self.others_acted = False, True, True
        try:
            act()
        finally:
            self._active, self._suspended = True, False

    def _die(self) -> None:
        self._now = None
        raise ExecutionDied if self.with_execution else FunctionDied


def is_write(call: str) -> bool:
    """Tell whether a call may change something."""
    return not call.partition(".")[2].startswith(("Get", "List", "Describe", "Query", "Scan", "Head"))


class Switchboard:
    """The faults that count now, for clients that outlive one deployment."""

    def __init__(self) -> None:
        self.faults = Faults()

    def attach(self, client: Any) -> None:
        """Put the hooks on a client: before the call, after the service has done it, and when its reply is read."""
        events = client.meta.events
        service = client.meta.service_model.service_name
        events.register("before-call", lambda model, **_: self.faults.before(f"{service}.{model.name}"))
        events.register_last("before-send", lambda **_: self.faults.sent())
        events.register("after-call", lambda **_: self.faults.after())
