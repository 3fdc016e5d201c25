"""Which iteration has a batch's data: it began when they were complete, and nobody has it on record."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from governor.domain.iteration import data_complete_since, may_adopt

PLANNED = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Dataset:
    completed_at: datetime | None


@dataclass(frozen=True)
class Iteration:
    id: str
    status: str
    created: datetime


@pytest.mark.parametrize(
    ("completed", "since"),
    [
        ([], PLANNED),
        ([None], PLANNED),
        ([PLANNED - MINUTE], PLANNED),
        ([PLANNED + MINUTE, None, PLANNED + 2 * MINUTE], PLANNED + 2 * MINUTE),
    ],
)
def test_data_are_complete_with_the_last_dataset(completed: list[datetime | None], since: datetime) -> None:
    assert data_complete_since(PLANNED, [Dataset(each) for each in completed]) == since


@pytest.mark.parametrize(
    ("id_", "status", "created", "may"),
    [
        ("new", "TRAINING", PLANNED, True),
        ("new", "COMPLETED", PLANNED + MINUTE, True),
        ("new", "TRAINING", PLANNED - MINUTE, False),
        ("known", "TRAINING", PLANNED, False),
        ("new", "FAILED", PLANNED, False),
        ("new", "STOPPED", PLANNED, False),
    ],
)
def test_an_iteration_is_adopted_if_it_has_the_data_and_is_nobody_s(
    id_: str, status: str, created: datetime, may: bool
) -> None:
    assert may_adopt(Iteration(id_, status, created), PLANNED, {"known"}) == may
