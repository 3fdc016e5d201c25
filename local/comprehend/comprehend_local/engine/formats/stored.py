"""JSON lines: the form in which documents of every kind are kept, here and in a data lake."""

from __future__ import annotations

import json
from collections.abc import Iterable

from comprehend_local.engine.documents import Document, Span


def write(documents: Iterable[Document]) -> bytes:
    """One line a document; `read` reads them back unchanged, lone surrogates included."""
    lines = (json.dumps(_as_json(document), ensure_ascii=False) for document in documents)
    return "".join(f"{line}\n" for line in lines).encode(errors="surrogatepass")


def read(content: bytes) -> list[Document]:
    """What `write` wrote. Raises ValueError when it is something else: a data lake is open to other hands."""
    found = []
    for line in content.split(b"\n"):
        if not line:
            continue
        try:
            item = json.loads(line.decode(errors="surrogatepass"))
            spans = tuple(Span(begin, end, type_) for begin, end, type_ in item.get("entities", ()))
            document = Document(item["text"], tuple(item.get("labels", ())), spans)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError("a line is no stored document") from error
        if not _is_sound(document):
            raise ValueError("a stored document has parts of other types, or an entity outside its text")
        found.append(document)
    return found


def _is_sound(document: Document) -> bool:
    text: object = document.text
    size = len(text) if isinstance(text, str) else -1
    return (
        all(isinstance(label, str) for label in document.labels)
        and all(
            type(begin) is int and type(end) is int and 0 <= begin < end <= size and isinstance(type_, str)
            for begin, end, type_ in document.spans
        )
        and size >= 0
    )


def _as_json(document: Document) -> dict[str, object]:
    described: dict[str, object] = {"text": document.text}
    if document.labels:
        described["labels"] = document.labels
    if document.spans:
        described["entities"] = document.spans
    return described
