"""Since when an endpoint is over a limit, to the second."""

from datetime import timedelta

import pytest

from governor.domain.endpoint_limits import Overrun, idle, too_old
from tests.unit.test_endpoint_limits import CREATED, HOUR, rules

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("late", "over"), [(timedelta(0), []), (SECOND, [Overrun("AGE", CREATED + 5 * HOUR)])])
def test_it_may_be_as_old_as_the_limit(late: timedelta, over: list[Overrun]) -> None:
    assert list(too_old(rules(max_hours=5), CREATED, CREATED + 5 * HOUR + late)) == over


@pytest.mark.parametrize("late", [timedelta(0), SECOND])
def test_it_may_be_idle_for_as_long_as_the_limit(late: timedelta) -> None:
    last, since = CREATED + HOUR, CREATED + 7 * HOUR
    over = [Overrun("IDLE", since, last)] if late else []
    assert list(idle(rules(idle_hours=5), CREATED, last, since + late)) == over


def test_one_that_was_never_asked_is_over_since_its_patience_ended() -> None:
    over = list(idle(rules(idle_hours=5), CREATED, None, CREATED + 9 * HOUR))
    assert over == [Overrun("NEVER_ASKED", CREATED + 5 * HOUR)]
