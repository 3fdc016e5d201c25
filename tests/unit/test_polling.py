"""How long to wait between two looks: never under the policy's minimum, never far beyond what is expected."""

from hypothesis import given
from hypothesis import strategies as st

from governor.domain.policy import PollingRules
from governor.domain.polling import first_look, next_wait

RULES = PollingRules(min_seconds=30, max_seconds=300)
seconds = st.floats(0, 1e6, allow_nan=False)


def test_without_earlier_iterations_the_first_look_is_as_every_other() -> None:
    assert first_look([], 0, RULES) == next_wait(0, RULES) == 30


def test_the_first_look_waits_for_most_of_what_the_shortest_took() -> None:
    assert first_look([5000, 4000, 9000], 0, RULES) == 3200
    assert first_look([5000, 4000, 9000], 3000, RULES) == 200
    assert first_look([20], 0, RULES) == 30


@given(st.lists(seconds, max_size=5), seconds)
def test_it_is_never_too_soon_and_never_after_the_shortest_would_be_over(earlier: list[float], already: float) -> None:
    wait = first_look(earlier, already, RULES)
    assert 30 <= wait <= 6 * 3600
    assert wait == 30 or wait + already <= min(earlier)


@given(st.integers(0, 200) | st.integers(0, 10**9))
def test_later_looks_back_off_within_the_bounds(look: int) -> None:
    assert 30 <= next_wait(look, RULES) <= next_wait(look + 1, RULES) <= 300
