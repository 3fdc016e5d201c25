"""Where MiniStack 1.5.33 answers otherwise than AWS in a way that no template or definition can work around.

Run as a program (`python -m governor_local.corrections`) this is MiniStack with those answers put right, in a process
of its own; nothing else of it is changed, and everything reaches it through its ordinary endpoint. It refuses
another version of MiniStack, so that a newer one is not corrected by accident. One more thing is changed for speed
alone: `unpack_layers_once`. `tests/e2e/test_corrections.py` shows each one.
"""

from __future__ import annotations

import functools
import hashlib
import tempfile
import threading
import zipfile
from collections.abc import Callable
from contextvars import ContextVar
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack import app
from ministack.core import iam_actions, lambda_runtime
from ministack.services import lambda_svc, stepfunctions

Answer = dict[str, Any]


FITS = "1.5.33"


class CorrectionDoesNotFit(RuntimeError):
    """MiniStack has changed at a place that is corrected here: look whether the correction is still needed."""


def name_exceptions_of_functions() -> None:
    """A failed function's `errorType` is the name of its exception's class, instead of always Runtime.HandlerError.

    `ErrorEquals` in Retry and Catch compares exactly this name. A worker that died is a Runtime.ExitError.
    """
    said = '{"status": "error", "error": str(e), "trace": traceback.format_exc()}'
    if lambda_runtime._PYTHON_WORKER_SCRIPT.count(said) != 1:
        raise CorrectionDoesNotFit("the worker reports a handler's exception in another way")
    lambda_runtime._PYTHON_WORKER_SCRIPT = lambda_runtime._PYTHON_WORKER_SCRIPT.replace(
        said, said[:-1] + ', "error_type": type(e).__name__}'
    )
    raised: ContextVar[str | None] = ContextVar("raised", default=None)
    invoke, execute = lambda_runtime.Worker.invoke, lambda_svc._execute_function_warm

    @functools.wraps(invoke)
    def invoke_and_note(worker: lambda_runtime.Worker, *arguments: Any, **named: Any) -> Answer:
        response: Answer = invoke(worker, *arguments, **named)
        raised.set(
            "Runtime.ExitError" if response.get("error") == "Worker process died" else response.get("error_type")
        )
        return response

    @functools.wraps(execute)
    def execute_and_name(*arguments: Any, **named: Any) -> Answer:
        raised.set(None)
        result: Answer = execute(*arguments, **named)
        body, name = result.get("body"), raised.get()
        if result.get("error") and name and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
            body["errorType"] = name
        return result

    lambda_runtime.Worker.invoke = invoke_and_note
    lambda_svc._execute_function_warm = execute_and_name


class _FailedBeforeTheCallback(Exception):
    """Carries a function's error past the place that would forget it."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(error)
        self.error, self.cause = error, cause


def fail_callback_tasks_whose_function_failed() -> None:
    """A `.waitForTaskToken` task whose function raises fails at once, as on AWS, instead of waiting for its timeout."""
    waits: ContextVar[bool] = ContextVar("waits", default=False)
    call, wait = stepfunctions._call_lambda, stepfunctions._invoke_with_callback
    failure: type[Exception] = stepfunctions._ExecutionError

    @functools.wraps(call)
    def call_and_tell(*arguments: Any, **named: Any) -> Any:
        try:
            return call(*arguments, **named)
        except failure as error:
            if waits.get():
                raise _FailedBeforeTheCallback(error.error, error.cause) from error  # type: ignore[attr-defined]
            raise

    @functools.wraps(wait)
    def wait_unless_failed(resource: str, request: Any, token: str, state: Answer) -> Any:
        mark = waits.set(True)
        try:
            return wait(resource, request, token, state)
        except _FailedBeforeTheCallback as error:
            stepfunctions._task_tokens.pop(token, None)
            raise failure(error.error, error.cause) from error
        finally:
            waits.reset(mark)

    stepfunctions._call_lambda = call_and_tell
    stepfunctions._invoke_with_callback = wait_unless_failed


def know_whose_task_token_it_is() -> None:
    """SendTaskSuccess and its like are authorized on the machine that issued the token, as on AWS, not on `*`."""
    running: ContextVar[str] = ContextVar("running", default="")
    machine_of: dict[str, str] = {}
    run, wait, resource_of = (
        stepfunctions._run_execution,
        stepfunctions._invoke_with_callback,
        iam_actions.extract_resource_arn,
    )

    @functools.wraps(run)
    def run_known(execution_arn: str) -> None:
        mark = running.set(execution_arn)
        try:
            run(execution_arn)
        finally:
            running.reset(mark)

    @functools.wraps(wait)
    def wait_known(resource: str, request: Any, token: str, state: Answer) -> Any:
        arn = running.get().split(":")
        machine_of[token] = ":".join([*arn[:5], "stateMachine", arn[6]])
        return wait(resource, request, token, state)

    @functools.wraps(resource_of)
    def resource_of_token(service: str, *arguments: Any, **named: Any) -> str:
        body = arguments[3] if len(arguments) > 3 else named.get("body", b"")
        token = iam_actions._safe_json_field(body, "taskToken") if service == "states" else ""
        return machine_of.get(token) or resource_of(service, *arguments, **named)

    stepfunctions._run_execution = run_known
    stepfunctions._invoke_with_callback = wait_known
    iam_actions.extract_resource_arn = resource_of_token


def count_loopback_as_tls() -> None:
    """`aws:SecureTransport` is true for calls over loopback: they stand for HTTPS, and the template refuses others."""
    pin: Callable[[str, bool], None] = app.pin_request_origin
    app.pin_request_origin = lambda source_ip, _secure: pin(source_ip, True)


class _UnpackedOnce(zipfile.ZipFile):
    """An archive of many files that is unpacked one time and linked to after that."""

    _FEW = 50
    _one_at_a_time = threading.Lock()

    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        """Unpack, or link to what was unpacked before from an archive with the same content."""
        names = self.namelist()
        if path is None or len(names) < self._FEW:
            super().extractall(path, members, pwd)
            return
        content = hashlib.sha256(
            "".join(f"{info.filename}:{info.CRC};" for info in self.infolist()).encode()
        ).hexdigest()
        unpacked = Path(tempfile.gettempdir()) / "unpacked" / content
        with self._one_at_a_time:
            if not unpacked.exists():
                unfinished = unpacked.with_suffix(".unfinished")
                super().extractall(unfinished, members, pwd)
                unfinished.rename(unpacked)
        for top in {name.split("/")[0] for name in names}:
            (Path(path) / top).symlink_to(unpacked / top)


def unpack_layers_once() -> None:
    """Give all workers one unpacked copy of the layer, as Lambda does, instead of thousands of files to each.

    Nothing answers otherwise than before, but functions start sooner and a rig's folder is gone in seconds.
    """
    lambda_runtime.zipfile = SimpleNamespace(
        ZipFile=_UnpackedOnce, BadZipFile=zipfile.BadZipFile, LargeFileError=zipfile.LargeZipFile
    )


def main() -> None:
    """Correct, then be MiniStack until the process is told to end."""
    if version("ministack") != FITS:
        raise CorrectionDoesNotFit(f"these corrections are for MiniStack {FITS}, this is {version('ministack')}")
    name_exceptions_of_functions()
    fail_callback_tasks_whose_function_failed()
    know_whose_task_token_it_is()
    count_loopback_as_tls()
    unpack_layers_once()
    app.main()


if __name__ == "__main__":
    main()
