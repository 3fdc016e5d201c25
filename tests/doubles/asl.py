"""Runs the definitions in statemachines/ themselves, one state a step, so that tests may stop an execution anywhere.

What it knows is what the machine uses: JSONata Task, Choice, Wait, Succeed and Fail, Assign, Output, Retry and Catch.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jsonata.jsonata import Jsonata
from jsonata.utils import Utils

from tests.doubles.clock import SharedClock
from tests.doubles.faults import FunctionDied

DEFINITIONS = Path(__file__).parents[2] / "statemachines"

Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "ABORTED"]
Invoke = Callable[[str, Any], Any]
"""(function's logical name without `Function`, payload) -> result; raises what the function raises."""


@cache
def definition(machine: str = "flywheel") -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DEFINITIONS / f"{machine}.asl.json").read_text())
    return loaded


class Execution:
    """One execution. `status` is Step Functions'; a task that waits for its token has `waiting_token`."""

    def __init__(
        self, arn: str, payload: Any, invoke: Invoke, clock: SharedClock, *, machine: str = "flywheel"
    ) -> None:
        self.arn = arn
        self._definition = definition(machine)
        self.payload = payload
        self.status: Status = "RUNNING"
        self.state: str = self._definition["StartAt"]
        self.visited: list[str] = []
        self.error: str | None = None
        self.cause: str | None = None
        self.waiting_token: str | None = None
        self.woken = False
        self.busy = False
        """Whether a state is just being run; others may act meanwhile, but not this execution."""
        self.stopped: datetime | None = None
        self.output: Any = payload
        self._variables: dict[str, Any] = {}
        self._invoke = invoke
        self._clock = clock
        self._tasks = 0

    def step(self) -> None:
        """Run the current state, or look whether the task's token has come back."""
        if self.status == "RUNNING" and not self.busy:
            self.busy = True
            try:
                self._step()
            finally:
                self.busy = False

    def _step(self) -> None:
        body = self._definition["States"][self.state]
        if self.waiting_token is not None:
            if self.woken:
                self._finish_task(body, {})
            return
        self.visited.append(self.state)
        match body["Type"]:
            case "Task":
                self._task(body)
            case "Choice":
                self._choose(body)
            case "Wait":
                self._clock.advance(self._value(body["Seconds"], self._context()))
                self.state = body["Next"]
            case "Succeed":
                self._stop("SUCCEEDED")
            case "Fail":
                error, cause = (self._value(body[name], self._context()) for name in ("Error", "Cause"))
                self._stop("FAILED", error, cause)
            case other:
                raise AssertionError(f"the interpreter does not know {other}")

    def run(self, most_steps: int = 500) -> "Execution":
        """Go on until the execution ends or waits for its token."""
        for _ in range(most_steps):
            if not self.can_go_on:
                return self
            self.step()
        raise AssertionError(f"no end after {most_steps} states: {self.visited[-20:]}")

    def run_until(self, state: str) -> "Execution":
        """Go on until `state` is the next to run."""
        while self.can_go_on and self.state != state:
            self.step()
        assert self.state == state, f"the execution came to {self.state}"
        return self

    @property
    def can_go_on(self) -> bool:
        return self.status == "RUNNING" and (self.waiting_token is None or self.woken)

    def abort(self) -> None:
        """Stop as StopExecution does."""
        if self.status == "RUNNING":
            self._stop("ABORTED")

    def die(self) -> None:
        """End without ever coming to EndTurn, as when the task that should have released the turn fails for good."""
        if self.status == "RUNNING":
            self._stop("FAILED", "States.Runtime", "The execution died.")

    def redrive(self) -> None:
        """Go on at the state where it stopped, with what it knew then."""
        assert self.status in {"FAILED", "ABORTED"}
        self.status, self.stopped, self.error, self.cause = "RUNNING", None, None, None
        self.waiting_token, self.woken = None, False

    def wake(self, token: str) -> bool:
        """Return whether the execution waits for `token`."""
        if self.status == "RUNNING" and self.waiting_token == token:
            self.woken = True
            return True
        return False

    def time_out_task(self) -> None:
        """Let the waiting task's TimeoutSeconds pass."""
        body = self._definition["States"][self.state]
        self.waiting_token = None
        self._catch(body, "States.Timeout", "the task timed out")

    def _stop(self, status: Status, error: str | None = None, cause: str | None = None) -> None:
        self.status, self.error, self.cause = status, error, cause
        self.stopped = self._clock.now()
        self.waiting_token = None

    def _task(self, body: dict[str, Any]) -> None:
        callback = body["Resource"].endswith(".waitForTaskToken")
        name = body["Arguments"]["FunctionName"].removeprefix("${").removesuffix("FunctionArn}")
        attempts = [0] * len(body["Retry"])
        while True:
            self._tasks += 1
            token = f"{self.arn}/{self._tasks}"
            payload = self._value(body["Arguments"]["Payload"], self._context(token))
            if callback:
                self.waiting_token, self.woken = token, False
            error, cause, result = "", "", None
            try:
                result = self._invoke(name, payload)
            except FunctionDied as died:
                if died.with_execution:
                    self.die()
                    return
                error, cause = "Runtime.ExitError", "the process ended"
            except Exception as raised:  # noqa: BLE001  what Lambda does: every exception becomes its class's name
                error = type(raised).__name__
                cause = json.dumps({"errorMessage": str(raised), "errorType": error})
            if not error:
                if not callback:
                    self._finish_task(body, json.loads(json.dumps(result)))
                return
            if not self._may_retry(body["Retry"], attempts, error):
                self.waiting_token = None
                self._catch(body, error, cause)
                return

    def _may_retry(self, retriers: list[dict[str, Any]], attempts: list[int], error: str) -> bool:
        for index, retrier in enumerate(retriers):
            if error in retrier["ErrorEquals"]:
                attempts[index] += 1
                if attempts[index] > retrier["MaxAttempts"]:
                    return False
                self._clock.advance(retrier["IntervalSeconds"] * retrier["BackoffRate"] ** (attempts[index] - 1))
                return True
        return False

    def _finish_task(self, body: dict[str, Any], result: Any) -> None:
        self.waiting_token, self.woken = None, False
        context = self._context(result={"Payload": result})
        self._assign(body, context)
        self.output = self._value(body["Output"], context) if "Output" in body else result
        self.state = body["Next"]

    def _catch(self, body: dict[str, Any], error: str, cause: str) -> None:
        for catcher in body["Catch"]:
            if error in catcher["ErrorEquals"] or "States.ALL" in catcher["ErrorEquals"]:
                context = self._context(error={"Error": error, "Cause": cause})
                self._assign(catcher, context)
                self.state = catcher["Next"]
                return
        self._stop("FAILED", error, cause)

    def _choose(self, body: dict[str, Any]) -> None:
        context = self._context()
        for rule in body["Choices"]:
            if self._value(rule["Condition"], context) is True:
                self._assign(rule, context)
                self.state = rule["Next"]
                return
        self._assign(body, context)
        self.state = body["Default"]

    def _assign(self, body: dict[str, Any], context: dict[str, Any]) -> None:
        self._variables |= {name: self._value(value, context) for name, value in body.get("Assign", {}).items()}

    def _context(self, token: str | None = None, *, result: Any = None, error: Any = None) -> dict[str, Any]:
        about = {"Execution": {"Id": self.arn}, "Task": {"Token": token}}
        states: dict[str, Any] = {"input": self.output, "context": about}
        if result is not None:
            states["result"] = result
        if error is not None:
            states["errorOutput"] = error
        return self._variables | {"states": states}

    def _value(self, template: Any, context: dict[str, Any]) -> Any:
        if isinstance(template, dict):
            return {name: self._value(value, context) for name, value in template.items()}
        if isinstance(template, list):
            return [self._value(value, context) for value in template]
        if isinstance(template, str) and template.startswith("{%"):
            return _evaluate(template[2:-2].strip(), context)
        return template


def _evaluate(expression: str, context: dict[str, Any]) -> Any:
    compiled = Jsonata(expression)
    compiled.register_lambda("parse", json.loads)
    value = compiled.evaluate(None, _with_nulls(context))
    if value is None and not _is_null(expression, context):
        raise AssertionError(f"States.QueryEvaluationError: {expression} gives nothing")
    # Whole numbers come back as floats from arithmetic; Step Functions writes them as integers.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_null(expression: str, context: dict[str, Any]) -> bool:
    probe = Jsonata(f"$exists(({expression}))")
    probe.register_lambda("parse", json.loads)
    return bool(probe.evaluate(None, _with_nulls(context)))


def _with_nulls(value: Any) -> Any:
    """The engine takes Python's None for JSONata's "nothing"; a null is a value."""
    if isinstance(value, dict):
        return {name: _with_nulls(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_nulls(each) for each in value]
    return Utils.NULL_VALUE if value is None else value
