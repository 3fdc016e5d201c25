"""How long to wait between two looks at Comprehend."""

from governor.domain.policy import PollingRules

_GROWTH = 1.5


def next_wait(look: int, rules: PollingRules) -> int:
    """Return the seconds to wait before look number `look` (from 0): ever longer, within the policy's bounds."""
    grown = rules.min_seconds * _GROWTH ** min(look, 40)
    return int(min(rules.max_seconds, grown))
