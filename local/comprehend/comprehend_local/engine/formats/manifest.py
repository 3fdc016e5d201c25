"""AUGMENTED_MANIFEST files, the output of Ground Truth's labelling jobs: one JSON object a line.

`source` is the text. What people said of it is under the name of the job's attribute and `<attribute>-metadata`; the
output of chained jobs has several (developer guide, "Multi-class mode", "Multi-label mode", "PDF annotation files").
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NoReturn

from comprehend_local.engine.documents import Document, Span
from comprehend_local.engine.formats.plain_text import invalid, numbered_lines
from comprehend_local.engine.formats.spans import ordered

Json = dict[str, Any]
LONGEST_LINE = 10 * 1024 * 1024
"""Characters, as in a row of CSV. Parsed, empty objects take 24 times their length in memory."""


def read_classifier(
    content: bytes, name: str, attributes: Sequence[str], mode: Literal["MULTI_CLASS", "MULTI_LABEL"]
) -> list[Document]:
    """Read one file; labels are in the metadata. Raises UnreadableData.

    MULTI_CLASS: `class-name`; of several attributes that a line has, the last named one, the last job of a chain, is
    believed. MULTI_LABEL: the values of all `class-map`s. A line that the job could not label is left out.
    """
    documents = []
    for line, row, present in _rows(content, name, attributes):
        labels: list[str] = []
        for attribute in present:
            metadata = row.get(f"{attribute}-metadata")
            found = _labels(metadata, mode) if isinstance(metadata, dict) else None
            if found is None:
                wanted = "class-name" if mode == "MULTI_CLASS" else "class-map"
                raise invalid(line, name, f"has no {wanted} in {attribute}-metadata")
            labels = found if mode == "MULTI_CLASS" else [*labels, *found]
        cleaned = tuple(dict.fromkeys(label.strip() for label in labels))
        if not cleaned or not all(_is_text(label) for label in cleaned):
            raise invalid(line, name, "has an empty label")
        documents.append(Document(row["source"], cleaned))
    return documents


def read_recognizer(content: bytes, name: str, attributes: Sequence[str]) -> list[Document]:
    """Read one file; the entities are in `<attribute>.annotations.entities`, with all attributes' taken together.

    Raises UnreadableData, also for an entity outside the text and for two that overlap, which custom entity
    recognition does not support; the same one twice counts once.
    """
    documents = []
    for line, row, present in _rows(content, name, attributes):
        spans: list[Span] = []
        for attribute in present:
            try:
                entities = row[attribute]["annotations"]["entities"]
                spans += [_span(entity) for entity in entities]
            except (KeyError, TypeError, ValueError) as error:
                raise invalid(line, name, f"has no readable annotations.entities in {attribute}") from error
        text = row["source"]
        if any(not 0 <= begin < end <= len(text) for begin, end, _ in spans):
            raise invalid(line, name, "has an entity outside its text")
        kept, overlapping = ordered(spans)
        if overlapping is not None:
            raise invalid(line, name, "has entities that overlap")
        documents.append(Document(text, spans=kept))
    return documents


def write_classifier(
    documents: Iterable[Document], attribute: str, mode: Literal["MULTI_CLASS", "MULTI_LABEL"]
) -> bytes:
    """One file that `read_classifier` reads back unchanged."""
    return _lines(_classified(document, attribute, mode) for document in documents)


def write_recognizer(documents: Iterable[Document], attribute: str) -> bytes:
    """One file that `read_recognizer` reads back unchanged."""
    return _lines(
        {
            "source": document.text,
            attribute: {
                "annotations": {
                    "entities": [
                        {"startOffset": begin, "endOffset": end, "label": type_} for begin, end, type_ in document.spans
                    ]
                }
            },
        }
        for document in documents
    )


def _classified(document: Document, attribute: str, mode: Literal["MULTI_CLASS", "MULTI_LABEL"]) -> Json:
    value: Any = 0
    metadata: Json = {"class-name": document.labels[0]}
    if mode == "MULTI_LABEL":
        value = list(range(len(document.labels)))
        metadata = {"class-map": {str(place): label for place, label in enumerate(document.labels)}}
    return {"source": document.text, attribute: value, f"{attribute}-metadata": metadata}


def _lines(rows: Iterable[Json]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows).encode()


def _rows(content: bytes, name: str, attributes: Sequence[str]) -> Iterator[tuple[int, Json, list[str]]]:
    """(line, object, those of the attributes that it has) of every line that is labelled."""
    for line, text in numbered_lines(content, name):
        if text.isspace():
            continue
        if len(text) > LONGEST_LINE:
            raise invalid(line, name, f"has more than {LONGEST_LINE} characters")
        row = _object(text, line, name)
        source = row.get("source")
        if not isinstance(source, str):
            other = "; documents by reference (source-ref) are not read" if "source-ref" in row else ""
            raise invalid(line, name, f"has no text in source{other}")
        if not source.strip() or not _is_text(source):
            raise invalid(line, name, "has an empty or unreadable text in source")
        present = [attribute for attribute in attributes if attribute in row]
        if present:
            yield line, row, present
        elif not any(_has_failed(row, attribute) for attribute in attributes):
            raise invalid(line, name, f"has none of the attributes {', '.join(attributes)}")


def _has_failed(row: Json, attribute: str) -> bool:
    """Whether the labelling job says that it could not label this line."""
    metadata = row.get(f"{attribute}-metadata")
    return isinstance(metadata, dict) and "failure-reason" in metadata


def _object(text: str, line: int, name: str) -> Json:
    try:
        row = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:  # also numbers with thousands of digits, and depth
        raise invalid(line, name, "is not valid JSON") from error
    if not isinstance(row, dict):
        raise invalid(line, name, "is not a JSON object")
    return row


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _is_text(value: str) -> bool:
    """Not empty, and neither NUL nor half a surrogate pair, which JSON can escape and UTF-8 cannot hold."""
    if not value or "\x00" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _labels(metadata: Json, mode: str) -> list[str] | None:
    if mode == "MULTI_CLASS":
        found = [metadata.get("class-name")]
    else:
        classes = metadata.get("class-map")
        if not isinstance(classes, dict):
            return None
        found = list(classes.values())
    return [label for label in found if isinstance(label, str)] if all(isinstance(x, str) for x in found) else None


def _span(entity: Json) -> Span:
    """Raises KeyError, TypeError or ValueError when it is none."""
    begin, end, type_ = entity["startOffset"], entity["endOffset"], entity["label"]
    if type(begin) is not int or type(end) is not int or not isinstance(type_, str):
        raise TypeError("an offset or the label has another type")
    if not type_.strip() or not _is_text(type_):
        raise ValueError("an empty label")
    return Span(begin, end, type_.strip())
