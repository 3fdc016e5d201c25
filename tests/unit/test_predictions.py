"""What a job's archive says, line by line, and what people are shown of it."""

import csv
import io
import json
import tarfile
from collections.abc import Iterator

import pytest

from governor.domain.errors import UnexpectedReplyError
from governor.domain.predictions import (
    Found,
    Prediction,
    Tally,
    answer_lines,
    csv_header,
    csv_rows,
    json_line,
    prediction_of,
    version_of,
)

KEYS = ["alpha/documents/a.txt", "alpha/documents/b.txt"]


def _archive(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            if name.endswith("/"):
                entry.type = tarfile.DIRTYPE
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _pieces(content: bytes, size: int = 7) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


@pytest.mark.parametrize("name", ["predictions.jsonl", "output", "output/output.txt"])
def test_lines_are_read_whatever_the_file_is_called_and_however_the_bytes_come(name: str) -> None:
    archive = _archive(("output/", b""), (name, b'{"a": 1}\n\n{"b": 2}'))

    assert [json.loads(line) for line in answer_lines(_pieces(archive))] == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("damage", [lambda whole: whole[:-30], lambda _: b"no archive", lambda _: b""])
def test_a_damaged_archive_is_an_error_and_no_short_answer(damage: object) -> None:
    whole = _archive(("predictions.jsonl", b"".join(b'{"n": %d}\n' % number for number in range(5000))))

    with pytest.raises(UnexpectedReplyError, match="damaged"):
        list(answer_lines(_pieces(damage(whole), 1000)))  # type: ignore[operator]


def test_a_line_without_an_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governor.domain.predictions.LONGEST_ANSWER", 1000)
    with pytest.raises(UnexpectedReplyError, match="no answer"):
        list(answer_lines(_pieces(_archive(("predictions.jsonl", b"x" * 5000)), 512)))


# ---- what a line says


def test_a_class_a_label_an_entity_and_an_error() -> None:
    classes = (
        b'{"File": "00000.txt", "Line": "0", "Classes": [{"Name": "x", "Score": 0.2}, {"Name": "y", "Score": 0.8}]}'
    )
    assert prediction_of(classes, KEYS) == Prediction(KEYS[0], 1, (Found("x", 0.2), Found("y", 0.8)))
    labels = b'{"File": "staging/f/00001.txt", "Labels": [{"Name": "x", "Score": 0.6}]}'
    assert prediction_of(labels, KEYS) == Prediction(KEYS[1], None, (Found("x", 0.6),), several=True)
    entities = (
        b'{"Entities": [{"BeginOffset": 3, "EndOffset": 6, "Score": 0.9, "Text": "Ada", "Type": "PERSON"}],'
        b' "File": "00001.txt", "Line": 4}'
    )
    assert prediction_of(entities, KEYS) == Prediction(KEYS[1], 5, (Found("PERSON", 0.9, "Ada", 3, 6),))
    failed = b'{"File": "00000.txt", "Line": "2", "ErrorCode": "INTERNAL", "ErrorMessage": "again"}'
    assert prediction_of(failed, KEYS) == Prediction(KEYS[0], 3, error="INTERNAL: again")


def test_what_only_filled_the_documents_up_is_left_out() -> None:
    assert prediction_of(b'{"File": "padding.txt", "Line": "0", "Classes": []}', KEYS) is None


@pytest.mark.parametrize(
    "line",
    [
        b"no json",
        b"[]",
        b'{"Line": 0, "Classes": []}',
        b'{"File": "00002.txt", "Classes": []}',
        b'{"File": "other.txt", "Classes": []}',
        b'{"File": "00000.txt"}',
        b'{"File": "00000.txt", "Classes": [{"Name": "x"}]}',
    ],
)
def test_a_line_about_something_else_is_an_error(line: bytes) -> None:
    with pytest.raises(UnexpectedReplyError):
        prediction_of(line, KEYS)


# ---- what people get

ONE = Prediction(KEYS[0], 1, (Found("x", 0.2), Found("y", 0.8)))
SEVERAL = Prediction(KEYS[0], 2, (Found("x", 0.9), Found("y", 0.7), Found("z", 0.1)), several=True)
NONE = Prediction(KEYS[0], 3, (Found("x", 0.4),), several=True)
FAILED = Prediction(KEYS[1], 4, error="INTERNAL: again")
PEOPLE = Prediction(
    KEYS[1], None, (Found("PERSON", 0.9, 'Ada, "the first"', 3, 6), Found("CITY", 0.3, "Paris", 10, 15))
)


def _rows(*predictions: Prediction, recognizer: bool = False) -> list[dict[str, str]]:
    content = csv_header(recognizer=recognizer) + b"".join(
        csv_rows(each, "v1", recognizer=recognizer) for each in predictions
    )
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_csv_has_a_row_a_label_and_one_for_none() -> None:
    rows = _rows(ONE, SEVERAL, NONE, FAILED)

    assert [(row["line"], row["label"], row["score"]) for row in rows] == [
        ("1", "y", "0.8"),
        ("2", "x", "0.9"),
        ("2", "y", "0.7"),
        ("3", "", ""),
        ("4", "", ""),
    ]
    assert {row["model_version"] for row in rows} == {"v1"}


def test_csv_has_a_row_a_mention() -> None:
    rows = _rows(PEOPLE, Prediction(KEYS[0], None), recognizer=True)

    assert [(row["type"], row["text"], row["begin"], row["end"]) for row in rows] == [
        ("PERSON", 'Ada, "the first"', "3", "6"),
        ("CITY", "Paris", "10", "15"),
        ("", "", "", ""),
    ]


def test_json_has_everything() -> None:
    assert json.loads(json_line(ONE, "v1", recognizer=False)) == {
        "input": KEYS[0],
        "line": 1,
        "label": "y",
        "score": 0.8,
        "labels": [{"label": "x", "score": 0.2}, {"label": "y", "score": 0.8}],
        "model_version": "v1",
    }
    assert "label" not in json.loads(json_line(SEVERAL, "v1", recognizer=False))
    assert json.loads(json_line(FAILED, "v1", recognizer=False))["error"] == "INTERNAL: again"
    found = json.loads(json_line(PEOPLE, "v1", recognizer=True))
    assert "line" not in found
    assert found["entities"][1] == {"type": "CITY", "text": "Paris", "begin": 10, "end": 15, "score": 0.3}


def test_the_summary_counts_documents_labels_errors_and_what_is_unsure() -> None:
    tally = Tally(below=0.85)
    for each in (ONE, SEVERAL, NONE, FAILED):
        tally.add(each)

    assert tally.summary() == {
        "documents": 4,
        "errors": 1,
        "labels": {"y": {"count": 2, "share": 0.6667}, "x": {"count": 1, "share": 0.3333}},
        "low_confidence": {"below": 0.85, "count": 2, "share": 0.6667, "of": "documents"},
    }


def test_the_summary_of_a_recognizer_counts_mentions() -> None:
    tally = Tally(below=0.5, recognizer=True)
    for each in (PEOPLE, Prediction(KEYS[0], None)):
        tally.add(each)

    found = tally.summary()
    assert found["entities"] == {"PERSON": {"count": 1, "share": 0.5}, "CITY": {"count": 1, "share": 0.5}}
    assert found["low_confidence"] == {"below": 0.5, "count": 1, "share": 0.5, "of": "mentions"}
    assert Tally(below=0.5, recognizer=True).summary()["low_confidence"]["share"] == 0


def test_a_version_is_the_end_of_an_arn() -> None:
    assert version_of("arn:aws:comprehend:eu-west-1:1:document-classifier/alpha/version/v7") == "v7"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
@pytest.mark.parametrize("recognizer", [True, False])
def test_no_cell_is_a_formula_to_a_spreadsheet(sign: str, recognizer: bool) -> None:
    text = f'{sign}HYPERLINK("https://example.com")'
    mention = Prediction("alpha/documents/a.txt", 1, (Found("CITY", 0.9, text, 0, 9),))
    labelled = Prediction("alpha/documents/a.txt", 1, (Found(text, 0.9),))
    prediction = mention if recognizer else labelled

    (row,) = csv.reader(io.StringIO(csv_rows(prediction, "v1", recognizer=recognizer).decode(), newline=""))
    assert row[3 if recognizer else 2] == f"'{text}"
    line = json.loads(json_line(prediction, "v1", recognizer=recognizer))
    assert (line["entities"][0]["text"] if recognizer else line["label"]) == text, "for programs it is as it was"
