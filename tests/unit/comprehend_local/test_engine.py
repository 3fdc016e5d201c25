from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehend_local.engine.documents import Document, UnreadableData, read_csv, write_csv
from comprehend_local.engine.learning import CannotLearn, Classifier, train
from comprehend_local.engine.split import hold_out

TEXTS = {"pets": "cat dog fur paw", "cars": "wheel motor brake road"}
DOCUMENTS = [Document(label, f"{words} number {n}") for n in range(15) for label, words in TEXTS.items()]


def test_quoted_texts_line_ends_and_a_byte_order_mark_are_read() -> None:
    content = '\ufeffpets,"a ""cat"", with a comma"\r\ncars,"two\nlines"\n\n'.encode()

    assert read_csv(content, "x") == [Document("pets", 'a "cat", with a comma'), Document("cars", "two\nlines")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n\xff\xfe,c\n", "INVALID_INPUT_ENCODING: Line 2 of s3://b/k is not UTF-8 text."),
        (b"a,b\na,b,c\n", "INVALID_INPUT_DATA: Line 2 of s3://b/k has 3 columns; two are needed, the label and the"),
        (b"only\n", "INVALID_INPUT_DATA: Line 1 of s3://b/k has 1 columns"),
        (b"a,b\n ,c\n", "INVALID_INPUT_DATA: Line 2 of s3://b/k has an empty label."),
        (b"a,b\nc, \n", "INVALID_INPUT_DATA: Line 2 of s3://b/k has an empty text."),
        (b"a,b\na,x\x00y\n", "INVALID_INPUT_DATA: Line 2 of s3://b/k contains a NUL character."),
        (b'a,"b\n', "INVALID_INPUT_DATA: Line 1 of s3://b/k is not valid CSV"),
        (b'a,"b"c\n', "INVALID_INPUT_DATA: Line 1 of s3://b/k is not valid CSV"),
    ],
)
def test_an_unreadable_row_is_named_by_its_line(content: bytes, message: str) -> None:
    with pytest.raises(UnreadableData) as caught:
        read_csv(content, "s3://b/k")

    assert str(caught.value).startswith(message)


filled = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda text: text.strip())


@given(st.lists(st.builds(Document, filled.map(str.strip), filled), min_size=1))
def test_what_is_written_is_read_back(documents: list[Document]) -> None:
    assert read_csv(write_csv(documents).replace(b"\xef\xbb\xbf", b""), "x") == [
        Document(d.label.replace("\ufeff", ""), d.text.replace("\ufeff", "")) for d in documents
    ] or any("\ufeff" in d.label + d.text for d in documents)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(UnreadableData):
        assert all(document.label and document.text for document in read_csv(content, "x"))


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
