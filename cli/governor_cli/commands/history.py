"""`governor history`: every batch of a flywheel, what was decided, why, and what became of it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from governor.domain.moments import to_text
from governor.domain.pricing import dollars
from governor.usecases.batch_history import Ending, Line, batch_history
from governor_cli.deployment import DeployedStack
from governor_cli.known_flywheel import require_known
from governor_cli.rows import Cell, Column, print_rows
from governor_cli.stack_option import with_stack

_HISTORY = """Show every batch of a flywheel, the newest last: what came, the verdict and the line that decided it, what
became of the candidate, by whose word, what it cost, and which model was active afterwards. If a stricter policy came
between the verdict and the promotion and decided otherwise, verdict, line and policy version are those under it.

It reads the ledger and writes nothing. A table has the last 20 batches unless --limit says otherwise, JSON has all.
`governor explain` tells all about one batch, `governor timeline` draws the versions.

\b
examples:
  governor history reviews
  governor history reviews --limit 0                     all of them
  governor history reviews --json | jq '.[] | select(.verdict == "FAIL") | .line'
"""
_SHOWN = 20
_STYLES: dict[Ending, str] = {
    "promoted": "green",
    "taken back": "red",
    "rejected": "red",
    "data refused": "red",
    "asked": "yellow",
    "in work": "yellow",
}
_TOLD: dict[Ending, str] = {
    "kept": "not promoted",
    "expired": "nobody answered",
    "asked": "people are asked",
    "taken back": "promoted, taken back",
    "no new model": "no new model",
}


@click.command(help=_HISTORY, short_help="every batch: verdict, why, what became of it, by whom, what it cost")
@click.argument("flywheel")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="the last N batches; 0: all")
@click.option("--json", "as_json", is_flag=True, help="print JSON, one object a batch")
@with_stack
def history(stack: DeployedStack, flywheel: str, limit: int | None, as_json: bool) -> None:
    """Read, and show it in one of two ways."""
    require_known(stack.ports, flywheel)
    lines = batch_history(stack.ports, flywheel)
    most = limit if limit is not None else 0 if as_json else _SHOWN
    shown = lines[-most:] if most else lines
    if as_json:
        click.echo(json.dumps([as_document(line) for line in shown], indent=1))
        return
    if not shown:
        click.echo("There has been no batch yet.")
        return
    if len(shown) < len(lines):
        click.echo(f"{len(lines) - len(shown):,} earlier batches are not shown: --limit 0 shows all.", err=True)
    names = _names(shown)
    print_rows(Console(), _COLUMNS, [_row(line, names) for line in shown])


def as_document(line: Line) -> dict[str, Any]:
    """One batch as JSON. Times are UTC; what is not there is null."""
    return {
        "batch": line.batch,
        "at": to_text(line.at),
        "uploads": dict(line.uploads),
        "documents": dict(line.documents),
        "policy_version": line.policy_version,
        "verdict": line.verdict,
        "verdicts": line.verdicts,
        "line": line.line or None,
        "outcome": line.ending,
        "by": line.who or None,
        "why": line.why or None,
        "candidate": line.candidate,
        "f1": line.f1,
        "baseline_f1": line.baseline_f1,
        "cost_usd": line.cost_usd,
        "active_model": line.active,
        "recheck": _recheck(line),
    }


def _recheck(line: Line) -> dict[str, Any] | None:
    """What a stricter policy said that came meanwhile. `instead_of`: the verdict whose place it took, if it decided."""
    if line.recheck is None:
        return None
    before = line.instead_of
    told = {"verdict": before.verdict.word, "policy_version": before.policy_version} if before is not None else None
    return asdict(line.recheck) | {"decided": before is not None, "instead_of": told}


def _names(lines: Sequence[Line]) -> dict[str, str]:
    """What people call each model: the batch that trained it."""
    return {line.candidate: f"batch {line.batch}" for line in lines if line.candidate is not None}


_COLUMNS = (
    Column("Batch", right=True),
    Column("When (UTC)", least=10),
    Column("Uploads", least=8),
    Column("Verdict"),
    Column("Because", least=30),
    Column("Outcome", least=9),
    Column("By", least=12),
    Column("Cost", right=True),
    Column("Active after", least=8),
)


def _row(line: Line, names: dict[str, str]) -> tuple[Cell, ...]:
    active = "none" if line.active is None else names.get(line.active, line.active.rpartition("/")[2])
    return (
        str(line.batch),
        f"{line.at:%Y-%m-%d %H:%M}",
        ", ".join(f"{count:,} {kind}" for kind, count in sorted(line.uploads.items(), reverse=True)),
        Text(line.verdict or "-", style=_color(line)),
        line.line,
        Text(_TOLD.get(line.ending, line.ending), style=_STYLES.get(line.ending, "")),
        line.who,
        "" if line.cost_usd is None else dollars(line.cost_usd),
        active,
    )


def _color(line: Line) -> str:
    return {"PASS": "green", "FAIL": "red", "INCONCLUSIVE": "yellow"}.get(line.verdict or "", "")
