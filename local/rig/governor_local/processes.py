"""Processes that were started here and are always ended from here."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

_TAIL_LINES = 25


class ChildFailed(RuntimeError):
    """A process ended by itself, or was not ready in time. The message carries the end of its log."""


def free_port() -> int:
    """A TCP port of the loopback interface that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def ending_by_exception() -> Iterator[None]:
    """Make a SIGTERM an exception for as long as the block runs, so that it is cleaned up after as after a Ctrl-C.

    Only the main thread can receive signals; in another thread nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGTERM, _exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore Ctrl-C and SIGTERM for as long as the block runs: cleaning up is not to be interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


class Child:
    """One process in a group of its own.

    What it starts ends with it, and a Ctrl-C in the terminal does not reach it before us.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path | None = None
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id, which is also its group's id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process has ended, however."""
        return self._process.poll() is not None

    def tail(self) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return as soon as `ready()`; raise ChildFailed when the process ends before, or after so many seconds."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.ended:
                raise ChildFailed(f"{self.name} ended with exit code {self._process.returncode}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise ChildFailed(f"{self.name} was not ready after {seconds:.0f} s:\n{self.tail()}")
            time.sleep(0.05)

    def wait(self, seconds: float) -> int:
        """The exit code; raise ChildFailed after so many seconds."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise ChildFailed(f"{self.name} was not done after {seconds:.0f} s:\n{self.tail()}") from None

    def stop(self, grace_seconds: float = 5.0) -> None:
        """Ask the whole group to end, and end what is left of it after the grace. Stopping twice is fine."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(grace_seconds)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        # Nothing of the group may be left; macOS says so with a permission error.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
