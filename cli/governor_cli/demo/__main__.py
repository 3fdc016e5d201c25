"""`python -m governor_cli.demo [--keep]`."""

import argparse
import sys

from rich.console import Console

from governor_cli.demo.acts import Disappointed, play
from governor_cli.demo.stage import stage
from governor_cli.demo.table import print_table
from governor_local.kept import instructions, keep
from governor_local.rig import Rig


def main() -> int:
    """Play the demo; 0 only if all three acts ended as they should."""
    parser = argparse.ArgumentParser(
        prog="make demo",
        description="Deploys the template to an embedded cloud on this machine, drops real files, and shows a model trained and promoted, "
        "a better one approved, and a worse one refused. Takes about a minute and a half; leaves nothing behind.",
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
    with Rig(console=console) as rig:
        scene = stage(rig, console)
        ended_well = True
        try:
            play(scene)
        except (Disappointed, TimeoutError) as fault:
            ended_well = False
            console.print(f"\n[red]The demo did not end as it should:[/red] {fault}")
        print_table(scene)
        if leave_running:
            console.print("\n[bold]It is all still running.[/bold]\n")
            console.print(instructions(rig, scene.flywheel), soft_wrap=True, markup=False)
            keep(rig)
    if ended_well:
        console.print("[green]All three acts ended as they should.[/green]")
    return 0 if ended_well else 1


if __name__ == "__main__":
    sys.exit(main())
