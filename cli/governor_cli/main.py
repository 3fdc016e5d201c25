"""The entry point: parses the command line, prints, and turns every failure into a sentence and an exit code.

Exit codes: 0 done (or nothing to do), 1 failed, 2 the command line makes no sense, 130 interrupted.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from governor.config import NotConfiguredError
from governor.domain.errors import GovernorError
from governor_cli import commands
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack, Target

_DEFAULT_STACK = "flywheel-governor"

_TOP = """\
examples:
  governor policy put reviews.yaml                      write the policy of a flywheel
  governor policy put reviews.yaml --stack trial        ... of another stack than flywheel-governor
  governor resume reviews                               end the hold of a flywheel

The stack's outputs say where everything is; the rights are those of your own AWS credentials.
"""
_PUT = """\
The file is YAML or JSON and begins with the flywheel's name:

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
"""
_RESUME = """\
A flywheel is held after failures, after a regression, after a rejected candidate, or when somebody stopped its
execution. Uploads wait meanwhile and none is lost. This ends the hold, sets the count of failures back to 0, switches
automatic promotion on again if it was off, says which of these it did, and asks for a turn.

examples:
  governor resume reviews
  governor resume reviews --region eu-west-1 --profile ml-prod
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    chosen = _parser().parse_args(arguments)
    stack = DeployedStack(Target(chosen.stack, chosen.region, chosen.profile, chosen.endpoint_url))
    try:
        lines = (
            commands.put_policy_file(stack, chosen.file)
            if chosen.command == "policy"
            else commands.resume(stack, chosen.flywheel)
        )
    except (Complaint, GovernorError, NotConfiguredError) as error:
        print(f"governor: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("governor: interrupted", file=sys.stderr)
        return 130
    print("\n".join(lines))
    return 0


def _parser() -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="governor",
        description="Runs Amazon Comprehend flywheels by policy: drop labelled files, get promoted models.",
        epilog=_TOP,
        formatter_class=form,
    )
    where = _target_options()
    verbs = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    policy = verbs.add_parser("policy", help="what you want of a flywheel", description="What you want of a flywheel.")
    policy_verbs = policy.add_subparsers(dest="policy_command", required=True, metavar="COMMAND")
    put = policy_verbs.add_parser(
        "put",
        parents=[where],
        help="check a policy file and write it as the next version",
        description="Check a policy file and write it as the flywheel's next version.",
        epilog=_PUT,
        formatter_class=form,
    )
    put.add_argument("file", type=Path, metavar="FILE", help="policy file, YAML or JSON")
    resume = verbs.add_parser(
        "resume",
        parents=[where],
        help="end the hold of a flywheel",
        description="End the hold of a flywheel.",
        epilog=_RESUME,
        formatter_class=form,
    )
    resume.add_argument("flywheel", metavar="FLYWHEEL", help="name of the flywheel")
    return parser


def _target_options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    where = options.add_argument_group("which stack")
    where.add_argument(
        "--stack",
        metavar="NAME",
        default=os.environ.get("GOVERNOR_STACK", _DEFAULT_STACK),
        help=f"CloudFormation stack (default: GOVERNOR_STACK, else {_DEFAULT_STACK})",
    )
    where.add_argument("--region", metavar="REGION", help="AWS region (default: your AWS settings)")
    where.add_argument("--profile", metavar="PROFILE", help="AWS profile (default: your AWS settings)")
    where.add_argument("--endpoint-url", metavar="URL", help="ask this address instead of AWS, for a stack on a laptop")
    return options


if __name__ == "__main__":
    sys.exit(main())
