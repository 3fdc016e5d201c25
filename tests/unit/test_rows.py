"""What is printed in rows: whole words at every width, a table only where it fits, and nothing beyond the edge."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from governor_cli.rows import Cell, Column, print_rows

COLUMNS = (
    Column("Batch", right=True),
    Column("Decided", least=13),
    Column("Would decide", least=13),
    Column("What comes of it", least=10, card="Then"),
    Column("Because", least=30),
)
ENDINGS = [
    f"{word}, {then}" for word in ("PASS", "FAIL", "INCONCLUSIVE") for then in ("promoted", "not promoted, held")
]
LINE = "Macro F1 0.7796 against 0.8185: undecided, under the floor of 0.8000; about 2,300 more test documents."


def printed(rows: list[tuple[Cell, ...]], width: int, *, ruled: bool = False) -> list[str]:
    out = io.StringIO()
    print_rows(Console(file=out, width=width), COLUMNS, rows, ruled=ruled)
    return out.getvalue().splitlines()


def a_row(batch: int = 7, decided: str = ENDINGS[-1], line: Cell = LINE) -> tuple[Cell, ...]:
    return str(batch), Text(decided, style="red"), "the same", "", line


@given(st.integers(60, 220), st.lists(st.sampled_from(ENDINGS), min_size=1, max_size=4), st.integers(1, 60))
def test_no_word_of_a_verdict_is_ever_cut_and_no_line_is_too_long(width: int, endings: list[str], words: int) -> None:
    lines = printed([a_row(place, ending, "candidate " * words) for place, ending in enumerate(endings)], width)
    assert max(map(len, lines)) <= width
    told = re.findall(r"\w+", "\n".join(lines))
    for word in ("PASS", "FAIL", "INCONCLUSIVE"):
        assert told.count(word) == sum(word in ending for ending in endings)
    assert told.count("candidate") == words * len(endings)


def test_a_card_has_a_line_a_fact_and_long_facts_go_on_below_themselves() -> None:
    assert printed([a_row(), a_row(8, "PASS, promoted", Text("one\ntwo"))], 60) == [
        "batch 7",
        "  Decided      INCONCLUSIVE, not promoted, held",
        "  Would decide the same",
        "  Because      Macro F1 0.7796 against 0.8185: undecided,",
        "               under the floor of 0.8000; about 2,300 more",
        "               test documents.",
        "batch 8",
        "  Decided      PASS, promoted",
        "  Would decide the same",
        "  Because      one, two",
    ]


def test_a_card_calls_a_long_column_by_its_short_name() -> None:
    (line,) = (line for line in printed([("7", "", "", "stays", LINE)], 60) if "stays" in line)
    assert line == "  Then         stays"


# Five columns of 5, 13, 13, 10 and 30 characters have a frame of 16.
@pytest.mark.parametrize(("width", "table"), [(86, False), (87, True), (200, True)])
def test_it_is_a_table_as_soon_as_every_column_has_what_it_needs(width: int, table: bool) -> None:
    row = ("7", ENDINGS[-1], ENDINGS[-1], "the flywheel rests", LINE)
    lines = printed([row], width)
    assert lines[0].startswith("┏") == table
    assert all(len(line) == len(lines[0]) for line in lines if table)


def test_a_table_is_as_wide_as_it_needs_to_be() -> None:
    lines = printed([a_row(line="short")], 200)
    assert len(lines) == 5
    assert len(lines[0]) < 100


def test_rows_of_several_lines_can_be_ruled() -> None:
    rows = [a_row(), a_row(8)]
    assert len(printed(rows, 200, ruled=True)) == len(printed(rows, 200)) + 1
