"""How long to wait between two looks at Comprehend."""

from collections.abc import Sequence

from governor.domain.policy import PollingRules

_GROWTH = 1.5
_SURELY_RUNNING = 0.8
_LONGEST_FIRST_WAIT = 6 * 3600


def next_wait(look: int, rules: PollingRules) -> int:
    """Return the seconds to wait before look number `look` (from 0): ever longer, within the policy's bounds."""
    grown = rules.min_seconds * _GROWTH ** min(look, 40)
    return int(min(rules.max_seconds, grown))


def first_look(earlier_seconds: Sequence[float], already_seconds: float, rules: PollingRules) -> int:
    """Return the seconds until the first look at an iteration that has run for `already_seconds`.

    It is not over before most of the time has passed that the shortest of the earlier ones took. Without any, as for
    every other wait, it is `min_seconds`, and later looks back off from there.
    """
    expected = min(earlier_seconds, default=0.0) * _SURELY_RUNNING - already_seconds
    return int(max(rules.min_seconds, min(expected, _LONGEST_FIRST_WAIT)))
