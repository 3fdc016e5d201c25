"""What every kind of model has in common: prepare documents once, learn from some of them, score, answer.

The three kinds are multi-class and multi-label classifiers (`classifying`) and entity recognizers (`recognizing`).
Documents come in chunks, as they were stored; what is computed of a chunk alone (`Prepared`) is kept for all later
trainings and scorings, so that the cost of an iteration grows with its new data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from comprehend_local.engine.documents import Document
from comprehend_local.engine.metrics import Scores

Mode = Literal["MULTI_CLASS", "MULTI_LABEL", "ENTITIES"]
EmbeddingName = Literal["none", "wordllama"]
"""Word vectors that classifiers of few documents may use besides the words themselves (see `embedding`)."""


class CannotLearn(Exception):
    """The documents cannot make a model. The message says why, in a sentence without a capital or a full stop."""


class Prepared(Protocol):
    """A chunk of documents, ready to learn from or to be scored on."""

    @property
    def digests(self) -> NDArray[np.uint64]:
        """One per document, of its text and labels: the same on every machine. Decides what is held out."""
        ...

    def labels(self) -> list[tuple[str, ...]]:
        """Each document's labels, or the types of its entities, one for every occurrence."""
        ...

    def to_bytes(self) -> bytes:
        """For the store; without pickle."""
        ...


class Part(NamedTuple):
    """Some documents of a chunk: the places of those that are meant, in growing order."""

    prepared: Prepared
    rows: NDArray[np.intp]


class Scored(NamedTuple):
    """A label and how sure the model is, from 0 to 1."""

    name: str
    score: float


class Entity(NamedTuple):
    """A mention: its text is `text[begin:end]` in code points."""

    type: str
    score: float
    begin: int
    end: int


class Model(Protocol):
    """A trained model. Safe to use from several threads."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What it can answer, sorted: labels or entity types."""
        ...

    def scores(self, parts: Sequence[Part], allowed: Sequence[str] | None = None) -> Scores:
        """Compare its answers with the documents' own labels; labels that it does not know count against it.

        Labels or types of the documents outside `allowed` are ignored (and classifiers' documents without any other);
        None = all count. Raises ValueError when no document is left.
        """
        ...

    def classify(self, texts: Sequence[str], most: int = 0) -> list[list[Scored]]:
        """Classifiers: for each text its labels, the most probable first: `most` of them, or all when that is 0.

        Multi-class: the scores of a text sum to 1. Multi-label: from 0.5 on a label is the document's; where none
        reaches 0.5, the first one is. Those are in the answer even when they are more than `most`.
        """
        ...

    def detect(self, texts: Sequence[str]) -> list[list[Entity]]:
        """Recognizers: the mentions in each text, in order, without overlap."""
        ...

    def to_bytes(self) -> bytes:
        """For the store; without pickle."""
        ...


class Learner(Protocol):
    """One kind of model. Has no state."""

    def prepare(self, chunks: Sequence[Sequence[Document]]) -> list[Prepared]:
        """What can be computed of each chunk alone; uses all cores when there is much to do."""
        ...

    def load_prepared(self, content: bytes) -> Prepared:
        """What `Prepared.to_bytes` wrote. Raises ValueError when it is something else or of another version."""
        ...

    def joined(self, chunks: Sequence[Prepared]) -> Prepared:
        """The documents of some chunks, in order, as one: what came together stays together.

        A classifier of many documents is learned in steps that begin with a part (see `continuing`), so parts should
        be what people added at once, and not how it was stored.
        """
        ...

    def train(self, parts: Sequence[Part], allowed: Sequence[str] | None, seed: int) -> Model:
        """Learn. Labels or types outside `allowed` are ignored; None = all that occur. Raises CannotLearn.

        A classifier's document without an allowed label is left out; a recognizer's document without a mention counts.

        The same parts in the same order, the same `allowed` and seed give the same model.
        """
        ...

    def load(self, content: bytes) -> Model:
        """What `Model.to_bytes` wrote. Raises ValueError when it is something else."""
        ...


def learner_for(mode: Mode, embedding: EmbeddingName = "none") -> Learner:
    """The learner of a kind. Imports its libraries, which takes a second the first time.

    Raises EmbeddingMissing when an embedding is asked for that is not installed. Recognizers use none.
    """
    if mode == "ENTITIES":
        from comprehend_local.engine.recognizing import RecognizerLearner  # noqa: PLC0415

        return RecognizerLearner()
    if embedding == "wordllama":
        from comprehend_local.engine.embedding import EmbeddedLearner, wordllama  # noqa: PLC0415

        return EmbeddedLearner(mode, wordllama())
    from comprehend_local.engine.classifying import ClassifierLearner  # noqa: PLC0415

    return ClassifierLearner(mode)
