"""The option of an embedding, with one made up here: no vectors need to be installed."""

import importlib.util
from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from comprehend_local.engine import embedding as engine
from comprehend_local.engine.answering import ClassifierMode
from comprehend_local.engine.classifying import Classifier, ClassifierLearner
from comprehend_local.engine.documents import Document
from comprehend_local.engine.embedding import EmbeddedLearner, EmbeddingMissing, TokenVectors, Vectors, wordllama
from comprehend_local.engine.learner import Part, Prepared, learner_for
from comprehend_local.engine.metrics import LabelDecisions

MEANINGS = [{"cat", "kitten", "paw", "dog", "puppy"}, {"car", "motor", "wheel", "lorry"}, {"bread", "cheese", "wine"}]
NAMES = ["pets", "cars", "food"]
SEEN = ["cat paw dog", "car motor wheel", "bread cheese"]
DOCUMENTS = [Document(f"{text} {n}", (name,)) for n in range(12) for name, text in zip(NAMES, SEEN, strict=True)]
modes = pytest.mark.parametrize("mode", ["MULTI_CLASS", "MULTI_LABEL"])


class Meanings:
    name = "made-up"

    def vectors(self, texts: Sequence[str]) -> Vectors:
        counted = np.array(
            [[len(known.intersection(text.split())) for known in MEANINGS] for text in texts], dtype=float
        )
        lengths = np.linalg.norm(counted.reshape(-1, 3), axis=1, keepdims=True)
        return np.asarray(counted.reshape(-1, 3) / np.maximum(1, lengths), dtype=np.float16)


def whole(prepared: Prepared) -> Part:
    return Part(prepared, np.arange(len(prepared.digests)))


def learned(mode: ClassifierMode, documents: Sequence[Document] = DOCUMENTS) -> engine.EmbeddedClassifier:
    learner = EmbeddedLearner(mode, Meanings())
    model = learner.train([whole(one) for one in learner.prepare([documents])], None, 0)
    assert isinstance(model, engine.EmbeddedClassifier)
    return model


@modes
def test_a_word_that_was_never_seen_is_known_by_its_meaning(mode: ClassifierMode) -> None:
    texts = ["kitten", "lorry", "wine"]

    assert [answer[0].name for answer in learned(mode).classify(texts)] == NAMES


@modes
def test_answers_are_answers(mode: ClassifierMode) -> None:
    for answer in learned(mode).classify(["kitten", "", "\ud800", "nothing"]):
        scores = [label.score for label in answer]
        assert all(0 <= score <= 1 for score in scores)
        assert scores == sorted(scores, reverse=True)
        assert mode == "MULTI_LABEL" or sum(scores) == pytest.approx(1, abs=1e-9)


@modes
def test_what_is_stored_is_read_back_and_learning_again_gives_the_same(mode: ClassifierMode) -> None:
    learner, model = EmbeddedLearner(mode, Meanings()), learned(mode)
    (prepared,) = learner.prepare([DOCUMENTS])
    again = learner.load_prepared(prepared.to_bytes())

    assert learner.load(model.to_bytes()).classify(["kitten car"]) == model.classify(["kitten car"])
    assert again.labels() == prepared.labels()
    assert learner.train([whole(again)], None, 0).to_bytes() == model.to_bytes()
    with pytest.raises(ValueError, match="these bytes"):
        learner.load_prepared(ClassifierLearner(mode).prepare([DOCUMENTS])[0].to_bytes())
    with pytest.raises(ValueError, match="these bytes"):
        ClassifierLearner(mode).load(model.to_bytes())


@modes
def test_chunks_are_joined_with_their_vectors(mode: ClassifierMode) -> None:
    learner = EmbeddedLearner(mode, Meanings())
    (one,) = learner.prepare([DOCUMENTS])

    assert learner.joined(learner.prepare([DOCUMENTS[:5], [], DOCUMENTS[5:]])).to_bytes() == one.to_bytes()
    assert learner.joined([]).labels() == []


@modes
def test_scores_use_the_meaning_too(mode: ClassifierMode) -> None:
    exam = [Document(text, (name,)) for name, text in zip(NAMES, ["kitten", "lorry", "wine"], strict=True)]
    (prepared,) = EmbeddedLearner(mode, Meanings()).prepare([exam])

    scores = learned(mode).scores([whole(prepared)])

    assert scores.averages().recall == 1
    assert isinstance(scores, LabelDecisions) == (mode == "MULTI_LABEL")
    with pytest.raises(TypeError, match="without an embedding"):
        learned(mode).scores([whole(ClassifierLearner(mode).prepare([exam])[0])])


@modes
def test_many_documents_are_learned_by_their_words_alone(mode: ClassifierMode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST", len(DOCUMENTS) - 1)
    learner = EmbeddedLearner(mode, Meanings())
    parts = [whole(one) for one in learner.prepare([DOCUMENTS])]

    model = learner.train(parts, None, 0)

    assert isinstance(model, Classifier)
    assert learner.load(model.to_bytes()).classify(["cat"]) == model.classify(["cat"])


def test_a_document_s_vector_is_the_mean_of_its_tokens() -> None:
    def encode_batch(texts: Sequence[str], *, add_special_tokens: bool) -> list[SimpleNamespace]:
        assert not add_special_tokens
        return [SimpleNamespace(ids=[int(word) for word in text.split()]) for text in texts]

    table = np.array([[3, 0], [0, 4], [0, 0]], dtype=np.float32)
    vectors = TokenVectors("x", SimpleNamespace(encode_batch=encode_batch), table).vectors(["0", "0 1", "", "2"])

    assert vectors.tolist() == [[1, 0], pytest.approx([0.6, 0.8], abs=1e-3), [0, 0], [0, 0]]


@pytest.mark.skipif(importlib.util.find_spec("wordllama") is not None, reason="wordllama is installed here")
def test_an_embedding_that_is_not_installed_is_said_to_be_missing() -> None:
    with pytest.raises(EmbeddingMissing, match="needs the packages wordllama"):
        wordllama()
    with pytest.raises(EmbeddingMissing):
        learner_for("MULTI_CLASS", "wordllama")
    assert learner_for("ENTITIES", "wordllama") is not None
