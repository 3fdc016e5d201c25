"""COMPREHEND_CSV files of classifiers (developer guide, "Preparing classifier training data").

The format: UTF-8, no header, two columns (label or labels, text), rows ended by LF or CRLF, texts quoted as in ordinary
CSV.
"""

from __future__ import annotations

from collections.abc import Iterable

from comprehend_local.engine.documents import Document
from comprehend_local.engine.formats.plain_text import invalid
from comprehend_local.engine.formats.rows import read_rows, write_rows

DELIMITERS = "~!@#$%^*-_+=|\\:;>?/ \t"
"""What may stand between the labels of a document (API reference, LabelDelimiter)."""
DEFAULT_DELIMITER = "|"


def read(content: bytes, name: str, delimiter: str | None) -> list[Document]:
    """Read one file. Raises UnreadableData at the first row that is not two filled columns of UTF-8 text.

    `delimiter` stands between labels; None = every document has one label, whatever characters it has (multi-class).
    A label that a document has twice counts once. Another delimiter than the file's gives one merged label, as in
    the service.
    """
    documents = []
    for line, row in read_rows(content, name):
        if len(row) != 2:
            raise invalid(line, name, f"has {len(row)} columns; two are needed, the label and the text")
        label, text = row[0].strip(), row[1]
        labels = (label,) if delimiter is None else tuple(dict.fromkeys(map(str.strip, label.split(delimiter))))
        if not all(labels):
            raise invalid(line, name, "has an empty label")
        if not text or text.isspace():
            raise invalid(line, name, "has an empty text")
        documents.append(Document(text, labels))
    return documents


def write(documents: Iterable[Document], delimiter: str | None) -> bytes:
    """One file that `read` with the same delimiter reads back unchanged.

    Raises ValueError when a label contains the delimiter, or a document does not have one label and there is none.
    """
    return write_rows((_joined(document.labels, delimiter), document.text) for document in documents)


def _joined(labels: tuple[str, ...], delimiter: str | None) -> str:
    if delimiter is None:
        (label,) = labels
        return label
    if any(delimiter in label for label in labels):
        raise ValueError("a label contains the delimiter")
    return delimiter.join(labels)
