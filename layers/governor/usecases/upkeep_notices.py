"""Notices about what is deleted, or ought to be: endpoints that are too old, model versions, whole flywheels."""

from collections.abc import Sequence
from datetime import datetime

from governor.domain.endpoint_limits import Overrun
from governor.domain.moments import to_text
from governor.domain.policy import ServingRules
from governor.domain.pricing import MODEL_MONTH, dollars, endpoint_cost, endpoint_month
from governor.ports import EndpointFacts, Notice
from governor.usecases.notices import make


def endpoint_overdue(
    flywheel: str,
    name: str,
    facts: EndpointFacts,
    rules: ServingRules,
    overrun: Overrun,
    now: datetime,
    *,
    deletes: bool,
) -> Notice:
    """Tell once that an endpoint is over a limit of its policy, and what becomes of it."""
    created, last = to_text(facts.created), overrun.last_request
    word, sentence = _overrun_words(f"The endpoint {name} of flywheel {flywheel}", rules, overrun)
    cost = endpoint_cost(facts.units, (now - facts.created).total_seconds())
    lines = [
        sentence,
        f"It was created at {created[:19]}Z.",
        f"It has cost {dollars(cost)} so far and costs {dollars(endpoint_month(facts.units))} in 30 days, used or not.",
        "",
        _what_becomes_of_it(flywheel, rules, overrun, deletes=deletes),
    ]
    limit = rules.max_hours if overrun.reason == "AGE" else rules.idle_hours
    occasion = [flywheel, facts.arn, created, f"{limit:g}"]
    if overrun.reason != "AGE":
        # Asked again and idle again is another occasion.
        occasion += [overrun.reason, to_text(last) if last is not None else ""]
    return make(
        "EndpointOverdue",
        overrun.since,
        f"[{flywheel}] Endpoint {word}: {name}",
        "\n".join(lines),
        *occasion,
        endpoint=facts.arn,
        created=created,
        inference_units=facts.units,
        reason=overrun.reason,
        last_request=to_text(last) if last is not None else None,
        deleted=deletes,
    )


def _overrun_words(subject: str, rules: ServingRules, overrun: Overrun) -> tuple[str, str]:
    """Return the word of the mail's subject, and what happened."""
    if overrun.reason == "AGE":
        return "overdue", f"{subject} is older than {rules.max_hours:g} hours (serving.max_hours in its policy)."
    limit = f"{rules.idle_hours:g} hours (serving.idle_hours in its policy)"
    if overrun.last_request is None:
        return "idle", f"{subject} is older than {limit}, and CloudWatch has no request that it answered."
    hour = to_text(overrun.last_request)[:16].replace("T", " ")
    return "idle", f"{subject} has answered nothing for {limit}: the last request came in the hour from {hour} UTC on."


def _what_becomes_of_it(flywheel: str, rules: ServingRules, overrun: Overrun, *, deletes: bool) -> str:
    if deletes:
        why = "because the policy says so (serving.delete_when_over)"
        return f"It is being deleted, {why}. The next promotion makes it anew."
    remedy = f"If nobody needs it, run: governor endpoint delete {flywheel}"
    if rules.delete_when_over:
        return f"It is not deleted by itself: no figures may also mean that CloudWatch did not get them. {remedy}"
    return remedy


def endpoint_resized(
    flywheel: str,
    name: str,
    facts: EndpointFacts,
    units: int,
    version: int,
    at: datetime,
    *,
    refused: str | None = None,
) -> Notice:
    """Tell that an endpoint gets other inference units because its policy was changed, or that it cannot."""
    said = f"The policy of flywheel {flywheel} says {units} inference units since version {version}"
    lines = [f"{said} (serving.inference_units). The endpoint {name} has {facts.desired_units}.", ""]
    if refused is None:
        month = dollars(endpoint_month(units))
        lines.append(
            f"They are being changed, which takes some minutes. It then costs {month} in 30 days, used or not."
        )
    else:
        lines += [
            f"Comprehend refuses to change them: {refused}",
            "It is tried again every 15 minutes until the policy says something else.",
        ]
    return make(
        "EndpointResized",
        at,
        f"[{flywheel}] Endpoint {'resized' if refused is None else 'not resized'}: {name}",
        "\n".join(lines),
        *(flywheel, facts.arn, to_text(facts.created), str(version), *(["refused"] if refused is not None else [])),
        endpoint=facts.arn,
        inference_units=units,
        previous=facts.desired_units,
        policy_version=version,
        refused=refused is not None,
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
