import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehend_local.engine.documents import Document, Span, UnreadableData
from comprehend_local.engine.formats import manifest

NAME = "s3://b/m"
GUIDE = (
    '{"source":"Diego Ramirez is an engineer.","Demo":{"annotations":{"entities":[{"endOffset":13,"startOffset":0,'
    '"label":"ENGINEER"}],"labels":[{"label":"ENGINEER"}]}},"Demo-metadata":{"entities":[{"confidence":0.92}],'
    '"job-name":"labeling-job/demo","type":"groundtruth/text-span","human-annotated":"yes"}}'
)
encodable = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
texts = st.text(encodable, min_size=1).filter(lambda text: text.strip())
labels = texts.map(str.strip)


def said(read: Callable[[], object]) -> str:
    with pytest.raises(UnreadableData) as caught:
        read()
    return str(caught.value)


def lines(*rows: Any) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def classes(content: bytes, *attributes: str) -> list[Document]:
    return manifest.read_classifier(content, NAME, attributes or ["a"], "MULTI_CLASS")


def class_maps(content: bytes, *attributes: str) -> list[Document]:
    return manifest.read_classifier(content, NAME, attributes or ["a"], "MULTI_LABEL")


def entities(content: bytes, *attributes: str) -> list[Document]:
    return manifest.read_recognizer(content, NAME, attributes or ["a"])


def mention(begin: Any, end: Any, label: Any = "T") -> dict[str, Any]:
    return {"annotations": {"entities": [{"startOffset": begin, "endOffset": end, "label": label}]}}


def test_a_class_is_named_in_the_metadata() -> None:
    content = (
        b"\xef\xbb\xbf"
        + lines(
            {"source": "one", "a": 0, "a-metadata": {"class-name": "spam", "confidence": 0.6}},
        )
        + b"\r\n  \n"
        + lines({"source": "two", "a": 1, "a-metadata": {"class-name": " ham "}, "b": 7})
    )

    assert classes(content) == [Document("one", ("spam",)), Document("two", ("ham",))]


def test_of_chained_jobs_the_last_one_is_believed() -> None:
    row = {"source": "x", "a": 0, "a-metadata": {"class-name": "old"}, "b": 0, "b-metadata": {"class-name": "new"}}

    assert classes(lines(row, {**row, "source": "y"}), "a", "b") == [Document("x", ("new",)), Document("y", ("new",))]
    assert classes(lines(row), "b", "a") == [Document("x", ("old",))]
    assert classes(lines(row), "a", "c") == [Document("x", ("old",))]


def test_labels_are_the_values_of_all_class_maps() -> None:
    row = {"source": "x", "a": [0, 4], "a-metadata": {"class-map": {"0": "action", "4": "drama"}}}
    row |= {"b": [1], "b-metadata": {"class-map": {"1": "teen", "2": "drama"}}}

    assert class_maps(lines(row)) == [Document("x", ("action", "drama"))]
    assert class_maps(lines(row), "a", "b") == [Document("x", ("action", "drama", "teen"))]


def test_entities_are_read_as_in_the_guides_sample() -> None:
    assert entities(GUIDE.encode(), "Demo") == [
        Document("Diego Ramirez is an engineer.", spans=(Span(0, 13, "ENGINEER"),))
    ]


def test_entities_of_several_jobs_are_taken_together() -> None:
    row = {"source": "abcdef", "a": mention(3, 4, "X"), "b": mention(0, 2, "Y"), "c": mention(3, 4, "X")}
    none = {"source": "gh", "a": {"annotations": {"entities": []}}}

    assert entities(lines(row, none), "a", "b", "c") == [
        Document("abcdef", spans=(Span(0, 2, "Y"), Span(3, 4, "X"))),
        Document("gh"),
    ]
    assert "has entities that overlap" in said(lambda: entities(lines({**row, "c": mention(3, 5)}), "a", "b", "c"))


def test_what_the_job_could_not_label_is_left_out() -> None:
    failed = {"source": "x", "a-metadata": {"failure-reason": "ClientError: too long"}}

    assert classes(lines(failed)) == class_maps(lines(failed)) == entities(lines(failed)) == []


GOOD = {"source": "x", "a": 0, "a-metadata": {"class-name": "c", "class-map": {"0": "c"}}}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (b"{", "is not valid JSON"),
        (b'{"source":"x","a":NaN}', "is not valid JSON"),
        (b'{"source":"x","a":' + b"9" * 5000 + b"}", "is not valid JSON"),
        (b"[" * 200_000, "is not valid JSON"),
        (b'{"a":' * 200_000, "is not valid JSON"),
        (b"[]", "is not a JSON object"),
        (b'"' + b"x" * 11_000_000 + b'"', "has more than 10485760 characters"),
        ({**GOOD, "source": 1}, "has no text in source"),
        ({"source-ref": "s3://x/y"}, "has no text in source; documents by reference (source-ref) are not read"),
        ({**GOOD, "source": " "}, "has an empty or unreadable text in source"),
        (rb'{"source":"x\ud800"}', "has an empty or unreadable text in source"),
        (rb'{"source":"x\u0000"}', "has an empty or unreadable text in source"),
        ({"source": "x", "b": 0}, "has none of the attributes a"),
        ({"source": "x", "a-metadata": 7}, "has none of the attributes a"),
    ],
)
@pytest.mark.parametrize("read", [classes, class_maps, entities])
def test_an_unreadable_line_is_named(read: Callable[[bytes], object], row: Any, message: str) -> None:
    row = row if isinstance(row, bytes) else lines(row)

    assert said(lambda: read(b"\n" + row)).startswith(f"INVALID_INPUT_DATA: Line 2 of s3://b/m {message}")


@pytest.mark.parametrize("metadata", [None, 7, {}, {"class-name": 7, "class-map": 7}, {"class-map": {"0": None}}])
def test_labels_that_are_none_are_refused(metadata: Any) -> None:
    content = lines({"source": "x", "a": 0, "a-metadata": metadata})

    assert said(lambda: classes(content)).endswith("Line 1 of s3://b/m has no class-name in a-metadata.")
    assert said(lambda: class_maps(content)).endswith("Line 1 of s3://b/m has no class-map in a-metadata.")


@pytest.mark.parametrize("label", [" ", "\x00", "\ud800"])
def test_labels_that_are_empty_are_refused(label: str) -> None:
    content = lines({"source": "x", "a": 0, "a-metadata": {"class-name": label, "class-map": {"0": label}}})

    assert said(lambda: classes(content)).endswith("Line 1 of s3://b/m has an empty label.")
    assert said(lambda: class_maps(content)).endswith("Line 1 of s3://b/m has an empty label.")
    assert "Line 1" in said(lambda: class_maps(lines({**GOOD, "a-metadata": {"class-map": {}}})))


NO_ENTITIES: list[Any] = [7, None, [], {}, {"annotations": []}, {"annotations": {}}, {"annotations": {"entities": 7}}]
NO_ENTITIES += [mention("0", 1), mention(0, 1.0), mention(False, True), mention(0, 1, 7), mention(0, 1, " ")]
NO_ENTITIES += [{"annotations": {"entities": [7]}}, {"annotations": {"entities": [{"startOffset": 0, "endOffset": 1}]}}]


@pytest.mark.parametrize("value", NO_ENTITIES)
def test_entities_that_are_none_are_refused(value: Any) -> None:
    assert said(lambda: entities(lines({"source": "x", "a": value}))).endswith(
        "Line 1 of s3://b/m has no readable annotations.entities in a."
    )


@pytest.mark.parametrize(("begin", "end"), [(0, 4), (-1, 2), (2, 2), (2, 1), (10**30, 10**30 + 1)])
def test_entities_outside_the_text_are_refused(begin: int, end: int) -> None:
    assert "has an entity outside its text" in said(
        lambda: entities(lines({"source": "a\U0001f600b", "a": mention(begin, end)}))
    )
    assert entities(lines({"source": "a\U0001f600b", "a": mention(1, 3)}))


documents = st.builds(Document, texts, st.lists(labels, min_size=1, unique=True).map(tuple))


@given(st.lists(documents))
def test_labels_are_read_back_as_they_were_written(documents: list[Document]) -> None:
    single = [Document(document.text, document.labels[:1]) for document in documents]

    assert class_maps(manifest.write_classifier(documents, "a", "MULTI_LABEL")) == documents
    assert classes(manifest.write_classifier(single, "a", "MULTI_CLASS")) == single


@st.composite
def mentioning(draw: st.DrawFn) -> Document:
    text = draw(texts)
    places = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pairs = zip(places[::2], places[1::2], strict=False)
    return Document(text, spans=tuple(Span(begin, end, draw(labels)) for begin, end in pairs))


@given(st.lists(mentioning()))
def test_entities_are_read_back_as_they_were_written(documents: list[Document]) -> None:
    assert entities(manifest.write_recognizer(documents, "a")) == documents
