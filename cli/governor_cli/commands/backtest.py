"""`governor backtest`: what another policy would have decided."""

from pathlib import Path

import click

from governor_cli.deployment import DeployedStack
from governor_cli.known_flywheel import require_known
from governor_cli.policy_file import load
from governor_cli.stack_option import with_stack

_BACKTEST = """Judge every stored exam of a flywheel under the policy in a file, and show which decisions would differ.

The file is that of `governor policy apply`, and is merged with the defaults in force; nothing is written. A file of
the defaults themselves (name: '*') is merged with the flywheel's own. Each decision is taken for itself, against the
model that was active then. The whole policy counts: gates, exam, first_model, approval and on_regression.

An exam whose record has no answers of single documents is judged by Comprehend's averages, which settle less; how
many those are is said. So it is with all exams if the policy's exam is `iteration`. Documents that the new policy
would have asked and the old one did not (must_pass, another set) cannot be judged, which is said too.

\b
Exit codes: 0 all were judged, whatever would differ; 1 a record could not be read, or something failed;
with --exit-code 3 if at least one decision would differ.

\b
examples:
  governor backtest reviews --policy stricter.yaml
  governor backtest reviews --policy stricter.yaml --only-differing
  governor backtest reviews --policy stricter.yaml --json | jq '.decisions[] | select(.differs) | .batch'
  governor backtest reviews --policy stricter.yaml --exit-code     in a pull request's checks
"""
_DIFFERS = 3


@click.command(help=_BACKTEST, short_help="judge all stored exams under another policy: which decisions would differ")
@click.argument("flywheel")
@click.option(
    "--policy", "file", metavar="FILE", required=True, type=click.Path(path_type=Path), help="the policy to try"
)
@click.option("--only-differing", is_flag=True, help="leave decisions that would be the same out of the table")
@click.option("--exit-code", is_flag=True, help=f"exit with {_DIFFERS} if at least one decision would differ")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@with_stack
def backtest(
    stack: DeployedStack, flywheel: str, file: Path, only_differing: bool, exit_code: bool, as_json: bool
) -> int:
    """Read the policy, judge, and show it in one of two ways."""
    from governor_cli.backtesting import judged, print_json, print_table, read_policy  # noqa: PLC0415  (needs numpy)

    document = load(file)
    require_known(stack.ports, flywheel)
    tried = read_policy(stack.ports.policy_writer, flywheel, document)
    result = judged(stack.ports, flywheel, tried)
    if as_json:
        print_json(flywheel, tried, result)
    else:
        print_table(result, only_differing=only_differing)
    for each in result.unread:
        click.echo(f"governor: batch {each.batch} could not be judged: {each.fault}", err=True)
    if result.unread:
        return 1
    return _DIFFERS if exit_code and result.differing else 0
