"""What follows from an approval's row: every state, every action, and properties over all of them."""

import dataclasses
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain.approval import (
    ENDS_FROM,
    MOST_CODES,
    Approval,
    ApprovalState,
    Binding,
    Reading,
    approval_id,
    bind,
    code_hash,
    code_matches,
    could_be_code,
    could_be_nonce,
    needs_wake,
    next_request,
    read_row,
    shown_state,
)
from governor.domain.errors import UnexpectedReplyError

NOW = datetime(2026, 11, 23, 3, 46, tzinfo=UTC)
QUESTION = Binding(1, "arn:candidate", "arn:baseline", "d" * 64, 3)
OTHER = dataclasses.replace(QUESTION, baseline="arn:other")
ROW = Approval(
    id="a" * 64,
    state="OPEN",
    flywheel="reviews",
    batch=1,
    candidate="arn:candidate",
    baseline="arn:baseline",
    verdict_digest="d" * 64,
    policy_version=3,
    expires=NOW + timedelta(days=3),
    code_hash="h" * 64,
    token="sealed",
    turn=5,
    facts={},
    mailed_at=NOW,
)

states = st.sampled_from(get_args(ApprovalState))
rows = st.builds(
    lambda state, spent, mailed, tried: dataclasses.replace(
        ROW, state=state, expires=NOW + timedelta(seconds=spent), mailed_at=NOW if mailed else None, codes_tried=tried
    ),
    states,
    st.integers(-10, 10),
    st.booleans(),
    st.integers(0, MOST_CODES),
)
questions = st.sampled_from([QUESTION, OTHER, None])


def of(state: ApprovalState, **changes: object) -> Approval:
    return dataclasses.replace(ROW, state=state, **changes)  # type: ignore[arg-type]


PAST = {"expires": NOW}
UNMAILED = {"mailed_at": None}
USED_UP = {"codes_tried": MOST_CODES}

TABLE = [
    # the row                                     the question  RequestApproval  ReadDecision
    (None, QUESTION, "ASK", Reading("ASK_AGAIN")),
    (None, None, "GO_ON", Reading("JUDGE_AGAIN")),
    (of("OPEN"), QUESTION, "WAIT", Reading("ASK_AGAIN")),
    (of("OPEN", **UNMAILED), QUESTION, "ASK_AGAIN", Reading("ASK_AGAIN")),
    (of("OPEN", **PAST), QUESTION, "GO_ON", Reading("EXPIRED", "EXPIRED")),
    (of("OPEN", **PAST), OTHER, "GO_ON", Reading("EXPIRED", "EXPIRED")),
    (of("OPEN", **USED_UP), QUESTION, "GO_ON", Reading("ASK_AGAIN", "CANCELLED")),
    (of("OPEN"), OTHER, "GO_ON", Reading("JUDGE_AGAIN", "SUPERSEDED")),
    (of("OPEN"), None, "GO_ON", Reading("JUDGE_AGAIN", "SUPERSEDED")),
    (of("OPEN", **UNMAILED), OTHER, "GO_ON", Reading("JUDGE_AGAIN", "SUPERSEDED")),
    (of("APPROVED"), QUESTION, "GO_ON", Reading("APPROVED")),
    (of("APPROVED", **PAST), QUESTION, "GO_ON", Reading("APPROVED")),
    (of("APPROVED", **UNMAILED), QUESTION, "GO_ON", Reading("APPROVED")),
    (of("APPROVED"), OTHER, "GO_ON", Reading("JUDGE_AGAIN", "SUPERSEDED")),
    (of("APPROVED"), None, "GO_ON", Reading("JUDGE_AGAIN", "SUPERSEDED")),
    (of("REJECTED"), QUESTION, "GO_ON", Reading("REJECTED")),
    (of("REJECTED"), OTHER, "GO_ON", Reading("JUDGE_AGAIN", "SUPERSEDED")),
    (of("EXPIRED", **PAST), QUESTION, "GO_ON", Reading("EXPIRED")),
    (of("EXPIRED", **PAST), OTHER, "GO_ON", Reading("EXPIRED")),
    (of("CANCELLED"), QUESTION, "ASK", Reading("ASK_AGAIN")),
    (of("CANCELLED"), OTHER, "ASK", Reading("JUDGE_AGAIN")),
    (of("CANCELLED"), None, "GO_ON", Reading("JUDGE_AGAIN")),
    (of("CANCELLED", **PAST), QUESTION, "GO_ON", Reading("EXPIRED")),
    (of("SUPERSEDED"), QUESTION, "ASK", Reading("ASK_AGAIN")),
    (of("SUPERSEDED"), OTHER, "ASK", Reading("JUDGE_AGAIN")),
    (of("SUPERSEDED"), None, "GO_ON", Reading("JUDGE_AGAIN")),
    (of("SUPERSEDED", **PAST), QUESTION, "GO_ON", Reading("EXPIRED")),
]


@pytest.mark.parametrize(("row", "question", "request_word", "reading"), TABLE)
def test_every_state_has_one_action(
    row: Approval | None, question: Binding | None, request_word: str, reading: Reading
) -> None:
    expires = None if row is None else row.expires
    assert next_request(row, question, expires, NOW) == request_word
    assert read_row(row, question, expires, NOW) == reading


@pytest.mark.parametrize("field", ["batch", "candidate", "baseline", "verdict_digest", "policy_version"])
def test_each_part_of_the_binding_binds(field: str) -> None:
    other: Any = 99 if isinstance(getattr(QUESTION, field), int) else "moved"
    moved = dataclasses.replace(QUESTION, **{field: other})
    assert read_row(of("APPROVED"), moved, None, NOW) == Reading("JUDGE_AGAIN", "SUPERSEDED")


@given(rows, questions)
def test_only_an_answer_to_the_question_as_it_stands_counts(row: Approval, question: Binding | None) -> None:
    reading = read_row(row, question, row.expires, NOW)
    if reading.word in {"APPROVED", "REJECTED"}:
        assert row.state == reading.word
        assert row.binding == question
        assert reading.end is None


@given(rows, questions)
def test_a_row_ends_only_from_where_it_may(row: Approval, question: Binding | None) -> None:
    reading = read_row(row, question, row.expires, NOW)
    assert reading.end is None or row.state in ENDS_FROM[reading.end]


@given(rows, questions)
def test_an_open_row_past_its_time_has_expired_whatever_has_moved(row: Approval, question: Binding | None) -> None:
    if row.state == "OPEN" and row.expires <= NOW:
        assert read_row(row, question, row.expires, NOW).word == "EXPIRED"


@given(rows, questions)
def test_asking_and_reading_agree_so_that_the_machine_never_spins(row: Approval, question: Binding | None) -> None:
    """What RequestApproval does not wait for, ReadDecision settles: it does not ask again for the row as it is."""
    if next_request(row, question, row.expires, NOW) == "GO_ON":
        reading = read_row(row, question, row.expires, NOW)
        assert reading.word != "ASK_AGAIN" or reading.end is not None


@given(rows, questions)
def test_a_row_that_waits_is_not_woken_and_every_other_is(row: Approval, question: Binding | None) -> None:
    waits = next_request(row, row.binding, row.expires, NOW) in {"WAIT", "ASK_AGAIN"}
    assert needs_wake(row, NOW) == (not waits)
    assert (shown_state(row, NOW) == "OPEN") == waits


@given(states, st.integers(-5, 5))
def test_silence_never_promotes(state: ApprovalState, seconds: int) -> None:
    row = of(state, expires=NOW + timedelta(seconds=seconds))
    if read_row(row, QUESTION, row.expires, NOW).word == "APPROVED":
        assert row.state == "APPROVED"


# ---- link and code ---------------------------------------------------------------------------------------------------


@given(st.binary(min_size=32, max_size=32), st.integers(0, 999_999), st.integers(0, 999_999))
def test_a_code_opens_only_its_own_link(seed: bytes, right: int, other: int) -> None:
    nonce, code = secrets.token_urlsafe(32), f"{right:06}"
    row = dataclasses.replace(ROW, id=approval_id(nonce), code_hash=code_hash(nonce, code))
    assert code_matches(row, nonce, code)
    assert code_matches(row, nonce, f"{other:06}") == (right == other)
    assert not code_matches(row, nonce + "x", code)
    assert nonce not in row.id
    assert code_hash(nonce, code) != approval_id(nonce + code)


@given(st.text(max_size=60))
def test_only_ascii_digits_are_a_code_and_only_urlsafe_text_a_nonce(text: str) -> None:
    assert could_be_code(text) == (len(text) == 6 and all(character in "0123456789" for character in text))
    if could_be_nonce(text):
        assert text.isascii()
        assert len(text) >= 43


def test_a_fresh_nonce_is_one() -> None:
    assert could_be_nonce(secrets.token_urlsafe(32))
    assert could_be_nonce(secrets.token_hex(32))


@pytest.mark.parametrize("word", ["FAIL", "NO_CHANGE"])
def test_nobody_is_asked_about_a_verdict_that_cannot_promote(word: str) -> None:
    with pytest.raises(UnexpectedReplyError, match=word):
        bind(1, "arn:candidate", "arn:baseline", word, "d" * 64, 3)  # type: ignore[arg-type]


def test_nobody_is_asked_about_no_candidate() -> None:
    with pytest.raises(UnexpectedReplyError):
        bind(1, None, "arn:baseline", "PASS", "d" * 64, 3)
