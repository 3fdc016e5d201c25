"""Each correction of the emulator, shown: the answer is the one that AWS gives."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from governor_local.rig import Rig

HANDLER = """
import os

class FlywheelBusyError(Exception):
    pass

def lambda_handler(event, context):
    if event.get("dies"):
        os._exit(1)
    raise FlywheelBusyError("somebody else is at it")
"""
WAKER = """
import boto3

def lambda_handler(event, context):
    boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output='"woken"')
"""
ASSUME = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


@contextmanager
def _function(rig: Rig, name: str, handler: str, *allowed: dict[str, Any]) -> Iterator[str]:
    """A function of this name, with a role of the same name that may do what the statements allow; its ARN."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", handler)
    iam, functions = rig.client("iam"), rig.client("lambda")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=ASSUME)["Role"]["Arn"]
    if allowed:
        policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=policy)
    created = functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.lambda_handler",
        Role=role,
        Code={"ZipFile": code.getvalue()},
        Timeout=30,
    )
    try:
        yield created["FunctionArn"]
    finally:
        functions.delete_function(FunctionName=name)
        if allowed:
            iam.delete_role_policy(RoleName=name, PolicyName=name)
        iam.delete_role(RoleName=name)


@pytest.fixture(scope="module")
def function(rig: Rig) -> Iterator[str]:
    with _function(rig, "failing", HANDLER) as arn:
        yield arn


def _run(rig: Rig, name: str, task: dict[str, Any]) -> dict[str, Any]:
    client = rig.client("stepfunctions")
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "Try",
        "States": {"Try": {"Type": "Task", "End": True, **task}},
    }
    role = rig.client("lambda").get_function_configuration(FunctionName=f"{rig.stack_name}-sweep")["Role"]
    machine = client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)["stateMachineArn"]
    try:
        execution = client.start_execution(stateMachineArn=machine)["executionArn"]
        ended: dict[str, Any] = rig.wait_for(
            f"end of {name}",
            lambda: next(
                (e for e in [client.describe_execution(executionArn=execution)] if e["status"] != "RUNNING"), None
            ),
            seconds=20,
        )
        return ended
    finally:
        client.delete_state_machine(stateMachineArn=machine)


@pytest.mark.parametrize(("payload", "error"), [({}, "FlywheelBusyError"), ({"dies": True}, "Runtime.ExitError")])
def test_an_error_is_named_by_its_class(rig: Rig, function: str, payload: dict[str, Any], error: str) -> None:
    task = {
        "Resource": "arn:aws:states:::lambda:invoke",
        "TimeoutSeconds": 30,
        "Arguments": {"FunctionName": function, "Payload": payload},
    }
    assert _run(rig, f"named-{len(payload)}", task)["error"] == error


def test_a_callback_task_fails_with_its_function(rig: Rig, function: str) -> None:
    began = time.monotonic()
    task = {
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "TimeoutSeconds": 3600,
        "Arguments": {"FunctionName": function, "Payload": {"token": "{% $states.context.Task.Token %}"}},
    }
    ended = _run(rig, "callback", task)
    assert (ended["status"], ended["error"]) == ("FAILED", "FlywheelBusyError")
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(("machine", "status"), [("woken", "SUCCEEDED"), ("another", "FAILED")])
def test_a_task_is_woken_by_whoever_may_wake_its_machine(rig: Rig, machine: str, status: str) -> None:
    allowed = {
        "Effect": "Allow",
        "Action": "states:SendTaskSuccess",
        "Resource": f"arn:aws:states:{rig.region}:{rig.account_id}:stateMachine:{machine}",
    }
    with _function(rig, f"waker-of-{machine}", WAKER, allowed) as arn:
        task = {
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "TimeoutSeconds": 60,
            "Arguments": {"FunctionName": arn, "Payload": {"token": "{% $states.context.Task.Token %}"}},
        }
        ended = _run(rig, "woken", task)
    assert ended["status"] == status
    assert status == "SUCCEEDED" or "not authorized to perform: states:SendTaskSuccess" in ended["cause"]


def test_loopback_counts_as_tls(rig: Rig) -> None:
    """A function may record an upload though the inbox and the queues refuse all that is not TLS."""
    rig.upload("nobody", "train", "file.csv", b"")
    seen = rig.wait_for(
        "the upload's record", lambda: [line for line in rig.logs("admit_uploads") if '"nobody"' in line], seconds=30
    )
    assert "ADMITTED" in seen[0]
