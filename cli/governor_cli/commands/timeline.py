"""`governor timeline`: every version of a flywheel's model, what became of it, and a picture of both."""

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from governor.domain.moments import to_text
from governor.usecases.flywheel_timeline import Entry, Fate, timeline_of
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.stack_option import with_stack
from governor_cli.terminal import wide_console
from governor_cli.timeline_picture import names_of, timeline_svg

_TIMELINE = """Show every version of a flywheel's model, oldest first: score, verdict, what became of it, and by whom.

Changes that no batch made (rollbacks, overrides, changes outside of this application) are lines of their own. It reads
the ledger and writes nothing. The picture is an SVG that stands alone, light or dark as its reader has it; every
browser shows it, and makes a PNG of it where one is needed.

\b
examples:
  governor timeline reviews
  governor timeline reviews --svg reviews.svg
  governor timeline reviews --json | jq '.[] | select(.fate == "promoted")'
"""
_STYLES: dict[Fate, str] = {
    "promoted": "green",
    "rejected": "red",
    "in work": "yellow",
    "rolled back": "magenta",
    "overridden": "magenta",
    "outside": "magenta",
    "torn down": "magenta",
}
_TOLD: dict[Fate, str] = {
    "kept": "not promoted",
    "expired": "nobody answered",
    "rolled back": "rolled back to it",
    "overridden": "promoted past the gates",
    "outside": "made active outside",
}


@click.command(help=_TIMELINE, short_help="every version, its score and what became of it; --svg draws it")
@click.argument("flywheel")
@click.option("--json", "as_json", is_flag=True, help="print JSON, one object a line of the table")
@click.option(
    "--svg", "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="draw it into FILE"
)
@with_stack
def timeline(stack: DeployedStack, flywheel: str, as_json: bool, file: Path | None) -> None:
    """Read, and show it in one of three ways."""
    entries = timeline_of(stack.ports, flywheel)
    if not entries and stack.ports.heads.read(flywheel) is None and not stack.ports.policies.version(flywheel):
        raise Complaint(
            f"Nothing is known of a flywheel named {flywheel}. `governor status` shows those that there are."
        )
    if file is not None:
        file.write_text(timeline_svg(flywheel, entries), encoding="utf-8")
        click.echo(f"The timeline of flywheel {flywheel} is drawn in {file}.", err=as_json)
    if as_json:
        click.echo(json.dumps([as_document(entry) for entry in entries], indent=1))
    elif file is None:
        wide_console().print(_table(entries))


def as_document(entry: Entry) -> dict[str, Any]:
    """One line as JSON. Times are UTC; what is not there is null."""
    return {
        "at": to_text(entry.at),
        "fate": entry.fate,
        "batch": entry.batch,
        "model": entry.model,
        "f1": entry.f1,
        "baseline_f1": entry.baseline_f1,
        "verdict": entry.verdict,
        "by": entry.who or None,
        "why": entry.why or None,
        "became_active": to_text(entry.turned_at) if entry.turned_at is not None else None,
        "active_model": entry.active,
        "active_f1": entry.active_f1,
    }


def _table(entries: list[Entry]) -> Any:
    if not entries:
        return Text("No version has been judged yet.")
    names = names_of(entries)
    table = Table(header_style="bold", expand=False)
    table.add_column("Date", no_wrap=True, min_width=len("2026-11-23 09:49"))
    table.add_column("Version", overflow="fold")
    table.add_column("F1", justify="right")
    table.add_column("Active", justify="right")
    table.add_column("Verdict")
    table.add_column("What became of it")
    table.add_column("By", overflow="fold")
    for entry in entries:
        active = entry.model is not None and entry.model == entries[-1].active and entry.turned_at is not None
        became = _TOLD.get(entry.fate, entry.fate) + (", active now" if active else "")
        table.add_row(
            f"{entry.at:%Y-%m-%d %H:%M}",
            names[entry.model] if entry.model is not None else "no new model" if entry.batch else "no model",
            _number(entry.f1),
            _number(entry.baseline_f1) if entry.batch is not None else "",
            entry.verdict or "",
            Text(became, style=_STYLES.get(entry.fate, "")),
            entry.who,
        )
    return table


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
