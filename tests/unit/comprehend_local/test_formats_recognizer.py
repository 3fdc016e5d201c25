from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehend_local.engine.documents import Document, Span, UnreadableData
from comprehend_local.engine.formats import recognizer
from comprehend_local.engine.formats.entity_list import Listed, match, read_entity_list
from comprehend_local.engine.formats.recognizer import Annotation, annotate, read_annotations
from comprehend_local.engine.words import TOKEN, is_boundary

NAME = "s3://b/annotations.csv"
NO_NUMBER = "Line 2 of s3://b/annotations.csv has no whole number from 0 to 999999999 as"
HEADER = "File,Line,Begin Offset,End Offset,Type\n"
FILES = [("s3://b/in/one.txt", ["Diego Ramirez is here.", "", "J Doe is a judge."]), ("s3://b/in/two.txt", ["x"])]


def said(read: Callable[[], object]) -> str:
    with pytest.raises(UnreadableData) as caught:
        read()
    return str(caught.value)


def at(file: str, line: int | None, begin: int, end: int, type_: str = "T", row: int = 2) -> Annotation:
    return Annotation(file, line, Span(begin, end, type_), (NAME, row))


# Annotations


def test_annotations_are_read_as_in_the_guides_sample() -> None:
    content = (
        b"File, Line, Begin Offset, End Offset, Type\ndocuments.txt, 0, 0, 13, ENGINEER\ndocuments.txt, 3, 25, 38, X"
    )

    assert read_annotations(content, NAME) == [
        at("documents.txt", 0, 0, 13, "ENGINEER"),
        at("documents.txt", 3, 25, 38, "X", 3),
    ]


def test_without_lines_there_is_no_column_line() -> None:
    assert read_annotations(b"File,Begin Offset,End Offset,Type\r\na,3,4,T\r\n", NAME) == [at("a", None, 3, 4)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "",
            "Line 1 of s3://b/annotations.csv must be the header with the columns File,Line,Begin",
        ),
        ("a,0,0,1,T\n", "Line 1 of s3://b/annotations.csv must be the header"),
        ("File,Line,Line,End Offset,Type\n", "Line 1 of s3://b/annotations.csv must be the header"),
        (HEADER + "a,0,0,1\n", "Line 2 of s3://b/annotations.csv has 4 columns and the header 5."),
        (HEADER + "a,0,0,1,T\na,,0,1,T\n", "Line 3 of s3://b/annotations.csv has an empty Line."),
        (HEADER + "a,0,0,1, \n", "Line 2 of s3://b/annotations.csv has an empty Type."),
        (
            HEADER + "a,0,-1,1,T\n",
            f"{NO_NUMBER} Begin Offset.",
        ),
        (
            HEADER + "a,0,0,1.0,T\n",
            f"{NO_NUMBER} End Offset.",
        ),
        (
            HEADER + f"a,{'9' * 5000},0,1,T\n",
            f"{NO_NUMBER} Line.",
        ),
        (
            HEADER + "a,\u0663,0,1,T\n",
            f"{NO_NUMBER} Line.",
        ),
        (
            HEADER + "a,0,4,4,T\n",
            "Line 2 of s3://b/annotations.csv has an End Offset that is not behind its Begin",
        ),
    ],
)
def test_an_unreadable_annotation_is_named_by_its_line(content: str, message: str) -> None:
    assert said(lambda: read_annotations(content.encode(), NAME)).startswith(f"INVALID_INPUT_DATA: {message}")


def test_annotations_find_their_lines() -> None:
    found = annotate(
        FILES, [at("one.txt", 2, 0, 5), at("two.txt", 0, 0, 1), at("one.txt", 2, 9, 16), at("one.txt", 2, 0, 5)]
    )

    assert found == [
        Document("Diego Ramirez is here."),
        Document("J Doe is a judge.", spans=(Span(0, 5, "T"), Span(9, 16, "T"))),
        Document("x", spans=(Span(0, 1, "T"),)),
    ]


def test_a_file_is_named_by_as_many_parts_as_are_needed() -> None:
    files = [("s3://b/x/a.txt", ["one"]), ("s3://b/y/a.txt", ["two"])]

    found = annotate(files, [at("y/a.txt", 0, 0, 3), at("/x/a.txt", None, 0, 1)])

    assert found == [Document("one", spans=(Span(0, 1, "T"),)), Document("two", spans=(Span(0, 3, "T"),))]
    assert said(lambda: annotate(files, [at("a.txt", 0, 0, 1)])).endswith("names a file of which there are several.")
    assert said(lambda: annotate(files, [at("z/a.txt", 0, 0, 1)])).endswith("is not among the documents.")
    assert annotate([("a.txt", ["one"]), files[0]], [at("x/a.txt", 0, 0, 1)])[1].spans


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (at("three.txt", 0, 0, 1), "names a file that is not among the documents."),
        (at("one.txt", 3, 0, 1), "names a line behind the end of s3://b/in/one.txt."),
        (at("one.txt", 1, 0, 1), "has offsets outside line 1 of s3://b/in/one.txt."),
        (at("one.txt", 0, 0, 23), "has offsets outside line 0 of s3://b/in/one.txt."),
        (at("one.txt", None, 0, 1), "does not say which line of s3://b/in/one.txt: there is no column Line."),
    ],
)
def test_an_annotation_that_fits_nothing_is_named(annotation: Annotation, message: str) -> None:
    assert said(lambda: annotate(FILES, [annotation])) == (
        f"INVALID_INPUT_DATA: Line 2 of s3://b/annotations.csv {message}"
    )


@pytest.mark.parametrize("other", [at("one.txt", 0, 4, 9, "T", 3), at("one.txt", 0, 0, 5, "OTHER", 3)])
def test_mentions_that_overlap_are_refused(other: Annotation) -> None:
    message = said(lambda: annotate(FILES, [at("one.txt", 0, 0, 5, "X"), other]))

    assert "overlaps another annotation" in message
    assert annotate(FILES, [at("one.txt", 0, 0, 5), at("one.txt", 0, 5, 9)])[0].spans


@st.composite
def annotated(draw: st.DrawFn) -> list[Document]:
    """Documents of one line each, with marks and characters beyond the basic plane, and mentions anywhere in them."""
    alphabet = st.sampled_from("ab \u0301\U0001f600\u00e9,\"'")
    documents = []
    for text in draw(st.lists(st.text(alphabet, min_size=1).filter(lambda text: text.strip()), min_size=1)):
        places = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
        pairs = zip(places[::2], places[1::2], strict=False)
        documents.append(Document(text, spans=tuple(Span(b, e, draw(st.sampled_from("XY"))) for b, e in pairs)))
    return documents


@given(annotated())
def test_documents_written_as_lines_and_annotations_are_read_back(documents: list[Document]) -> None:
    lines = "".join(f"{document.text}\n" for document in documents).encode()
    rows = [
        f"d.txt,{line},{begin},{end},{type_}\n"
        for line, document in enumerate(documents)
        for begin, end, type_ in document.spans
    ]

    files = [("s3://b/d.txt", recognizer.read_texts(lines, "s3://b/d.txt", "ONE_DOC_PER_LINE"))]
    assert annotate(files, read_annotations((HEADER + "".join(rows)).encode(), NAME)) == documents


# Entity lists


def test_an_entity_list_is_read_as_in_the_guides_sample() -> None:
    assert read_entity_list(b"Text, Type\nJo Brown, ENGINEER\n", NAME) == [Listed("Jo Brown", "ENGINEER")]
    assert read_entity_list(b'type,TEXT\nX,"a, b"\n', NAME) == [Listed("a, b", "X")]
    assert "must be the header with the columns Text,Type" in said(lambda: read_entity_list(b"a,B\n", NAME))
    assert "Line 3 of s3://b/annotations.csv has an empty Text." in said(
        lambda: read_entity_list(b"Text,Type\na,B\n,C\n", NAME)
    )


def found_in(text: str, *items: str) -> list[str]:
    (document,) = match([text], [Listed(item, "T") for item in items])
    return [text[begin:end] for begin, end, _ in document.spans]


@pytest.mark.parametrize(
    ("text", "items", "found"),
    [
        ("New York City is not York", ["York", "New York City", "New York"], ["New York City", "York"]),
        ("a new york and a Yorkshire", ["York", "New York"], []),
        ("cafe caf\u00e9 cafe\u0301", ["cafe"], ["cafe"]),
        ("C++ (not C+++), .NET!", ["C++", ".NET"], ["C++", "C++", ".NET"]),
        ("ab~ ab0", ["ab", "ab0c"], ["ab"]),
        ("ab~ ab0d", ["ab", "ab0"], ["ab"]),
        ("one one two", ["one one two three", "one"], ["one", "one"]),
        ("x\U0001f600y \U0001f600", ["\U0001f600"], ["\U0001f600", "\U0001f600"]),
        ("a", ["", " ", "a b"], []),
    ],
)
def test_items_are_found_as_whole_words_the_longest_first(text: str, items: list[str], found: list[str]) -> None:
    assert found_in(text, *items) == found


def test_an_item_with_two_types_has_the_first() -> None:
    assert match(["a", " "], [Listed("a", "X"), Listed("a", "Y")]) == [Document("a", spans=(Span(0, 1, "X"),))]


pieces = st.text("ab- ~0\u0301", min_size=1, max_size=6).filter(lambda text: text.strip())


@given(
    st.text("ab- ~0\u0301", min_size=1, max_size=20).filter(lambda text: text.strip()), st.lists(pieces, max_size=12)
)
def test_what_is_found_is_what_a_plain_search_finds(text: str, items: list[str]) -> None:
    plain, after = [], 0
    for token in TOKEN.finditer(text):
        begin = token.start()
        here = [item for item in items if text.startswith(item, begin) and is_boundary(text, begin + len(item))]
        if begin >= after and here:
            plain.append(max(here, key=len))
            after = begin + len(plain[-1])

    assert found_in(text, *items) == plain


@pytest.mark.timeout(20)
def test_items_that_begin_with_one_another_cost_no_more_than_others() -> None:
    nested = [Listed("a" + " a" * size, "X") for size in range(1, 2000, 2)]
    inside = [Listed("b" * size, "X") for size in range(1, 2000)]

    documents = match(["a " * 2500 + "b" * 2500] * 50, nested + inside)

    assert [span.end for span in documents[0].spans] == [3999, 4999]
