"""Reads text by lines in bounded memory, and refuses what is no text with the line that it stands in."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

LONGEST_LINE = 1_000_000
"""Characters. Far above any document worth training on; it bounds memory against a file that is one huge line."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class BadData(Exception):
    """The file is not what Comprehend can train on.

    The message names the line and the remedy and quotes nothing of the file.
    """


def lines(chunks: Iterable[bytes], where: str = "Line") -> Iterator[str]:
    """Yield lines with their ends; the BOM that Windows programs write is left out. Raises BadData.

    Bytes that are not UTF-8 come as surrogates, so that the line they stand in can be named. `where`: what a message
    calls a line, for instance `documents.txt, line`.
    """
    text = io.TextIOWrapper(
        io.BufferedReader(ChunkReader(chunks)), encoding="utf-8-sig", errors="surrogateescape", newline=""
    )
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise BadData(
                f"{where} {number}: longer than {LONGEST_LINE:,} characters. Is the file one document a line?"
            )
        if "\0" in line:
            raise BadData(f"{where} {number}: a NUL byte. Save the file as UTF-8 text (UTF-16 has NUL bytes).")
        if not line.isascii() and _SURROGATE.search(line):
            raise BadData(f"{where} {number}: not UTF-8. Save the file as UTF-8 (in Excel: CSV UTF-8).")
        yield line


class ChunkReader(io.RawIOBase):
    """Makes a readable file of an iterator of chunks."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            try:
                self._left = next(self._chunks)
            except StopIteration:
                return 0
        taken, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)
