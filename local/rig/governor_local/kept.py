"""Rigs that somebody left running: they say so in a file, so that `make stop` finds and ends them."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from governor_local.rig import Rig
from governor_local.running import announced, is_ours, running

_STOP_SECONDS = 30.0


def instructions(rig: Rig, flywheel: str = "my-flywheel") -> str:
    """What a person can do with a rig that is left running, as commands to copy."""
    aws = f"aws --endpoint-url {rig.endpoint_url} --region {rig.region}"
    machine = rig.outputs["FlywheelMachineArn"]
    inbox = rig.outputs["InboxBucketName"]
    start = json.dumps({"flywheel": flywheel})
    return f"""\
Keys for the AWS CLI    export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
Drop a file             {aws} s3 cp FILE.csv s3://{inbox}/{flywheel}/train/FILE.csv
Start a turn by hand    {aws} stepfunctions start-execution --state-machine-arn {machine} --input '{start}'
Write a policy          .venv/bin/governor policy apply FILE.yaml
See how it is           .venv/bin/governor status
End a hold              .venv/bin/governor resume {flywheel}
Look at executions      {aws} stepfunctions list-executions --state-machine-arn {machine}
Ask Comprehend          aws --endpoint-url {rig.cloud.comprehend_url} --region {rig.region} comprehend list-flywheels
Make Comprehend fail    .venv/bin/python -m comprehend_local.control --url {rig.cloud.comprehend_url} --help
Read the mail           {rig.mailbox.url}
Look at the logs        {rig.folder}/cloud
Stop it                 Ctrl-C here, or `make stop` anywhere"""


def keep(rig: Rig, wait: Callable[[], None] = signal.pause) -> None:
    """Return when somebody presses Ctrl-C or runs `make stop`, which finds this process, as `governor local` does."""
    # Ctrl-C, or the SIGTERM of `make stop`, which the rig turned into an exit: both are how this is meant to end.
    where = (rig.endpoint_url, rig.mailbox.url, rig.cloud.comprehend_url, rig.stack_name, rig.region)
    with suppress(KeyboardInterrupt, SystemExit), announced(*where):
        wait()


def stop_all(tell: Callable[[str], None]) -> bool:
    """End every rig that was left running, and wait for each; whether all ended."""
    found = running()
    if not found:
        tell("Nothing is running.")
    ended = True
    for one in found:
        os.kill(one.pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while is_ours(one.pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        if is_ours(one.pid):
            tell(f"Process {one.pid} did not end within {_STOP_SECONDS:.0f} s.")
            ended = False
        else:
            tell(f"Stopped process {one.pid}.")
    return ended
