"""`python -m governor_local up` starts a rig and leaves it running; `python -m governor_local stop` ends those."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from governor_local.kept import instructions, keep, stop_all
from governor_local.processes import ChildFailed
from governor_local.rig import FAILED_LOGS, Rig
from governor_local.stack import DeploymentFailed


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did what it says."""
    parser = argparse.ArgumentParser(prog="python -m governor_local", description=__doc__)
    parser.add_argument("command", choices=["up", "stop"])
    chosen = parser.parse_args(arguments)
    console = Console()
    if chosen.command == "stop":
        return 0 if stop_all(console.print) else 1
    try:
        with Rig(console=console) as rig:
            console.print(instructions(rig), highlight=False, soft_wrap=True)
            keep(rig)
    except (ChildFailed, DeploymentFailed) as error:
        console.print(f"{error}\n\nThe logs are in {FAILED_LOGS}", markup=False)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
