"""`governor doctor`: what is wrong, what it means, and what to do."""

import json
from dataclasses import asdict
from datetime import timedelta

import click
from rich.console import Console
from rich.text import Text

from governor_cli.deployment import DeployedStack
from governor_cli.doctor.deployment import examine_deployment
from governor_cli.doctor.finding import Finding, Severity
from governor_cli.doctor.flywheels import Limits, examine_flywheels
from governor_cli.stack_option import with_stack

_DOCTOR = """Look for what is wrong, in the deployment and with every flywheel, and say what to do about it.

The stack and its functions, whether anybody is subscribed, dead letters and alarms; missing policies, flywheels that
differ from them, stuck turns, why turns fail, holds that wait for you, unanswered approvals, stale models, endpoints
that nobody wants. Flywheels that were torn down, as rehearsals are, are left out. It changes nothing. What you may not
look at is a finding, too.

Exit code 1 if there is an error or a warning, 0 if all is well or there are only notes.

\b
examples:
  governor doctor
  governor doctor --stale-days 30
  governor doctor --json | jq -r '.[] | select(.severity == "error") | .remedy'
"""
_STYLES: dict[Severity, str] = {"error": "bold red", "warning": "bold yellow", "note": "dim"}
_ORDER: tuple[Severity, ...] = ("error", "warning", "note")


@click.command(help=_DOCTOR, short_help="what is wrong, what it means, and what to do")
@click.option(
    "--stale-days", type=click.FloatRange(0), default=90, show_default=True, help="a model is old from then on"
)
@click.option(
    "--stuck-hours", type=click.FloatRange(0), default=12, show_default=True, help="a turn is stuck from then on"
)
@click.option(
    "--waiting-hours", type=click.FloatRange(0), default=24, show_default=True, help="an approval waits too long"
)
@click.option("--json", "as_json", is_flag=True, help="print JSON, one object a finding")
@with_stack
def doctor(stack: DeployedStack, stale_days: float, stuck_hours: float, waiting_hours: float, as_json: bool) -> int:
    """Examine, and print the worst first."""
    limits = Limits(timedelta(hours=stuck_hours), timedelta(hours=waiting_hours), timedelta(days=stale_days))
    # Without outputs there is no such stack, and that is one complaint and no list.
    found = [*examine_deployment(stack), *examine_flywheels(stack.ports, limits)] if stack.outputs else []
    found.sort(key=lambda each: _ORDER.index(each.severity))
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=1))
    else:
        _print(found)
    return int(any(each.severity != "note" for each in found))


def _print(found: list[Finding]) -> None:
    console = Console()
    for each in found:
        console.print(
            Text.assemble((f"{each.severity:<8}", _STYLES[each.severity]), (each.about, "bold")), soft_wrap=True
        )
        console.print(Text(f"        {each.what}"), soft_wrap=True)
        console.print(Text.assemble(("        do: ", "dim"), each.remedy), soft_wrap=True)
    counts = {word: sum(each.severity == word for each in found) for word in _ORDER}
    if counts["error"] + counts["warning"] == 0:
        console.print(Text("Nothing is wrong.", style="green"))
    else:
        console.print(
            Text(", ".join(f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items() if count))
        )
