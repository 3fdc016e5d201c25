"""What the benchmarks are made of, without running one: tables, bars, the corpus and its enlargement."""

from pathlib import Path

import pytest

from benchmarks.corpus import Corpus, Row, SpliceGenerator, enlarged, read, write
from benchmarks.tables import Bar, Options, Table, written

ROWS = [Row("a", "one two three four"), Row("a", "five six seven"), Row("b", "red green blue, yellow")]


@pytest.mark.parametrize(
    ("direction", "value", "met"),
    [("at least", 0.5, True), ("at least", 0.49, False), ("at most", 0.5, True), ("at most", 0.51, False)],
)
def test_a_bar_is_met_at_its_limit(direction: str, value: float, met: bool) -> None:
    bar = Bar("F1", value, "at least" if direction == "at least" else "at most", 0.5)

    assert bar.met is met
    assert ("missed" in str(bar)) is not met


def test_a_table_is_markdown_with_its_bars() -> None:
    table = Table("Title", ("who", "s"), [("us", 0.5), ("them", 1234.5)], "Why.", [Bar("s", 0.5, "at most", 1)])

    assert table.markdown() == (
        "### Title\n\nWhy.\n\n"
        "| who  |      s |\n| ---- | -----: |\n| us   | 0.5000 |\n| them |  1,234 |\n\n"
        "- s: 0.5000 (at most 1: met)\n"
    )


@pytest.mark.parametrize(
    ("cell", "text"), [(None, ""), (1234, "1,234"), (0.12345, "0.1235"), (2.5, "2.50"), (-0.005, "-0.0050"), ("x", "x")]
)
def test_figures_have_as_many_digits_as_say_something(cell: float | str | None, text: str) -> None:
    assert written(cell) == text


def test_only_data_sets_that_the_user_has_are_used(tmp_path: Path) -> None:
    (tmp_path / "btc").mkdir()

    assert Options(tmp_path, False, tmp_path).data_set("btc") == tmp_path / "btc"
    assert Options(tmp_path, False, tmp_path).data_set("wnut17") is None
    assert Options(None, False, tmp_path).data_set("btc") is None


def test_a_corpus_grows_with_the_same_labels_and_other_texts() -> None:
    small = Corpus(ROWS, [Row("a", "test")])

    grown = enlarged(small, 200, seed=3)

    assert len(grown.train) == 200
    assert grown == enlarged(small, 200, seed=3) != enlarged(small, 200, seed=4)
    assert {row.label for row in grown.train} == {"a", "b"}
    assert set(ROWS) < set(grown.train)
    assert grown.test == small.test
    assert len(enlarged(small, 2).train) == 2
    assert len({row.text for row in SpliceGenerator(ROWS).rows(50)}) > 25


def test_files_are_read_as_they_were_written(tmp_path: Path) -> None:
    rows = [*ROWS, Row("c", 'quoted "text"\nin two lines, with é')]

    assert read(write(rows, tmp_path / "x.csv")) == rows
