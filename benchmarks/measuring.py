"""Runs a variant in a fresh process and measures time, CPU time and memory of its whole process tree."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

_SAMPLE_SECONDS = 0.02
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""For dense products: on sparse data, more threads only wait for each other. Threads of a program's own are its own."""
_SECTION: dict[str, float] = {}


@dataclass(frozen=True)
class Measured:
    """Of the section that the variant marked with `measured()`; memory in MB of the process tree, code included.

    `base_mb` is the memory at the start of the section, libraries and input included; `peak_mb` is the highest of the
    whole run. `result` is what the variant returned.
    """

    wall_s: float
    cpu_s: float
    base_mb: float
    peak_mb: float
    result: dict[str, Any]


@contextlib.contextmanager
def measured() -> Iterator[None]:
    """Marks what counts in a variant; once per process."""
    me = psutil.Process()
    _SECTION["base_mb"] = _memory(me)
    cpu, wall = _cpu(me), time.perf_counter()
    yield
    _SECTION["wall_s"] = time.perf_counter() - wall
    _SECTION["cpu_s"] = _cpu(me) - cpu


def measure(variant: str, **arguments: Any) -> Measured:
    """Call `variant`, written "package.module:function", with JSON-able arguments in a new process.

    The function returns a JSON-able dict and has a `with measured():` inside. Raises RuntimeError with the end of the
    process's error output when it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        answer, errors = Path(folder, "answer.json"), Path(folder, "errors.txt")
        with errors.open("wb") as sink:
            process = psutil.Popen(
                [sys.executable, "-m", "benchmarks.measuring", variant, json.dumps(arguments), str(answer)],
                env={**os.environ, **_ONE_THREAD},
                stdout=sink,
                stderr=sink,
            )
            peak = 0.0
            while process.poll() is None:
                peak = max(peak, _memory(process))
                with contextlib.suppress(subprocess.TimeoutExpired, psutil.TimeoutExpired):
                    process.wait(_SAMPLE_SECONDS)
        if process.returncode:
            raise RuntimeError(
                f"{variant} ended with {process.returncode}:\n{errors.read_text(errors='replace')[-3000:]}"
            )
        told = json.loads(answer.read_text())
    return Measured(peak_mb=max(peak, told["section"]["base_mb"]), result=told["result"], **told["section"])


def _memory(process: Any) -> float:
    total = 0
    with contextlib.suppress(psutil.Error):
        for one in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                total += one.memory_info().rss
    return total / 2**20


def _cpu(process: Any) -> float:
    """Of the process, of its ended children and of those that run."""
    times = process.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in process.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            total += sum(child.cpu_times()[:2])
    return float(total)


def _main(variant: str, arguments: str, answer: str) -> None:
    module, name = variant.split(":")
    # One copy of this module, so that `measured` writes where this function reads.
    section = importlib.import_module("benchmarks.measuring")._SECTION
    result = getattr(importlib.import_module(module), name)(**json.loads(arguments))
    Path(answer).write_text(json.dumps({"result": result, "section": section}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
