"""Gives an endpoint the inference units that its policy has been changed to: once for each change.

Whoever changes `serving.inference_units` says what an endpoint may cost from then on, and that is all that is followed.
An endpoint that got other units since, by auto scaling or by a person, keeps them until the policy is changed again;
so does one that was created with others.
"""

from datetime import datetime

from governor.domain.errors import PermanentError, PolicyMissingError
from governor.domain.policy import PinnedPolicy, ServingRules
from governor.domain.turn import Head
from governor.ports import EndpointFacts, Ports
from governor.usecases.notices import announce
from governor.usecases.upkeep_notices import endpoint_resized


def resize_endpoint(ports: Ports, flywheel: str, head: Head) -> None:
    """Take one look; change the units if they are to be changed, and tell.

    What Comprehend refuses is told once and tried again with every look. Raises a domain error if it is busy.
    """
    try:
        current = ports.policies.current(flywheel)
    except PolicyMissingError:
        return
    rules = current.policy.serving
    if rules is None:
        return
    name = rules.endpoint_of(flywheel)
    facts = ports.endpoints.describe(ports.endpoints.arn(name, current.policy.flywheel.data_mode))
    if facts is None or facts.flywheel_arn is None or facts.flywheel_arn != head.flywheel_arn:
        return
    if facts.status != "IN_SERVICE" or facts.desired_units == rules.inference_units:
        return
    changed = _changed(ports, flywheel, current, rules, facts.created)
    if changed is not None:
        _resize(ports, flywheel, name, facts, rules.inference_units, changed)


def _resize(
    ports: Ports, flywheel: str, name: str, facts: EndpointFacts, units: int, changed: tuple[int, datetime]
) -> None:
    version, at = changed
    told = endpoint_resized(flywheel, name, facts, units, version, at)
    if ports.notices.is_there(flywheel, told):
        return
    try:
        ports.endpoints.resize(facts.arn, units)
    except PermanentError as error:
        announce(ports, flywheel, endpoint_resized(flywheel, name, facts, units, version, at, refused=str(error)))
        return
    announce(ports, flywheel, told)


def _changed(
    ports: Ports, flywheel: str, current: PinnedPolicy, rules: ServingRules, since: datetime
) -> tuple[int, datetime] | None:
    """Return version and time of the change to the units that are in force, None if there was none after `since`.

    The first version that names an endpoint changes nothing: what it says may never have been this endpoint's.
    """
    newer = current
    while newer.written_at is not None and newer.written_at > since and newer.version > 1:
        try:
            older = ports.policies.pinned(flywheel, newer.version - 1)
        except PolicyMissingError:
            return None
        before = older.policy.serving
        if before is None or before.endpoint_of(flywheel) != rules.endpoint_of(flywheel):
            return None
        if before.inference_units != rules.inference_units:
            return newer.version, newer.written_at
        newer = older
    return None
