"""A classifier's documents: features and labels of a chunk, and of many chunks what a training needs to know."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from comprehend_local.engine.documents import Document
from comprehend_local.engine.features import VERSION, Features, features_of_each, joined
from comprehend_local.engine.learner import Part, Prepared
from comprehend_local.engine.linear import Truth
from comprehend_local.engine.packing import Arrays, pack, unpack

_KIND = f"documents/1.{VERSION}"


@dataclass(frozen=True, slots=True)
class PreparedTexts:
    """A chunk's features and labels. Document i has the labels `names[codes[j]]`, j from indptr[i] to indptr[i + 1]."""

    features: Features
    digests: NDArray[np.uint64]
    names: tuple[str, ...]
    indptr: NDArray[np.int64]
    codes: NDArray[np.int32]

    def labels(self) -> list[tuple[str, ...]]:
        """Each document's labels."""
        ends = self.indptr.tolist()
        names = [self.names[code] for code in self.codes.tolist()]
        return [tuple(names[start:end]) for start, end in pairwise(ends)]

    def to_bytes(self) -> bytes:
        """For the store."""
        arrays: Arrays = {
            "feature_ends": self.features.indptr,
            "ids": self.features.ids,
            "counts": self.features.counts,
            "digests": self.digests,
            "label_ends": self.indptr,
            "codes": self.codes,
        }
        return pack(_KIND, {"names": self.names}, arrays)

    @classmethod
    def from_bytes(cls, content: bytes) -> PreparedTexts:
        """What `to_bytes` wrote. Raises ValueError when it is something else or of another version."""
        facts, arrays = unpack(_KIND, content)
        found = Features(arrays["feature_ends"], arrays["ids"], arrays["counts"])
        return cls(found, arrays["digests"], tuple(facts["names"]), arrays["label_ends"], arrays["codes"])


def prepare(chunks: Sequence[Sequence[Document]]) -> list[PreparedTexts]:
    """Each chunk on its own; all cores take part when there is much text."""
    found = features_of_each([[document.text for document in chunk] for chunk in chunks])
    return [_prepared(chunk, part) for chunk, part in zip(chunks, found, strict=True)]


def joined_texts(chunks: Sequence[PreparedTexts]) -> PreparedTexts:
    """All documents, one chunk after the other."""
    if len(chunks) == 1:
        return chunks[0]
    names: dict[str, int] = {}
    codes = [np.zeros(0, dtype=np.int32)]
    for chunk in chunks:
        place = np.array([names.setdefault(name, len(names)) for name in chunk.names], dtype=np.int32)
        codes.append(place[chunk.codes])
    sizes = np.concatenate([np.zeros(0, dtype=np.int64), *(np.diff(chunk.indptr) for chunk in chunks)])
    return PreparedTexts(
        joined([chunk.features for chunk in chunks]),
        np.concatenate([np.zeros(0, dtype=np.uint64), *(chunk.digests for chunk in chunks)]),
        tuple(names),
        np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)]),
        np.concatenate(codes),
    )


def _prepared(chunk: Sequence[Document], found: Features) -> PreparedTexts:
    codes: dict[str, int] = {}
    of_all = [codes.setdefault(label, len(codes)) for document in chunk for label in document.labels]
    sizes = np.fromiter((len(document.labels) for document in chunk), dtype=np.int64, count=len(chunk))
    digests = np.frombuffer(b"".join(map(_digest, chunk)), dtype="<u8").astype(np.uint64)
    indptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return PreparedTexts(found, digests, tuple(codes), indptr, np.array(of_all, dtype=np.int32))


def _digest(document: Document) -> bytes:
    content = "\0".join((document.text, *document.labels)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=8).digest()


def as_texts(prepared: Prepared) -> PreparedTexts:
    """The documents, if they were prepared here. Raises TypeError."""
    if not isinstance(prepared, PreparedTexts):
        raise TypeError("these documents were prepared for another kind of model")
    return prepared


def features_of(parts: Sequence[Part]) -> Features:
    """Of the chosen documents of all parts, in order."""
    return joined([as_texts(part.prepared).features.take(part.rows) for part in parts])


class Task(NamedTuple):
    """What is to be learned. `rows` are the documents with a label, as places in all parts together."""

    parts: Sequence[Part]
    labels: tuple[str, ...]
    truth: Truth
    rows: NDArray[np.intp]
    sizes: list[int]
    """Documents with a label in each part."""


def task_of(parts: Sequence[Part], allowed: Sequence[str] | None, *, one: bool) -> Task:
    """The labels that occur are sorted. With `one`, a document's first allowed label counts alone."""
    wanted = None if allowed is None else {*allowed}
    rows, names, before = [np.zeros(0, np.intp)], [np.zeros(0, np.int64)], 0
    place: dict[str, int] = {}
    sizes = []
    for prepared, chosen in parts:
        texts = as_texts(prepared)
        codes = np.array(
            [place.setdefault(name, len(place)) if wanted is None or name in wanted else -1 for name in texts.names],
            dtype=np.int64,
        )
        starts, labels = texts.indptr[chosen], np.diff(texts.indptr)[chosen]
        at = np.arange(labels.sum()) + np.repeat(starts - (np.cumsum(labels) - labels), labels)
        found = codes[texts.codes[at]] if len(at) else np.zeros(0, np.int64)
        rows.append((before + np.repeat(np.arange(len(chosen)), labels))[found >= 0])
        names.append(found[found >= 0])
        sizes.append(len(np.unique(rows[-1])))
        before += len(chosen)
    # Pairs once each; documents in order, a document's labels in its own.
    all_rows, all_names = np.concatenate(rows), np.concatenate(names)
    _, first = np.unique(all_rows if one else all_rows * max(1, len(place)) + all_names, return_index=True)
    first.sort()
    all_rows, all_names = all_rows[first], all_names[first]
    occurring = np.bincount(all_names, minlength=len(place)) > 0
    used = sorted(name for name, code in place.items() if occurring[code])
    order = np.zeros(len(place), dtype=np.intp)
    order[[place[name] for name in used]] = np.arange(len(used))
    kept, dense = np.unique(all_rows, return_inverse=True)
    return Task(parts, tuple(used), Truth(dense, order[all_names], len(kept), len(used)), kept, sizes)
