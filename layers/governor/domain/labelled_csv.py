"""Labelled CSV, the last look before Comprehend: a bad dataset can never be taken back.

Comprehend's form: UTF-8, no header, two columns, label first, text second.
Source: https://docs.aws.amazon.com/comprehend/latest/dg/prep-class-data-format.html
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

MOST_LABELS = 1000
"""Comprehend's limit of classes (https://docs.aws.amazon.com/comprehend/latest/dg/guidelines-and-limits.html)."""
LONGEST_LABEL = 5000
LONGEST_LINE = 1_000_000
"""Characters. Far above any document worth training on; it bounds memory against a file that is one huge line."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class BadData(Exception):
    """The file is not what Comprehend can train on.

    The message names the line and the remedy and quotes nothing of the file.
    """


@dataclass(frozen=True)
class Facts:
    """What was found in a good file. `size` in bytes as uploaded."""

    sha256: str
    size: int
    documents: int
    labels: int


def check(chunks: Iterable[bytes], most_bytes: int) -> Facts:
    """Read the file once, in bounded memory, and return its facts; raises BadData."""
    hasher, size, documents = hashlib.sha256(), 0, 0
    labels: set[str] = set()

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            size += len(chunk)
            if size > most_bytes:
                raise BadData(f"The file is larger than {most_bytes:,} bytes. Split it into several files.")
            hasher.update(chunk)
            yield chunk

    for label, _ in rows(counted()):
        documents += 1
        labels.add(label)
        if len(labels) > MOST_LABELS:
            raise BadData(
                f"There are more than {MOST_LABELS:,} different labels. "
                "The label must be the first column, the text the second."
            )
    if documents == 0:
        raise BadData("The file has no documents.")
    if len(labels) < 2:
        raise BadData("All documents have the same label. A classifier needs at least two labels.")
    return Facts(hasher.hexdigest(), size, documents, len(labels))


def rows(chunks: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Yield (label, text) of every document; blank lines are skipped; raises BadData."""
    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(_lines(chunks), strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadData(
                f"Line {reader.line_num}: not valid CSV ({error}). "
                "Put texts with quotes or commas in double quotes and double the quotes inside."
            ) from None
        if not row:
            continue
        if len(row) != 2:
            raise BadData(
                f"Line {reader.line_num}: {len(row)} columns instead of two. "
                "Write label,text and put texts with commas in double quotes."
            )
        label, text = row
        fault = _fault(label, text)
        if fault is not None:
            raise BadData(f"Line {reader.line_num}: {fault}")
        yield label, text


def canonical_parts(chunks: Iterable[bytes], most_bytes: int) -> Iterator[bytes]:
    """Yield the checked documents as CSV again, in parts of whole rows of at most about `most_bytes`.

    UTF-8 without BOM, rows ending in a newline; texts and labels are unchanged.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    size = 0
    for label, text in rows(chunks):
        writer.writerow((label, text))
        # The part's true size is known only once it is encoded. No character takes more than this: quotes are doubled.
        size += (2 if text.isascii() and label.isascii() else 4) * (len(label) + len(text)) + 8
        if size >= most_bytes:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
            size = 0
    if size:
        yield buffer.getvalue().encode()


def _fault(label: str, text: str) -> str | None:
    if not label.strip():
        return "the label is empty."
    if label != label.strip():
        return "the label begins or ends with a blank. Write no blanks around the comma."
    if len(label) > LONGEST_LABEL:
        return (
            f"the label is longer than {LONGEST_LABEL:,} characters. "
            "The label must be the first column, the text the second."
        )
    if not text.strip():
        return "the text is empty."
    return None


class _ChunkReader(io.RawIOBase):
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


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield lines with their ends; the BOM that Windows programs write is left out.

    Bytes that are not UTF-8 come as surrogates, so that the line they stand in can be named.
    """
    text = io.TextIOWrapper(
        io.BufferedReader(_ChunkReader(chunks)), encoding="utf-8-sig", errors="surrogateescape", newline=""
    )
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise BadData(f"Line {number}: longer than {LONGEST_LINE:,} characters. Is the file one document a line?")
        if "\0" in line:
            raise BadData(f"Line {number}: a NUL byte. Save the file as UTF-8 text (UTF-16 has NUL bytes).")
        if not line.isascii() and _SURROGATE.search(line):
            raise BadData(f"Line {number}: not UTF-8. Save the file as UTF-8 (in Excel: CSV UTF-8).")
        yield line
