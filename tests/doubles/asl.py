"""Runs statemachines/flywheel.asl.json itself, one state a step, so that tests may stop an execution anywhere.

What it knows is what the machine uses: JSONata Task, Choice, Wait, Succeed and Fail, Assign, Output, Retry and Catch.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jsonata.jsonata import Jsonata
from jsonata.utils import Utils

DEFINITION = Path(__file__).parents[2] / "statemachines" / "flywheel.asl.json"

Invoke = Callable[[str, Any], Any]
"""(function's logical name without `Function`, payload) -> result; raises what the function raises."""


class FunctionDied(BaseException):
    """The Lambda's process ended in the middle; whatever it had written stays written."""


@cache
def definition() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DEFINITION.read_text())
    return loaded


class Execution:
    """One execution. `status` is Step Functions'; a task that waits for its token has `waiting_token`."""

    def __init__(self, arn: str, payload: Any, invoke: Invoke, wait: Callable[[float], None]) -> None:
        self.arn = arn
        self.status: Literal["RUNNING", "SUCCEEDED", "FAILED", "ABORTED"] = "RUNNING"
        self.state: str = definition()["StartAt"]
        self.visited: list[str] = []
        self.error: str | None = None
        self.cause: str | None = None
        self.waiting_token: str | None = None
        self.woken = False
        self.output: Any = payload
        self._variables: dict[str, Any] = {}
        self._invoke = invoke
        self._wait = wait
        self._tasks = 0

    def step(self) -> None:
        """Run the current state, or look whether the task's token has come back."""
        body = definition()["States"][self.state]
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
                self._wait(self._value(body["Seconds"], self._context()))
                self.state = body["Next"]
            case "Succeed":
                self.status = "SUCCEEDED"
            case "Fail":
                self.error = self._value(body["Error"], self._context())
                self.cause = self._value(body["Cause"], self._context())
                self.status = "FAILED"
            case other:
                raise AssertionError(f"the interpreter does not know {other}")

    def run(self, most_steps: int = 500) -> "Execution":
        """Go on until the execution ends or waits for its token."""
        for _ in range(most_steps):
            if self.status != "RUNNING" or (self.waiting_token is not None and not self.woken):
                return self
            self.step()
        raise AssertionError(f"no end after {most_steps} states: {self.visited[-20:]}")

    def abort(self) -> None:
        if self.status == "RUNNING":
            self.status = "ABORTED"

    def wake(self, token: str) -> bool:
        """Return whether the execution waits for `token`."""
        if self.status == "RUNNING" and self.waiting_token == token:
            self.woken = True
            return True
        return False

    def time_out_task(self) -> None:
        """Let the waiting task's TimeoutSeconds pass."""
        body = definition()["States"][self.state]
        self.waiting_token = None
        self._catch(body, "States.Timeout", "the task timed out")

    def _task(self, body: dict[str, Any]) -> None:
        callback = body["Resource"].endswith(".waitForTaskToken")
        self._tasks += 1
        token = f"{self.arn}/{self._tasks}"
        payload = self._value(body["Arguments"]["Payload"], self._context(token))
        name = body["Arguments"]["FunctionName"].removeprefix("${").removesuffix("FunctionArn}")
        attempts = [0] * len(body["Retry"])
        if callback:
            self.waiting_token, self.woken = token, False
        while True:
            error, cause = "", ""
            try:
                result = self._invoke(name, payload)
            except FunctionDied:
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
                self._wait(retrier["IntervalSeconds"] * retrier["BackoffRate"] ** (attempts[index] - 1))
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
        self.status, self.error, self.cause = "FAILED", error, cause

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
        states: dict[str, Any] = {"input": self.output, "context": {"Execution": {"Id": self.arn}, "Task": {"Token": token}}}
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
