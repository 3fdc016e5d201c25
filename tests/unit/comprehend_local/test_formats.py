from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehend_local.engine.documents import Document, Span, UnreadableData
from comprehend_local.engine.formats import classifier_csv, entity_list, manifest, plain_text, recognizer, stored

NAME = "s3://b/k"
encodable = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
texts = st.text(encodable, min_size=1).filter(lambda text: text.strip())
labels = texts.map(str.strip)


def said(read: Callable[[], object]) -> str:
    with pytest.raises(UnreadableData) as caught:
        read()
    return str(caught.value)


# COMPREHEND_CSV of classifiers


def test_quoted_texts_line_ends_and_a_byte_order_mark_are_read() -> None:
    content = '\ufeffpets,"a ""cat"", with a comma"\r\ncars,"two\nlines"\n\n'.encode()

    assert classifier_csv.read(content, NAME, None) == [
        Document('a "cat", with a comma', ("pets",)),
        Document("two\nlines", ("cars",)),
    ]


def test_labels_are_parted_by_the_delimiter_alone() -> None:
    content = b"a| b|a|c;d,x\n"

    assert classifier_csv.read(content, NAME, "|") == [Document("x", ("a", "b", "c;d"))]
    assert classifier_csv.read(content, NAME, ";") == [Document("x", ("a| b|a|c", "d"))]
    assert classifier_csv.read(content, NAME, None) == [Document("x", ("a| b|a|c;d",))]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n\xff\xfe,c\n", "INVALID_INPUT_ENCODING: Line 2 of s3://b/k is not UTF-8 text."),
        (b"\xef\xbb\xbfa,b\r\rc,\xed\xa0\x80\n", "INVALID_INPUT_ENCODING: Line 3 of s3://b/k is not UTF-8 text."),
        (
            b"a,b\na,b,c\n",
            "INVALID_INPUT_DATA: Line 2 of s3://b/k has 3 columns; two are needed, the label and the",
        ),
        (b'a,"b\nb"\nonly\n', "INVALID_INPUT_DATA: Line 3 of s3://b/k has 1 columns; two are needed"),
        (b"a,b\n ,c\n", "INVALID_INPUT_DATA: Line 2 of s3://b/k has an empty label."),
        (b"a,b\nc, \n", "INVALID_INPUT_DATA: Line 2 of s3://b/k has an empty text."),
        (b"a,b\na,x\x00y\n", "INVALID_INPUT_DATA: Line 2 of s3://b/k contains a NUL character."),
        (b'z,z\na,"b\n\n\n', "INVALID_INPUT_DATA: Line 2 of s3://b/k is not valid CSV (unexpected end of data)."),
        (b'a,"b"c\n', "INVALID_INPUT_DATA: Line 1 of s3://b/k is not valid CSV"),
        (
            b'z,z\na,"' + (b"b" * 999 + b"\n") * 11_000,
            "INVALID_INPUT_DATA: Line 2 of s3://b/k begins a row of more than 1048",
        ),
        (b"a," + b"b" * 11_000_000, "INVALID_INPUT_DATA: Line 1 of s3://b/k begins a row of more than 10485760 charac"),
        (b"," * 10_000_000, "INVALID_INPUT_DATA: Line 1 of s3://b/k has 10000001 columns"),
    ],
)
def test_an_unreadable_row_of_csv_is_named_by_its_first_line(content: bytes, message: str) -> None:
    assert said(lambda: classifier_csv.read(content, NAME, None)).startswith(message)


def test_an_empty_label_among_several_is_refused() -> None:
    assert said(lambda: classifier_csv.read(b"a||b,x\n", NAME, "|")).endswith("Line 1 of s3://b/k has an empty label.")


@given(st.lists(st.builds(Document, texts, st.tuples(labels)), min_size=1))
def test_csv_with_one_label_is_read_back_as_it_was_written(documents: list[Document]) -> None:
    assert classifier_csv.read(classifier_csv.write(documents, None), NAME, None) == documents


@given(
    st.sampled_from(classifier_csv.DELIMITERS).flatmap(
        lambda mark: st.tuples(
            st.just(mark),
            st.lists(
                st.builds(
                    Document,
                    texts,
                    st.lists(labels.filter(lambda label: mark not in label), min_size=1, unique=True).map(tuple),
                ),
                min_size=1,
            ),
        )
    )
)
def test_csv_with_several_labels_is_read_back_as_it_was_written(given: tuple[str, list[Document]]) -> None:
    delimiter, documents = given

    assert classifier_csv.read(classifier_csv.write(documents, delimiter), NAME, delimiter) == documents


def test_csv_cannot_hold_a_delimiter_in_a_label_nor_two_labels_without_one() -> None:
    with pytest.raises(ValueError, match="contains the delimiter"):
        classifier_csv.write([Document("x", ("a|b",))], "|")
    with pytest.raises(ValueError, match="unpack"):
        classifier_csv.write([Document("x", ("a", "b"))], None)


# Lines


def test_a_line_ends_with_lf_cr_or_crlf_only() -> None:
    content = "one\u2028still\x0bone\x85\r\ntwo\r\rfour\n\nsix".encode()

    assert plain_text.read_lines(content, NAME) == ["one\u2028still\x0bone\x85", "two", "", "four", "", "six"]
    assert plain_text.read_lines(b"a\n", NAME) == ["a"]
    assert plain_text.read_lines(b"", NAME) == []


def test_too_many_lines_are_refused_before_they_are_read() -> None:
    content = b"\xff\n" * 3

    assert said(lambda: plain_text.read_lines(content, NAME, 2)) == (
        "TOO_MANY_DOCUMENTS: s3://b/k has 3 lines; the maximum is 2."
    )
    assert plain_text.read_lines(b"a\r\nb\rc\n", NAME, 3) == ["a", "b", "c"]


def test_a_whole_file_keeps_its_line_ends() -> None:
    assert recognizer.read_texts(b"\xef\xbb\xbfa\r\nb\rc\n", NAME, "ONE_DOC_PER_FILE") == ["a\r\nb\rc\n"]
    assert recognizer.read_texts(b"\xef\xbb\xbfa\r\nb\rc\n", NAME, "ONE_DOC_PER_LINE") == ["a", "b", "c"]


@given(st.lists(st.text(encodable).filter(lambda line: not {"\r", "\n"} & {*line}), min_size=1))
def test_lines_are_what_stood_between_the_line_ends(lines: list[str]) -> None:
    content = "".join(f"{line}\n" for line in lines).encode()

    assert plain_text.read_lines(b"\xef\xbb\xbf" + content, NAME) == lines


@given(st.lists(st.sampled_from(["a", "\r", "\n", "\r\n", "\u2028", "\U0001f600"])), st.integers(0, 8))
def test_files_are_read_in_pieces_as_they_are_read_at_once(parts: list[str], block: int) -> None:
    content = "".join(parts).encode()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(plain_text, "_BLOCK", block)
        pieces = list(plain_text.numbered_lines(content, NAME))
        patched.setattr(plain_text, "_BLOCK", 100)
        assert pieces == list(plain_text.numbered_lines(content, NAME))
        patched.setattr(plain_text, "_BLOCK", block)
        line = len(pieces) + (1 if content.endswith((b"\r", b"\n")) or not content else 0)
        assert said(lambda: plain_text.read_lines(content + b"\xff", NAME)).startswith(
            f"INVALID_INPUT_ENCODING: Line {line} "
        )
    assert "".join(text for _, text in pieces) == "".join(parts)


# Any bytes, any format

READERS: dict[str, Callable[[bytes], object]] = {
    "csv": lambda content: classifier_csv.read(content, NAME, "|"),
    "lines": lambda content: plain_text.read_lines(content, NAME),
    "classes": lambda content: manifest.read_classifier(content, NAME, ["a"], "MULTI_CLASS"),
    "class maps": lambda content: manifest.read_classifier(content, NAME, ["a"], "MULTI_LABEL"),
    "entities": lambda content: manifest.read_recognizer(content, NAME, ["a"]),
    "annotations": lambda content: recognizer.read_annotations(content, NAME),
    "entity list": lambda content: entity_list.read_entity_list(content, NAME),
}
HEADS = (
    b"",
    b"Text,Type\n",
    b"File,Line,Begin Offset,End Offset,Type\n",
    b'{"source":"x","a":',
    b'{"source":"x","a-meta',
)


@pytest.mark.parametrize("reader", READERS)
@given(content=st.builds(bytes.__add__, st.sampled_from(HEADS), st.binary(max_size=100)))
def test_any_bytes_are_read_or_refused(reader: str, content: bytes) -> None:
    with suppress(UnreadableData):
        READERS[reader](content)


@given(st.binary(max_size=100))
def test_any_stored_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(ValueError):
        stored.read(content)


secret = st.text("pqrsvwxyzPQRSVWXYZ", min_size=8, max_size=12)


@pytest.mark.parametrize("reader", READERS)
@given(
    word=secret, head=st.sampled_from(HEADS), tail=st.sampled_from(["", ",", '"', "\x00", "\udcff", '":[{}', ",7,x"])
)
def test_no_message_quotes_the_file(reader: str, word: str, head: bytes, tail: str) -> None:
    content = head + f"{word}{tail}{word}".encode(errors="surrogateescape")

    with suppress(UnreadableData):
        READERS[reader](content)
        return
    assert word not in said(lambda: READERS[reader](content))


# The stored form

spans = st.lists(st.integers(0, 30), max_size=8, unique=True).map(sorted)


@st.composite
def mentioning(draw: st.DrawFn) -> Document:
    """Any text, with mentions anywhere in it."""
    text = draw(texts)
    places = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pairs = zip(places[::2], places[1::2], strict=False)
    return Document(text, spans=tuple(Span(begin, end, draw(labels)) for begin, end in pairs))


@given(st.lists(mentioning() | st.builds(Document, texts, st.lists(labels, unique=True).map(tuple))))
def test_what_is_stored_is_read_back(documents: list[Document]) -> None:
    assert stored.read(stored.write(documents)) == documents


@pytest.mark.parametrize(
    "content",
    [b"x", b"[]", b"{}", b'{"text":1}', b'{"text":"a","labels":[1]}', b'{"text":"a","labels":7}', b"[" * 100_000]
    + [b'{"text":"a","entities":[%b]}' % span for span in (b"[0,1]", b'[0,2,"T"]', b'[0.0,1,"T"]', b"[0,1,1]", b"7")],
)
def test_a_damaged_stored_file_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="stored document"):
        stored.read(content)
