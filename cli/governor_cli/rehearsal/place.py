"""Where a rehearsal is held: the local stack that runs, or one that is started for it and ended with it."""

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from rich.console import Console

from governor.bootstrap import AwsPorts
from governor.domain.errors import GovernorError
from governor.domain.turn import execution_name
from governor.usecases.tear_down import Wanted, survey, tear_down
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack, Target
from governor_local.processes import ChildFailed
from governor_local.rig import FAILED_LOGS, Rig
from governor_local.running import running
from governor_local.stack import DeploymentFailed

_LOOK_SECONDS = 0.3
pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Place:
    """A local stack. `temporary`: it ends with the rehearsal, and everything in it."""

    stack: DeployedStack
    temporary: bool

    @property
    def ports(self) -> AwsPorts:
        """The application's adapters."""
        return self.stack.ports

    def drop(self, key: str, content: bytes) -> None:
        """Put a file into the inbox."""
        self.ports.dropping.put(key, io.BytesIO(content))

    def look_now(self) -> None:
        """Have what is due be done now: nobody waits a minute for the schedule."""
        self.stack.sweep()

    def why_it_failed(self, flywheel: str, turn: int) -> str:
        """Return error and cause of a turn's execution, as Step Functions has them."""
        machine = self.stack.outputs["FlywheelMachineArn"].replace(":stateMachine:", ":execution:")
        arn = f"{machine}:{execution_name(flywheel, turn)}"
        found = self.stack.client("stepfunctions").describe_execution(executionArn=arn)
        cause = str(found.get("cause") or "no cause is given")
        with suppress(ValueError, AttributeError):
            cause = str(json.loads(cause).get("errorMessage", cause))
        return f"{found.get('error') or found['status']}: {cause}"

    def clear(self, flywheel: str) -> None:
        """Take the flywheel apart, models and data included; its ledger stays. Nothing to do in a temporary stack."""
        if self.temporary:
            return
        bucket = self.ports.emptying(self.stack.outputs["LakeBucketName"])
        try:
            found = survey(self.ports, bucket, flywheel, by=self.stack.caller)
            for act in tear_down(self.ports, bucket, found, Wanted()):
                if act.word == "WAIT":
                    pause(_LOOK_SECONDS)
        except GovernorError as error:
            raise Complaint(f"{error} What is left of the rehearsal: governor teardown {flywheel} --yes") from error


@contextmanager
def local_place(console: Console) -> Iterator[Place]:
    """Give the local stack that runs, or start one and end it afterwards, whatever happens. Raises Complaint."""
    if (one := next(iter(running()), None)) is not None:
        console.print(f"On the local stack at {one.endpoint_url}, which runs already.", highlight=False)
        target = Target(one.stack, one.region, None, one.endpoint_url, local=True, comprehend_url=one.comprehend)
        yield Place(DeployedStack(target), temporary=False)
        return
    try:
        with Rig(console=console) as rig:
            url, comprehend = rig.endpoint_url, rig.cloud.comprehend_url
            target = Target(rig.stack_name, rig.region, None, url, local=True, comprehend_url=comprehend)
            yield Place(DeployedStack(target), temporary=True)
    except (ChildFailed, DeploymentFailed) as error:
        raise Complaint(f"The local stack could not be started: {error}\nLogs are in {FAILED_LOGS}") from error
