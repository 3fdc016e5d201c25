"""What every classifier keeps, whatever the documents: the promises of engine/learner.py."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comprehend_local.engine.answering import ClassifierMode
from comprehend_local.engine.classifying import Classifier, ClassifierLearner
from comprehend_local.engine.documents import Document
from comprehend_local.engine.learner import CannotLearn, Part, Prepared
from comprehend_local.engine.metrics import ConfusionMatrix, LabelDecisions

TEXTS = {"pets": "cat dog fur paw", "cars": "wheel motor brake road", "food": "bread butter cheese wine"}
DOCUMENTS = [Document(f"{words} number {n}", (label,)) for n in range(15) for label, words in TEXTS.items()]
MIXED = [
    Document(f"{TEXTS[one]} with {TEXTS[other]} {n}", tuple({one: 0, other: 0}))
    for n in range(6)
    for one in TEXTS
    for other in TEXTS
]
SINGLE, SEVERAL = ClassifierLearner("MULTI_CLASS"), ClassifierLearner("MULTI_LABEL")
HOSTILE = ["", " ", "\x00", "😀" * 50, "\ud800", "x" * 200_000, "İ" * 10, "a\u0301", "nothing known"]
DATA = {"MULTI_CLASS": DOCUMENTS, "MULTI_LABEL": MIXED}
modes = pytest.mark.parametrize("mode", ["MULTI_CLASS", "MULTI_LABEL"])


def whole(prepared: Prepared) -> Part:
    return Part(prepared, np.arange(len(prepared.digests)))


def part(*documents: Document, mode: ClassifierMode = "MULTI_CLASS") -> Part:
    return whole(ClassifierLearner(mode).prepare([documents])[0])


def trained(mode: ClassifierMode, *documents: Document, seed: int = 0) -> Classifier:
    return ClassifierLearner(mode).train([part(*(documents or DATA[mode]))], None, seed)


def test_it_learns_single_labels() -> None:
    found = trained("MULTI_CLASS").classify(["the dog and the cat", "brake before the road ends"])

    assert [answer[0].name for answer in found] == ["pets", "cars"]


def test_it_learns_several_labels() -> None:
    found = trained("MULTI_LABEL").classify(["cat and dog on the road with a motor", "only bread, butter and wine"])

    assert [{label.name for label in answer if label.score >= 0.5} for answer in found] == [{"pets", "cars"}, {"food"}]


@modes
def test_every_text_gets_every_label_the_most_probable_first(mode: ClassifierMode) -> None:
    model = trained(mode)

    for answer in model.classify([*HOSTILE, "dog wheel"]):
        scores = [label.score for label in answer]
        assert sorted(label.name for label in answer) == list(model.labels) == ["cars", "food", "pets"]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        assert mode == "MULTI_LABEL" or sum(scores) == pytest.approx(1, abs=1e-9)


@modes
def test_one_text_is_classified_as_among_others(mode: ClassifierMode) -> None:
    model = trained(mode)
    texts = ["dog wheel", "bread", *HOSTILE]

    for text, among in zip(texts, model.classify(texts), strict=True):
        alone = dict(model.classify([text])[0])
        assert dict(among) == pytest.approx(alone, abs=1e-5)


@modes
def test_no_text_is_no_answer(mode: ClassifierMode) -> None:
    assert trained(mode).classify([]) == []


@modes
def test_the_same_documents_and_seed_give_the_same_bytes_and_another_seed_others(mode: ClassifierMode) -> None:
    assert trained(mode, seed=3).to_bytes() == trained(mode, seed=3).to_bytes()
    assert trained(mode, seed=3).to_bytes() != trained(mode, seed=4).to_bytes()


@modes
def test_another_program_gives_the_same_bytes(mode: ClassifierMode) -> None:
    """Nothing depends on Python's random hashes, nor on the number of threads that a library takes."""
    code = (
        "import sys, hashlib; from tests.unit.comprehend_local.test_classifying import trained\n"
        f"print(hashlib.sha256(trained({mode!r}).to_bytes()).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": ":".join([".", *sys.path]), "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, threads in (("1", "1"), ("2", "4"))
    ]

    assert runs[0] == runs[1] != ""


@modes
def test_a_stored_model_answers_as_the_one_that_was_trained(mode: ClassifierMode) -> None:
    one = trained(mode)
    two = ClassifierLearner(mode).load(one.to_bytes())

    assert two.to_bytes() == one.to_bytes()
    assert two.classify(["bread and a dog", ""]) == one.classify(["bread and a dog", ""])


@modes
def test_stored_documents_are_what_they_were(mode: ClassifierMode) -> None:
    learner = ClassifierLearner(mode)
    fresh = learner.prepare([DATA[mode]])[0]
    stored = learner.load_prepared(fresh.to_bytes())

    assert stored.labels() == fresh.labels() == [document.labels for document in DATA[mode]]
    assert (stored.digests == fresh.digests).all()
    assert stored.to_bytes() == fresh.to_bytes()
    assert learner.train([whole(stored)], None, 0).to_bytes() == learner.train([whole(fresh)], None, 0).to_bytes()


@modes
def test_other_bytes_are_refused(mode: ClassifierMode) -> None:
    learner = ClassifierLearner(mode)
    model, chunk = trained(mode).to_bytes(), part(*DOCUMENTS).prepared.to_bytes()
    for content in (model, chunk):
        for spoiled in (b"", content[:40], content[:-1], content[:99] + b"!" + content[100:], b"PK" + content):
            with pytest.raises(ValueError, match="these bytes"):
                learner.load(spoiled)
            with pytest.raises(ValueError, match="these bytes"):
                learner.load_prepared(spoiled)
    with pytest.raises(ValueError, match="not of the kind"):
        learner.load(chunk)


def test_a_model_of_the_other_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="MULTI_CLASS model, not a MULTI_LABEL"):
        SEVERAL.load(trained("MULTI_CLASS").to_bytes())


@modes
def test_how_documents_are_cut_into_chunks_changes_nothing(mode: ClassifierMode) -> None:
    learner, documents = ClassifierLearner(mode), DATA[mode]
    cut = learner.prepare([documents[:7], [], documents[7:]])

    assert learner.train(list(map(whole, cut)), None, 0).to_bytes() == trained(mode).to_bytes()


@modes
@given(st.lists(st.integers(0, 45), max_size=4).map(sorted))
def test_chunks_are_joined_as_if_they_had_been_one(mode: ClassifierMode, cuts: list[int]) -> None:
    learner, documents = ClassifierLearner(mode), DATA[mode]
    chunks = [documents[start:end] for start, end in pairwise([0, *cuts, len(documents)])]

    assert learner.joined(learner.prepare(chunks)).to_bytes() == part(*documents, mode=mode).prepared.to_bytes()
    assert learner.joined([]).labels() == []


@modes
def test_only_the_chosen_rows_are_learned_from(mode: ClassifierMode) -> None:
    learner, documents = ClassifierLearner(mode), DATA[mode]
    rows = np.arange(0, len(documents), 2)

    chosen = learner.train([Part(learner.prepare([documents])[0], rows)], None, 0)

    assert chosen.to_bytes() == trained(mode, *documents[::2]).to_bytes()


@modes
def test_labels_that_are_not_allowed_are_as_if_they_were_not_there(mode: ClassifierMode) -> None:
    documents = DATA[mode]
    left = [
        Document(document.text, tuple(label for label in document.labels if label != "food")) for document in documents
    ]

    model = ClassifierLearner(mode).train([part(*documents)], ["pets", "cars", "never seen"], 0)

    assert model.labels == ("cars", "pets")
    assert model.to_bytes() == trained(mode, *(document for document in left if document.labels)).to_bytes()


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([], "at least two labels are needed and the training data has 0"),
        ([Document("x", ("a",))] * 20, "at least two labels are needed and the training data has 1"),
        ([Document("x"), Document("y", ("a",))], "at least two labels are needed and the training data has 1"),
        ([Document("!", ("a",)), Document("?", ("b",))], "the documents contain no words"),
    ],
)
@modes
def test_what_cannot_be_learned_is_said(mode: ClassifierMode, documents: list[Document], message: str) -> None:
    with pytest.raises(CannotLearn, match=message):
        ClassifierLearner(mode).train([part(*documents)], None, 0)


def test_scores_of_single_labels_are_a_confusion_matrix() -> None:
    exam = part(Document("dog paw", ("pets",)), Document("dog fur", ("cars",)), Document("cat", ("unknown",)))

    scores = trained("MULTI_CLASS").scores([exam])

    assert scores == ConfusionMatrix(("cars", "pets", "unknown"), ((0, 1, 0), (0, 1, 0), (0, 1, 0)))


def test_scores_of_several_labels_are_decisions() -> None:
    exam = part(Document("dog paw motor wheel", ("pets", "cars")), Document("butter bread wine", ("food", "unknown")))

    scores = trained("MULTI_LABEL").scores([exam])

    assert isinstance(scores, LabelDecisions)
    assert scores.documents == 2
    assert {name: count.f1 for name, count in zip(scores.labels, scores.per_label, strict=True)} == {
        "cars": 1, "food": 1, "pets": 1, "unknown": 0,
    }  # fmt: skip


@modes
def test_scores_leave_out_what_is_not_allowed(mode: ClassifierMode) -> None:
    model = trained(mode)
    exam = [Document("dog paw", ("pets",)), Document("dog fur", ("other",)), Document("dog", ("other", "pets"))]
    if mode == "MULTI_CLASS":
        exam.pop()

    found = model.scores([part(*exam)], allowed=["pets", "cars"])

    assert found == model.scores([part(*(Document(one.text, ("pets",)) for one in exam if "pets" in one.labels))])
    with pytest.raises(ValueError, match="no documents"):
        model.scores([part(*exam)], allowed=["cars"])
    with pytest.raises(ValueError, match="no documents"):
        model.scores([])


def test_scores_decide_as_the_answers_do() -> None:
    """From 0.5 on a label is the document's, and the first one where there is none."""
    model = trained("MULTI_LABEL")
    texts = ["dog", "dog road", "nothing known", "", "butter wine paw", "number"]
    answered = [
        {label.name for place, label in enumerate(answer) if label.score >= 0.5 or not place}
        for answer in model.classify(texts)
    ]

    scores = model.scores([part(*(Document(text, tuple(names)) for text, names in zip(texts, answered, strict=True)))])

    assert all(answered)
    assert scores.averages().f1 == 1


def test_a_classifier_finds_no_entities() -> None:
    with pytest.raises(TypeError):
        trained("MULTI_CLASS").detect(["x"])


labels = st.lists(st.sampled_from(["a", "b", "c", "ü"]), max_size=3).map(tuple)
documents = st.lists(st.builds(Document, st.sampled_from([*HOSTILE[:5], "one", "two one", "three"]), labels))


@settings(max_examples=40, deadline=None)
@given(documents, st.sampled_from([None, ["a", "b"], []]))
@modes
def test_any_documents_are_learned_from_or_refused(
    mode: ClassifierMode, documents: list[Document], allowed: list[str] | None
) -> None:
    learner = ClassifierLearner(mode)
    prepared = learner.load_prepared(learner.prepare([documents])[0].to_bytes())
    occurring = {label for document in documents for label in document.labels if allowed is None or label in allowed}

    try:
        model = learner.train([whole(prepared)], allowed, 0)
    except CannotLearn:
        return

    assert {*model.labels} <= occurring
    assert mode == "MULTI_CLASS" or {*model.labels} == occurring
    assert model.scores([whole(prepared)], allowed).documents == sum(
        any(label in occurring for label in document.labels) for document in documents
    )
