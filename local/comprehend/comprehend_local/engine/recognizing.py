"""Recognizers of entities: `RecognizerLearner` (see `learner` for what it promises).

A conditional random field over tokens, learned by CRFsuite (`crf_training`), applied by `crf` in batches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from comprehend_local.engine import crf, crf_training
from comprehend_local.engine.documents import Document
from comprehend_local.engine.emissions import Emissions
from comprehend_local.engine.formats import stored
from comprehend_local.engine.learner import CannotLearn, Entity, Part, Prepared, Scored
from comprehend_local.engine.metrics import EntityDecisions, Scores
from comprehend_local.engine.packing import pack, unpack
from comprehend_local.engine.split import mixed
from comprehend_local.engine.token_features import LONGEST_WORD
from comprehend_local.engine.tokens import Place, cuts_address, sequences, tags, tokenize

MOST_TOKENS = 1_000_000
"""To learn from; they take 1 GB of memory. Of more, documents with mentions come first."""
BOLDNESS = 0.5
"""Taken from the weight of "no mention": recall for precision. The most probable tags are too shy for the best F1, for
which a mention should be answered from a probability of F1 / 2 on. It is worth 2 points where F1 is 0.67."""
_BATCH_TOKENS = 20_000
_CHUNK, _MODEL = "mentions/1", "recognizer/1"


@dataclass(frozen=True, slots=True)
class PreparedMentions:
    """A chunk's documents.

    Nothing else is kept: features take 100 times the room of the texts, and a tenth of a training's time to compute.
    """

    documents: tuple[Document, ...]
    digests: NDArray[np.uint64]

    def labels(self) -> list[tuple[str, ...]]:
        """The type of every mention of each document."""
        return [tuple(span.type for span in document.spans) for document in self.documents]

    def to_bytes(self) -> bytes:
        """For the store."""
        texts = np.frombuffer(stored.write(self.documents), dtype=np.uint8)
        return pack(_CHUNK, {}, {"digests": self.digests, "documents": texts})


@dataclass(frozen=True, slots=True)
class Recognizer:
    """A trained model. `emissions`: how words speak for tags; `transitions`: how tags follow one another."""

    labels: tuple[str, ...]
    split_addresses: bool
    weights: crf_training.Weights
    emissions: Emissions
    transitions: crf.Floats

    @classmethod
    def of(cls, labels: Sequence[str], split_addresses: bool, weights: crf_training.Weights) -> Recognizer:
        """A model of what was learned."""
        transitions = crf.allowed_steps(weights.transitions)
        return cls(tuple(labels), split_addresses, weights, Emissions(weights, BOLDNESS), transitions)

    def scores(self, parts: Sequence[Part], allowed: Sequence[str] | None = None) -> Scores:
        """Compare with the documents' own mentions. Raises ValueError when there is no document."""
        wanted = None if allowed is None else {*allowed}
        documents = [document for part in parts for document in _documents(part)]
        if not documents:
            raise ValueError("no documents to score")
        truth = [[span for span in document.spans if wanted is None or span.type in wanted] for document in documents]
        found = self.detect([document.text for document in documents])
        guesses = [[(entity.begin, entity.end, entity.type) for entity in entities] for entities in found]
        return EntityDecisions.of(truth, guesses)

    def classify(self, texts: Sequence[str], most: int = 0) -> list[list[Scored]]:
        """Raises TypeError."""
        raise TypeError("a recognizer does not classify")

    def detect(self, texts: Sequence[str]) -> list[list[Entity]]:
        """The mentions in each text, in order, without overlap; the score is the probability of just this mention."""
        found: list[list[Entity]] = [[] for _ in texts]
        for batch in _batches(texts, self.split_addresses):
            for piece, begin, end, type_, score in self._mentions(batch):
                entity = Entity(self.labels[type_], score, piece.places[begin][0], piece.places[end - 1][1])
                found[piece.text].append(entity)
        for entities in found:
            entities.sort(key=lambda entity: entity.begin)
        return found

    def _mentions(self, batch: Sequence[Piece]) -> Iterator[tuple[Piece, int, int, int, float]]:
        """(where, first token, behind the last token, type, probability) of all mentions in some pieces."""
        batch = sorted(batch, key=lambda piece: -len(piece.words))
        rows = crf.Sequences([len(piece.words) for piece in batch])
        weights = self.emissions.of([word for piece in batch for word in piece.words], rows)
        found = list(crf.mentions(crf.best(weights, self.transitions, rows)))
        if not found:
            return
        posteriors = crf.Posteriors(weights, self.transitions, rows)
        places = np.searchsorted(rows.starts, [begin for begin, _, _ in found], side="right") - 1
        for place, (begin, end, type_) in zip(places.tolist(), found, strict=True):
            piece, start = batch[place], int(rows.starts[place])
            score = posteriors.mention(begin, end, type_, start + len(piece.words))
            yield piece, begin - start, end - start, type_, score

    def to_bytes(self) -> bytes:
        """For the store."""
        weights = np.frombuffer(self.weights.to_bytes(), dtype=np.uint8)
        return pack(_MODEL, {"labels": self.labels, "split_addresses": self.split_addresses}, {"weights": weights})


class RecognizerLearner:
    """Learns recognizers."""

    def prepare(self, chunks: Sequence[Sequence[Document]]) -> list[Prepared]:
        """The documents as they are, with their digests."""
        return [_prepared(tuple(chunk)) for chunk in chunks]

    def load_prepared(self, content: bytes) -> Prepared:
        """What `PreparedMentions.to_bytes` wrote. Raises ValueError."""
        _, arrays = unpack(_CHUNK, content)
        return PreparedMentions(tuple(stored.read(arrays["documents"].tobytes())), arrays["digests"])

    def joined(self, chunks: Sequence[Prepared]) -> Prepared:
        """The documents of some chunks, in order, as one."""
        found = [_mentions_of(chunk) for chunk in chunks]
        digests = np.concatenate([np.zeros(0, dtype=np.uint64), *(chunk.digests for chunk in found)])
        return PreparedMentions(tuple(document for chunk in found for document in chunk.documents), digests)

    def train(self, parts: Sequence[Part], allowed: Sequence[str] | None, seed: int) -> Recognizer:
        """Learn. Raises CannotLearn when nothing allowed is mentioned. The seed chooses from very many documents."""
        documents = _chosen(parts, allowed, seed)
        types = sorted({span.type for document in documents for span in document.spans})
        split_addresses = any(cuts_address(document.text, document.spans) for document in documents)
        learned = [
            example
            for document in documents
            for example in _examples(document, tokenize(document.text, split_addresses=split_addresses), types)
        ]
        if not any(1 in codes or max(codes) > 1 for _, codes in learned):
            raise CannotLearn("no document mentions one of the entity types in words")
        try:
            return Recognizer.of(types, split_addresses, crf_training.fit(learned, 1 + 2 * len(types)))
        except crf_training.TrainingEnded as error:
            raise CannotLearn(f"the learning program ended {error}") from error

    def load(self, content: bytes) -> Recognizer:
        """What `Recognizer.to_bytes` wrote. Raises ValueError."""
        facts, arrays = unpack(_MODEL, content)
        weights = crf_training.Weights.from_bytes(arrays["weights"].tobytes())
        return Recognizer.of(facts["labels"], facts["split_addresses"], weights)


class Piece(NamedTuple):
    """A text or a part of it: number of the text, its tokens' places and words."""

    text: int
    places: list[Place]
    words: list[str]


def _pieces(number: int, text: str, places: list[Place]) -> Iterator[Piece]:
    words = [text[begin:end][:LONGEST_WORD] for begin, end in places]
    for begin, end in sequences(words):
        yield Piece(number, places[begin:end], words[begin:end])


def _batches(texts: Sequence[str], split_addresses: bool) -> Iterator[list[Piece]]:
    batch: list[Piece] = []
    size = 0
    for number, text in enumerate(texts):
        for piece in _pieces(number, text, tokenize(text, split_addresses=split_addresses)):
            batch.append(piece)
            size += len(piece.words)
            if size >= _BATCH_TOKENS:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _examples(document: Document, places: list[Place], types: Sequence[str]) -> Iterator[tuple[list[str], list[int]]]:
    codes = tags(places, document.spans, types)
    begin = 0
    for piece in _pieces(0, document.text, places):
        yield piece.words, codes[begin : begin + len(piece.words)]
        begin += len(piece.words)


def _chosen(parts: Sequence[Part], allowed: Sequence[str] | None, seed: int) -> list[Document]:
    """The documents to learn from, with allowed mentions only; of very many some, those with mentions first."""
    wanted = None if allowed is None else {*allowed}
    documents, digests = [], []
    for part in parts:
        prepared = _mentions_of(part.prepared)
        digests.append(prepared.digests[part.rows])
        for row in part.rows.tolist():
            document = prepared.documents[row]
            spans = tuple(span for span in document.spans if wanted is None or span.type in wanted)
            documents.append(Document(document.text, spans=spans))
    # A token has 2 characters at least, the blank behind it included, in nearly every text.
    if sum(len(document.text) for document in documents) <= 2 * MOST_TOKENS:
        return documents
    sizes = np.array([len(tokenize(document.text, split_addresses=True)) for document in documents])
    silent = np.array([not document.spans for document in documents])
    order = np.lexsort((mixed(np.concatenate(digests), seed), silent))
    fitting = order[np.cumsum(sizes[order]) <= MOST_TOKENS]
    return [documents[place] for place in np.sort(fitting).tolist()]


def _documents(part: Part) -> Iterator[Document]:
    documents = _mentions_of(part.prepared).documents
    return (documents[row] for row in part.rows.tolist())


def _mentions_of(prepared: Prepared) -> PreparedMentions:
    if not isinstance(prepared, PreparedMentions):
        raise TypeError("these documents were prepared for another kind of model")
    return prepared


def _prepared(documents: tuple[Document, ...]) -> PreparedMentions:
    digests = b"".join(map(_digest, documents))
    return PreparedMentions(documents, np.frombuffer(digests, dtype="<u8").astype(np.uint64))


def _digest(document: Document) -> bytes:
    """Of the text and the mentions."""
    content = stored.write([Document(document.text, spans=document.spans)])
    return hashlib.blake2b(content, digest_size=8).digest()
