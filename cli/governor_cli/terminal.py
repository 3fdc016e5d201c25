"""Where tables are printed: as wide as the terminal, or, in a file or a pipe, as wide as they need to be."""

import os
import sys

from rich.console import Console

_WIDE = 200


def wide_console() -> Console:
    """Return a console on standard output. COLUMNS, if it is set, says how wide it is."""
    return Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDE)
