"""How the suite's properties are searched: few examples, always the same; more of them and at random when asked for."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

LONG = int(os.environ.get("GOVERNOR_LONG_TESTS") or 0)
lawful = settings(
    max_examples=LONG or 15,
    derandomize=not LONG,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""GOVERNOR_LONG_TESTS=<number of examples> searches at random and for longer."""
