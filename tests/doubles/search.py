"""How the state machines of hypothesis search: the same few examples every time, or many random ones when asked."""

import os

from hypothesis import HealthCheck, Phase, settings


def search(wanted: int, *, examples: int, steps: int, long_steps: int) -> settings:
    """Return the settings. `wanted`: GOVERNOR_LONG_TESTS, 0 = the few `examples` of so many `steps`."""
    return settings(
        max_examples=wanted or examples,
        stateful_step_count=long_steps if wanted else steps,
        deadline=None,
        derandomize=not wanted,
        database=None,
        phases=[Phase.generate] if not os.environ.get("GOVERNOR_SHRINK") else list(Phase),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
