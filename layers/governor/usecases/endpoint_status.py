"""A flywheel's endpoint: which it is, what it serves, how old it is and what it has cost. Changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from governor.domain.batch import NO_BASELINE
from governor.domain.errors import EndpointUnavailableError
from governor.domain.moments import seconds_between
from governor.domain.policy import DataMode, ServingRules
from governor.domain.pricing import endpoint_cost, endpoint_month
from governor.ports import EndpointFacts, Ports

_NO_RULES = ServingRules()


@dataclass(frozen=True)
class FlywheelEndpoint:
    """The endpoint that a flywheel's policy names, or that somebody named. `facts`: None if it is not there."""

    flywheel: str
    flywheel_arn: str
    name: str
    arn: str
    mode: DataMode
    rules: ServingRules | None
    """The policy's block `serving`; None if it has none, so that nothing makes or checks the endpoint by itself."""
    active: str | None
    """The flywheel's active model by the ledger."""
    facts: EndpointFacts | None

    @property
    def units(self) -> int:
        """How many inference units it has, or is to have."""
        return self.facts.units if self.facts is not None else (self.rules or _NO_RULES).inference_units

    @property
    def follows(self) -> bool:
        """Tell whether it is bound to the flywheel, and so serves whatever model is made active."""
        return self.facts is not None and self.facts.flywheel_arn == self.flywheel_arn

    def seconds(self, now: datetime) -> float:
        """Return how old it is."""
        return 0.0 if self.facts is None else max(0.0, seconds_between(self.facts.created, now))

    def cost(self, now: datetime) -> float:
        """Return what it has cost so far, in dollars; the units are taken to have been the same all the time."""
        return 0.0 if self.facts is None else endpoint_cost(self.facts.units, self.seconds(now))

    @property
    def cost_of_a_month(self) -> float:
        """Return what 30 days of it cost, in dollars."""
        return endpoint_month(self.units)


def endpoint_of(ports: Ports, flywheel: str, name: str | None = None) -> FlywheelEndpoint:
    """Return the flywheel's endpoint, `name` in place of the one that the policy names.

    Raises PolicyMissingError: what kind of model it is stands in the policy.
    """
    policy = ports.policies.current(flywheel).policy
    head, serving = ports.heads.read(flywheel), ports.serving.read(flywheel)
    chosen = name or (policy.serving or _NO_RULES).endpoint_of(flywheel)
    mode = policy.flywheel.data_mode
    arn = ports.endpoints.arn(chosen, mode)
    return FlywheelEndpoint(
        flywheel=flywheel,
        flywheel_arn=(head.flywheel_arn if head is not None else None) or ports.comprehend.flywheel_arn(flywheel),
        name=chosen,
        arn=arn,
        mode=mode,
        rules=policy.serving,
        active=serving.active if serving is not None and serving.active != NO_BASELINE else None,
        facts=ports.endpoints.describe(arn),
    )


def require_answering(found: FlywheelEndpoint, task: Literal["classify", "entities"]) -> None:
    """Raise EndpointUnavailableError, with the remedy, if the endpoint cannot be asked this."""
    right = "entities" if found.mode == "ENTITIES" else "classify"
    if right != task:
        what = "finds entities" if right == "entities" else "classifies documents"
        raise EndpointUnavailableError(f"Flywheel {found.flywheel} {what}: use `governor {right} {found.flywheel}`.")
    facts, status = found.facts, f"`governor endpoint status {found.flywheel}`"
    if facts is None and found.active is None:
        raise EndpointUnavailableError(
            f"Flywheel {found.flywheel} has no active model yet, so nothing can answer. Drop training and test files; "
            f"`governor status {found.flywheel}` shows what becomes of them."
        )
    if facts is None:
        raise EndpointUnavailableError(
            f"Flywheel {found.flywheel} has no endpoint {found.name}. Create it with `governor endpoint create "
            f"{found.flywheel}` (it costs money for as long as it is there), or name another one with --endpoint."
        )
    if facts.status == "CREATING":
        raise EndpointUnavailableError(
            f"The endpoint {found.name} is being created, which takes some minutes; {status} shows how far it is."
        )
    if facts.status == "FAILED":
        why = facts.message or "Comprehend gives no reason"
        raise EndpointUnavailableError(
            f"The endpoint {found.name} FAILED: {why}. Delete it (`governor endpoint delete {found.flywheel}`) and "
            "create it again."
        )
    if facts.status == "DELETING":
        raise EndpointUnavailableError(
            f"The endpoint {found.name} is being deleted. When it is gone: `governor endpoint create {found.flywheel}`."
        )
