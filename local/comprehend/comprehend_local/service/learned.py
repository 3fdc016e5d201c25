"""Models and documents that were stored, kept at hand."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from comprehend_local.engine.documents import Document, read_csv, write_csv
from comprehend_local.store.database import Store

if TYPE_CHECKING:
    from comprehend_local.engine.learning import Classifier

T = TypeVar("T")


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


SMALL = 1000
_trained: Recent[Classifier] = Recent(64)
"""Training is a function of documents and seed, so equal small data (up to SMALL documents; larger models would take
too much memory) is trained once in a program. Tests gain most."""


class Learned:
    """Documents of datasets and trained models, in the store's blobs."""

    def __init__(self, store: Store, seed: int) -> None:
        self._store = store
        self._seed = seed
        self._documents: Recent[tuple[Document, ...]] = Recent(16)
        self._models: Recent[Classifier] = Recent(16)

    def put_documents(self, dataset_arn: str, documents: Sequence[Document]) -> None:
        """Store a dataset's documents."""
        self._store.put_blob(f"documents#{dataset_arn}", write_csv(documents))
        self._documents.drop(dataset_arn)

    def documents(self, dataset_arns: Sequence[str]) -> list[Document]:
        """The documents of some datasets, in the order of the datasets."""
        found = (self._documents.get(arn, partial(self._load, arn)) for arn in dataset_arns)
        return [document for documents in found for document in documents]

    def _load(self, dataset_arn: str) -> tuple[Document, ...]:
        return tuple(read_csv(self._store.blob(f"documents#{dataset_arn}"), dataset_arn))

    def forget_documents(self, dataset_arn: str) -> None:
        """Delete a dataset's documents."""
        self._store.delete_blob(f"documents#{dataset_arn}")
        self._documents.drop(dataset_arn)

    def train(self, documents: Sequence[Document]) -> Classifier:
        """Train. Raises CannotLearn."""
        from comprehend_local.engine.learning import train  # noqa: PLC0415  (takes seconds: only when it is needed)

        if len(documents) > SMALL:
            return train(documents, self._seed)
        digest = hashlib.blake2b(f"{self._seed}".encode())
        for document in documents:
            digest.update(f"\0{document.label}\0{document.text}".encode())
        return _trained.get(digest.hexdigest(), lambda: train(documents, self._seed))

    def put_model(self, model_arn: str, classifier: Classifier) -> None:
        """Store a trained model."""
        self._store.put_blob(f"model#{model_arn}", classifier.to_bytes())
        self._models.drop(model_arn)

    def model(self, model_arn: str) -> Classifier:
        """A trained model. Raises KeyError."""
        from comprehend_local.engine.learning import Classifier  # noqa: PLC0415  (as above)

        return self._models.get(model_arn, lambda: Classifier.from_bytes(self._store.blob(f"model#{model_arn}")))

    def forget_model(self, model_arn: str) -> None:
        """Delete a trained model."""
        self._store.delete_blob(f"model#{model_arn}")
        self._models.drop(model_arn)
