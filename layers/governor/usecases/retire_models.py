"""Deletes model versions that the policy does not keep and nothing needs: a few at a time, each on record."""

from collections.abc import Mapping, Sequence

from governor.domain.batch import NO_BASELINE
from governor.domain.errors import PolicyMissingError
from governor.domain.retention import MOST_AT_ONCE, ModelVersion, spare_versions
from governor.domain.serving import previous_good
from governor.domain.turn import Head
from governor.ports import Ports, Serving
from governor.usecases.notices import announce
from governor.usecases.upkeep_notices import models_deleted


def retire_models(ports: Ports, flywheel: str, head: Head) -> None:
    """Take one look and delete at most `MOST_AT_ONCE` versions.

    Nothing is deleted while a turn is at work, a batch is open or the active model is being changed. The intent is
    written before each call, on condition that the active model is still the one that was seen; Comprehend itself
    refuses to delete what is in use.
    """
    try:
        policy = ports.policies.current(flywheel).policy
    except PolicyMissingError:
        return
    if policy.retention is None or head.state == "RUNNING" or head.batch is not None or head.flywheel_arn is None:
        return
    serving = ports.serving.read(flywheel)
    if serving is None or serving.phase != "SETTLED" or serving.active == NO_BASELINE:
        return
    versions = ports.models.versions(policy.flywheel.data_mode)
    # Before what needs them is asked for: whoever begins to use a version meanwhile is seen, or refused by Comprehend.
    spare = _spare(ports, flywheel, head.flywheel_arn, serving, versions, policy.retention.newest)
    there = {each.arn for each in versions if each.status != "DELETING"}
    gone = _settle_old(ports, flywheel, there, set(spare))
    for model in spare[:MOST_AT_ONCE]:
        if _delete(ports, flywheel, model, serving.active):
            gone.append(model)
    if gone:
        # Told before it is settled: what is settled is never looked at again, and would be gone without a word.
        announce(ports, flywheel, models_deleted(flywheel, gone, policy.retention.newest, ports.clock.now()))
    for model in gone:
        ports.retirements.settle(flywheel, model, "DELETED", ports.clock.now())


def needed_models(ports: Ports) -> Mapping[str, Sequence[str]]:
    """Return what needs each model: endpoints, running jobs, flywheels, and policies that begin with it."""
    needed = {model: list(users) for model, users in ports.models.users().items()}
    for name in ports.policies.names():
        try:
            first = ports.policies.current(name).policy.flywheel.active_model_arn
        except PolicyMissingError:
            continue
        if first is not None:
            needed.setdefault(first, []).append(f"the policy of flywheel {name}")
    return needed


def _spare(
    ports: Ports, flywheel: str, arn: str, serving: Serving, versions: Sequence[ModelVersion], newest: int
) -> list[str]:
    previous = previous_good(ports.serving.history(flywheel), serving.active)
    # The cheap look first: mostly there is nothing to delete, and then nobody needs to be asked.
    spare = spare_versions(versions, flywheel=arn, active=serving.active, previous=previous, newest=newest, needed=())
    if not spare:
        return []
    return spare_versions(
        versions,
        flywheel=arn,
        active=serving.active,
        previous=previous,
        newest=newest,
        needed=needed_models(ports).keys(),
    )


def _settle_old(ports: Ports, flywheel: str, there: set[str], spare: set[str]) -> list[str]:
    """Return what an earlier look deleted and did not settle; what is needed again by now is settled as KEPT."""
    gone = []
    for model in ports.retirements.deleting(flywheel):
        if model not in there:
            gone.append(model)
        elif model not in spare:
            ports.retirements.settle(flywheel, model, "KEPT", ports.clock.now())
    return gone


def _delete(ports: Ports, flywheel: str, model: str, active: str) -> bool:
    if not ports.retirements.intend(flywheel, model, active=active, now=ports.clock.now()):
        return False
    if ports.models.delete(model) == "IN_USE":
        ports.retirements.settle(flywheel, model, "KEPT", ports.clock.now())
        return False
    return True
