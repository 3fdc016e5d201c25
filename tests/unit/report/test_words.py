"""Numbers, times and lists in words, at their steps."""

import json
from datetime import UTC, datetime

import pytest

from governor.domain.errors import UnexpectedReplyError
from governor.domain.outcome import Outcome
from governor.domain.report import document_of, flips_from_bytes
from governor.domain.report.flips import fetching
from governor.domain.report.words import moment, number, seconds, suspicion, what_follows
from governor.domain.suspects import Suspect
from governor.domain.verdict import Verdict
from tests.unit.report.records import a_policy, a_record, a_report, a_sheet


@pytest.mark.parametrize(
    ("duration", "told"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (61, "61 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (179, "2 minutes"),
        (3599, "59 minutes"),
        (3600, "1 hour"),
        (3660, "61 minutes"),
        (7200, "2 hours"),
        (86_400, "1 day"),
        (90_000, "25 hours"),
        (172_800, "2 days"),
    ],
)
def test_the_time_that_people_have_is_told_without_fractions(duration: int, told: str) -> None:
    policy = a_policy(approval_expires_seconds=duration, approval="always")
    sentence = what_follows("t", Verdict("PASS", ""), policy, Outcome("ASK"), has_baseline=True)
    assert f"have {told} to answer. If nobody does: the active model stays." in sentence


@pytest.mark.parametrize(
    ("duration", "told"),
    [
        (None, "not known"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 0 min"),
        (8600, "2 h 23 min"),
    ],
)
def test_how_long_something_took(duration: float | None, told: str) -> None:
    assert seconds(duration) == told


@pytest.mark.parametrize(
    ("value", "signed", "told"),
    [
        (0.5, False, "0.5000"),
        (0.5, True, "+0.5000"),
        (-0.5, True, "\N{MINUS SIGN}0.5000"),
        (-0.5, False, "\N{MINUS SIGN}0.5000"),
        (0.00001, True, "0.0000"),
        (-0.00001, True, "0.0000"),
        (-0.00001, False, "0.0000"),
        (None, False, "\N{EN DASH}"),
    ],
)
def test_what_rounds_to_nothing_has_no_sign(value: float | None, signed: bool, told: str) -> None:
    assert number(value, signed=signed) == told


def test_a_moment() -> None:
    assert moment(datetime(2026, 11, 3, 3, 46, tzinfo=UTC)) == "3 November 2026, 03:46 UTC"


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ("", "It added 7 documents to what the candidate learned from."),
        ("a", "12 % of it are labels that got worse: a."),
        ("abc", "12 % of it are labels that got worse: a, b, c."),
        ("abcd", "12 % of it are labels that got worse: a, b, c and 1 more."),
        ("abcde", "12 % of it are labels that got worse: a, b, c and 2 more."),
    ],
)
def test_why_a_file_is_suspect(labels: str, told: str) -> None:
    assert suspicion(Suspect("t/train/x.csv", "v1", 7, dict.fromkeys(labels, 1), 0.1234)) == told


def test_the_document_is_canonical() -> None:
    content = document_of(a_report(a_record(a_sheet(), a_policy(labels=("a", "\u00e4")))))
    assert content == json.dumps(json.loads(content), sort_keys=True, indent=1, ensure_ascii=False).encode() + b"\n"


def test_a_flips_file_of_another_form_is_told_by_its_number() -> None:
    with pytest.raises(UnexpectedReplyError, match="the form 2, which this version does not know: update it"):
        flips_from_bytes(b'{"schema": 2}', "inbox")


@pytest.mark.parametrize("damaged", [b"", b"[]", b"{}", b'{"schema": 1}'])
def test_what_is_no_flips_file_is_told(damaged: bytes) -> None:
    with pytest.raises(UnexpectedReplyError, match="is not one: it was changed"):
        flips_from_bytes(damaged, "inbox")


@pytest.mark.parametrize(
    ("key", "end"),
    [
        ("t/test/x.csv", " x.csv && sed -n 7p x.csv"),
        ("t/test/a b.csv", " 'a b.csv' && sed -n 7p 'a b.csv'"),
        ("t/test/-x.csv", " ./-x.csv && sed -n 7p ./-x.csv"),
        ("t/test/x.zip", " x.zip"),
        ("t/test/", " file && sed -n 7p file"),
    ],
)
def test_a_document_is_fetched_by_a_command_for_a_shell(key: str, end: str) -> None:
    command = fetching("inbox", key, "v1", 7)
    assert command.startswith("aws s3api get-object --bucket inbox --key ")
    assert command.endswith(f"--version-id v1{end}")
