"""Classifiers that also know which words mean alike: of use where there are few documents in everyday words.

An option, off unless asked for, with the package `wordllama`: 16 MB of vectors, one per token, and a tokenizer, read
without importing the package. A document's vector is the mean of its tokens'. **Licence**: the package is under the MIT
licence, but its author made the vectors from the token embeddings of Llama 2 70B and of other models, so that the Llama
2 Community License may apply to them as a derivative. Whoever turns the option on settles that for himself; nothing of
it is shipped or required here.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from comprehend_local.engine import thresholds
from comprehend_local.engine.answering import Answering, ClassifierMode
from comprehend_local.engine.classifying import Classifier, ClassifierLearner
from comprehend_local.engine.documents import Document
from comprehend_local.engine.learner import Model, Part, Prepared
from comprehend_local.engine.linear import Effort, Matrix, Truth, learn_vectors
from comprehend_local.engine.packing import Arrays, pack, unpack
from comprehend_local.engine.prepared_texts import PreparedTexts, as_texts, joined_texts, prepare, task_of

Vectors = NDArray[np.float16]

FEW, MOST = 1_000, 3_000
"""Documents: up to FEW the meaning counts as much as the words, up to MOST less; beyond, the words alone do better."""
_SHARE_OF_FEW, _SHARE = 0.5, 0.3
_EFFORT = Effort(passes=20, rate=2.0, caution=1.0, batch=32)
_FOLDS = 3


class EmbeddingMissing(ValueError):
    """What an embedding needs is not installed. The message says how to get it."""


class Embedding(Protocol):
    """Vectors of texts."""

    @property
    def name(self) -> str:
        """Tells apart what was computed with which vectors."""
        ...

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Texts x dimensions; every row has length 1, or 0 where a text has no token."""
        ...


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The mean of a text's token vectors. `tokenizer` is a `tokenizers.Tokenizer`."""

    name: str
    tokenizer: Any
    table: Matrix

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """See `Embedding`."""
        found = np.zeros((len(texts), self.table.shape[1]), dtype=np.float32)
        sound = [text.encode("utf-8", "replace").decode() for text in texts]
        for row, tokens in enumerate(self.tokenizer.encode_batch(sound, add_special_tokens=False)):
            if tokens.ids:
                found[row] = self.table[tokens.ids].mean(axis=0)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(lengths, 1e-12), dtype=np.float16)


@cache
def wordllama() -> TokenVectors:
    """The vectors that the package `wordllama` carries. Raises EmbeddingMissing."""
    try:
        from safetensors.numpy import load_file  # noqa: PLC0415
        from tokenizers import Tokenizer  # noqa: PLC0415
    except ImportError as error:
        raise EmbeddingMissing(_HOW) from error
    package = importlib.util.find_spec("wordllama")
    if package is None or not package.submodule_search_locations:
        raise EmbeddingMissing(_HOW)
    folder = Path(package.submodule_search_locations[0])
    try:
        (table,) = load_file(folder / "weights" / "l2_supercat_256.safetensors").values()
        tokenizer = Tokenizer.from_file(str(folder / "tokenizers" / "l2_supercat_tokenizer_config.json"))
    except (OSError, ValueError) as error:
        raise EmbeddingMissing(f"the installed wordllama is another version: {_HOW}") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return TokenVectors("wordllama-l2-256", tokenizer, table.astype(np.float32))


_HOW = "the option `embedding` needs the packages wordllama (0.4), safetensors and tokenizers"


@dataclass(frozen=True, slots=True)
class EmbeddedTexts(PreparedTexts):
    """A chunk of documents with their vectors, by the embedding of this name."""

    vectors: Vectors
    embedding: str

    def to_bytes(self) -> bytes:
        """For the store."""
        plain = PreparedTexts(*(getattr(self, field.name) for field in fields(PreparedTexts))).to_bytes()
        arrays: Arrays = {"plain": np.frombuffer(plain, dtype=np.uint8), "vectors": self.vectors}
        return pack(f"documents+{self.embedding}", {}, arrays)


@dataclass(frozen=True, slots=True)
class EmbeddedClassifier(Answering):
    """A classifier by words and one by meaning, whose answers are multiplied: the second's to the power `share`."""

    mode: ClassifierMode
    labels: tuple[str, ...]
    plain: Classifier
    embedding: Embedding
    weights: Matrix
    bias: Matrix
    cuts: Matrix
    share: float

    def answers_to_texts(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """See `Answering`."""
        return self._both(self.plain.answers_to_texts(texts), self.embedding.vectors(texts))

    def answers_to_parts(self, parts: Sequence[Part]) -> NDArray[np.float64]:
        """See `Answering`."""
        return self._both(self.plain.answers_to_parts(parts), _vectors(parts))

    def to_bytes(self) -> bytes:
        """For the store."""
        arrays: Arrays = {
            "plain": np.frombuffer(self.plain.to_bytes(), dtype=np.uint8),
            "weights": self.weights,
            "bias": self.bias,
            "cuts": self.cuts,
        }
        return pack(f"classifier+{self.embedding.name}", {"share": self.share}, arrays)

    def _both(self, by_words: NDArray[np.float64], vectors: Vectors) -> NDArray[np.float64]:
        by_meaning: NDArray[Any] = _probabilities(vectors, self.weights, self.bias)
        if self.mode == "MULTI_LABEL":
            by_meaning = thresholds.answers(by_meaning, self.cuts)
        product = by_words ** (1 - self.share) * by_meaning**self.share
        return product if self.mode == "MULTI_LABEL" else product / product.sum(axis=1, keepdims=True)


@dataclass(frozen=True, slots=True)
class EmbeddedLearner:
    """Learns classifiers that use an embedding while there are at most MOST documents, and plain ones beyond."""

    mode: ClassifierMode
    embedding: Embedding

    def prepare(self, chunks: Sequence[Sequence[Document]]) -> list[Prepared]:
        """As plain classifiers do, and each document's vector: a quarter of a millisecond a document."""
        return [self._with(plain, chunk) for plain, chunk in zip(prepare(chunks), chunks, strict=True)]

    def _with(self, plain: PreparedTexts, chunk: Sequence[Document]) -> EmbeddedTexts:
        vectors = self.embedding.vectors([document.text for document in chunk])
        return _embedded(plain, vectors, self.embedding.name)

    def load_prepared(self, content: bytes) -> EmbeddedTexts:
        """What `EmbeddedTexts.to_bytes` wrote. Raises ValueError when it is something else."""
        _, arrays = unpack(f"documents+{self.embedding.name}", content)
        return _embedded(PreparedTexts.from_bytes(arrays["plain"].tobytes()), arrays["vectors"], self.embedding.name)

    def joined(self, chunks: Sequence[Prepared]) -> Prepared:
        """The documents of some chunks, in order, as one."""
        plain = joined_texts([as_texts(chunk) for chunk in chunks])
        whole = [Part(chunk, np.arange(len(chunk.digests))) for chunk in chunks]
        return _embedded(plain, _vectors(whole), self.embedding.name) if chunks else plain

    def train(self, parts: Sequence[Part], allowed: Sequence[str] | None, seed: int) -> Model:
        """Learn by words, and from few documents by meaning too. Raises CannotLearn."""
        plain = ClassifierLearner(self.mode).train(parts, allowed, seed)
        task = task_of(parts, allowed, one=self.mode == "MULTI_CLASS")
        size = task.truth.documents
        if size > MOST:
            return plain
        vectors = _vectors(parts)[task.rows]
        weights, bias = learn_vectors(vectors, task.truth, _EFFORT, seed)
        cuts = np.zeros(0, dtype=np.float32)
        if self.mode == "MULTI_LABEL":
            cuts = thresholds.chosen(*_unseen(vectors, task.truth, seed))
        share = _SHARE_OF_FEW if size <= FEW else _SHARE
        return EmbeddedClassifier(self.mode, plain.labels, plain, self.embedding, weights, bias, cuts, share)

    def load(self, content: bytes) -> Model:
        """What a model's `to_bytes` wrote, one with or without meaning. Raises ValueError when it is something else."""
        kind = f"classifier+{self.embedding.name}"
        if not content.startswith(kind.encode()):
            return ClassifierLearner(self.mode).load(content)
        facts, arrays = unpack(kind, content)
        plain = ClassifierLearner(self.mode).load(arrays["plain"].tobytes())
        learned = (arrays["weights"], arrays["bias"], arrays["cuts"], facts["share"])
        return EmbeddedClassifier(self.mode, plain.labels, plain, self.embedding, *learned)


def _embedded(plain: PreparedTexts, vectors: Vectors, name: str) -> EmbeddedTexts:
    return EmbeddedTexts(
        plain.features, plain.digests, plain.names, plain.indptr, plain.codes, vectors=vectors, embedding=name
    )


def _vectors(parts: Sequence[Part]) -> Vectors:
    """Raises TypeError when the documents were prepared without vectors."""
    found = []
    for prepared, rows in parts:
        texts = as_texts(prepared)
        if not isinstance(texts, EmbeddedTexts):
            raise TypeError("these documents were prepared without an embedding")
        found.append(texts.vectors[rows])
    return np.concatenate(found)


def _probabilities(vectors: Vectors, weights: Matrix, bias: Matrix) -> Matrix:
    scores = np.clip(vectors.astype(np.float32) @ weights + bias, -30, 30)
    return np.asarray(1 / (1 + np.exp(-scores)), dtype=np.float32)


def _unseen(vectors: Vectors, truth: Truth, seed: int) -> tuple[Matrix, Truth]:
    """Probabilities of documents by models that did not learn from them, and the truth about these documents."""
    order = np.random.default_rng([seed, 4]).permutation(truth.documents)
    places, found = [], []
    for fold in range(_FOLDS):
        test = np.sort(order[fold::_FOLDS])
        rest = np.sort(np.concatenate([order[other::_FOLDS] for other in range(_FOLDS) if other != fold]))
        places.append(test)
        found.append(_probabilities(vectors[test], *learn_vectors(vectors[rest], truth.take(rest), _EFFORT, seed)))
    return np.concatenate(found), truth.take(np.concatenate(places))
