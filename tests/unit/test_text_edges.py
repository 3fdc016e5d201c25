"""Text by lines and documents to be analysed, at their limits, however the bytes come."""

import hashlib

import pytest

from governor.domain import text_lines, unlabelled
from governor.domain.analysis import Shape
from governor.domain.labelled_data import Facts
from governor.domain.text_lines import BadData, lines
from governor.domain.unlabelled import canonical, check


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"one\n" + b"x" * 11, "Line 2: longer than 10 characters"),
        (b"one\ntwo\n\xff\n", "Line 3: not UTF-8"),
        (b"one\ntwo\n\0\n", "Line 3: a NUL byte"),
    ],
)
def test_what_is_no_text_is_told_with_its_line(content: bytes, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_lines, "LONGEST_LINE", 10)
    with pytest.raises(BadData, match=told):
        list(lines([content]))


def test_a_line_is_as_long_as_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_lines, "LONGEST_LINE", 10)
    content = b"x" * 9 + b"\n" + b"y" * 10
    assert list(lines([content])) == ["x" * 9 + "\n", "y" * 10]


@pytest.mark.parametrize(
    ("shape", "limit", "remedy"),
    [("lines", "MOST_LINES_BYTES", "several files"), ("files", "MOST_FILE_BYTES", "split it")],
)
@pytest.mark.parametrize("size", [1, 4, 100])
def test_a_file_is_as_large_as_is_taken(
    shape: Shape, limit: str, remedy: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"one\ntwo\n"
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    monkeypatch.setattr(unlabelled, "MOST_LINES_BYTES", 1000)
    monkeypatch.setattr(unlabelled, "MOST_FILE_BYTES", 1000)
    monkeypatch.setattr(unlabelled, limit, len(content))
    facts = Facts(hashlib.sha256(content).hexdigest(), len(content), 2 if shape == "lines" else 1, 0)
    assert check(chunks, shape, recognizer=False) == facts
    assert b"".join(canonical(chunks, shape)) == content
    monkeypatch.setattr(unlabelled, limit, len(content) - 1)
    with pytest.raises(BadData, match=f"larger than 7 bytes.* {remedy}"):
        check(chunks, shape, recognizer=False)


@pytest.mark.parametrize(("shape", "content"), [("lines", b""), ("lines", b" \n\n"), ("files", b""), ("files", b" \n")])
def test_a_file_without_text_is_refused(shape: Shape, content: bytes) -> None:
    with pytest.raises(BadData, match="has no text"):
        check([content], shape, recognizer=False)


@pytest.mark.parametrize(("content", "told"), [(b"one\xff", "not UTF-8"), (b"one\0two", "a NUL byte")])
def test_a_document_that_is_no_text_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(BadData, match=told):
        check([content], "files", recognizer=False)


def test_a_file_has_as_many_lines_as_a_job_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlabelled, "MOST_DOCUMENTS", 2)
    assert check([b"a\nb\n"], "lines", recognizer=False).documents == 2
    with pytest.raises(BadData, match="more than 2 lines"):
        check([b"a\nb\nc\n"], "lines", recognizer=False)


def test_a_document_is_as_long_as_a_recognizer_takes() -> None:
    longest = b"x" * unlabelled.MOST_RECOGNIZER_BYTES
    assert check([longest], "files", recognizer=True).documents == 1


def test_blank_lines_before_others_and_blanks_at_an_end_stay() -> None:
    assert b"".join(canonical([b"one \t\r\n\n\n \ntwo"], "lines")) == b"one \t\n\n\n\ntwo\n"
    assert check([b"one \t\r\n\n\n \ntwo"], "lines", recognizer=False).documents == 5
