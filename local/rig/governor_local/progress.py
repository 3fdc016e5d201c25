"""What the terminal shows while the rig starts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Step:
    """A step under way: `tell` shows what it is at."""

    def __init__(self, title: str, status: object) -> None:
        self._title = title
        self._status = status

    def tell(self, detail: str) -> None:
        """Show a detail beside the title, in place of the last one."""
        update = getattr(self._status, "update", None)
        if update:
            update(f"{self._title} [dim]{detail}[/dim]")


class Progress:
    """Prints one line for each step when it is done, with its seconds, and a live line while it is not.

    Without a console nothing is printed. Where the console is no terminal (CI) the live line is left out.
    """

    def __init__(self, console: Console | None) -> None:
        self._console = console

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Run the block as a step."""
        began = time.monotonic()
        if self._console is None:
            yield Step(title, None)
        else:
            with self._console.status(title) as status:
                try:
                    yield Step(title, status)
                except BaseException:
                    self._console.print(f"[red]x[/red] {title}")
                    raise
            self._console.print(f"[green]+[/green] {title} [dim]{time.monotonic() - began:.1f} s[/dim]")
