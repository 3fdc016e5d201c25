"""Policies for tests: what a test does not say has the default."""

from typing import Any

from governor.domain.policy import Policy


def a_policy(**changes: Any) -> Policy:
    """Return a valid policy with the given fields changed."""
    return Policy.model_validate(
        {
            "flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": ["praise", "complaint"]},
            "gates": [{"metric": "f1", "at_least": 0.7, "gain_at_least": 0.0, "confidence": 0.5}],
        }
        | changes
    )
