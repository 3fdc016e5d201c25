"""Documents that were stored and models that were trained, and what was computed of them, kept for later."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, cast

import numpy as np

from comprehend_local.engine.documents import Document
from comprehend_local.engine.formats import stored
from comprehend_local.engine.learner import EmbeddingName, Learner, Mode, Model, Part, Prepared, learner_for
from comprehend_local.store.database import Store

T = TypeVar("T")
CHUNK_DOCUMENTS, CHUNK_CHARACTERS = 10_000, 8_000_000
"""The size of a chunk: what is read, kept and computed as one piece."""
SMALL = 1000


class Recent(Generic[T]):
    """The values used last, by key."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, make: Callable[[], T]) -> T:
        """The value of a key; made when it is not at hand."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value

    def drop(self, key: str) -> None:
        """Forget one value."""
        with self._lock:
            self._values.pop(key, None)


_trained: Recent[Model] = Recent(64)
"""Training is a function of documents and seed, so equal small data (up to SMALL documents; larger models would take
too much memory) is trained once in a program. Tests gain most."""


class Learned:
    """Chunks of documents by dataset, and models by ARN, in the store's blobs."""

    def __init__(self, store: Store, seed: int, embedding: EmbeddingName = "none") -> None:
        self._store = store
        self._seed = seed
        self._embedding = embedding
        if embedding != "none":
            self.learner("MULTI_CLASS")  # says now that something is missing, not at the first training
        self._models: Recent[Model] = Recent(16)

    def learner(self, mode: Mode) -> Learner:
        """The learner of a kind, with the embedding that was chosen."""
        return learner_for(mode, self._embedding)

    # Documents

    def put_chunk(self, dataset_arn: str, number: int, documents: Sequence[Document]) -> None:
        """Store one chunk of a dataset; again with the same number replaces it."""
        self._store.put_blob(f"documents#{dataset_arn}#{number:06d}", stored.write(documents))

    def chunks(self, dataset_arn: str) -> Iterator[bytes]:
        """A dataset's chunks as they are stored: JSON lines."""
        return (self._store.blob(key) for key in self._store.blob_keys(f"documents#{dataset_arn}#"))

    def forget_documents(self, dataset_arn: str) -> None:
        """Delete a dataset's documents and what was computed of them."""
        self._store.delete_blobs(f"documents#{dataset_arn}#")
        self._store.delete_blobs(f"prepared#{dataset_arn}#")

    def prepared(self, dataset_arns: Sequence[str], mode: Mode) -> list[Prepared]:
        """Some datasets, in their order; what no iteration computed of a chunk before is computed and kept."""
        learner = self.learner(mode)
        of_dataset = [self._store.blob_keys(f"documents#{arn}#") for arn in dataset_arns]
        keys = [key for some in of_dataset for key in some]
        found: dict[str, Prepared] = {}
        for key in keys:
            try:
                found[key] = learner.load_prepared(self._store.blob(_prepared(key)))
            except (KeyError, ValueError):
                continue  # never computed, or by another version of the engine
        missing = [key for key in keys if key not in found]
        for start in range(0, len(missing), ABREAST):
            some = missing[start : start + ABREAST]
            chunks = [stored.read(self._store.blob(key)) for key in some]
            for key, prepared in zip(some, learner.prepare(chunks), strict=True):
                self._store.put_blob(_prepared(key), prepared.to_bytes())
                found[key] = prepared
        return [learner.joined([found[key] for key in some]) for some in of_dataset if some]

    # Models

    def train(self, parts: Sequence[Part], mode: Mode, allowed: Sequence[str] | None) -> Model:
        """Train. Raises CannotLearn."""
        learner = self.learner(mode)
        if sum(len(part.rows) for part in parts) > SMALL:
            return learner.train(parts, allowed, self._seed)
        digest = hashlib.blake2b(repr((mode, self._seed, self._embedding, allowed)).encode())
        for prepared, rows in parts:
            digest.update(np.ascontiguousarray(prepared.digests[rows]).tobytes())
        return _trained.get(digest.hexdigest(), lambda: learner.train(parts, allowed, self._seed))

    def put_model(self, model_arn: str, mode: Mode, model: Model) -> None:
        """Store a trained model."""
        self._store.put_blob(f"model#{model_arn}", mode.encode() + b"\n" + model.to_bytes())
        self._models.drop(model_arn)

    def model(self, model_arn: str) -> Model:
        """A trained model. Raises KeyError."""
        return self._models.get(model_arn, lambda: self._load(model_arn))

    def _load(self, model_arn: str) -> Model:
        mode, _, content = self._store.blob(f"model#{model_arn}").partition(b"\n")
        return self.learner(cast(Mode, mode.decode())).load(content)

    def forget_model(self, model_arn: str) -> None:
        """Delete a trained model."""
        self._store.delete_blob(f"model#{model_arn}")
        self._models.drop(model_arn)


ABREAST = 32
"""So many chunks are computed at a time: enough for all cores, and no more than that in memory."""


def _prepared(documents_key: str) -> str:
    return documents_key.replace("documents#", "prepared#", 1)


def chunked(documents: Sequence[Document]) -> list[Sequence[Document]]:
    """Documents in pieces that are not too large."""
    pieces: list[Sequence[Document]] = []
    start = size = 0
    for place, document in enumerate(documents):
        if place - start >= CHUNK_DOCUMENTS or (size and size + len(document.text) > CHUNK_CHARACTERS):
            pieces.append(documents[start:place])
            start, size = place, 0
        size += len(document.text)
    if start < len(documents):
        pieces.append(documents[start:])
    return pieces
