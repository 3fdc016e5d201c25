import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehend_local.engine import crf_training, recognizing
from comprehend_local.engine.documents import Document, Span
from comprehend_local.engine.learner import CannotLearn, Entity, Part, learner_for
from comprehend_local.engine.metrics import EntityDecisions
from comprehend_local.engine.recognizing import Recognizer, RecognizerLearner

LEARNER = RecognizerLearner()
NAMES = ["Ada", "Bo", "Cem", "Dora", "Émile", "Faye", "Gus", "Hanna"]
TOWNS = ["Rome", "Ulm", "Bath", "Nîmes", "Porto", "Gent", "Oslo", "Lyon"]


def marked(text: str) -> Document:
    """A text with its mentions in brackets: "[PERSON Ada] sleeps"."""
    plain, spans = "", []
    for part in text.split("["):
        mention, bracket, rest = part.partition("]")
        if bracket:
            type_, _, words = mention.partition(" ")
            spans.append(Span(len(plain), len(plain) + len(words), type_))
            plain += words + rest
        else:
            plain += part
    return Document(plain, spans=tuple(spans))


def letters(names: Sequence[str] = NAMES, towns: Sequence[str] = TOWNS) -> list[Document]:
    texts = [f"My friend [PERSON {one}] lives in [TOWN {town}] ." for one in names for town in towns]
    return [marked(text) for text in [*texts, *(f"The number {n} is nice, really." for n in range(30))]]


def all_of(documents: Sequence[Document]) -> list[Part]:
    (prepared,) = LEARNER.prepare([documents])
    return [Part(prepared, np.arange(len(documents)))]


def trained(documents: Sequence[Document], allowed: Sequence[str] | None = None) -> Recognizer:
    return LEARNER.train(all_of(documents), allowed, 0)


@pytest.fixture(scope="module")
def model() -> Recognizer:
    return trained(letters())


def found(model: Recognizer, text: str) -> list[tuple[str, str]]:
    return [(entity.type, text[entity.begin : entity.end]) for entity in model.detect([text])[0]]


def test_it_learns_words_and_their_surroundings(model: Recognizer) -> None:
    assert learner_for("ENTITIES").__class__ is RecognizerLearner
    assert model.labels == ("PERSON", "TOWN")
    assert found(model, "My friend Ada lives in Rome .") == [("PERSON", "Ada"), ("TOWN", "Rome")]
    assert found(model, "My friend Zelda lives in Quito .") == [("PERSON", "Zelda"), ("TOWN", "Quito")]
    assert found(model, "The number 7 is nice, really.") == []


def test_places_are_code_points(model: Recognizer) -> None:
    text = "\U0001f600\U0001f600 My friend E\u0301mile\u0301 lives in \U0001d5db\u0301ome ."

    (entity, *_) = model.detect([text])[0]

    assert (entity.type, text[entity.begin : entity.end]) == ("PERSON", "E\u0301mile\u0301")


def test_a_mention_can_have_several_words_and_touch_another() -> None:
    texts = [
        f"see [PERSON {one} van {two}][TOWN -{town}] now" for one in NAMES[:4] for two in NAMES[:4] for town in TOWNS
    ]

    assert found(trained([marked(text) for text in texts]), "see Bo van Ada-Ulm now") == [
        ("PERSON", "Bo van Ada"),
        ("TOWN", "-Ulm"),
    ]


def test_types_outside_the_list_are_ignored() -> None:
    model = trained(letters(), ["TOWN", "NEVER"])

    assert model.labels == ("TOWN",)
    assert found(model, "My friend Ada lives in Rome .") == [("TOWN", "Rome")]


def test_scores_are_probabilities(model: Recognizer) -> None:
    texts = [document.text for document in letters()] + ["in Ada", "My friend lives", "x " * 50 + "My friend Bo ."]

    scores = [entity.score for entities in model.detect(texts) for entity in entities]

    assert len(scores) > 100
    assert all(0 < score <= 1 for score in scores)
    sure, unsure = model.detect(["My friend Ada lives in Rome .", "a friend, Ada, sleeps"])
    assert sure[0].score > 0.9
    assert all(entity.score < sure[0].score for entity in unsure)


def test_many_texts_are_answered_like_each_alone(model: Recognizer, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["", " ", *(document.text for document in letters()), "\u0301", "My friend Zoë lives in Kyiv ."]
    together = model.detect(texts)

    monkeypatch.setattr(recognizing, "_BATCH_TOKENS", 1)
    alone = model.detect(texts)

    assert [[entity[0::2] for entity in entities] for entities in together] == [
        [entity[0::2] for entity in entities] for entities in alone
    ]
    assert [[e.score for e in entities] for entities in together] == [
        pytest.approx([e.score for e in entities]) for entities in alone
    ]
    assert together[:2] == [[], []]


def test_scores_count_exact_mentions(model: Recognizer) -> None:
    documents = [*letters(["Ada"], ["Rome"]), marked("My friend [PERSON Bo lives] in [OTHER Ulm] .")]

    scores = model.scores(all_of(documents))

    assert isinstance(scores, EntityDecisions)
    assert scores.labels == ("OTHER", "PERSON", "TOWN")
    assert scores.documents == len(documents)
    person = scores.per_label[1]
    assert (person.true_positives, person.false_positives, person.false_negatives) == (1, 1, 1)
    allowed = model.scores(all_of(documents), ["PERSON", "TOWN"])
    assert allowed.labels == ("PERSON", "TOWN")
    with pytest.raises(ValueError, match="no documents"):
        model.scores([])


def test_only_the_chosen_rows_are_learned_from_and_scored() -> None:
    (prepared,) = LEARNER.prepare([[*letters(), marked("[BAD x] y")]])
    most = np.arange(len(prepared.digests) - 1)

    model = LEARNER.train([Part(prepared, most)], None, 0)

    assert model.labels == ("PERSON", "TOWN")
    assert model.scores([Part(prepared, most[:1])]).averages().f1 == 1


# Nothing to learn from


@pytest.mark.parametrize(
    ("documents", "allowed", "message"),
    [
        ([], None, "no document mentions one of the entity types"),
        ([Document("a")], None, "no document mentions one of the entity types"),
        ([marked("[X a]")], ["Y"], "no document mentions one of the entity types"),
        ([Document("a  b", spans=(Span(1, 3, "X"),))], None, "entity types in words"),
        ([Document(" ", spans=(Span(0, 1, "X"),))], None, "entity types in words"),
    ],
)
def test_what_cannot_be_learned_is_said(documents: list[Document], allowed: list[str] | None, message: str) -> None:
    with pytest.raises(CannotLearn, match=message):
        trained(documents, allowed)


def test_one_mention_is_enough_to_make_a_model() -> None:
    assert trained([marked("[X a]")]).labels == ("X",)
    blank = Document("c  d", spans=(Span(1, 3, "BLANK"),))
    model = trained([blank, marked("a [X b]")] * 5)
    assert found(model, "a b") == [("X", "b")]
    assert found(model, "c  d") == []


def test_the_end_of_the_learning_process_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crf_training, "SMALL", 0)
    monkeypatch.setattr(sys, "executable", "false")

    with pytest.raises(CannotLearn, match="the learning program ended with 1"):
        trained(letters())


def test_the_learning_process_ends_with_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        f"from {crf_training.__name__} import learn; learn([(['a', 'B'], [0, 1])] * 9, 2, parent=-1); print('learned')"
    )
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (1, b"", [])


# The same data, the same model


def test_learning_does_not_depend_on_what_was_learned_before(monkeypatch: pytest.MonkeyPatch) -> None:
    one = trained(letters()).to_bytes()
    trained([marked(f"[B {n}] b") for n in range(20)])
    two = trained(letters()).to_bytes()
    monkeypatch.setattr(crf_training, "SMALL", 0)
    apart = trained(letters()).to_bytes()

    assert one == two == apart


def test_of_very_many_documents_some_are_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = letters() + [Document(f"Nothing to see here, number {n}.") for n in range(300)]
    monkeypatch.setattr(recognizing, "MOST_TOKENS", 300)
    chosen = recognizing._chosen(all_of(documents), None, 0)
    other = recognizing._chosen(all_of(documents), None, 1)

    assert 35 < len(chosen) < 45
    assert all(document.spans for document in chosen)
    assert chosen == recognizing._chosen(all_of(documents), None, 0)
    assert {document.text for document in chosen} != {document.text for document in other}


# Long and strange texts


@pytest.mark.timeout(30)
def test_long_texts_are_cut_and_still_read_to_the_end(model: Recognizer) -> None:
    sentence = "My friend Ada lives in Rome . "
    long = sentence * 3000

    mentions = model.detect([long, sentence])

    assert len(mentions[0]) == 6000
    assert mentions[0][-1][2:] == (len(long) - 7, len(long) - 3)
    assert mentions[0] == sorted(mentions[0], key=lambda entity: entity.begin)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", ["a" * 5000, "A" * 100_000, "http://" + "a." * 2500, "." * 5000, "\u0301" * 5000])
def test_a_single_token_of_any_length_is_no_burden(text: str) -> None:
    documents = [
        *letters(),
        Document(text, spans=(Span(0, len(text), "LONG"),)),
        Document(text, spans=(Span(0, 1, "X"),)),
    ]

    assert all(entity.end <= len(text) for entity in trained(documents).detect([text])[0])


@given(text=st.text(max_size=60))
def test_any_text_has_mentions_in_order(model: Recognizer, text: str) -> None:
    (entities,) = model.detect([f"{text} My friend Bo lives in {text}"])

    places = [place for entity in entities for place in (entity.begin, entity.end)]
    assert places == sorted(places)
    assert all(entity.begin < entity.end for entity in entities)


def test_mentions_inside_of_web_addresses_are_learned() -> None:
    documents = [
        marked(f"see http://[HOST {name}.example]/a for {name}") for name in ("abc", "def", "ghi", "jkl", "mno")
    ]

    assert found(trained(documents), "see http://def.example/a for def") == [("HOST", "def.example")]
    assert found(trained(letters()), "My friend http://def.example/a lives in Rome .")[-1] == ("TOWN", "Rome")


# Bytes


def test_a_stored_model_answers_as_the_one_that_was_trained(model: Recognizer) -> None:
    content = model.to_bytes()
    again = LEARNER.load(content)
    texts = [document.text for document in letters()]

    assert again.detect(texts) == model.detect(texts)
    assert again.labels == model.labels
    assert again.to_bytes() == content


def test_stored_documents_are_the_ones_that_were_prepared() -> None:
    documents = [*letters(), marked("E\u0301 [X \U0001f600]")]
    one, two = LEARNER.prepare([documents, documents[::-1]])
    again = LEARNER.load_prepared(one.to_bytes())

    assert again.labels() == one.labels() == [tuple(span.type for span in d.spans) for d in documents]
    assert again.digests.tolist() == one.digests.tolist() == two.digests.tolist()[::-1]
    assert len(set(one.digests.tolist())) == len(documents)
    assert trained(documents).to_bytes() == LEARNER.train([Part(again, np.arange(len(documents)))], None, 0).to_bytes()


def test_other_bytes_are_refused(model: Recognizer) -> None:
    content, prepared = model.to_bytes(), LEARNER.prepare([letters()])[0].to_bytes()
    damaged = [b"", b"x", b"recognizer/1\n", content[:-1], content[:100], prepared]
    damaged += [content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] for at in range(0, len(content), 5003)]

    for wrong in damaged:
        with pytest.raises(ValueError, match="these bytes"):
            LEARNER.load(wrong)
    for wrong in (b"", b"x", prepared[:-1], content):
        with pytest.raises(ValueError, match="these bytes"):
            LEARNER.load_prepared(wrong)


def test_other_kinds_of_models_and_documents_are_refused(model: Recognizer) -> None:
    (prepared,) = learner_for("MULTI_CLASS").prepare([[Document("a", ("b",))]])

    with pytest.raises(TypeError, match="another kind"):
        LEARNER.train([Part(prepared, np.arange(1))], None, 0)
    with pytest.raises(TypeError, match="does not classify"):
        model.classify(["a"])


def test_several_threads_can_ask_at_once(model: Recognizer) -> None:
    texts = [document.text for document in letters()]
    expected = model.detect(texts)
    fresh = LEARNER.load(model.to_bytes())
    answers: list[list[list[Entity]]] = []

    def ask() -> None:
        answers.extend([fresh.detect([text])[0] for text in texts] for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    places = [[entity[0::2] for entity in entities] for entities in expected]
    assert all([[entity[0::2] for entity in entities] for entities in answer] == places for answer in answers)
    assert len(answers) == 20
