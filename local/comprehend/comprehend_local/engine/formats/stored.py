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
    """What `write` wrote. Raises ValueError when it is something else."""
    found = []
    for line in content.decode(errors="surrogatepass").split("\n"):
        if line:
            item = json.loads(line)
            spans = tuple(Span(begin, end, type_) for begin, end, type_ in item.get("entities", ()))
            found.append(Document(item["text"], tuple(item.get("labels", ())), spans))
    return found


def _as_json(document: Document) -> dict[str, object]:
    described: dict[str, object] = {"text": document.text}
    if document.labels:
        described["labels"] = document.labels
    if document.spans:
        described["entities"] = document.spans
    return described
