"""What a flywheel does next, in a sentence: one row a situation, the more pressing first."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from governor.domain.moments import OPEN_END
from governor.domain.next_step import AT_WORK, CURES, PolicyState, Waiting, next_step
from governor.domain.turn import Head, Hold, HoldReason, OpenBatch, Phase

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
BATCH = OpenBatch(7, "TRAINED", 1, "NONE", 1)
NOTHING, ASKED = Waiting(), Waiting(admitted=1, pending=1, asked_until=LATER)


@pytest.mark.parametrize(
    ("head", "waiting", "policy", "told"),
    [
        (Head(state="RUNNING"), ASKED, "SOUND", "waiting for quiet"),
        (Head(state="RUNNING", batch=BATCH), NOTHING, True, AT_WORK["TRAINED"]),
        (
            Head(state="RUNNING", batch=BATCH),
            ASKED,
            True,
            "about batch 7 until 2026-11-23 13:00 UTC: `governor approve`",
        ),
        (Head(state="RUNNING", hold=Hold("Failure", LATER)), NOTHING, "SOUND", "waiting for quiet"),
        (
            Head(hold=Hold("Failure", LATER), batch=BATCH),
            ASKED,
            "SOUND",
            "held until 2026-11-23 13:00 UTC: tries again",
        ),
        (Head(hold=Hold("Rejected", OPEN_END)), ASKED, "SOUND", "held: a person decides: `governor resume reviews`"),
        (Head(hold=Hold("Failure", NOW), batch=BATCH), NOTHING, "SOUND", "resumes batch 7"),
        (Head(hold=Hold("Failure", LATER)), NOTHING, "MISSING", "held until"),
        (Head(batch=BATCH), NOTHING, "MISSING", "`governor policy apply FILE`"),
        (None, ASKED, "MISSING", "`governor policy apply FILE`"),
        (Head(batch=BATCH), NOTHING, "UNUSABLE", "`governor policy show reviews`"),
        (Head(batch=BATCH), ASKED, "SOUND", "resumes batch 7"),
        (Head(), Waiting(admitted=1, pending=1), "SOUND", "inspecting uploads"),
        (None, Waiting(admitted=1), "SOUND", "inspecting uploads"),
        (Head(), Waiting(pending=1), "SOUND", "a turn starts"),
        (None, Waiting(pending=1), "SOUND", "a turn starts"),
        (Head(), NOTHING, "SOUND", "waits for uploads"),
        (None, NOTHING, "SOUND", "waits for uploads"),
    ],
)
def test_the_most_pressing_comes_first(head: Head | None, waiting: Waiting, policy: PolicyState, told: str) -> None:
    assert told in next_step("reviews", head, waiting, policy=policy, now=NOW)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (Head(state="RUNNING", batch=BATCH), AT_WORK["TRAINED"] + "; estimated cost of the exam: 1.44 dollars"),
        (Head(batch=BATCH), "a turn resumes batch 7 within a minute; estimated cost of the exam: 1.44 dollars"),
        (Head(state="RUNNING"), "waiting for quiet, then planning a batch"),
    ],
)
def test_what_an_exam_will_cost_is_said_with_the_batch(head: Head, told: str) -> None:
    assert next_step("reviews", head, NOTHING, policy="SOUND", now=NOW, exam_usd=1.44) == told


def test_every_hold_has_its_cure_and_every_phase_its_work() -> None:
    assert set(CURES) == set(get_args(HoldReason))
    assert set(AT_WORK) == set(get_args(Phase))
