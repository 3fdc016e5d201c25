"""Augmented manifests: the JSON lines that SageMaker Ground Truth writes, a document a line.

`source` is the text; `<attribute>` and `<attribute>-metadata` are what people said of it. Of several attributes, as a
chain of labelling jobs leaves them, the last one is believed.
Source: https://docs.aws.amazon.com/comprehend/latest/dg/prep-training-data-cer.html and prep-class-data-format.html
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from governor.domain.labelled_document import Document, Mention, fault_of_label, fault_of_mentions
from governor.domain.policy import DataMode
from governor.domain.text_lines import BadData, lines

ATTRIBUTE = "entities"
"""The attribute of the manifests that we write."""
_METADATA = "-metadata"


def documents(chunks: Iterable[bytes], mode: DataMode) -> Iterator[Document]:
    """Yield every document; lines that the labelling job says it could not label are skipped. Raises BadData."""
    for number, line in enumerate(lines(chunks), 1):
        if line.isspace():
            continue
        row = _object(line, number)
        text = row.get("source")
        if not isinstance(text, str) or not text.strip():
            raise BadData(f"Line {number}: no text in `source`. Documents by reference (source-ref) are not taken.")
        if not _is_text(text):
            raise BadData(f"Line {number}: the text has half a character (a lone surrogate). Write it anew as UTF-8.")
        attribute = _attribute(row, number)
        if attribute is None:
            continue
        yield _document(text, row, attribute, mode, number)


def mode_of(first_line: str) -> DataMode | None:
    """Return for which kind of model a manifest is, by its first line; None if that cannot be told."""
    try:
        row = json.loads(first_line)
        metadata = next(row[name] for name in reversed(row) if name.endswith(_METADATA))
        if "class-name" in metadata:
            return "MULTI_CLASS"
        return "MULTI_LABEL" if "class-map" in metadata else "ENTITIES"
    except (ValueError, TypeError, RecursionError, StopIteration):
        return None


def parts(found: Iterable[Document], most_bytes: int) -> Iterator[bytes]:
    """Yield recognizers' documents as an augmented manifest, in parts of whole lines of about `most_bytes`."""
    collected: list[bytes] = []
    size = 0
    for document in found:
        entities = [{"startOffset": begin, "endOffset": end, "label": type_} for begin, end, type_ in document.mentions]
        row = {
            "source": document.text,
            ATTRIBUTE: {"annotations": {"entities": entities}},
            f"{ATTRIBUTE}{_METADATA}": {"type": "groundtruth/text-span"},
        }
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        if collected and size + len(line) > most_bytes:
            yield b"".join(collected)
            collected, size = [], 0
        collected.append(line)
        size += len(line)
    if collected:
        yield b"".join(collected)


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadData(f"Line {number}: not valid JSON. An augmented manifest has one JSON object a line.") from None
    if not isinstance(row, dict):
        raise BadData(f"Line {number}: not a JSON object.")
    return row


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _attribute(row: dict[str, Any], number: int) -> str | None:
    """The last attribute with metadata; None if the job says that it failed for this line."""
    named = [name.removesuffix(_METADATA) for name in row if name.endswith(_METADATA) and name != _METADATA]
    if not named:
        raise BadData(f"Line {number}: no `<attribute>{_METADATA}`. Is this the output of a labelling job?")
    metadata = row[f"{named[-1]}{_METADATA}"]
    if isinstance(metadata, dict) and "failure-reason" in metadata:
        return None
    return named[-1]


def _document(text: str, row: dict[str, Any], attribute: str, mode: DataMode, number: int) -> Document:
    metadata = row[f"{attribute}{_METADATA}"]
    if mode == "ENTITIES":
        mentions = _mentions(row.get(attribute), number)
        fault = fault_of_mentions(text, mentions)
        if fault is not None:
            raise BadData(f"Line {number}: {fault}")
        return Document(text, mentions=mentions, line=number)
    labels = _labels(metadata, mode)
    if not labels:
        wanted = "class-name" if mode == "MULTI_CLASS" else "class-map"
        raise BadData(f"Line {number}: no `{wanted}` in {attribute}{_METADATA}, which {mode} data have.")
    for label in labels:
        fault = fault_of_label(label) if _is_text(label) else "the label is no text."
        if fault is not None:
            raise BadData(f"Line {number}: {fault}")
    return Document(text, labels, line=number)


def _labels(metadata: Any, mode: DataMode) -> tuple[str, ...]:
    if not isinstance(metadata, dict):
        return ()
    if mode == "MULTI_CLASS":
        name = metadata.get("class-name")
        return (name,) if isinstance(name, str) else ()
    classes = metadata.get("class-map")
    names = list(classes.values()) if isinstance(classes, dict) else []
    return tuple(dict.fromkeys(names)) if all(isinstance(name, str) for name in names) else ()


def _mentions(value: Any, number: int) -> tuple[Mention, ...]:
    try:
        entities = value["annotations"]["entities"]
        found = {(entity["startOffset"], entity["endOffset"], entity["label"]) for entity in entities}
    except (KeyError, TypeError):
        raise BadData(f"Line {number}: no readable `annotations.entities`, which recognizers' data have.") from None
    if not all(type(begin) is int and type(end) is int and isinstance(label, str) for begin, end, label in found):
        raise BadData(f"Line {number}: an entity needs whole numbers as offsets and a text as label.")
    return tuple(sorted(found))


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
