"""`governor policy put`: what you want of a flywheel."""

from pathlib import Path

import click

from governor.domain.moments import to_text
from governor.ports import PolicyVersion
from governor.usecases.put_policy import put_policy, read_policy_file
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.policy_file import load
from governor_cli.stack_option import with_stack

_PUT = """Check a policy file and write it as the flywheel's next version.

The file is YAML or JSON and begins with the flywheel's name:

\b
  name: reviews
  flywheel:
    language: en
    mode: MULTI_CLASS
    labels: [praise, complaint, question]
  gates:
    - metric: f1
      at_least: 0.75
      gain_at_least: 0.0
  approval: replacement

examples/policy.yaml has every field with comments, docs/policy.md explains them. The whole file is checked before
anything is written. Every write is a new version with your IAM ARN as its author; a file that says the same as the
current version writes nothing.

\b
examples:
  governor policy put reviews.yaml
  governor policy put reviews.yaml --stack trial
"""


@click.group(short_help="what you want of a flywheel")
def policy() -> None:
    """What you want of a flywheel."""


@policy.command("put", help=_PUT, short_help="check a policy file and write it as the next version")
@click.argument("file", type=click.Path(path_type=Path))
@with_stack
def put(stack: DeployedStack, file: Path) -> None:
    """Write the policy in the file, which is checked before AWS is asked for anything."""
    wanted = read_policy_file(load(file))
    name = wanted.flywheel
    put = put_policy(stack.ports.policy_writer, stack.ports.clock, wanted, author=stack.caller)
    match put.word:
        case "SAME":
            click.echo(f"Flywheel {name} has this policy already, as {_told(put.version)}. Nothing was written.")
            return
        case "LOST":
            raise Complaint(
                f"Somebody was faster: the policy of flywheel {name} changed meanwhile, to {_told(put.version)}. "
                "Nothing of yours was written. Look at theirs, then put yours again if it still holds."
            )
    before = f"; before: {_told(put.previous)}" if put.previous else ""
    click.echo(f"Flywheel {name} has a new policy: version {put.version.number if put.version else '?'}{before}.")
    if put.previous is None:
        inbox = stack.outputs["InboxBucketName"]
        click.echo(f"Drop labelled files into s3://{inbox}/{name}/train/ and s3://{inbox}/{name}/test/.")


def _told(version: PolicyVersion | None) -> str:
    if version is None:
        return "something that is no policy"
    return f"version {version.number}, which {version.author} wrote at {to_text(version.written_at)[:19]}Z"
