"""The command line over a deployment in this process."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

import governor_cli.stack_option
from governor.domain.errors import GovernorError
from governor_cli.complaint import Complaint
from governor_cli.main import main
from tests.doubles.people import ADA
from tests.doubles.stack import Stack

Run = Callable[..., tuple[int, str, str]]
_FUNCTIONS = {"PromoteModelFunctionName": "promote_model", "PrepareFlywheelFunctionName": "prepare_flywheel"}
OUTPUTS = {
    "InboxBucketName": "inbox",
    "LakeBucketName": "lake",
    "RecordsBucketName": "records",
    "PolicyTableName": "PolicyTable",
    "LedgerTableName": "LedgerTable",
    "ApprovalsTableName": "ApprovalsTable",
    "DataAccessRoleArn": "arn:aws:iam::123456789012:role/data-access",
}


@contextmanager
def command_line(stack: Stack, capsys: pytest.CaptureFixture[str], cloud: Any = None) -> Iterator[Run]:
    """Give a way to run commands as Ada: it returns exit code, output and errors. `cloud`: CloudFormation's client."""

    class Deployed:
        """A found stack, whose functions are those of the test."""

        ports, caller, outputs = stack.ports, ADA, OUTPUTS

        def __init__(self, target: Any) -> None:
            self.name = target.stack

        def client(self, service: str) -> Any:
            return cloud if service == "cloudformation" else stack.s3

        def sweep(self) -> bool:
            stack.sweep()
            return True

        def invoke(self, output: str, payload: dict[str, Any]) -> Any:
            try:
                return stack.call(_FUNCTIONS[output], json.loads(json.dumps(payload)))
            except GovernorError as error:
                raise Complaint(str(error)) from error

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    found = patch.multiple(governor_cli.stack_option, DeployedStack=Deployed, running=list)
    with found, patch.dict("os.environ", COLUMNS="160"):
        yield run
