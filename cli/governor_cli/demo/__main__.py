"""`python -m governor_cli.demo [--keep]`."""

import argparse
import sys

from rich.console import Console
from rich.markup import escape

from governor_cli.demo.acts import Disappointed, play
from governor_cli.demo.stage import stage
from governor_cli.demo.table import print_table
from governor_local.kept import instructions, keep
from governor_local.processes import ChildFailed
from governor_local.rig import FAILED_LOGS, Rig
from governor_local.stack import DeploymentFailed


def main() -> int:
    """Play the demo; 0 only if all three acts ended as they should."""
    parser = argparse.ArgumentParser(
        prog="make demo",
        description="Deploys the template to an embedded cloud on this machine, drops real files, and shows a model "
        "trained and promoted, a better one approved, and a worse one refused. Takes about a minute and a half.",
    )
    parser.add_argument("--keep", action="store_true", help="leave everything running afterwards (make demo KEEP=1)")
    arguments = parser.parse_args()
    # A terminal tells its own width; anything else (a CI log) gets one that the table fits into.
    console = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=150)
    try:
        return _play(console, leave_running=arguments.keep)
    except KeyboardInterrupt:
        console.print("Interrupted; everything was stopped.")
        return 130


def _play(console: Console, *, leave_running: bool) -> int:
    try:
        with Rig(console=console) as rig:
            _perform(rig, console, leave_running=leave_running)
    except (Disappointed, TimeoutError) as fault:
        console.print(f"[red]The demo did not end as it should:[/red] {escape(str(fault))}", soft_wrap=True)
        console.print(f"Logs are in {FAILED_LOGS}", soft_wrap=True)
        return 1
    except (ChildFailed, DeploymentFailed) as fault:
        console.print(f"{fault}\n\nLogs are in {FAILED_LOGS}", soft_wrap=True, markup=False)
        return 1
    console.print("[green]All three acts ended as they should.[/green]")
    return 0


def _perform(rig: Rig, console: Console, *, leave_running: bool) -> None:
    """Play; the table is printed whatever the end, because it shows how far it came."""
    scene = stage(rig, console)
    try:
        play(scene)
    finally:
        print_table(scene)
    if leave_running:
        console.print("\n[bold]It is all still running.[/bold]\n")
        console.print(instructions(rig, scene.flywheel), soft_wrap=True, markup=False)
        keep(rig)


if __name__ == "__main__":
    sys.exit(main())
