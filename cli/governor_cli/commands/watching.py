"""`governor status`: every flywheel at a glance."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from governor.domain.batch import NO_BASELINE
from governor.domain.moments import to_text
from governor.usecases.flywheel_status import FlywheelStatus, flywheels, rests, status_of, was_torn_down
from governor.usecases.last_failure import LastFailure
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.stack_option import with_stack
from governor_cli.terminal import wide_console

_STATUS = """Show every flywheel: active model and F1, what waits, what is in work, what it spent, what comes next, and
after a turn that failed, of what.

It reads the ledger and writes nothing. Without names: all flywheels that have a policy or ever took a turn, but not
those that were torn down, as rehearsals are; --all shows these too, and so does their name. --wait also looks for files
in the inbox that nobody has recorded yet, if you may list it (s3:ListBucketVersions).

\b
examples:
  governor status
  governor status reviews --watch
  governor status reviews --wait && governor active reviews      in scripts
  governor status --json | jq '.[] | select(.hold)'
"""
_PAUSE_SECONDS = 2.0
pause: Callable[[float], None] = time.sleep


@click.command(help=_STATUS, short_help="every flywheel at a glance; --watch keeps it live")
@click.argument("flywheels", nargs=-1, metavar="[FLYWHEEL]...")
@click.option("--watch", is_flag=True, help="keep it on the screen, live, until Ctrl-C")
@click.option("--wait", is_flag=True, help="first wait until all of them rest, or wait for people")
@click.option("--all", "everything", is_flag=True, help="also flywheels that were torn down")
@click.option("--json", "as_json", is_flag=True, help="print JSON, one object a flywheel")
@with_stack
def status(
    stack: DeployedStack, flywheels: tuple[str, ...], watch: bool, wait: bool, everything: bool, as_json: bool
) -> None:
    """Look once, or again and again."""
    if watch and (as_json or wait):
        raise click.UsageError("--watch goes on for ever: it goes with neither --json nor --wait.")
    look = _looker(stack, flywheels, everything=everything)
    while wait and not all(rests(stack.ports, each) for each in look().found):
        pause(_PAUSE_SECONDS / 2)
    if as_json:
        click.echo(json.dumps([as_document(each) for each in look().found], indent=1))
        return
    console = wide_console()
    if not watch:
        console.print(look().picture(console.width))
        return
    with Live(console=console, auto_refresh=False) as live:
        try:
            while True:
                live.update(look().picture(console.width), refresh=True)
                pause(_PAUSE_SECONDS)
        except KeyboardInterrupt:
            return


@dataclass(frozen=True)
class _Look:
    """What one look found. `torn_down`: how many flywheels were left out because of that."""

    found: list[FlywheelStatus]
    torn_down: int = 0

    def picture(self, width: int) -> Any:
        if not self.torn_down:
            return picture(self.found, width)
        who = "1 flywheel that was" if self.torn_down == 1 else f"{self.torn_down} flywheels that were"
        left_out = Text(f"Without {who} torn down: --all shows everything.", style="dim")
        return Group(picture(self.found, width), left_out) if self.found else left_out


def _looker(stack: DeployedStack, names: tuple[str, ...], *, everything: bool) -> Callable[[], _Look]:
    known = flywheels(stack.ports)
    strange = [name for name in names if name not in known]
    if strange:
        none = "There are none yet: `governor policy apply FILE` begins one."
        there = f"There are: {', '.join(known)}." if known else none
        raise Complaint(f"Nothing is known of a flywheel named {strange[0]}. {there}")

    def look() -> _Look:
        wanted = list(names) or flywheels(stack.ports)
        gone = set() if names or everything else {name for name in wanted if was_torn_down(stack.ports, name)}
        now = stack.ports.clock.now()
        return _Look([status_of(stack.ports, name, now) for name in wanted if name not in gone], len(gone))

    return look


def as_document(status: FlywheelStatus) -> dict[str, Any]:
    """One flywheel as JSON. Times are UTC; what is not there is null."""
    head, serving, last, failure = status.head, status.serving, status.last_change, status.failure
    hold = head.hold if head is not None else None
    return {
        "flywheel": status.name,
        "policy_version": status.policy_version or None,
        "policy_fault": status.policy_fault,
        "active_model": serving.active if serving is not None and serving.active != NO_BASELINE else None,
        "active_since": to_text(last.at) if last is not None else None,
        "f1": status.metrics.f1 if status.metrics is not None else None,
        "frozen": serving is not None and serving.frozen,
        "uploads": {"admitted": status.waiting.admitted, "pending": status.waiting.pending},
        "documents": {
            "waiting": status.documents.files,
            "at_work": status.documents.at_work,
            "hold": status.documents.hold.reason if status.documents.hold is not None else None,
        },
        "batch": {"id": head.batch.id, "phase": head.batch.phase, "exam_usd": round(status.exam_usd, 4) or None}
        if head is not None and head.batch
        else None,
        "turn": {"number": head.turn, "state": head.state, "since": to_text(head.since) if head.since else None}
        if head is not None
        else None,
        "asked_until": to_text(status.waiting.asked_until) if status.waiting.asked_until else None,
        "hold": {"reason": hold.reason, "until": to_text(hold.until), "because": status.held_because}
        if hold is not None
        else None,
        "failure": {
            "in_a_row": failure.in_a_row,
            "turn": failure.turn,
            "error": failure.error,
            "cause": failure.cause,
        }
        if failure is not None
        else None,
        "last_batch": {
            "id": status.last_batch.id,
            "verdict": status.last_batch.verdict,
            "outcome": status.last_batch.outcome,
            "reason": status.last_batch.reason,
        }
        if status.last_batch is not None
        else None,
        "spent_this_month_usd": round(status.spent_this_month, 4),
        "budget_usd_per_month": status.budget,
        "next_step": status.next_step,
    }


def picture(found: list[FlywheelStatus], width: int) -> Any:
    """What rich prints: a table, or a card a flywheel where the terminal is too narrow for one."""
    if not found:
        return Text("There are no flywheels yet. `governor policy apply FILE` begins one.")
    if width < _NARROW:
        return Group(*(_card(each, width) for each in found))
    table = Table(header_style="bold", expand=False)
    for name in ("Flywheel", "Active model", "F1", "Waiting", "Batch", "Turn", "USD, month", "Next"):
        table.add_column(name, overflow="fold", justify="right" if name in {"F1", "USD, month"} else "left")
    for each in found:
        table.add_row(*_cells(each).values())
    failures = [_line(f"{each.name}: {_failure(each.failure)}", width) for each in found if each.failure is not None]
    holds = [Text(f"{each.name}: {each.held_because}", style="red") for each in found if each.held_because is not None]
    return Group(table, *failures, *holds)


_NARROW = 100


def _line(text: str, width: int) -> Text:
    """One line and no more; `--json` and `governor doctor` have what is cut off."""
    line = Text(" ".join(text.split()), style="red")
    line.truncate(width, overflow="ellipsis")
    return line


def _failure(failure: LastFailure) -> str:
    often = f", {failure.in_a_row} in a row" if failure.in_a_row > 1 else ""
    return f"turn {failure.turn} failed{often}: {failure.cause}"


def _card(status: FlywheelStatus, width: int) -> Text:
    """For a narrow terminal: a line a fact."""
    name, *facts = _cells(status).items()
    lines = Text(f"{name[1]}\n", style="bold")
    for label, value in facts:
        lines.append(f"  {label:<13}", style="dim")
        lines.append(value if isinstance(value, Text) else Text(value))
        lines.append("\n")
    if status.failure is not None:
        lines.append("  ").append(_line(_failure(status.failure), width - 2)).append("\n")
    if status.held_because is not None:
        lines.append(f"  {status.held_because}\n", style="red")
    return lines


def _cells(status: FlywheelStatus) -> dict[str, Any]:
    head, serving = status.head, status.serving
    held = head is not None and head.hold is not None and head.state != "RUNNING" and "held" in status.next_step
    running = head is not None and head.state == "RUNNING"
    unusable = status.policy_fault is not None and not running
    style = "red" if held or unusable else "yellow" if status.waiting.asked_until else "green" if running else ""
    frozen = " (frozen)" if serving is not None and serving.frozen else ""
    waiting = [f"{status.waiting.pending} pending"] if status.waiting.pending else []
    waiting += [f"{status.waiting.admitted} to inspect"] if status.waiting.admitted else []
    waiting += [_documents(status)] if status.documents.files else []
    return {
        "Flywheel": status.name,
        "Active model": (_short(serving.active) if serving is not None else "none") + frozen,
        "F1": f"{status.metrics.f1:.4f}" if status.metrics is not None and status.metrics.f1 is not None else "",
        "Waiting": ", ".join(waiting) or "-",
        "Batch": _batch(status),
        "Turn": _turn(status),
        "USD, month": _spent(status),
        "Next": Text(status.next_step, style=style),
    }


def _documents(status: FlywheelStatus) -> str:
    documents = status.documents
    doing = documents.hold.reason if documents.hold is not None else "at work" if documents.at_work else ""
    return f"{documents.files} of documents" + (f" ({doing})" if doing else "")


def _spent(status: FlywheelStatus) -> str:
    """What trainings and exams have cost this month, and of how much."""
    of = "" if status.budget is None else f" of {status.budget:,.2f}"
    return f"{status.spent_this_month:,.2f}{of}" if status.spent_this_month or of else "-"


def _short(model: str) -> str:
    if model == NO_BASELINE:
        return "none"
    return model.split("/", 1)[-1].replace("/version/", " ").replace("Comprehend-Generated-", "")


def _batch(status: FlywheelStatus) -> str:
    head, last = status.head, status.last_batch
    if head is not None and head.batch is not None:
        return f"{head.batch.id} {head.batch.phase}"
    if last is None:
        return "-"
    return f"{last.id} {last.verdict or ''} {(last.outcome or 'in work').replace('_', ' ').lower()}".replace("  ", " ")


def _turn(status: FlywheelStatus) -> str:
    head = status.head
    if head is None or head.turn == 0:
        return "-"
    since = f" since {head.since.strftime('%H:%M')} UTC" if head.state == "RUNNING" and head.since else ""
    return f"{head.turn} {head.state.lower()}{since}"
