"""Documents with what people know of them, as every file format gives them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Span(NamedTuple):
    """A mention of an entity: code points `begin` to `end` (exclusive) of the text."""

    begin: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document with what people know of it: `labels` (multi-class: one) or, for recognizers, `spans`."""

    text: str
    labels: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


class UnreadableData(Exception):
    """A file is not what its format says. The message names the file and the line, never the text itself.

    `code` is the upper-case word that the service's own messages start with.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


def write_stored(documents: Iterable[Document]) -> bytes:
    """The documents in a form for storage: JSON lines that `read_stored` reads back unchanged."""
    return "".join(
        json.dumps([document.text, document.labels, document.spans], ensure_ascii=False, separators=(",", ":")) + "\n"
        for document in documents
    ).encode()


def read_stored(content: bytes) -> list[Document]:
    """What `write_stored` wrote. Raises UnreadableData where somebody else has written into it."""
    documents = []
    for number, line in enumerate(content.splitlines(), 1):
        try:
            text, labels, spans = json.loads(line)
            document = Document(text, tuple(labels), tuple(Span(*span) for span in spans))
            if not _is_sound(document):
                raise ValueError("of other types or outside the text")
        except (ValueError, TypeError, RecursionError) as error:
            raise UnreadableData("INVALID_INPUT_DATA", f"Line {number} of a stored file is damaged.") from error
        documents.append(document)
    return documents


def _is_sound(document: Document) -> bool:
    text: object = document.text
    labels, spans = document.labels, document.spans
    return (
        isinstance(text, str)
        and all(isinstance(label, str) for label in labels)
        and all(type(begin) is int and type(end) is int and 0 <= begin < end <= len(text) for begin, end, _ in spans)
        and all(isinstance(type_, str) for _, _, type_ in spans)
    )
