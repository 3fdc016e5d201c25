"""What a part of the benchmarks gives back, and how it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Cell = str | float | int | None


@dataclass(frozen=True)
class Bar:
    """A figure that was promised, e.g. Bar("train wall time / fastText's", 1.8, "at most", 2.5)."""

    name: str
    value: float
    direction: Literal["at least", "at most"]
    limit: float

    @property
    def met(self) -> bool:
        """Whether the figure keeps the promise."""
        return self.value >= self.limit if self.direction == "at least" else self.value <= self.limit

    def __str__(self) -> str:
        """One line for people."""
        verdict = "met" if self.met else "**missed**"
        return f"{self.name}: {written(self.value)} ({self.direction} {written(self.limit)}: {verdict})"


@dataclass(frozen=True)
class Table:
    """Figures of one question, and the bars that they are held against. `note` is Markdown, below the title."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    bars: Sequence[Bar] = field(default=())

    def markdown(self) -> str:
        """A section with a heading of level 3."""
        lines = [f"### {self.title}", ""]
        if self.note:
            lines += [self.note, ""]
        cells = [list(self.columns), *([written(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[place]) for row in cells) for place in range(len(self.columns))]
        texts = {place for place in range(len(self.columns)) if any(isinstance(row[place], str) for row in self.rows)}
        for number, row in enumerate(cells):
            padded = (
                cell.ljust(width) if place in texts else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            lines.append(f"| {' | '.join(padded)} |")
            if number == 0:
                rulers = (
                    "-" * width if place in texts else "-" * (width - 1) + ":" for place, width in enumerate(widths)
                )
                lines.append(f"| {' | '.join(rulers)} |")
        lines.append("")
        lines += [f"- {bar}" for bar in self.bars]
        return "\n".join(lines).rstrip() + "\n"


@dataclass(frozen=True)
class Options:
    """What the caller of the benchmarks asked for.

    `data`: a folder with sub-folders laid out like banking77, goemotions, btc and wnut17 (those that exist are used),
    or None. `quick`: small sizes, to try that everything runs; bars are not meaningful then. `scratch`: an empty folder
    for this run's files.
    """

    data: Path | None
    quick: bool
    scratch: Path

    def data_set(self, name: str) -> Path | None:
        """The sub-folder of a data set, if the user has it."""
        folder = self.data / name if self.data else None
        return folder if folder and folder.is_dir() else None


def written(cell: Cell) -> str:
    """A figure with as many digits as say something."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        size = abs(cell)
        return (
            f"{cell:,.0f}"
            if size >= 1000
            else f"{cell:.1f}"
            if size >= 10
            else f"{cell:.2f}"
            if size >= 1
            else f"{cell:.4f}"
        )
    return f"{cell:,}" if isinstance(cell, int) else cell
