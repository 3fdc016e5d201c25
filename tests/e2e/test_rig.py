"""The rig itself: it opens nothing to the network, delivers mail, and leaves nothing behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest

from governor_local.rig import Rig
from governor_local.stack import ROOT
from tests.e2e.listeners import listening

linux = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="asks Linux's kernel")

STARTS_ONLY_THE_CLOUD = """
import signal, sys, time
from pathlib import Path
from governor_local.cloud import Cloud
from governor_local.processes import ending_by_exception

# What a shell starts in the background ignores Ctrl-C, and so does all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
folder = Path(sys.argv[1])
cloud = Cloud(folder)
with ending_by_exception():
    try:
        cloud.start()
        print(*cloud.pids, flush=True)
        time.sleep(60)
    finally:
        cloud.stop()
"""


@linux
def test_nothing_listens_beyond_loopback(rig: Rig) -> None:
    rig.invoke("sweep", {})  # functions run as processes of their own
    addresses = listening([*rig.cloud.pids, os.getpgid(0)])
    assert {f"127.0.0.1:{rig.cloud.port}", f"127.0.0.1:{rig.cloud.comprehend_port}"} <= addresses.keys()
    assert [address for address in addresses if not address.startswith("127.0.0.1:")] == []


@linux
def test_a_listener_beyond_loopback_would_be_seen() -> None:
    code = "import socket, time; s = socket.create_server(('0.0.0.0', 0)); print(s.getsockname()[1], flush=True); "
    code += "time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as other:
        try:
            assert other.stdout
            port = int(other.stdout.readline())
            assert f"0.0.0.0:{port}" in listening([other.pid])
        finally:
            other.kill()


def test_mail_arrives_with_links_that_open_here(rig: Rig) -> None:
    before = len(rig.mailbox.mails)
    page = rig.outputs["ApprovalPageUrl"]
    message = f"Open {page}?nonce=x."
    rig.client("sns").publish(TopicArn=rig.outputs["NoticeTopicArn"], Subject="[a] A subject", Message=message)
    mail = rig.mailbox.wait_for(lambda mail: mail.subject == "[a] A subject", after=before)
    assert mail.links == [f"{rig.mailbox.openable(page)}?nonce=x"]
    assert f".localhost:{rig.cloud.port}/" in mail.links[0]
    assert [file.name for file in (rig.folder / "mail").glob("*A-subject.txt")]


def test_functions_are_limited_by_their_roles(rig: Rig) -> None:
    function = rig.client("lambda").get_function_configuration(FunctionName=f"{rig.stack_name}-answer_approval")
    role = function["Role"]
    allowed = rig.client("iam").simulate_principal_policy(
        PolicySourceArn=role, ActionNames=["dynamodb:GetItem"], ResourceArns=[_table(rig, "ApprovalsTableName")]
    )
    denied = rig.client("iam").simulate_principal_policy(
        PolicySourceArn=role, ActionNames=["dynamodb:GetItem"], ResourceArns=[_table(rig, "LedgerTableName")]
    )
    decisions = [answer["EvaluationResults"][0]["EvalDecision"] for answer in (allowed, denied)]
    assert decisions == ["allowed", "implicitDeny"]


def test_functions_import_from_the_layer_and_boto3_alone(rig: Rig, tmp_path: Path) -> None:
    # The emulator's workers also see this environment's packages, which would hide that one is missing from the layer.
    site = Path(boto3.__file__).parents[1]
    for package in ("boto3", "botocore", "s3transfer", "urllib3", "dateutil", "six.py", "jmespath"):
        (tmp_path / package).symlink_to(site / package)
    layer = rig.folder / "stack" / "build" / "GovernorLayer" / "python"
    imports = "import sys; sys.path[1:1] = sys.argv[1:]; import app; print(sys.modules['governor'].__file__)"
    for folder in sorted((ROOT / "functions").iterdir()):
        ran = subprocess.run(
            [sys.executable, "-S", "-E", "-s", "-c", imports, str(folder), str(layer), str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.strip() == str(layer / "governor" / "__init__.py")


def _table(rig: Rig, output: str) -> str:
    return f"arn:aws:dynamodb:{rig.region}:{rig.account_id}:table/{rig.outputs[output]}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", STARTS_ONLY_THE_CLOUD, str(tmp_path)]
    groups: list[int] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as starter:
        try:
            assert starter.stdout
            groups = [int(group) for group in starter.stdout.readline().split()]
            assert len(groups) == 2
            starter.send_signal(number)
            starter.wait(20)
            left = [group for group in groups if _lives(group)]
        finally:
            starter.kill()
            for group in groups:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGKILL)
    assert left == []


def _lives(group: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True
