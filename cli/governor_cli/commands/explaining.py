"""`governor explain`: why a batch was decided as it was, and whether the record still says so."""

import json

import click
from rich.console import Console

from governor.domain.moments import to_text
from governor.usecases.explain_batch import Check, Explanation, explain_batch
from governor_cli.deployment import DeployedStack
from governor_cli.explanation import Written, show
from governor_cli.explanation_json import as_document
from governor_cli.known_flywheel import require_known
from governor_cli.stack_option import with_stack

_EXPLAIN = """Tell why a batch was decided as it was: every gate with its values, interval and support, the exam, the
policy version and who wrote it, people's answers, what became of the candidate, and what would have changed it.

It reads the ledger and the decision's record, whose sha256 it checks, and writes nothing. --verify judges once more
from nothing but the record, and says whether the same comes out. If a stricter policy came between the verdict and
the promotion, both judgements are shown and verified, and what would have changed it is of the one that decided.

Exit code 1 if the record cannot be read or is not what was written; with --verify also if another verdict comes out,
or if the batch's manifest is not what was written.

\b
examples:
  governor explain reviews 12
  governor explain reviews 12 --verify
  governor explain reviews 12 --json | jq '.gates[] | select(.word != "met")'
"""


@click.command(help=_EXPLAIN, short_help="why a batch was decided as it was; --verify judges it again")
@click.argument("flywheel")
@click.argument("batch", type=click.IntRange(min=1))
@click.option("--verify", is_flag=True, help="judge again from the record alone, and compare")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@with_stack
def explain(stack: DeployedStack, flywheel: str, batch: int, verify: bool, as_json: bool) -> int:
    """Read, judge again if asked to, and show it in one of two ways."""
    require_known(stack.ports, flywheel)
    found = explain_batch(stack.ports, flywheel, batch)
    checks = _verified(stack, found) if verify else None
    written = _written(stack, flywheel, found.line.policy_version)
    if as_json:
        click.echo(json.dumps(as_document(found, written, checks), indent=1))
    else:
        show(Console(), flywheel, found, written, checks)
    if verify and found.verdict is None:
        click.echo("There is no verdict to verify.", err=True)
    return 1 if found.faults or any(not check.holds for check in checks or ()) else 0


def _verified(stack: DeployedStack, found: Explanation) -> tuple[Check, ...] | None:
    """Return what was checked; None if there is nothing to check, or no record to do it by."""
    from governor.usecases.verify_decision import verify_decision, verify_recheck  # noqa: PLC0415  (numpy: only here)

    checks: tuple[Check, ...] = ()
    if found.record is not None and found.verdict is not None:
        checks += verify_decision(stack.ports.records, found.verdict, found.record)
    if found.rechecked is not None:
        checks += verify_recheck(found.rechecked, found.record)
    return checks or None


def _written(stack: DeployedStack, flywheel: str, version: int) -> Written | None:
    row = stack.ports.policy_writer.version(flywheel, version)
    if row is None:
        return None
    return Written(row.author, to_text(row.written_at) if row.written_at is not None else None, edited=row.edited)
