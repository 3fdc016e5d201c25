"""Every move of an approval's row from every state: what may happen does, and what may not changes nothing."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest

from governor.domain.approval import ENDS_FROM, MOST_CODES, Approval, ApprovalState
from tests.doubles.approvals import ApprovalPorts, WaitingFlywheel, waiting_flywheel

STATES: tuple[ApprovalState, ...] = get_args(ApprovalState)
Move = Callable[[ApprovalPorts, Approval], Any]


def replaced(ports: ApprovalPorts, row: Approval) -> bool:
    return ports.approvals.replace(row.id, dataclasses.replace(row, id="b" * 64), ports.clock.now())


MOVES: dict[str, tuple[Move, tuple[ApprovalState, ...]]] = {
    "replace": (replaced, ("OPEN",)),
    "set_token": (lambda ports, row: ports.approvals.set_token(row.id, "new", row.turn), ("OPEN",)),
    "count_code": (lambda ports, row: ports.approvals.count_code(row.id, MOST_CODES), ("OPEN",)),
    "approve": (
        lambda ports, row: ports.approvals.decide(row.id, "APPROVED", by="B", reason="b", now=ports.clock.now()),
        ("OPEN",),
    ),
    "reject": (
        lambda ports, row: ports.approvals.decide(row.id, "REJECTED", by="B", reason="b", now=ports.clock.now()),
        ("OPEN",),
    ),
    "expire": (lambda ports, row: ports.approvals.end(row.id, "EXPIRED", "b", ports.clock.now()), ENDS_FROM["EXPIRED"]),
    "cancel": (
        lambda ports, row: ports.approvals.end(row.id, "CANCELLED", "b", ports.clock.now()),
        ENDS_FROM["CANCELLED"],
    ),
    "supersede": (
        lambda ports, row: ports.approvals.end(row.id, "SUPERSEDED", "b", ports.clock.now()),
        ENDS_FROM["SUPERSEDED"],
    ),
}


@pytest.fixture
def flywheel() -> Iterator[WaitingFlywheel]:
    with waiting_flywheel() as flywheel:
        flywheel.ask()
        yield flywheel


def put(flywheel: WaitingFlywheel, **changes: Any) -> Approval:
    """Put a row that no mail went out for, with the given changes."""
    row = dataclasses.replace(flywheel.row(), id="c" * 64, mailed_at=None, **changes)
    flywheel.ports.approvals.put(row)
    return row


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", MOVES)
def test_every_move_from_every_state(flywheel: WaitingFlywheel, name: str, state: ApprovalState) -> None:
    move, sources = MOVES[name]
    row = put(flywheel, state=state)
    before = flywheel.items()
    assert bool(move(flywheel.ports, row)) == (state in sources)
    assert (flywheel.items() == before) == (state not in sources)


@pytest.mark.parametrize("name", ["approve", "reject"])
@pytest.mark.parametrize(("seconds", "in_time"), [(1, True), (0, False), (-1, False)])
def test_an_answer_counts_only_before_the_row_expires(
    flywheel: WaitingFlywheel, name: str, seconds: int, in_time: bool
) -> None:
    row = put(flywheel, expires=flywheel.clock.now() + timedelta(seconds=seconds))
    assert MOVES[name][0](flywheel.ports, row) is in_time


def test_no_more_codes_are_counted_than_there_are_tries(flywheel: WaitingFlywheel) -> None:
    row = put(flywheel)
    counted = [flywheel.ports.approvals.count_code(row.id, MOST_CODES) for _ in range(MOST_CODES + 2)]
    assert counted == [1, 2, 3, 4, 5, None, None]


def test_a_row_that_was_mailed_is_not_replaced(flywheel: WaitingFlywheel) -> None:
    assert not replaced(flywheel.ports, flywheel.row())
    assert flywheel.row().state == "OPEN"


def test_an_older_turn_neither_replaces_nor_takes_over_a_newer_ones_row(flywheel: WaitingFlywheel) -> None:
    row = put(flywheel, turn=7)
    older = dataclasses.replace(row, turn=6)
    assert not replaced(flywheel.ports, older)
    assert not flywheel.ports.approvals.set_token(row.id, "old", 6)
    assert flywheel.ports.approvals.set_token(row.id, "new", 8)


@pytest.mark.parametrize("name", ["approve", "reject", "expire", "cancel", "supersede"])
def test_a_move_that_is_sent_twice_succeeds_twice_with_one_effect(flywheel: WaitingFlywheel, name: str) -> None:
    """Its first reply was lost."""
    row, (move, _) = put(flywheel), MOVES[name]
    assert move(flywheel.ports, row)
    once = flywheel.items()
    assert move(flywheel.ports, row)
    assert flywheel.items() == once


def test_a_row_comes_back_as_it_was_put(flywheel: WaitingFlywheel) -> None:
    now = flywheel.clock.now()
    full = put(flywheel, state="SUPERSEDED", by="A", reason="r", decided_at=now, ended_at=now, end_reason="e")
    assert flywheel.ports.approvals.read(full.id) == full
    assert flywheel.ports.approvals.read("0" * 64) is None
