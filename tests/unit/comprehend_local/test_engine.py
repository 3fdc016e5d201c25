import pytest

from comprehend_local.engine.documents import Document
from comprehend_local.engine.learning import CannotLearn, Classifier, train
from comprehend_local.engine.split import hold_out

TEXTS = {"pets": "cat dog fur paw", "cars": "wheel motor brake road"}
DOCUMENTS = [Document(label, f"{words} number {n}") for n in range(15) for label, words in TEXTS.items()]


def test_it_learns() -> None:
    classifier = train(DOCUMENTS, seed=0)

    assert classifier.predict(["the dog and the cat", "brake before the road ends"]) == ["pets", "cars"]


def test_every_row_of_probabilities_sums_to_one() -> None:
    three = [*DOCUMENTS, *(Document("food", f"bread butter {n}") for n in range(15))]
    classifier = train(three, seed=0)

    found = classifier.probabilities(["bread", "dog wheel", "nothing known"])

    assert found.shape == (3, 3)
    assert found.sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-5)


def test_the_same_data_and_seed_give_the_same_model() -> None:
    one, two = train(DOCUMENTS, seed=3), train(DOCUMENTS, seed=3)

    assert one.labels == two.labels
    assert one.terms == two.terms
    assert (one.weights == two.weights).all()
    assert (one.intercepts == two.intercepts).all()


def test_a_stored_model_answers_as_the_one_that_was_trained() -> None:
    one = train(DOCUMENTS, seed=0)
    two = Classifier.from_bytes(one.to_bytes())

    texts = [document.text for document in DOCUMENTS]
    assert (one.probabilities(texts) == two.probabilities(texts)).all()
    assert two.labels == ("cars", "pets")


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([], "at least two labels"),
        ([Document("a", "x")] * 20, "at least two labels"),
        ([Document("a", "!"), Document("b", "?")], "no words"),
    ],
)
def test_what_cannot_be_learned_is_said(documents: list[Document], message: str) -> None:
    with pytest.raises(CannotLearn, match=message):
        train(documents, seed=0)


@pytest.mark.parametrize(("size", "held"), [(9, 1), (5573, 557), (30, 3), (2, 1)])
def test_a_tenth_is_held_out_as_aws_was_seen_to_do(size: int, held: int) -> None:
    documents = [Document("a", str(number)) for number in range(size)]

    learn, test = hold_out(documents, 0.1, seed=0)

    assert (len(learn), len(test)) == (size - held, held)
    assert sorted([*learn, *test], key=lambda d: int(d.text)) == documents


def test_which_documents_are_held_out_does_not_depend_on_their_order() -> None:
    documents = [Document("a", str(number)) for number in range(100)]

    _, one = hold_out(documents, 0.1, seed=0)
    _, two = hold_out(documents[::-1], 0.1, seed=0)
    _, other = hold_out(documents, 0.1, seed=1)

    assert set(one) == set(two)
    assert set(one) != set(other)


def test_a_document_held_out_stays_so_when_data_is_added() -> None:
    some = [Document("a", str(number)) for number in range(1000)]
    _, first = hold_out(some, 0.1, seed=0)
    _, second = hold_out([*some, *(Document("b", f"more {number}") for number in range(50))], 0.1, seed=0)

    assert len(set(first) & set(second)) > 90
