"""Notices about what is deleted, or ought to be: endpoints that are too old, model versions, whole flywheels."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from governor.domain.moments import to_text
from governor.domain.policy import ServingRules
from governor.domain.pricing import MODEL_MONTH, dollars, endpoint_cost, endpoint_month
from governor.ports import EndpointFacts, Notice
from governor.usecases.notices import make


def endpoint_overdue(flywheel: str, name: str, facts: EndpointFacts, rules: ServingRules, now: datetime) -> Notice:
    """Tell once that an endpoint is older than its policy wants, and what becomes of it."""
    hours = rules.max_hours or 0.0
    cost = endpoint_cost(facts.units, (now - facts.created).total_seconds())
    lines = [
        f"The endpoint {name} of flywheel {flywheel} is older than {hours:g} hours (serving.max_hours in its policy).",
        f"It was created at {to_text(facts.created)[:19]}Z.",
        f"It has cost {dollars(cost)} so far and costs {dollars(endpoint_month(facts.units))} in 30 days, used or not.",
        "",
        "It is being deleted, because the policy says so (serving.delete_when_over). The next promotion makes it anew."
        if rules.delete_when_over
        else f"If nobody needs it, run: governor endpoint delete {flywheel}",
    ]
    occasion = (flywheel, facts.arn, to_text(facts.created), f"{hours:g}")
    return make(
        "EndpointOverdue",
        facts.created + timedelta(hours=hours),
        f"[{flywheel}] Endpoint overdue: {name}",
        "\n".join(lines),
        *occasion,
        endpoint=facts.arn,
        created=to_text(facts.created),
        inference_units=facts.units,
        deleted=rules.delete_when_over,
    )


def models_deleted(flywheel: str, models: Sequence[str], newest: int, now: datetime) -> Notice:
    """Tell which versions are gone, and why."""
    lines = [
        f"These model versions of flywheel {flywheel} were deleted. Its policy (retention) keeps the active one,",
        f"the one that a rollback restores, the {newest} newest and those in use.",
        "",
        *(f"  {model}" for model in models),
        "",
        f"Each cost {dollars(MODEL_MONTH)} a month. They cannot be brought back; what they were trained with stays.",
    ]
    number = f"{len(models)} version{'' if len(models) == 1 else 's'}"
    return make(
        "ModelsDeleted",
        now,
        f"[{flywheel}] Models deleted: {number}",
        "\n".join(lines),
        flywheel,
        *models,
        models=list(models),
        newest=newest,
    )


def flywheel_torn_down(flywheel: str, arn: str, by: str, began: datetime) -> Notice:
    """Tell that a flywheel is gone, and what becomes of files that are dropped from now on."""
    lines = [
        f"Flywheel {flywheel} was torn down: it is no longer in Comprehend.",
        f"Who: {by}",
        "",
        "Files that are dropped for it from now on are refused, and whoever gets notices is told.",
        f"To begin it anew by its policy, run: governor resume {flywheel}",
    ]
    return make(
        "FlywheelTornDown",
        began,
        f"[{flywheel}] Flywheel torn down",
        "\n".join(lines),
        flywheel,
        to_text(began),
        flywheel_arn=arn,
        by=by,
    )
