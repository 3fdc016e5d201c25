"""`governor flywheel create | adopt`: a flywheel now instead of at the first batch, or one that exists already."""

import time
from collections.abc import Callable
from pathlib import Path

import click

from governor.usecases.adopt_flywheel import adopt_flywheel, look_at_flywheel
from governor.usecases.apply_policy import apply_policy
from governor.usecases.policy_faults import read_policy_file
from governor_cli.commands.policy_starting import adopted_starter, write_policy_file
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.policy_file import load
from governor_cli.stack_option import with_stack

_FLYWHEEL = """Create a flywheel now, or take over one that exists.

Neither is needed for a new one: the first batch creates the flywheel of its policy.

\b
examples:
  governor flywheel create reviews.yaml
  governor flywheel adopt arn:aws:comprehend:eu-west-1:123456789012:flywheel/reviews
"""
_CREATE = """Create the flywheel of a policy file now, instead of at the first batch.

The file is checked and written as the flywheel's policy, as `governor policy apply` does; then Comprehend gets the
flywheel, which takes minutes and costs nothing. If it is there already and as the policy says, nothing is changed.

The function prepare_flywheel does it under its own role. So you need no right in Comprehend and may pass no role: only
writing the policy, and lambda:InvokeFunction on the function that the output PrepareFlywheelFunctionName names.

\b
examples:
  governor flywheel create reviews.yaml
  governor flywheel create reviews.yaml --no-wait
"""
_ADOPT = """Take over a flywheel that exists in Comprehend, with its endpoints, and change nothing about them.

It writes a policy file for it, from what Comprehend says: language, mode, labels or entity types, and the endpoint that
follows it. The ledger learns its ARN and its active model. Read the file, set the gates, and write it with `governor
policy apply`; then drop files. You need comprehend:DescribeFlywheel, comprehend:ListEndpoints, and to write the ledger.

\b
examples:
  governor flywheel adopt arn:aws:comprehend:eu-west-1:123456789012:flywheel/reviews
  governor flywheel adopt arn:aws:comprehend:eu-west-1:123456789012:flywheel/reviews --out policies/reviews.yaml
"""
_MOST_LOOKS = 240
pause: Callable[[float], None] = time.sleep


@click.group("flywheel", help=_FLYWHEEL, short_help="create one now, or take over one that exists")
def flywheel() -> None:
    """Create a flywheel now, or take over one that exists."""


@flywheel.command("create", help=_CREATE, short_help="create the flywheel of a policy file now")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--wait/--no-wait", default=True, help="wait until it is there (default)")
@with_stack
def create(stack: DeployedStack, file: Path, wait: bool) -> None:
    """Write the policy, then let the function create it."""
    wanted = read_policy_file(load(file))
    name = wanted.name
    if wanted.for_all:
        raise Complaint("These are the defaults of all flywheels. Name the file of one of them.")
    applied = apply_policy(stack.ports.policy_writer, stack.ports.clock, wanted, author=stack.caller)
    if applied.word == "LOST":
        raise Complaint(f"Somebody else changed the policy of flywheel {name} meanwhile. Look at it, then try again.")
    if applied.word == "WRITTEN" and applied.row is not None:
        click.echo(f"Flywheel {name} has a new policy: version {applied.row.number}.")
    for look in range(_MOST_LOOKS):
        answer = stack.invoke("PrepareFlywheelFunctionName", {"order": "create", "flywheel": name, "look": look})
        if answer["word"] == "READY":
            model = answer["model"] or "none yet"
            click.echo(f"Flywheel {name} is there: {answer['arn']}\nIts active model: {model}.")
            return
        if look == 0:
            click.echo(f"Comprehend is creating flywheel {name}.")
        if not wait:
            click.echo("It goes on by itself; the same command says whether it is there.")
            return
        pause(answer["wait_seconds"])
    raise Complaint(f"Comprehend is still creating flywheel {name}. The same command looks again.")


@flywheel.command("adopt", help=_ADOPT, short_help="take over a flywheel that exists, with its endpoints")
@click.argument("arn")
@click.option("--out", type=click.Path(path_type=Path), help="the policy file to write; default: NAME.yaml")
@with_stack
def adopt(stack: DeployedStack, arn: str, out: Path | None) -> None:
    """Look, record it, then write the file; doing it again after a failure changes nothing that is done."""
    found = look_at_flywheel(stack.ports, arn)
    file = out or Path(f"{found.name}.yaml")
    text = adopted_starter(found)
    if file.exists():
        raise Complaint(f"{file} is there already. Name another file with --out. Nothing was changed.")
    adopt_flywheel(stack.ports, found)
    write_policy_file(file, text)
    click.echo(f"Flywheel {found.name} is adopted; nothing about it was changed. Its policy is in {file}.")
    role, lake = found.facts.role, stack.outputs["LakeBucketName"]
    if role and role != stack.outputs["DataAccessRoleArn"]:
        click.echo(f"Its data-access role is {role}.")
        click.echo(f"It must be able to read s3://{lake}/staging/* (s3:GetObject, s3:ListBucket): new data is there.")
    for endpoint in found.endpoints[1:]:
        click.echo(f"It has another endpoint, which the policy does not name: {endpoint.arn}.")
    click.echo(f"Read it, set the gates, then: governor policy apply {file}")
