"""Few documents are learned on top of many; the same documents in the same order still give the same model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehend_local.engine import classifying, continuing
from comprehend_local.engine.answering import ClassifierMode
from comprehend_local.engine.classifying import Classifier, ClassifierLearner
from comprehend_local.engine.continuing import GROWTH, Remembered, base_of
from comprehend_local.engine.documents import Document, Span
from comprehend_local.engine.learner import Part, Prepared, learner_for
from comprehend_local.engine.prepared_texts import Task

LARGE = 200
WORDS = {"pets": "cat dog fur paw", "cars": "wheel motor brake road", "food": "bread butter cheese wine"}
MANY = [Document(f"{words} number {n}", (label,)) for n in range(100) for label, words in WORDS.items()]
MORE = [Document(f"goldfish tank number {n}", ("pets",)) for n in range(20)]
modes = pytest.mark.parametrize("mode", ["MULTI_CLASS", "MULTI_LABEL"])


@pytest.fixture(autouse=True)
def _large_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(continuing, "LARGE", LARGE)
    monkeypatch.setattr(classifying, "LARGE", LARGE)
    classifying._bases.forget()


def learned(mode: ClassifierMode, *chunks: list[Document]) -> Classifier:
    learner = ClassifierLearner(mode)
    return learner.train([whole(one) for one in learner.prepare(chunks)], None, 0)


def whole(prepared: Prepared) -> Part:
    return Part(prepared, np.arange(len(prepared.digests)))


def starts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many documents were learned from scratch, each time."""
    found: list[int] = []
    genuine = ClassifierLearner._learned

    def watched(self: ClassifierLearner, parts: list[Part], task: Task, seed: int) -> Classifier:
        found.append(task.truth.documents)
        return genuine(self, parts, task, seed)

    monkeypatch.setattr(ClassifierLearner, "_learned", watched)
    return found


@modes
def test_what_is_new_is_learned_and_what_is_old_is_kept(mode: ClassifierMode) -> None:
    model = learned(mode, MANY, MORE)

    found = [answer[0].name for answer in model.classify(["goldfish", "dog paw", "brake road", "wine and cheese"])]

    assert found == ["pets", "pets", "cars", "food"]
    assert learned(mode, MANY).classify(["goldfish"]) == learned(mode, MANY).classify(["unknown"])


@modes
def test_the_model_is_the_same_whether_the_base_is_remembered_or_learned_again(
    mode: ClassifierMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = starts(monkeypatch)
    learned(mode, MANY)
    remembered = learned(mode, MANY, MORE).to_bytes()
    assert found == [300]

    classifying._bases.forget()

    assert learned(mode, MANY, MORE).to_bytes() == remembered
    assert found == [300, 300]


def test_much_more_is_learned_from_scratch(monkeypatch: pytest.MonkeyPatch) -> None:
    found = starts(monkeypatch)

    learned("MULTI_CLASS", MANY, MORE, MORE[:15])

    assert found == [335]


def test_a_new_label_is_learned_from_scratch(monkeypatch: pytest.MonkeyPatch) -> None:
    found = starts(monkeypatch)

    model = learned("MULTI_CLASS", MANY, [Document("new thing", ("things",))])

    assert found == [301]
    assert model.labels == ("cars", "food", "pets", "things")


@given(st.lists(st.integers(0, 3 * LARGE), max_size=12))
def test_the_base_is_some_leading_parts_that_nearly_all_documents_are_in(sizes: list[int]) -> None:
    base = base_of(sizes)

    known, total = sum(sizes[:base]), sum(sizes)
    assert known <= total <= max(known, GROWTH * known)
    assert base == len(sizes) or known >= LARGE


@given(st.lists(st.integers(1, 3 * LARGE), max_size=12), st.integers(1, 1000))
def test_a_base_stays_the_base_while_few_documents_come(sizes: list[int], more: int) -> None:
    learned_before = sizes[: base_of(sizes)]
    few = int((GROWTH - 1) * sum(learned_before))
    if sum(learned_before) >= LARGE and more <= few:
        assert base_of([*learned_before, more]) == len(learned_before)


def test_no_more_is_remembered_than_allowed() -> None:
    memory = Remembered[str](10)
    made: list[str] = []

    def ask(value: str) -> None:
        def make() -> str:
            made.append(value)
            return value

        assert memory.get(value.encode(), make, len) == value

    for value in ("aaa", "bbb", "ccc", "aaa", "ddd", "ccc", "aaa", "bbb", "too large", "too large"):
        ask(value)

    assert made == ["aaa", "bbb", "ccc", "ddd", "bbb", "too large", "too large"]


def test_recognizers_documents_are_joined_too() -> None:
    learner = learner_for("ENTITIES")
    chunks = [[Document("Ada sings", spans=(Span(0, 3, "PERSON"),))], [Document("nobody"), Document("else")]]
    (whole_,) = learner.prepare([[*chunks[0], *chunks[1]]])

    assert learner.joined(learner.prepare(chunks)).to_bytes() == whole_.to_bytes()
