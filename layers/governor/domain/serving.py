"""Which model was active when, and which one a rollback restores."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from governor.domain.batch import NO_BASELINE, token


@dataclass(frozen=True)
class Change:
    """One change of the active model.

    `op` is `promote:<batch>`, `override:<id>`, `rollback:<id>`, `outside:<n>` or `teardown:<n>`.
    """

    op: str
    source: str
    target: str
    at: datetime


def promotion_of(batch: int) -> str:
    """Return the name of a batch's promotion: the `op` of its change."""
    return f"promote:{batch}"


def previous_good(history: Sequence[Change], active: str) -> str | None:
    """Return the model that a rollback from `active` restores, None if there is none.

    It is what was active before `active` came, by whatever way but a rollback: a second rollback goes one model
    further back instead of returning to the one that was rolled back. `history` is in order of time.
    """
    if active == NO_BASELINE:
        # After a teardown: what was active before is gone.
        return None
    for change in reversed(history):
        if change.target == active and not change.op.startswith("rollback:"):
            return change.source if change.source != NO_BASELINE else None
    return None


def active_at(history: Sequence[Change], moment: datetime) -> str | None:
    """Return the model that was active at `moment`, `NONE` for no model, None if the history begins later."""
    before = [change for change in history if change.at <= moment]
    if before:
        return before[-1].target
    return history[0].source if history else None


def restoring(batch: int, failing: str) -> str:
    """Return the id of the order that takes a batch's model back because it answers wrongly.

    It names that model, so that the order means nothing once another one is active.
    """
    return f"batch-{batch:09}-{token(failing)[:12]}"


def is_for_another(order: str, active: str) -> bool:
    """Tell whether an order was made to take back a model other than the one that is active now."""
    word, _, rest = order.partition("-")
    number, _, model = rest.partition("-")
    return word == "batch" and number.isdecimal() and model != token(active)[:12]
