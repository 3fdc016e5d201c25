"""Rigs that somebody left running: they say so in a file, so that `make stop` finds and ends them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from governor_local.rig import Rig
from governor_local.stack import ROOT

RUNNING = ROOT / ".local" / "running"

_STOP_SECONDS = 30.0


def instructions(rig: Rig, flywheel: str = "my-flywheel") -> str:
    """What a person can do with a rig that is left running, as commands to copy."""
    aws = f"aws --endpoint-url {rig.endpoint_url} --region {rig.region}"
    machine = rig.outputs["FlywheelMachineArn"]
    inbox = rig.outputs["InboxBucketName"]
    start = json.dumps({"flywheel": flywheel})
    where = f"--stack {rig.stack_name} --region {rig.region} --endpoint-url {rig.endpoint_url}"
    return f"""\
Keys for the AWS CLI    export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
Drop a file             {aws} s3 cp FILE.csv s3://{inbox}/{flywheel}/train/FILE.csv
Start a turn by hand    {aws} stepfunctions start-execution --state-machine-arn {machine} --input '{start}'
Write a policy          .venv/bin/governor policy put FILE.yaml {where}
End a hold              .venv/bin/governor resume {flywheel} {where}
Look at executions      {aws} stepfunctions list-executions --state-machine-arn {machine}
Ask Comprehend          aws --endpoint-url {rig.cloud.comprehend_url} --region {rig.region} comprehend list-flywheels
Make Comprehend fail    .venv/bin/python -m comprehend_local.control --url {rig.cloud.comprehend_url} --help
Read the mail           {rig.mailbox.url}
Look at the logs        {rig.folder}/cloud
Stop it                 Ctrl-C here, or `make stop` anywhere"""


def keep(rig: Rig, wait: Callable[[], None] = signal.pause) -> None:
    """Return when somebody presses Ctrl-C or runs `make stop`; `make stop` finds this process meanwhile."""
    # Ctrl-C, or the SIGTERM of `make stop`, which the rig turned into an exit: both are how this is meant to end.
    with suppress(KeyboardInterrupt, SystemExit), _announced(rig):
        wait()


@contextmanager
def _announced(rig: Rig) -> Iterator[None]:
    RUNNING.mkdir(parents=True, exist_ok=True)
    file = RUNNING / f"{os.getpid()}.json"
    file.write_text(json.dumps({"pid": os.getpid(), "endpoint_url": rig.endpoint_url, "mail": rig.mailbox.url}))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def stop_all(tell: Callable[[str], None]) -> bool:
    """End every rig that was left running, and wait for each; whether all ended."""
    files = sorted(RUNNING.glob("*.json"))
    if not files:
        tell("Nothing is running.")
    ended = True
    for file in files:
        pid = int(json.loads(file.read_text())["pid"])
        if not _is_ours(pid):
            file.unlink(missing_ok=True)  # its machine was switched off, or it was killed
            continue
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while _is_ours(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        if _is_ours(pid):
            tell(f"Process {pid} did not end within {_STOP_SECONDS:.0f} s.")
            ended = False
        else:
            tell(f"Stopped process {pid}.")
    return ended


def _is_ours(pid: int) -> bool:
    # Process ids are used again: a stranger may have this one by now.
    said = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "governor" in said.stdout
