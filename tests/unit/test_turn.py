"""Turns and holds: who may start, who may be freed, and that no failure loops."""

import re
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain import errors
from governor.domain.moments import OPEN_END
from governor.domain.resumption import Resumption, resumption_of
from governor.domain.turn import (
    GRACE,
    LIFTED_BY_NEW_POLICY,
    LIFTED_BY_NEW_UPLOAD,
    LIFTED_BY_PERSON_ALONE,
    NEVER_SEEN_GRACE,
    Head,
    Hold,
    HoldReason,
    OpenBatch,
    counts_as_failure,
    execution_name,
    hold_after_failure,
    hold_for_more_documents,
    lifted_by_policy,
    may_free,
    may_start,
    next_hold,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
BATCH = OpenBatch(1, "PLANNED", 1, "NONE", 1)
ERRORS = [*sorted(name for name, kind in vars(errors).items() if isinstance(kind, type)), "States.Timeout", "Aborted"]

reasons = st.sampled_from(get_args(HoldReason))
holds = st.builds(Hold, reasons, st.just(OPEN_END) | st.timedeltas(-timedelta(1), timedelta(1)).map(lambda d: NOW + d))
heads = st.builds(
    Head,
    turn=st.integers(0, 100),
    state=st.sampled_from(["IDLE", "RUNNING"]),
    failures=st.integers(0, 3),
    hold=st.none() | holds,
    batch=st.none() | st.just(BATCH),
)


@given(heads, st.booleans(), st.booleans())
def test_a_turn_is_asked_for_when_there_is_work_and_nothing_forbids_it(head: Head, pending: bool, new: bool) -> None:
    rests = head.hold is not None and head.hold.until > NOW
    ended_by_upload = new and head.hold is not None and head.hold.reason == "TooFewDocuments"
    wanted = head.state == "IDLE" and (not rests or ended_by_upload) and (pending or head.batch is not None)
    assert may_start(head, anything_pending=pending, now=NOW, new_upload=new) == wanted


@pytest.mark.parametrize("pending", [True, False])
def test_a_flywheel_without_head_starts_when_something_waits(pending: bool) -> None:
    assert may_start(None, anything_pending=pending, now=NOW, new_upload=False) is pending


def test_an_open_batch_is_work_even_if_nothing_is_pending() -> None:
    assert may_start(Head(batch=BATCH), anything_pending=False, now=NOW, new_upload=False)


@pytest.mark.parametrize("reason", get_args(HoldReason))
@pytest.mark.parametrize("new_upload", [True, False])
def test_only_a_new_upload_ends_the_wait_for_more_documents(reason: HoldReason, new_upload: bool) -> None:
    head = Head(hold=Hold(reason, NOW + MOMENT))
    ended = new_upload and reason == "TooFewDocuments"
    assert may_start(head, anything_pending=True, now=NOW, new_upload=new_upload) is ended


def test_a_hold_ends_at_its_moment() -> None:
    hold = Hold("Failure", NOW)
    assert hold.binds(NOW - MOMENT)
    assert not hold.binds(NOW)


@pytest.mark.parametrize(
    ("status", "stopped", "freed"),
    [
        ("RUNNING", None, False),
        ("FAILED", None, False),
        ("FAILED", NOW - GRACE, False),
        ("FAILED", NOW - GRACE - MOMENT, True),
        ("SUCCEEDED", NOW - GRACE - MOMENT, True),
        ("ABORTED", NOW - GRACE - MOMENT, True),
        ("TIMED_OUT", NOW - GRACE - MOMENT, True),
        ("RUNNING", NOW - GRACE - MOMENT, False),
    ],
)
def test_a_dead_holder_is_freed_a_grace_after_it_stopped(status: str, stopped: datetime | None, freed: bool) -> None:
    head = Head(turn=1, state="RUNNING", since=NOW - timedelta(hours=1))
    assert may_free(head, status=status, stopped=stopped, now=NOW) is freed


@pytest.mark.parametrize(("age", "freed"), [(NEVER_SEEN_GRACE, False), (NEVER_SEEN_GRACE + MOMENT, True)])
def test_a_holder_that_nobody_knows_may_be_young(age: timedelta, freed: bool) -> None:
    head = Head(turn=1, state="RUNNING", since=NOW - age)
    assert may_free(head, status=None, stopped=None, now=NOW) is freed


@given(st.sampled_from([None, "FAILED", "RUNNING"]), st.none() | st.just(NOW - timedelta(days=9)))
def test_an_idle_flywheel_is_never_freed(status: str | None, stopped: datetime | None) -> None:
    assert not may_free(Head(turn=1, since=NOW - timedelta(days=9)), status=status, stopped=stopped, now=NOW)


def failing_turns(error: str, base: int = 600) -> list[Hold | None]:
    """Let turns fail with `error` one after another and return their holds."""
    failures, held = 0, []
    for _ in range(5):
        failures += counts_as_failure(error)
        held.append(hold_after_failure(error, failures=failures, backoff_base_seconds=base, policy_version=7, now=NOW))
    return held


def test_failures_rest_for_one_base_then_two_then_need_a_person() -> None:
    once, twice, *later = failing_turns("IterationFailedError", base=600)
    assert once == Hold("Failure", NOW + timedelta(minutes=10), 7)
    assert twice == Hold("Failure", NOW + timedelta(minutes=20), 7)
    assert later == [Hold("NeedsYou", OPEN_END, 7)] * 3


@pytest.mark.parametrize("error", sorted(set(ERRORS) - {"DatasetsRefusedError", "TurnLostError"}))
def test_every_lasting_failure_ends_in_a_hold(error: str) -> None:
    for hold in failing_turns(error):
        assert hold is not None
        assert hold.binds(NOW)
        assert hold.policy_version == 7
    last = failing_turns(error)[-1]
    assert last is not None
    assert last.until == OPEN_END or error == "QuotaFullError"


def test_data_that_comprehend_refused_and_what_people_must_give_do_not_count() -> None:
    spared = {error for error in ERRORS if not counts_as_failure(error)}
    assert spared == {"DatasetsRefusedError", "PolicyMissingError", "QuotaFullError", "TurnLostError"}


@pytest.mark.parametrize("error", ["DatasetsRefusedError", "TurnLostError"])
def test_what_is_nobody_s_failure_does_not_hold(error: str) -> None:
    assert failing_turns(error) == [None] * 5


@pytest.mark.parametrize(
    ("error", "reason"),
    [("PolicyMissingError", "PolicyMissing"), ("QuotaFullError", "QuotaFull"), ("Aborted", "Aborted")],
)
def test_some_failures_have_holds_of_their_own(error: str, reason: str) -> None:
    first = failing_turns(error)[0]
    assert first is not None
    assert first.reason == reason


@given(st.none() | holds, st.none() | holds)
def test_only_a_person_ends_a_regression_or_a_rejection(previous: Hold | None, new: Hold | None) -> None:
    after = next_hold(previous, new)
    assert after in (previous, new)
    alone = {"Regression", "Rejected", "ServingFailed", "TornDown"}
    if previous is not None and previous.reason in alone:
        assert after is not None
        assert after.reason in alone
    else:
        assert after == new


@pytest.mark.parametrize("before", get_args(HoldReason))
@pytest.mark.parametrize("after", [None, *get_args(HoldReason)])
def test_the_next_hold_is_the_new_one_unless_a_person_s_word_would_be_lost(
    before: HoldReason, after: HoldReason | None
) -> None:
    previous, new = Hold(before, OPEN_END, 1), None if after is None else Hold(after, NOW + MOMENT, 2)
    stays = before in LIFTED_BY_PERSON_ALONE and after not in LIFTED_BY_PERSON_ALONE
    assert next_hold(previous, new) == (previous if stays else new)


@given(holds, st.integers(0, 3))
def test_a_new_policy_lifts_what_waits_for_one(hold: Hold, version: int) -> None:
    waits = hold.reason in {"NeedsYou", "Aborted", "PolicyMissing", "Budget"}
    assert lifted_by_policy(hold, version) == (waits and hold.policy_version != version)


def test_without_hold_nothing_is_lifted() -> None:
    assert not lifted_by_policy(None, 1)


def test_every_open_ended_hold_has_somebody_who_ends_it() -> None:
    groups = [LIFTED_BY_NEW_POLICY, LIFTED_BY_PERSON_ALONE, LIFTED_BY_NEW_UPLOAD]
    assert sum(map(len, groups)) == len(frozenset().union(*groups))
    assert set(get_args(HoldReason)) == frozenset().union(*groups) | {"Failure", "QuotaFull", "NoActiveModel"}


def test_too_few_documents_hold_for_one_base() -> None:
    hold = hold_for_more_documents(backoff_base_seconds=600, policy_version=1, now=NOW)
    assert hold == Hold("TooFewDocuments", NOW + timedelta(minutes=10), 1)


@given(st.from_regex(r"[a-z0-9](-{0,1}[a-z0-9]){0,31}", fullmatch=True), st.integers(1, 10**15), st.integers(1, 10**15))
def test_execution_names_are_valid_and_differ_by_turn(flywheel: str, turn: int, other: int) -> None:
    name = execution_name(flywheel, turn)
    assert re.fullmatch(r"[A-Za-z0-9-]{1,80}", name)
    assert (name == execution_name(flywheel, other)) == (turn == other)


@given(heads, st.booleans())
def test_resuming_clears_all_that_there_is_and_says_so(head: Head, frozen: bool) -> None:
    resumption = resumption_of(head, frozen=frozen)
    assert resumption == Resumption(head.hold, head.failures, frozen)
    parts = [head.hold is not None, head.failures > 0, frozen]
    assert len(resumption.sentences()) == sum(parts)
    assert head.hold is None or head.hold.reason in resumption.sentences()[0]


def test_a_flywheel_without_head_may_still_be_frozen() -> None:
    assert resumption_of(None, frozen=True) == Resumption(frozen=True)
    assert resumption_of(None, frozen=False).sentences() == []
