"""Smoke documents: how a file is read, and which answers of an endpoint are wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain.labelled_data import Wanted
from governor.domain.smoke import (
    LONGEST_TEXT_BYTES,
    MOST_DOCUMENTS,
    MOST_PORTIONS,
    PORTION_SECONDS,
    Answer,
    SmokeDocument,
    busy_seconds,
    portion,
    smoke_documents,
    wrong,
)
from governor.domain.text_lines import BadData

CLASSES, LABELS, ENTITIES = Wanted("MULTI_CLASS"), Wanted("MULTI_LABEL", "+"), Wanted("ENTITIES")


def read(content: str, wanted: Wanted) -> list[SmokeDocument]:
    return list(smoke_documents([content.encode()], "smoke.csv", wanted))


@pytest.mark.parametrize(
    ("line", "wanted", "expected"),
    [
        ("praise|more,good\n", CLASSES, ("praise|more",)),
        ("a+b|c,good\n", LABELS, ("a", "b|c")),
        ("PERSON=Ada|CITY=Paris,Ada in Paris\n", ENTITIES, ("PERSON=Ada", "CITY=Paris")),
    ],
)
def test_what_must_come_out_is_read_like_training_data(line: str, wanted: Wanted, expected: tuple[str, ...]) -> None:
    first, second = read(line * 2, wanted)
    assert (first.expected, first.where, second.where) == (expected, "smoke.csv, document 1", "smoke.csv, document 2")
    assert first.text == line.rstrip("\n").split(",")[1]


def test_a_document_is_as_long_as_an_endpoint_takes() -> None:
    assert len(read(f"x,{'a' * LONGEST_TEXT_BYTES}\n", CLASSES)) == 1
    with pytest.raises(BadData, match="document 2 is longer than 10,000 bytes"):
        read(f"x,short\nx,{chr(0xE4) * (LONGEST_TEXT_BYTES // 2)}a\n", CLASSES)


def test_mentions_are_written_with_their_type() -> None:
    with pytest.raises(BadData, match="document 1: write the mentions as TYPE=words"):
        read("PERSON=Ada|Paris,Ada in Paris\n", ENTITIES)
    assert read("praise,no mention\n", CLASSES)[0].expected == ("praise",)


def asked(wanted: Wanted, expected: tuple[str, ...], *answers: tuple[str, float]) -> str | None:
    document = SmokeDocument("smoke.csv, document 1", "the text", expected)
    return wrong(document, [Answer(name, score) for name, score in answers], wanted)


@pytest.mark.parametrize(
    ("wanted", "expected", "answers"),
    [
        (CLASSES, ("x",), [("y", 0.2), ("x", 0.8)]),
        (LABELS, ("x", "y"), [("y", 0.5), ("x", 0.8), ("z", 0.1)]),
        (LABELS, ("x",), [("y", 0.1), ("x", 0.4)]),
        (ENTITIES, ("PERSON=Ada",), [("CITY=Paris", 0.9), ("PERSON=Ada", 0.1)]),
    ],
)
def test_right_answers_are_nothing_to_tell(
    wanted: Wanted, expected: tuple[str, ...], answers: list[tuple[str, float]]
) -> None:
    assert asked(wanted, expected, *answers) is None


@pytest.mark.parametrize(
    ("wanted", "expected", "answers", "told"),
    [
        (CLASSES, ("x",), [("y", 0.8), ("x", 0.2)], "x expected, y answered"),
        (CLASSES, ("x",), [], "x expected, nothing answered"),
        (LABELS, ("x", "w"), [("y", 0.6), ("z", 0.5), ("x", 0.49)], "x, w expected, y, z answered"),
        (LABELS, ("x",), [("y", 0.3), ("x", 0.2)], "x expected, y answered"),
        (ENTITIES, ("PERSON=Ada", "CITY=Rome", "CITY=Oslo"), [("PERSON=Ada", 0.9)], "2 of 3 mentions not found"),
    ],
)
def test_wrong_answers_are_told_without_the_text(
    wanted: Wanted, expected: tuple[str, ...], answers: list[tuple[str, float]], told: str
) -> None:
    assert asked(wanted, expected, *answers) == f"smoke.csv, document 1: {told}"


def _texts(*lengths: int) -> list[SmokeDocument]:
    return [SmokeDocument(f"smoke.csv, document {n}", "a" * length, ("x",)) for n, length in enumerate(lengths, 1)]


def test_a_unit_answers_two_documents_or_a_hundred_characters_a_second() -> None:
    assert busy_seconds(_texts(10, 10), 1) == 1.0
    assert busy_seconds(_texts(500), 1) == 5.0
    assert busy_seconds(_texts(500, 10), 2) == 2.75


def test_a_look_asks_no_more_than_an_endpoint_answers_in_its_time() -> None:
    many = _texts(*[50] * 50)
    assert list(portion(many, 0, 1)) == many[:20]
    assert list(portion(many, 20, 1)) == many[20:40]
    assert list(portion(many, 40, 1)) == many[40:]


def test_a_few_short_documents_are_asked_in_one_look() -> None:
    few = _texts(*[50] * 20)
    assert list(portion(few, 0, 1)) == few
    assert list(portion(few, 7, 1)) == few[7:]
    assert list(portion(few, 20, 1)) == list(portion([], 0, 1)) == []


@given(
    st.lists(st.integers(1, LONGEST_TEXT_BYTES), min_size=1, max_size=MOST_DOCUMENTS), st.sampled_from([1, 2, 10, 100])
)
def test_portions_ask_every_document_once_in_few_looks_that_are_no_longer_than_they_must_be(
    lengths: list[int], units: int
) -> None:
    documents, portions, answered = _texts(*lengths), [], 0
    while found := portion(documents, answered, units):
        portions.append(found)
        answered += len(found)
    assert [each for found in portions for each in found] == documents
    assert len(portions) <= MOST_PORTIONS
    enough = max(PORTION_SECONDS, busy_seconds(documents, units) / MOST_PORTIONS)
    for found in portions:
        assert busy_seconds(found[:-1], units) < enough
