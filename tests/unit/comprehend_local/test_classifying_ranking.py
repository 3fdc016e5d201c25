"""How many of a classifier's labels are told, and in which order."""

import numpy as np
import pytest

from comprehend_local.engine.answering import ClassifierMode, _ranking
from comprehend_local.engine.classifying import ClassifierLearner
from comprehend_local.engine.documents import Document
from comprehend_local.engine.learner import Model, Part

NAMES = [f"label-{number:02d}" for number in range(30)]
TEXTS = [f"{name} word{number % 5}" for name in NAMES for number in range(8)]


def learned(mode: ClassifierMode) -> Model:
    """Every text has the label that it begins with; with several labels, the first of all besides."""
    documents = []
    for text in TEXTS:
        name = text.split()[0]
        documents.append(Document(text, (name,) if mode == "MULTI_CLASS" else tuple(sorted({name, NAMES[0]}))))
    learner = ClassifierLearner(mode)
    (prepared,) = learner.prepare([documents])
    return learner.train([Part(prepared, np.arange(len(documents)))], None, 0)


@pytest.mark.parametrize("most", [1, 3, 8, 9, 30, 31])
@pytest.mark.parametrize("texts", [TEXTS, TEXTS[:1], TEXTS[:2], []])
def test_the_first_labels_are_those_of_the_whole_ranking(most: int, texts: list[str]) -> None:
    model = learned("MULTI_CLASS")

    every, some = model.classify(texts), model.classify(texts, most)

    assert some == [ranked[:most] for ranked in every]
    assert all(len(ranked) == len(NAMES) for ranked in every)


def test_labels_of_a_document_are_told_even_when_they_are_more() -> None:
    model = learned("MULTI_LABEL")

    for every, some in zip(model.classify(TEXTS), model.classify(TEXTS, 1), strict=True):
        assert some == every[: max(1, sum(item.score >= 0.5 for item in every))]
    assert max(len(some) for some in model.classify(TEXTS, 1)) == 2


@pytest.mark.parametrize("most", [3, 5, 20])
def test_of_equals_the_first_comes_first(most: int) -> None:
    answers = np.array([[0.1, 0.3, 0.3] + [0.0] * 27] * 5)

    order = _ranking(answers, most)

    assert order[:, :3].tolist() == [[1, 2, 0]] * 5
    assert order.tolist() == (-answers).argsort(axis=1, kind="stable")[:, :most].tolist()
