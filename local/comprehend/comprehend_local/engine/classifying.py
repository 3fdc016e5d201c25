"""Classifiers by way of `learning`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from comprehend_local.engine.documents import Document
from comprehend_local.engine.learner import Entity, Model, Part, Prepared, Scored
from comprehend_local.engine.learning import Classifier, train
from comprehend_local.engine.metrics import ConfusionMatrix, Scores


@dataclass(frozen=True)
class Texts:
    documents: tuple[Document, ...]

    @property
    def digests(self) -> NDArray[np.uint64]:
        found = [
            int.from_bytes(hashlib.blake2b(repr((d.text, d.labels)).encode(), digest_size=8).digest(), "little")
            for d in self.documents
        ]
        return np.array(found, dtype=np.uint64)

    def labels(self) -> list[tuple[str, ...]]:
        return [document.labels for document in self.documents]

    def to_bytes(self) -> bytes:
        return json.dumps([[d.text, d.labels] for d in self.documents]).encode()


@dataclass(frozen=True)
class BridgeModel:
    inner: Classifier

    @property
    def labels(self) -> tuple[str, ...]:
        return self.inner.labels

    def scores(self, parts: Sequence[Part], allowed: Sequence[str] | None = None) -> Scores:
        found = [d for d in chosen(parts) if allowed is None or d.labels[0] in allowed]
        if not found:
            raise ValueError("no documents to score")
        return ConfusionMatrix.of([d.labels[0] for d in found], self.inner.predict([d.text for d in found]))

    def classify(self, texts: Sequence[str]) -> list[list[Scored]]:
        rows = self.inner.probabilities(texts)
        return [
            sorted((Scored(n, float(s)) for n, s in zip(self.labels, row, strict=True)), key=lambda x: -x.score)
            for row in rows
        ]

    def detect(self, texts: Sequence[str]) -> list[list[Entity]]:
        raise TypeError("a classifier detects no entities")

    def to_bytes(self) -> bytes:
        return self.inner.to_bytes()


class ClassifierLearner:
    def __init__(self, mode: Literal["MULTI_CLASS", "MULTI_LABEL"]) -> None:
        self._mode = mode

    def prepare(self, chunks: Sequence[Sequence[Document]]) -> list[Prepared]:
        return [Texts(tuple(chunk)) for chunk in chunks]

    def load_prepared(self, content: bytes) -> Prepared:
        return Texts(tuple(Document(text, tuple(labels)) for text, labels in json.loads(content)))

    def train(self, parts: Sequence[Part], allowed: Sequence[str] | None, seed: int) -> Model:
        return BridgeModel(train([d for d in chosen(parts) if allowed is None or d.labels[0] in allowed], seed))

    def load(self, content: bytes) -> Model:
        return BridgeModel(Classifier.from_bytes(content))


def chosen(parts: Sequence[Part]) -> list[Document]:
    return [part.prepared.documents[row] for part in parts for row in part.rows]  # type: ignore[attr-defined]
