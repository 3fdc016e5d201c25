"""Documents with what people know of them, as every file format gives them."""

from __future__ import annotations

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
