"""COMPREHEND_CSV data of recognizers: documents, and annotations or an entity list.

Described in the developer guide, "Annotations" and "Entity lists". Both CSV files have a header. The
guide's samples have blanks after the commas.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from comprehend_local.engine.documents import Document, Span, UnreadableData
from comprehend_local.engine.formats.entity_list import match, read_entity_list
from comprehend_local.engine.formats.plain_text import invalid, read_lines, read_whole
from comprehend_local.engine.formats.rows import read_table
from comprehend_local.engine.formats.spans import ordered

__all__ = ["COLUMNS", "Annotation", "annotate", "match", "read_annotations", "read_entity_list", "read_texts"]

COLUMNS = ("File", "Line", "Begin Offset", "End Offset", "Type")
_NUMBER = re.compile(r"[0-9]{1,9}")


class Annotation(NamedTuple):
    """A row of an annotations file: a mention in line `line` (from 0; None: no column Line) of `file`.

    `where`: (name of the annotations file, line number in it), for messages.
    """

    file: str
    line: int | None
    span: Span
    where: tuple[str, int]


def read_texts(content: bytes, name: str, input_format: str, most: int | None = None) -> list[str]:
    """The documents of one file: ONE_DOC_PER_LINE, with blank lines in their places, or ONE_DOC_PER_FILE.

    Raises UnreadableData, also for more than `most` lines.
    """
    if input_format == "ONE_DOC_PER_FILE":
        return [read_whole(content, name)]
    return read_lines(content, name, most)


def read_annotations(content: bytes, name: str, most: int | None = None) -> list[Annotation]:
    """Read `File,Line,Begin Offset,End Offset,Type`; with ONE_DOC_PER_FILE there is no column Line.

    Lines and offsets count from 0, the end is exclusive. Raises UnreadableData, also for more than `most` rows.
    """
    found: list[Annotation] = []
    for row, (file, line, begin, end, type_) in read_table(content, name, COLUMNS, optional="Line"):
        span = Span(_number(begin, COLUMNS[2], row, name), _number(end, COLUMNS[3], row, name), type_)
        if span.begin >= span.end:
            raise invalid(row, name, "has an End Offset that is not behind its Begin Offset")
        place = _number(line, "Line", row, name) if line else None
        found.append(Annotation(file, place, span, (name, row)))
        if most is not None and len(found) > most:
            raise UnreadableData("TOO_MANY_MENTIONS", f"{name} has more than {most} annotations, the maximum.")
    return found


def _number(value: str, column: str, row: int, name: str) -> int:
    if not _NUMBER.fullmatch(value):
        raise invalid(row, name, f"has no whole number from 0 to 999999999 as {column}")
    return int(value)


def annotate(files: Sequence[tuple[str, Sequence[str]]], annotations: Iterable[Annotation]) -> list[Document]:
    """The documents of all files, in order, with their mentions; blank ones are left out.

    `files`: (name or URI, what `read_texts` gave). An annotation names a file by the last part of its name, or by more
    parts where that is not enough. Raises UnreadableData for an unknown file or line, offsets outside the line, and
    mentions that overlap; the same mention twice counts once.
    """
    known = _by_last_part(files)
    found: dict[tuple[int, int], list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        name, row = annotation.where
        place = _place(known, files, annotation)
        file, texts = files[place]
        line = annotation.line
        if line is None:
            if len(texts) > 1:
                raise invalid(row, name, f"does not say which line of {file}: there is no column Line")
            line = 0
        if line >= len(texts):
            raise invalid(row, name, f"names a line behind the end of {file}")
        if annotation.span.end > len(texts[line]):
            raise invalid(row, name, f"has offsets outside line {line} of {file}")
        found[place, line].append(annotation)
    documents = []
    for place, (_, texts) in enumerate(files):
        for line, text in enumerate(texts):
            mentions = found.get((place, line), ())
            if mentions or (text and not text.isspace()):
                documents.append(Document(text, spans=_without_overlap(mentions)))
    return documents


def _by_last_part(files: Sequence[tuple[str, Sequence[str]]]) -> dict[str, list[int]]:
    known: dict[str, list[int]] = defaultdict(list)
    for place, (name, _) in enumerate(files):
        known[name.rpartition("/")[2]].append(place)
    return dict(known)


def _place(known: dict[str, list[int]], files: Sequence[tuple[str, Sequence[str]]], annotation: Annotation) -> int:
    """The place of the one file that an annotation means."""
    file, (name, row) = annotation.file, annotation.where
    places = known.get(file.rpartition("/")[2], [])
    if len(places) > 1 or "/" in file:
        places = [place for place in places if f"/{files[place][0]}".endswith(f"/{file.lstrip('/')}")]
    if not places:
        raise invalid(row, name, "names a file that is not among the documents")
    if len(places) > 1:
        raise invalid(row, name, "names a file of which there are several")
    return places[0]


def _without_overlap(mentions: Sequence[Annotation]) -> tuple[Span, ...]:
    kept, overlapping = ordered(mention.span for mention in mentions)
    if overlapping is not None:
        name, row = next(mention.where for mention in mentions if mention.span == overlapping)
        raise UnreadableData("INVALID_INPUT_DATA", f"Line {row} of {name} overlaps another annotation.")
    return kept
