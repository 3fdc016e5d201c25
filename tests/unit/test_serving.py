"""Which model was active when, which one a rollback restores, and which order is about another model."""

from datetime import UTC, datetime, timedelta

import pytest

from governor.domain.batch import NO_BASELINE, token
from governor.domain.serving import Change, active_at, is_for_another, previous_good, promotion_of, restoring

DAY = timedelta(days=1)
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


def history(*changes: tuple[str, str, str]) -> list[Change]:
    return [Change(op, source, target, BEGAN + number * DAY) for number, (op, source, target) in enumerate(changes)]


FIRST, SECOND, THIRD = (
    ("promote:1", NO_BASELINE, "a"),
    ("promote:2", "a", "b"),
    ("override:x", "b", "c"),
)


@pytest.mark.parametrize(
    ("changes", "active", "restored"),
    [
        ([], "a", None),
        ([FIRST], "a", None),
        ([FIRST, SECOND], "b", "a"),
        ([FIRST, SECOND, THIRD], "c", "b"),
        ([FIRST, SECOND], "elsewhere", None),
        ([FIRST, SECOND, THIRD, ("rollback:1", "c", "b")], "b", "a"),
        ([FIRST, SECOND, THIRD, ("rollback:1", "c", "b"), ("rollback:2", "b", "a")], "a", None),
        ([FIRST, SECOND, ("outside:1", "b", "a")], "a", "b"),
        ([FIRST, ("teardown:1", "a", NO_BASELINE)], NO_BASELINE, None),
    ],
)
def test_a_rollback_goes_back_in_history_and_never_forth(
    changes: list[tuple[str, str, str]], active: str, restored: str | None
) -> None:
    assert previous_good(history(*changes), active) == restored


@pytest.mark.parametrize(("days", "active"), [(-1, NO_BASELINE), (0, "a"), (0.5, "a"), (1, "b"), (2, "c"), (99, "c")])
def test_the_active_model_is_that_of_the_last_change_before(days: float, active: str) -> None:
    assert active_at(history(FIRST, SECOND, THIRD), BEGAN + days * DAY) == active


def test_before_a_history_that_begins_late_the_first_source_was_active() -> None:
    assert active_at(history(SECOND), BEGAN - DAY) == "a"
    assert active_at([], BEGAN) is None


def test_promotions_and_orders_have_these_names() -> None:
    assert promotion_of(12) == "promote:12"
    assert restoring(12, "b") == f"batch-000000012-{token('b')[:12]}"


@pytest.mark.parametrize(
    ("order", "is_for"),
    [
        (restoring(12, "a"), True),
        (restoring(12, "b"), False),
        ("0f3c", False),
        ("person-000000012-0123456789ab", False),
        ("batch-twelve-0123456789ab", False),
    ],
)
def test_an_order_of_a_batch_is_about_the_model_that_it_names(order: str, is_for: bool) -> None:
    assert is_for_another(order, active="b") == is_for
