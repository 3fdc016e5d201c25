"""Reads labelled documents from COMPREHEND_CSV files (developer guide, "Preparing classifier training data").

The format: UTF-8, no header, two columns (label, text), rows ended by LF or CRLF, texts quoted as in ordinary CSV.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

csv.field_size_limit(10 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class Document:
    """One labelled document of a multi-class classifier."""

    label: str
    text: str


class UnreadableData(Exception):
    """A file is not what its format says. The message names the file and the line, never the text itself.

    `code` is the upper-case word that the service's own messages start with.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


def read_csv(content: bytes, name: str) -> list[Document]:
    """Read one file. Raises UnreadableData at the first row that is not two filled columns of UTF-8 text.

    A byte order mark is dropped: spreadsheet programs write one, and it would otherwise become part of the first label.
    """
    text = _decode(content, name)
    documents = []
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in rows:
            if not row:
                continue
            if len(row) != 2:
                raise UnreadableData(
                    "INVALID_INPUT_DATA",
                    f"Line {rows.line_num} of {name} has {len(row)} columns; two are needed, the label and the text.",
                )
            label, body = row[0].strip(), row[1]
            if not label or not body.strip():
                empty = "label" if not label else "text"
                raise UnreadableData("INVALID_INPUT_DATA", f"Line {rows.line_num} of {name} has an empty {empty}.")
            documents.append(Document(label, body))
    except csv.Error as error:
        raise UnreadableData(
            "INVALID_INPUT_DATA", f"Line {rows.line_num} of {name} is not valid CSV ({error})."
        ) from error
    return documents


def _decode(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableData("INVALID_INPUT_ENCODING", f"Line {line} of {name} is not UTF-8 text.") from error
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise UnreadableData("INVALID_INPUT_DATA", f"Line {line} of {name} contains a NUL character.")
    return text


def write_csv(documents: Iterable[Document]) -> bytes:
    """The documents as one COMPREHEND_CSV file that `read_csv` reads back unchanged."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n").writerows((d.label, d.text) for d in documents)
    return buffer.getvalue().encode()
