"""A job's answers at the edges: the longest line, a missing message, what has no line, no label, no score."""

import io
import random
import tarfile

import pytest

from governor.domain.errors import UnexpectedReplyError
from governor.domain.predictions import Found, Prediction, Tally, answer_lines, csv_rows, json_line, prediction_of
from tests.unit.test_predictions import KEYS, PEOPLE, _archive, _pieces


def test_a_line_is_as_long_as_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governor.domain.predictions.LONGEST_ANSWER", 1000)
    longest = b"x" * 999 + b"\n"
    assert list(answer_lines(_pieces(_archive(("a.jsonl", longest)), 512))) == [longest]


def test_a_line_that_is_too_long_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governor.domain.predictions.LONGEST_ANSWER", 1000)
    pieces = _pieces(_archive(("a.jsonl", random.Random(1).randbytes(1_000_000).replace(b"\n", b" "))), 512)
    with pytest.raises(UnexpectedReplyError, match="no answer"):
        list(answer_lines(pieces))
    assert len(list(pieces)) > 1000, "what is left of the archive"


def test_a_link_in_an_archive_is_left_out() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        link = tarfile.TarInfo("latest.jsonl")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(link)
        entry = tarfile.TarInfo("a.jsonl")
        entry.size = 3
        tar.addfile(entry, io.BytesIO(b"{}\n"))
    assert list(answer_lines([buffer.getvalue()])) == [b"{}\n"]


def test_damage_is_told_by_its_kind() -> None:
    with pytest.raises(UnexpectedReplyError, match=r"damaged: (ReadError|EOFError|error)\."):
        list(answer_lines([b"no archive"]))


def test_an_error_without_words_is_one_too() -> None:
    found = prediction_of(b'{"File": "00000.txt", "Line": "2", "ErrorCode": "INTERNAL"}', KEYS)
    assert found == Prediction(KEYS[0], 3, error="INTERNAL: ")


def test_what_is_no_answer_says_so() -> None:
    with pytest.raises(UnexpectedReplyError, match="no answer about its documents"):
        prediction_of(b"[]", KEYS)


def test_words_are_written_as_they_are() -> None:
    assert b'"\xc3\xa4"' in json_line(Prediction(KEYS[0], 1, (Found("\u00e4", 0.5),)), "v1", recognizer=False)


def test_rows_have_an_empty_field_for_what_there_is_not() -> None:
    file = Prediction(KEYS[0], None)
    assert csv_rows(file, "v1", recognizer=True) == f"{KEYS[0]},,,,,,,v1\n".encode()
    assert csv_rows(file, "v1", recognizer=False) == f"{KEYS[0]},,,,v1\n".encode()
    answered = Prediction(KEYS[0], None, (Found("x", 0.5),))
    assert csv_rows(answered, "v1", recognizer=False) == f"{KEYS[0]},,x,0.5,v1\n".encode()


def test_every_error_is_counted() -> None:
    tally = Tally(below=0.5)
    for line in range(2):
        tally.add(Prediction(KEYS[0], line, error="INTERNAL: again"))
    assert (tally.documents, tally.errors, tally.unsure) == (2, 2, 0)


@pytest.mark.parametrize(("below", "unsure"), [(0.3, 0), (0.31, 1), (0.9, 1), (0.91, 2)])
def test_a_mention_is_unsure_below_the_score(below: float, unsure: int) -> None:
    tally = Tally(below=below, recognizer=True)
    tally.add(PEOPLE)
    assert tally.unsure == unsure


@pytest.mark.parametrize(
    ("found", "unsure"),
    [((Found("x", 0.5),), 0), ((Found("x", 0.49),), 1), ((Found("x", 0.1), Found("y", 0.6)), 0), ((), 1)],
)
def test_a_document_is_unsure_if_its_best_score_is_below(found: tuple[Found, ...], unsure: int) -> None:
    tally = Tally(below=0.5)
    tally.add(Prediction(KEYS[0], 1, found))
    assert tally.unsure == unsure
