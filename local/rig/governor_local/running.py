"""Local stacks that somebody left running: they say so in a file, so that others find, use and end them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from governor_local.stack import ROOT

RUNNING = ROOT / ".local" / "running"


@dataclass(frozen=True)
class Running:
    """A rig in another process. URLs are on loopback."""

    pid: int
    endpoint_url: str
    mail: str
    comprehend: str
    stack: str
    region: str


def running() -> list[Running]:
    """Those that are alive, the newest first. What a dead one left is removed."""
    found = []
    for file in sorted(RUNNING.glob("*.json"), key=lambda each: each.stat().st_mtime, reverse=True):
        try:
            one = Running(**json.loads(file.read_text()))
        except (ValueError, TypeError):
            file.unlink(missing_ok=True)  # half written, or by another version
            continue
        if is_ours(one.pid):
            found.append(one)
        else:
            file.unlink(missing_ok=True)  # its machine was switched off, or it was killed
    return found


@contextmanager
def announced(endpoint_url: str, mail: str, comprehend: str, stack: str, region: str) -> Iterator[None]:
    """Say that this process keeps a rig, as long as the block lasts."""
    RUNNING.mkdir(parents=True, exist_ok=True)
    file = RUNNING / f"{os.getpid()}.json"
    hidden = file.with_suffix(".new")
    hidden.write_text(json.dumps(asdict(Running(os.getpid(), endpoint_url, mail, comprehend, stack, region))))
    hidden.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def is_ours(pid: int) -> bool:
    """Whether a process is one of this program's: ids are used again, so a stranger may have this one by now."""
    said = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "governor" in said.stdout
