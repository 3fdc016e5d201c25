"""Documents that are to be analysed, before they are: what is counted, staged, refused."""

import tracemalloc

import pytest

from governor.domain.analysis import Shape
from governor.domain.text_lines import BadData
from governor.domain.unlabelled import canonical, check, shape_of
from governor.domain.upload import Place, place_of


@pytest.mark.parametrize(
    ("key", "shape"),
    [("alpha/documents/a.txt", "lines"), ("alpha/documents/A b.TXT", "lines"), ("alpha/documents/l/a.txt", "files")],
)
def test_a_key_says_what_a_document_is(key: str, shape: Shape) -> None:
    assert place_of(key) == Place("alpha", "documents")
    assert shape_of(key) == shape


@pytest.mark.parametrize(
    "key",
    [
        "alpha/documents/a.csv",
        "alpha/documents/.txt/",
        "alpha/documents/a/b/c.txt",
        "alpha/documents/",
        "-/documents/a.txt",
    ],
)
def test_other_keys_lead_nowhere(key: str) -> None:
    assert place_of(key) is None


def test_lines_end_as_comprehend_ends_them_and_keep_their_numbers() -> None:
    content = "\ufeffone\r\n\rthree\u2028still three\n\n \n".encode()

    facts = check([content], "lines", recognizer=False)
    staged = b"".join(canonical([content[:5], content[5:]], "lines"))

    assert facts.documents == 3
    assert facts.size == len(staged), "what a job gets, whose least size it is held against"
    assert staged.decode() == "one\n\nthree\u2028still three\n"


def test_a_file_is_one_document_without_its_mark() -> None:
    content = "\ufeffone\r\ntwo\n\n".encode()

    facts = check([content], "files", recognizer=False)
    assert (facts.documents, facts.size) == (1, len(b"one\r\ntwo\n\n"))
    assert b"".join(canonical([content], "files")) == b"one\r\ntwo\n\n"


@pytest.mark.parametrize("shape", ["lines", "files"])
def test_a_recognizer_takes_shorter_documents(shape: Shape) -> None:
    content = b"a\n" * (shape == "lines") + "\u00e4".encode() * 500_001

    assert check([content], shape, recognizer=False).documents
    with pytest.raises(BadData, match="Line 2: longer" if shape == "lines" else "The file: longer"):
        check([content], shape, recognizer=True)


def test_a_large_file_is_checked_and_staged_in_the_memory_of_a_piece() -> None:
    piece = b"a document of some words\n" * 40_000
    tracemalloc.start()
    try:
        assert check((piece for _ in range(6)), "lines", recognizer=False).documents == 240_000
        assert sum(len(line) for line in canonical((piece for _ in range(6)), "lines")) == 6 * len(piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(piece)


def test_more_lines_than_a_job_takes_are_refused() -> None:
    with pytest.raises(BadData, match="more than 1,000,000 lines"):
        check((b"a\n" * 100_001 for _ in range(10)), "lines", recognizer=False)
