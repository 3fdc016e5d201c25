"""What a digest is taken of, or is kept for later versions to read, is these bytes: one form, whoever writes it."""

import hashlib
import json
from typing import Any

import pytest

from governor.domain.answers import to_line
from governor.domain.decision import DecisionRecord, from_bytes, to_bytes
from governor.domain.errors import UnexpectedReplyError
from governor.domain.exam import (
    Found,
    Paper,
    PaperWriter,
    Selection,
    Source,
    paper_to_json,
    set_digest,
    truth_line,
)
from governor.domain.labelled_document import Document
from governor.domain.marking import Marked, mark
from governor.domain.policy_document import changes, resolved_text, text_of
from governor.domain.sheet import Row, sheet_of, to_json
from governor.domain.verdict import Metrics, Verdict
from tests.unit.decisions import a_record, a_sheet, an_exam
from tests.unit.policies import a_policy

SOURCE = Source("alpha/test/\u00e4.csv", "v1")


def is_canonical(content: bytes) -> bool:
    """Whether it is JSON with sorted names, without blanks, in UTF-8."""
    again = json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return again.encode() == content


def test_an_answer() -> None:
    assert to_line(("\u00e4", "b")) == '["\u00e4","b"]\n'.encode()
    assert to_line(((0, 3, "\u00e4"),)) == '[[0,3,"\u00e4"]]\n'.encode()
    assert to_line(None) == b"null\n"


def test_what_is_right() -> None:
    line = '{"key":"alpha/test/\u00e4.csv","version":"v1","line":7,"truth":["a","b"]}\n'
    assert truth_line(SOURCE, 7, ("a", "b")) == line.encode()


def test_a_paper() -> None:
    writer = PaperWriter("golden", "d", "MULTI_LABEL", ["\u00e4", "a"])
    writer.lines(Found(SOURCE, 1, Document("text", ("\u00e4", "a"))))
    paper = Paper("golden", "d", "MULTI_LABEL", ("a", "\u00e4"), 1, 3, {"a": 1, "\u00e4": 1}, 0)
    assert writer.paper() == paper
    assert (
        paper_to_json(paper)
        == (
            '{"digest":"d","documents":1,"kind":"golden","labels":["a","\u00e4"],"left_out":0,"mode":"MULTI_LABEL",'
            '"schema":1,"support":{"a":1,"\u00e4":1},"units":3}'
        ).encode()
    )


def test_the_name_of_an_exam() -> None:
    documents = [Document("one", ("\u00e4", "b")), Document("two", mentions=((0, 3, "x"),))]
    selection = Selection()
    for document in documents:
        selection.add(0, document)
    hashes = [hashlib.sha256(each).digest() for each in (b'one\0["b","\\u00e4"]', b'two\0[[0,3,"x"]]')]
    assert selection.digest() == hashlib.sha256(b"".join(sorted(hashes))).hexdigest()
    assert set_digest(["b", "a"]) == hashlib.sha256(b"a\0b").hexdigest()


def test_an_exam_that_was_sat_keeps_its_name() -> None:
    """Decision records and the ledger name exams by it: in another form they would be other exams from then on."""
    selection = Selection()
    selection.add(0, Document('gr\u00fcn, quoted "twice"\nand two lines', ("\u00e4", "b")))
    selection.add(0, Document("Ada in Paris", mentions=((7, 12, "CITY"), (0, 3, "PERSON"))))
    selection.add(1, Document("Ada in Paris", mentions=((0, 3, "CAT"),)))
    selection.add(1, Document("nobody"))
    assert selection.digest() == "dad3d00bd055b422d856c09b92c4ca896d8ddf9922ad1228dc984b989ee64fe8"
    name = set_digest(["4-test-0123456789ab", "\u00e4"])
    assert name == "59401f9857b342e0de0ee2c5e1b5b63d25b515338738d17222e0ba2219fc1087"


def test_flips() -> None:
    marked = Marked(SOURCE, 1, ("\u00e4",), ("b",), ("\u00e4",))
    content = mark("MULTI_CLASS", ["\u00e4", "b"], [marked], has_baseline=True).flips_to_json()
    assert is_canonical(content)
    assert "\u00e4".encode() in content
    assert json.loads(content)["schema"] == 1


def test_a_sheet_s_rows_are_as_long_as_their_kind_needs() -> None:
    row = Row(2, (0,), (0,), (), (0,), ())
    assert to_json(sheet_of("ENTITIES", ["x"], [row], has_baseline=True))["rows"] == [[2, [0], [0], [], [0], []]]
    assert to_json(sheet_of("MULTI_CLASS", ["x"], [Row(2, (0,), (0,), ())], has_baseline=True))["rows"] == (
        [[2, [0], [0], []]]
    )


def test_the_marking_s_sheet_says_its_mode() -> None:
    assert mark("MULTI_LABEL", ["a"], [], has_baseline=True).sheet.mode == "MULTI_LABEL"


# ---- decision records ----------------------------------------------------------------------------------------------


def a_wordy_record() -> DecisionRecord:
    flywheel = {"language": "en", "mode": "MULTI_CLASS", "labels": ["\u00e4", "b"]}
    return a_record(policy=a_policy(flywheel=flywheel), sheet=a_sheet(1), uses=2, flips_uri="s3://records/flips.json")


def test_a_decision_record() -> None:
    content = to_bytes(a_wordy_record())
    assert is_canonical(content)
    assert "\u00e4".encode() in content
    assert from_bytes(content) == a_wordy_record()
    assert from_bytes(content).flips_uri == "s3://records/flips.json"


def test_a_decision_record_without_a_date() -> None:
    assert from_bytes(to_bytes(a_record(reached_at=None))).reached_at is None


def test_a_number_that_no_reader_takes_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_bytes(a_record(exam=an_exam(f1=float("nan"))))


def test_an_older_record_lacks_what_is_new() -> None:
    document = json.loads(to_bytes(a_wordy_record()))
    for name in ("sheet", "reached_at", "uploads", "datasets", "spent", "uses", "flips_uri", "code_version"):
        del document[name]
    found = from_bytes(json.dumps(document | {"schema": 1}).encode())
    assert (found.sheet, found.reached_at, found.uses, found.flips_uri, found.code_version) == (None, None, 0, None, "")


def test_a_form_that_is_not_known_is_told_by_its_number() -> None:
    document = json.loads(to_bytes(a_record()))
    with pytest.raises(UnexpectedReplyError, match="the form 99, which this version does not know: update it"):
        from_bytes(json.dumps(document | {"schema": 99}).encode())


@pytest.mark.parametrize("damaged", [b"", b"[]", b"{}", b'{"schema":2}'])
def test_what_is_no_record_is_told(damaged: bytes) -> None:
    with pytest.raises(UnexpectedReplyError, match="not one: it was changed"):
        from_bytes(damaged)


def test_the_digest_of_a_verdict_does_not_depend_on_the_order_of_its_fields() -> None:
    verdict = Verdict("NO_CHANGE", "nothing new")
    told = '{"gates": [], "reason": "nothing new", "regression": false, "remarks": [], "word": "NO_CHANGE"}'
    assert verdict.digest() == hashlib.sha256(told.encode()).hexdigest()


@pytest.mark.parametrize(("number", "value"), [(1.0, 1.0), (1.01, None), (-0.01, None), (0.0, 0.0)])
def test_a_metric_is_a_fraction(number: float, value: float | None) -> None:
    assert Metrics(f1=number).value("f1") == value


# ---- policies ------------------------------------------------------------------------------------------------------


def test_a_policy_s_text_is_for_people_too() -> None:
    assert text_of({"a": {"b": "\u00e4"}}) == '{\n  "a": {\n    "b": "\u00e4"\n  }\n}'
    with pytest.raises(ValueError, match="JSON"):
        text_of({"a": float("nan")})


def test_a_whole_policy_s_text_has_every_default_and_nothing_that_there_is_not() -> None:
    document: dict[str, Any] = json.loads(resolved_text(a_policy()))
    assert document["flywheel"]["labels"] == ["praise", "complaint"]
    assert document["batch"] == {"quiet_seconds": 120, "quiet_max_seconds": 900}
    assert "retention" not in document
    assert None not in document.values()


def test_a_change_is_shown_as_it_is_written() -> None:
    (change,) = changes({"a": "\u00e4"}, {"a": "\u00f6"})
    assert str(change) == 'a: "\u00f6"; before: "\u00e4"'
