"""Rows for people: a table where the terminal has room for one, otherwise a card a row, with a line a fact."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

Cell = str | Text
_LABEL = 13
_INDENT = 2 + _LABEL


@dataclass(frozen=True)
class Column:
    """`least`: how many characters it needs in a table, where its cells wrap at words; 0: they are never wrapped.

    `card`: what it is called on a card, if that is not its name; at most twelve characters.
    """

    name: str
    least: int = 0
    right: bool = False
    card: str = ""


def print_rows(
    console: Console, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, ruled: bool = False
) -> None:
    """Print a table, or cards if it does not fit. `ruled`: a line between any two rows of the table.

    The first column is the heading of a card, such as `batch 7`.
    """
    told = [[cell if isinstance(cell, Text) else Text(cell) for cell in row] for row in rows]
    widths = _widths(columns, told, console.width)
    if widths is None:
        _print_cards(console, columns, told)
        return
    table = Table(header_style="bold", show_lines=ruled)
    for column, width in zip(columns, widths, strict=True):
        table.add_column(column.name, width=width, justify="right" if column.right else "left", overflow="fold")
    for row in told:
        table.add_row(*row)
    console.print(table)


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[Text]], room: int) -> list[int] | None:
    """Return each column's characters; None: less than `room` characters would be needed for a table.

    What is left over goes to the columns that wrap, in proportion to what they need.
    """
    most = [
        max([_of_name(column), *(_longest_line(row[place]) for row in rows)]) for place, column in enumerate(columns)
    ]
    widths = [min(column.least, most[place]) if column.least else most[place] for place, column in enumerate(columns)]
    frame = 3 * len(columns) + 1
    spare = room - frame - sum(widths)
    if spare < 0:
        return None
    while spare and (growing := [place for place, width in enumerate(widths) if width < most[place]]):
        widths[min(growing, key=lambda place: widths[place] / columns[place].least)] += 1
        spare -= 1
    return widths


def _of_name(column: Column) -> int:
    """Return how wide its name may become: on one line where the cells wrap, otherwise a line a word."""
    return len(column.name) if column.least else max(map(len, column.name.split()))


def _longest_line(cell: Text) -> int:
    return max(line.cell_len for line in cell.split(allow_blank=True))


def _print_cards(console: Console, columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
    for row in rows:
        console.print(Text(f"{columns[0].name.lower()} {row[0].plain}", style="bold"))
        for column, cell in zip(columns[1:], row[1:], strict=True):
            if cell.plain:
                console.print(_fact(console, column.card or column.name, cell))


def _fact(console: Console, label: str, value: Text) -> Text:
    """Return a label and its value, which goes on below itself where it is longer than the line."""
    fact = Text.assemble((f"  {label:<{_LABEL}}", "dim"))
    one = Text(", ").join(value.split())
    lines = one.wrap(console, max(1, console.width - _INDENT))
    for line in lines:
        line.rstrip()
    return fact.append(Text("\n" + " " * _INDENT).join(lines))
