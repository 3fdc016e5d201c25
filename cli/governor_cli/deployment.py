"""Finds a deployed stack: where its tables and its machine are, and who is asking."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from governor.bootstrap import AwsPorts
from governor.config import Deployment
from governor_cli.complaint import Complaint

_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=5, read_timeout=20)
_INVOKE = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=5, read_timeout=60)
"""Longer than the function may run, and once: whoever orders again says so."""
SETTINGS_OF_OUTPUTS = {
    "POLICY_TABLE_NAME": "PolicyTableName",
    "LEDGER_TABLE_NAME": "LedgerTableName",
    "FLYWHEEL_MACHINE_ARN": "FlywheelMachineArn",
    "INBOX_BUCKET_NAME": "InboxBucketName",
    "LAKE_BUCKET_NAME": "LakeBucketName",
    "RECORDS_BUCKET_NAME": "RecordsBucketName",
    "DATA_ACCESS_ROLE_ARN": "DataAccessRoleArn",
    "APPROVALS_TABLE_NAME": "ApprovalsTableName",
}
"""The setting that the adapters ask for, and the stack's output that has it."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Target:
    """Which stack is meant. What is None comes from the usual AWS settings (environment, ~/.aws/config)."""

    stack: str
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    local: bool = False
    """Whether it is the stack of `governor local up`, which has keys of its own."""
    comprehend_url: str | None = None
    """Where Comprehend is if it is not at `endpoint_url`: a laptop's is a program of its own."""


class DeployedStack:
    """A stack that was found. Everything is asked for when it is first needed; failures are Complaints."""

    def __init__(self, target: Target) -> None:
        self._target = target

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs by key."""
        name = self._target.stack
        reply = _ask(
            lambda: self._session.client("cloudformation", config=_CONFIG).describe_stacks(StackName=name), name
        )
        return {output["OutputKey"]: output["OutputValue"] for output in reply["Stacks"][0].get("Outputs", [])}

    @cached_property
    def ports(self) -> AwsPorts:
        """The application's adapters with the caller's own rights."""
        missing = [key for key in SETTINGS_OF_OUTPUTS.values() if key not in self.outputs]
        if missing:
            raise Complaint(
                f"Stack {self._target.stack} has no output {missing[0]}: it is no Flywheel Governor stack, or its "
                "deployment did not end well. Name another one with --stack, or deploy it again."
            )
        settings = {setting: self.outputs[key] for setting, key in SETTINGS_OF_OUTPUTS.items()}
        # An ARN has the account in its fifth part, so that nobody needs a right to ask for it.
        account = settings["FLYWHEEL_MACHINE_ARN"].split(":")[4]
        return AwsPorts(Deployment(settings | {"ACCOUNT_ID": account}), self._session)

    def invoke(self, output: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Invoke the function that a stack output names and return its answer.

        Raises Complaint with the function's own sentence if it fails.
        """
        name = self.outputs.get(output)
        if name is None:
            stack = self._target.stack
            raise Complaint(f"Stack {stack} has no output {output}: deploy this version of the application.")
        client = _ask(lambda: self._session.client("lambda", config=_INVOKE), self._target.stack)
        reply = _ask(lambda: client.invoke(FunctionName=name, Payload=json.dumps(payload)), self._target.stack)
        answer: dict[str, Any] = json.loads(reply["Payload"].read())
        if "FunctionError" in reply:
            raise Complaint(str(answer.get("errorMessage") or answer.get("errorType") or f"{name} failed"))
        return answer

    def sweep(self) -> bool:
        """Have the application look now for what is due, not within a minute; False if the caller may not."""
        name = self.outputs.get("SweepFunctionName", "")
        try:
            self.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")
        except (ClientError, BotoCoreError):
            return False
        return True

    @property
    def name(self) -> str:
        """The stack's name."""
        return self._target.stack

    def client(self, service: str) -> Any:
        """Return a client with the caller's own rights."""
        return _ask(lambda: self._session.client(service, config=_CONFIG), self._target.stack)

    @cached_property
    def caller(self) -> str:
        """The caller's IAM ARN."""
        reply = _ask(lambda: self._session.client("sts", config=_CONFIG).get_caller_identity(), self._target.stack)
        return str(reply["Arn"])

    @cached_property
    def _session(self) -> Any:
        target = self._target
        make: type[boto3.Session] = boto3.Session if target.endpoint_url is None else _session_at(target)
        keys: dict[str, Any] = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} if target.local else {}
        return _ask(lambda: make(profile_name=target.profile, region_name=target.region, **keys), target.stack)


def _session_at(target: Target) -> type[boto3.Session]:
    """Return a session class all of whose clients talk to the target's address, or to Comprehend's own."""
    comprehend = target.comprehend_url or os.environ.get("AWS_ENDPOINT_URL_COMPREHEND") or target.endpoint_url

    class SessionAt(boto3.Session):
        def client(self, *names: Any, **options: Any) -> Any:
            url = comprehend if "comprehend" in names else target.endpoint_url
            return super().client(*names, **{"endpoint_url": url} | options)

    return SessionAt


def _ask(question: Callable[[], Answer], stack: str) -> Answer:
    """Return the answer; raises Complaint with the remedy for what commonly goes wrong on the way."""
    try:
        return question()
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise Complaint(
            "There are no AWS credentials. Sign in (aws configure, aws sso login) or name a profile with --profile."
        ) from error
    except NoRegionError as error:
        raise Complaint("No AWS region is set. Name it with --region, or set AWS_REGION.") from error
    except ProfileNotFound as error:
        raise Complaint(f"{error}. `aws configure list-profiles` shows those that there are.") from error
    except ClientError as error:
        code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
        if code == "ValidationError" and "does not exist" in message:
            raise Complaint(
                f"There is no stack {stack} in this region and account. "
                "Name it with --stack, its region with --region, the account with --profile."
            ) from error
        if code in {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}:
            raise Complaint(
                "AWS does not accept these credentials (any more). Sign in again, or name a profile with --profile."
            ) from error
        raise Complaint(f"{error.operation_name} was refused ({code}): {message}") from error
    except BotoCoreError as error:
        raise Complaint(f"AWS could not be asked: {error}.") from error
