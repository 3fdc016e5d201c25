"""The budget of a month: what trainings and exams have cost since the first, in UTC, and whether more may be spent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from governor.domain.forecast import ITERATION_SECONDS
from governor.domain.moments import month_of, next_month
from governor.domain.pricing import dollars, training_cost

FIRST_TRAINING = round(training_cost(ITERATION_SECONDS.low), 2)
"""What a training is taken to cost while none is recorded, in US dollars: the shorter of AWS's published iterations.

The longer one would keep back flywheels that can pay; nothing at all would start what no budget could pay for.
"""


@dataclass(frozen=True)
class Cost:
    """What one training or one job of an exam cost, in US dollars and seconds, and when it began.

    A job is counted when it is started, and stays counted if it fails: nothing says that a failed one is free.
    """

    kind: Literal["training", "exam"]
    usd: float
    at: datetime
    seconds: float | None = None


def spent_in_month(costs: Iterable[Cost], now: datetime) -> float:
    """Return the dollars of all costs that began in the month of `now`."""
    first = month_of(now)
    return sum(cost.usd for cost in costs if first <= cost.at < next_month(now))


def likely_training(costs: Iterable[Cost], enough: int = 5) -> float:
    """Return what the next training will cost about, in US dollars: as much as the dearest of the last `enough`.

    FIRST_TRAINING if there are none.
    """
    trainings = sorted((cost for cost in costs if cost.kind == "training"), key=lambda cost: cost.at)
    return max((cost.usd for cost in trainings[-enough:]), default=FIRST_TRAINING)


def over_budget(budget: float | None, spent: float, needed: float, what: str) -> str | None:
    """Return why no more may be spent, in words; None if it may. `needed`: an estimate of what comes next, `what`.

    An estimate of 0.0 is none: then what is left of the budget decides.
    """
    if budget is None or (spent + needed <= budget and spent < budget):
        return None
    cost = f" and {what} would cost about {dollars(needed)}" if needed else ""
    alone = " That alone is more than the budget of a month: raise it." if needed > budget else ""
    return (
        f"This month {dollars(spent)} of the {dollars(budget)} are spent (budget_usd_per_month){cost}."
        f"{alone} Prices are estimates for us-east-1."
    )
