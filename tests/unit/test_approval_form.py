"""What a person typed on the approval page: bounded, cleaned, and never guessed at."""

import unicodedata
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.usecases.answer_approval import MOST_BODY_BYTES
from governor.usecases.approval_form import LONGEST, AnswerForm, FormFaults, read_form

GOOD = {"code": "012345", "name": "Ada Lovelace", "reason": "Better recall.", "decision": "approve"}


def form(**changes: str) -> AnswerForm | FormFaults:
    return read_form(urlencode(GOOD | changes).encode())


def faults(**changes: str) -> set[str]:
    read = form(**changes)
    return set(read.faults) if isinstance(read, FormFaults) else set()


def test_a_complete_form_is_an_answer() -> None:
    read = form()
    assert isinstance(read, AnswerForm)
    assert (read.code, read.name, read.reason, read.answer) == ("012345", "Ada Lovelace", "Better recall.", "APPROVED")
    rejection = form(decision="reject")
    assert isinstance(rejection, AnswerForm)
    assert rejection.answer == "REJECTED"


@pytest.mark.parametrize("code", ["012 345", " 012345 ", "012-345", "012\u00a0345"])
def test_a_code_may_be_typed_in_groups(code: str) -> None:
    read = form(code=code)
    assert isinstance(read, AnswerForm)
    assert read.code == "012345"


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "\u0661\u0662\u0663\u0664\u0665\u0666", "1e5000", "+12345"]
)
def test_what_is_not_six_digits_is_not_a_code(code: str) -> None:
    assert faults(code=code) == {"code"}


@pytest.mark.parametrize("decision", ["", "Approve", "APPROVED", "yes", "approve,reject"])
def test_only_the_two_buttons_decide(decision: str) -> None:
    assert faults(decision=decision) == {"decision"}


@pytest.mark.parametrize("name", ["name", "reason"])
def test_who_and_why_are_asked_for_and_bounded(name: str) -> None:
    longest = LONGEST[name]  # type: ignore[index]
    assert faults(**{name: " \t\n"}) == {name}
    assert faults(**{name: "\u202e\u200b"}) == {name}
    assert faults(**{name: "x" * longest}) == set()
    assert faults(**{name: "x" * (longest + 1)}) == {name}


def test_a_field_that_comes_twice_counts_as_missing() -> None:
    body = urlencode(GOOD).encode() + b"&decision=reject"
    read = read_form(body)
    assert isinstance(read, FormFaults)
    assert set(read.faults) == {"decision"}


@given(st.binary(max_size=MOST_BODY_BYTES))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    read_form(body)


def test_thousands_of_fields_are_not_read() -> None:
    assert isinstance(read_form(b"&".join(b"a%d=1" % number for number in range(1000))), FormFaults)


@given(st.text(max_size=100))
def test_a_name_is_one_visible_line(name: str) -> None:
    read = form(name=name)
    given_name = read.given["name"]
    assert not any(unicodedata.category(character)[0] in "CZ" and character != " " for character in given_name)
    assert given_name == " ".join(given_name.split())


@given(st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=100))
def test_a_visible_name_is_kept_as_it_is(name: str) -> None:
    assert form(name=name).given["name"] == name


def test_the_longest_form_fits() -> None:
    widest = {
        "code": "012345",
        "name": "\U0001f600" * LONGEST["name"],
        "reason": "\U0001f600" * LONGEST["reason"],
        "decision": "approve",
    }
    body = urlencode(widest).encode()
    assert len(body) <= MOST_BODY_BYTES
    assert isinstance(read_form(body), AnswerForm)
