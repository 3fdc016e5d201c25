"""Asking again: a resuming turn in every state of the row, and a process that dies between any two steps of asking."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from governor.domain.errors import ServiceBusyError
from governor.usecases.sweep import wake_approval
from tests.doubles.approvals import FLYWHEEL, Letter, WaitingFlywheel, waiting_flywheel


class ProcessDied(BaseException):
    """The function's process ended here."""


@pytest.fixture
def flywheel() -> Iterator[WaitingFlywheel]:
    with waiting_flywheel() as flywheel:
        yield flywheel


def test_a_resuming_turn_waits_for_the_mail_that_is_out(flywheel: WaitingFlywheel) -> None:
    flywheel.ask("token-1")
    flywheel.next_turn()
    assert flywheel.ask("token-2") == "WAITING"
    assert len(flywheel.letters) == 1
    flywheel.answer()
    assert flywheel.woken == ["token-2"]
    assert flywheel.read().word == "APPROVED"


def test_a_resuming_turn_asks_anew_if_the_mail_may_not_have_gone_out(flywheel: WaitingFlywheel) -> None:
    with dying_at(flywheel, "approvals", "mark_mailed", before=True), pytest.raises(ProcessDied):
        flywheel.ask("token-1")
    flywheel.next_turn()
    flywheel.clock.advance(hours=5)
    expires = flywheel.row().expires
    assert flywheel.ask("token-2") == "MAILED"
    first, second = flywheel.letters
    assert flywheel.get(first.link).status == 410
    assert "A newer mail" in flywheel.get(first.link).text
    assert flywheel.row().expires == expires
    assert flywheel.answer(second).status == 200
    assert flywheel.woken == ["token-2"]


@pytest.mark.parametrize("state", ["APPROVED", "REJECTED", "EXPIRED", "CANCELLED", "SUPERSEDED"])
def test_a_resuming_turn_finds_the_row_in_every_state(flywheel: WaitingFlywheel, state: str) -> None:
    flywheel.ask("token-1")
    row, approvals, now = flywheel.row(), flywheel.ports.approvals, flywheel.clock.now()
    if state in {"APPROVED", "REJECTED"}:
        assert approvals.decide(row.id, state, by="Ada", reason="r", now=now)  # type: ignore[arg-type]
    else:
        assert approvals.end(row.id, state, "test", now)  # type: ignore[arg-type]
    flywheel.next_turn()

    word = flywheel.ask("token-2")

    if state in {"CANCELLED", "SUPERSEDED"}:
        assert word == "MAILED"
        assert flywheel.woken == []
        assert flywheel.read().word == "ASK_AGAIN"
        flywheel.answer()
        assert flywheel.woken == ["token-2"]
        assert flywheel.read().word == "APPROVED"
    else:
        assert word == "DECIDED"
        assert flywheel.woken == ["token-2"]
        assert len(flywheel.letters) == 1
        assert flywheel.read().word == state


@pytest.mark.parametrize("state", ["OPEN", "CANCELLED", "SUPERSEDED"])
def test_past_its_time_nobody_is_asked_anew(flywheel: WaitingFlywheel, state: str) -> None:
    flywheel.ask("token-1")
    if state != "OPEN":
        assert flywheel.ports.approvals.end(flywheel.row().id, state, "test", flywheel.clock.now())  # type: ignore[arg-type]
    flywheel.clock.advance(days=3)
    flywheel.next_turn()
    assert flywheel.ask("token-2") == "DECIDED"
    assert flywheel.woken == ["token-2"]
    assert len(flywheel.letters) == 1
    assert flywheel.read().word == "EXPIRED"


def test_an_answer_to_a_mail_that_nobody_knows_went_out_counts(flywheel: WaitingFlywheel) -> None:
    with dying_at(flywheel, "approvals", "mark_mailed", before=True), pytest.raises(ProcessDied):
        flywheel.ask("token-1")
    assert flywheel.answer().status == 200
    flywheel.next_turn()
    assert flywheel.ask("token-2") == "DECIDED"
    assert flywheel.read().word == "APPROVED"


def test_an_answer_in_the_moment_of_asking_again_counts(
    flywheel: WaitingFlywheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dying_at(flywheel, "approvals", "mark_mailed", before=True), pytest.raises(ProcessDied):
        flywheel.ask("token-1")
    letter, replace = flywheel.letter, flywheel.ports.approvals.replace

    def just_answered(*arguments: Any) -> bool:
        assert flywheel.answer(letter).status == 200
        return replace(*arguments)

    monkeypatch.setattr(flywheel.ports.approvals, "replace", just_answered)
    assert flywheel.ask("token-2") == "DECIDED"
    assert flywheel.woken == ["token-1", "token-2"]
    assert flywheel.read().word == "APPROVED"


def test_an_answer_in_the_moment_of_resuming_wakes_the_new_task(
    flywheel: WaitingFlywheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    flywheel.ask("token-1")
    set_token = flywheel.ports.approvals.set_token

    def just_answered(*arguments: Any) -> bool:
        flywheel.answer()
        return set_token(*arguments)

    monkeypatch.setattr(flywheel.ports.approvals, "set_token", just_answered)
    assert flywheel.ask("token-2") == "DECIDED"
    assert flywheel.woken == ["token-1", "token-2"]


def test_an_answer_in_the_moment_of_expiry_is_looked_at_again(
    flywheel: WaitingFlywheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's clock is a little behind the machine's."""
    flywheel.ask()
    end, now = flywheel.ports.approvals.end, flywheel.clock.now()
    flywheel.clock.advance(days=3)

    def just_answered(*arguments: Any) -> bool:
        flywheel.ports.approvals.decide(flywheel.row().id, "APPROVED", by="Ada", reason="r", now=now)
        return end(*arguments)

    monkeypatch.setattr(flywheel.ports.approvals, "end", just_answered)
    with pytest.raises(ServiceBusyError):
        flywheel.read()
    assert flywheel.read().word == "APPROVED"


def test_an_older_turn_does_not_take_the_token_of_a_newer_one(flywheel: WaitingFlywheel) -> None:
    flywheel.ask("token-1")
    row = flywheel.row()
    flywheel.next_turn()
    flywheel.ask("token-2")
    assert not flywheel.ports.approvals.set_token(row.id, flywheel.ports.vault.seal(row.id, "token-1"), 1)
    flywheel.answer()
    assert flywheel.woken == ["token-2"]


def test_two_attempts_at_once_leave_one_link(flywheel: WaitingFlywheel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Step Functions gave up on an attempt whose function still runs, and the second overtakes the first."""
    put = flywheel.ports.approvals.put

    def overtaken(row: Any) -> None:
        monkeypatch.undo()
        put(row)
        assert flywheel.ask("token-2") == "MAILED"

    monkeypatch.setattr(flywheel.ports.approvals, "put", overtaken)
    with pytest.raises(ServiceBusyError):
        flywheel.ask("token-1")
    assert len(flywheel.letters) == 1
    assert_one_usable_link(flywheel, "token-2")


def test_sweep_repeats_a_wake_that_was_lost(flywheel: WaitingFlywheel) -> None:
    flywheel.ask("token-1")
    head = flywheel.ports.heads.read(FLYWHEEL)
    assert head is not None
    wake_approval(flywheel.ports, FLYWHEEL, head)
    assert flywheel.woken == []
    flywheel.ports.noting_machine.fails = True
    flywheel.answer()
    flywheel.ports.noting_machine.fails = False
    wake_approval(flywheel.ports, FLYWHEEL, head)
    assert flywheel.woken == ["token-1"]


# ---- a process that dies ---------------------------------------------------------------------------------------------


class Death(NamedTuple):
    port: str
    method: str
    before: bool


ASKING = [
    ("vault", "seal"),
    ("approvals", "put"),
    ("batches", "record_approval"),
    ("approval_mail", "send"),
    ("approvals", "mark_mailed"),
]
ASKING_AGAIN = [
    ("vault", "seal"),
    ("approvals", "replace"),
    ("batches", "record_approval"),
    ("approval_mail", "send"),
    ("approvals", "mark_mailed"),
]


def deaths(calls: list[tuple[str, str]]) -> list[Death]:
    return [Death(port, method, before) for port, method in calls for before in (True, False)]


def named(death: Death) -> str:
    return f"{'before' if death.before else 'after'} {death.port}.{death.method}"


@pytest.mark.parametrize("new_turn", [False, True], ids=["retried", "resumed"])
@pytest.mark.parametrize("death", deaths(ASKING), ids=named)
def test_a_death_while_asking_leaves_one_usable_link(flywheel: WaitingFlywheel, death: Death, new_turn: bool) -> None:
    with dying_at(flywheel, *death), pytest.raises(ProcessDied):
        flywheel.ask("token-1")
    if new_turn:
        flywheel.next_turn()
    flywheel.ask("token-2")
    assert_one_usable_link(flywheel, "token-2")


@pytest.mark.parametrize("new_turn", [False, True], ids=["retried", "resumed"])
@pytest.mark.parametrize("death", deaths(ASKING_AGAIN), ids=named)
def test_a_second_death_while_asking_again_leaves_one_usable_link(
    flywheel: WaitingFlywheel, death: Death, new_turn: bool
) -> None:
    with dying_at(flywheel, "approvals", "mark_mailed", before=True), pytest.raises(ProcessDied):
        flywheel.ask("token-0")
    with dying_at(flywheel, *death), pytest.raises(ProcessDied):
        flywheel.ask("token-1")
    if new_turn:
        flywheel.next_turn()
    flywheel.ask("token-2")
    assert_one_usable_link(flywheel, "token-2")


@pytest.mark.parametrize(
    "death", deaths([("approvals", "end"), ("notices", "put"), ("notices", "mark_sent")]), ids=named
)
@pytest.mark.parametrize("word", ["EXPIRED", "JUDGE_AGAIN"])
def test_a_death_while_closing_still_tells_people(flywheel: WaitingFlywheel, death: Death, word: str) -> None:
    flywheel.ask()
    if word == "EXPIRED":
        flywheel.clock.advance(days=3)
    else:
        flywheel.activate_elsewhere("arn:other")
    with dying_at(flywheel, *death), pytest.raises(ProcessDied):
        flywheel.read()
    flywheel.clock.time += timedelta(seconds=30)
    assert flywheel.read().word == word
    assert len({body for _, body in flywheel.ports.notice_mails.mails}) == 1
    closed = [item for item in flywheel.ports.notices.unsent(FLYWHEEL) if item.kind == "ApprovalClosed"]
    assert closed == []


def assert_one_usable_link(flywheel: WaitingFlywheel, token: str) -> None:
    """Of all links that were ever mailed one has a form, it is the one that the batch names, and it wakes who waits."""
    usable = [letter for letter in flywheel.letters if "<form" in flywheel.get(letter.link).text]
    assert len(usable) == 1
    for letter in flywheel.letters:
        if letter not in usable:
            assert flywheel.answer(letter).status == 410
    assert_answered(flywheel, usable[0], token)


def assert_answered(flywheel: WaitingFlywheel, letter: Letter, token: str) -> None:
    flywheel.woken.clear()
    assert flywheel.answer(letter).status == 200
    assert flywheel.woken == [token]
    assert flywheel.read().word == "APPROVED"


class dying_at:  # noqa: N801  reads as a sentence
    """Let the process die before or after the next call of one port's method."""

    def __init__(self, flywheel: WaitingFlywheel, port: str, method: str, before: bool) -> None:
        self._port, self._method, self._before = getattr(flywheel.ports, port), method, before
        self._operation: Callable[..., Any] = getattr(self._port, method)

    def __enter__(self) -> None:
        def die(*arguments: Any, **options: Any) -> Any:
            if not self._before:
                self._operation(*arguments, **options)
            raise ProcessDied

        setattr(self._port, self._method, die)

    def __exit__(self, *_: object) -> None:
        delattr(self._port, self._method)
