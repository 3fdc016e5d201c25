"""Checked documents in parts that Comprehend takes."""

import csv
import io

import pytest

from governor.domain.labelled_csv import canonical_parts

MOST_BYTES = 10_000


@pytest.mark.parametrize("character", ["a", '"', "\u00e9", "\u8a9e", "\U0001f40e"])
def test_a_part_is_never_larger_than_wanted_by_more_than_a_row(character: str) -> None:
    row = ["label", character * 200]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerow(row)
    line = buffer.getvalue().encode()

    parts = list(canonical_parts([line * 200], MOST_BYTES))

    assert b"".join(parts) == line * 200
    assert max(len(part) for part in parts) <= MOST_BYTES + len(line)
