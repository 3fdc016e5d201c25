"""Rows of CSV files, with the line where each begins."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from comprehend_local.engine.formats.plain_text import invalid, numbered_lines

LONGEST_ROW = 10 * 1024 * 1024
"""Characters; the largest file of the service has as many. A quote that is not closed would swallow any amount."""


class _Lines:
    """The lines of a file for the csv module, which takes as many as a row needs."""

    def __init__(self, content: bytes, name: str) -> None:
        self._lines = numbered_lines(content, name)
        self._name = name
        self._taken = 0
        self.begins = 1
        self._next = 1

    def __iter__(self) -> Iterator[str]:
        for number, line in self._lines:
            self._taken += len(line)
            if self._taken > LONGEST_ROW:
                raise invalid(self.begins, self._name, f"begins a row of more than {LONGEST_ROW} characters")
            self._next = number + 1
            yield line

    def end_row(self) -> None:
        """The next line begins another row."""
        self.begins, self._taken = self._next, 0


def read_rows(content: bytes, name: str, *, blanks_after_commas: bool = False) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, columns) of every row that is not empty. Raises UnreadableData.

    `blanks_after_commas`: they belong to no column, as in the guide's own samples of annotations and entity lists.
    """
    csv.field_size_limit(LONGEST_ROW)  # of the whole program, so that others may have changed it since
    lines = _Lines(content, name)
    try:
        for row in csv.reader(lines, strict=True, skipinitialspace=blanks_after_commas):
            if row:
                yield lines.begins, row
            lines.end_row()
    except csv.Error as error:
        raise invalid(lines.begins, name, f"is not valid CSV ({error})") from error


def read_table(
    content: bytes, name: str, columns: Sequence[str], optional: str | None = None
) -> Iterator[tuple[int, list[str]]]:
    """(line number, values in the order of `columns`, without blanks around them) of every row below the header.

    The header has exactly these columns, in any order; capitals do not matter. No value may be empty, but where the
    whole column `optional` is missing its values are.
    """
    rows = read_rows(content, name, blanks_after_commas=True)
    line, header = next(rows, (1, []))
    places = {title.strip().casefold(): place for place, title in enumerate(header)}
    wanted = [column for column in columns if column != optional or column.casefold() in places]
    if len(header) != len(wanted) or set(places) != {column.casefold() for column in wanted}:
        raise invalid(line, name, f"must be the header with the columns {','.join(columns)}")
    order = [places.get(column.casefold(), len(header)) for column in columns]
    for line, row in rows:
        if len(row) != len(header):
            raise invalid(line, name, f"has {len(row)} columns and the header {len(header)}")
        values = [*(value.strip() for value in row), ""]
        if not all(values[:-1]):
            raise invalid(line, name, f"has an empty {header[values.index('')].strip()}")
        yield line, [values[place] for place in order]


def write_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file whose rows `read_rows` reads back unchanged (but for empty ones, and text with NUL)."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    text = buffer.getvalue()
    # Readers drop one byte order mark; one that belongs to the first value needs another before it.
    return (("\ufeff" if text.startswith("\ufeff") else "") + text).encode()
