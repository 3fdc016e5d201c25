"""What follows a verdict: every (verdict, approval, frozen, first model) has exactly one outcome.

The state machine only follows its word.
"""

from dataclasses import dataclass
from typing import Literal

from governor.domain.policy import Policy
from governor.domain.turn import HoldReason
from governor.domain.verdict import Verdict

Action = Literal["PROMOTE", "ASK", "KEEP"]
Decision = Literal["APPROVED", "REJECTED", "EXPIRED"]


@dataclass(frozen=True)
class Outcome:
    """What to do with the candidate, and whether the flywheel rests afterwards."""

    action: Action
    hold: HoldReason | None = None


def outcome_of(verdict: Verdict, policy: Policy, *, has_baseline: bool, frozen: bool) -> Outcome:
    """Return what follows `verdict`.

    `has_baseline`: whether a model is active; the first one may need a person's word for itself (`first_model: ask`).
    `frozen`: automatic promotion is switched off since a rollback.
    """
    asked_for = _is_asked_for(policy, has_baseline=has_baseline)
    match verdict.word:
        case "PASS":
            return Outcome("ASK" if asked_for or frozen else "PROMOTE")
        case "INCONCLUSIVE":
            return Outcome("ASK" if asked_for else "KEEP")
        case "FAIL" if verdict.regression and policy.on_regression == "hold":
            return Outcome("KEEP", "Regression")
    return Outcome("KEEP")


def outcome_of_decision(decision: Decision) -> Outcome:
    """Return what follows people's answer; silence keeps the active model."""
    match decision:
        case "APPROVED":
            return Outcome("PROMOTE")
        case "REJECTED":
            return Outcome("KEEP", "Rejected")
    return Outcome("KEEP")


def _is_asked_for(policy: Policy, *, has_baseline: bool) -> bool:
    if policy.first_model == "ask" and not has_baseline:
        return True
    match policy.approval:
        case "never":
            return False
        case "always":
            return True
    return has_baseline
