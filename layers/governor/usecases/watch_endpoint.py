"""Reports an endpoint that is over a limit of its policy, once, and deletes it where the policy says so."""

from collections.abc import Iterator

from governor.domain.endpoint_limits import Overrun, idle, may_be_idle, too_old
from governor.domain.errors import PolicyMissingError
from governor.domain.policy import ServingRules
from governor.domain.turn import Head
from governor.ports import EndpointFacts, Ports
from governor.usecases.notices import deliver
from governor.usecases.upkeep_notices import endpoint_overdue


def watch_endpoint(ports: Ports, flywheel: str, head: Head) -> None:
    """Take one look. An endpoint that does not follow this flywheel is somebody else's, and none of our business.

    Raises a domain error if CloudWatch cannot say when it was asked last: then it is not deleted for being idle.
    """
    try:
        policy = ports.policies.current(flywheel).policy
    except PolicyMissingError:
        return
    rules = policy.serving
    if rules is None or (rules.max_hours, rules.idle_hours) == (None, None) or head.state == "RUNNING":
        # A turn may just be waiting for the endpoint.
        return
    name = rules.endpoint_of(flywheel)
    facts = ports.endpoints.describe(ports.endpoints.arn(name, policy.flywheel.data_mode))
    if facts is None or facts.flywheel_arn is None or facts.flywheel_arn != head.flywheel_arn:
        return
    for overrun in _overruns(ports, rules, facts):
        deletes = rules.delete_when_over and overrun.may_delete
        notice = endpoint_overdue(flywheel, name, facts, rules, overrun, ports.clock.now(), deletes=deletes)
        untold = ports.notices.put(flywheel, notice)
        if deletes and facts.status in {"IN_SERVICE", "FAILED"}:
            ports.endpoints.delete(facts.arn)
        if untold:
            deliver(ports, flywheel, notice)
        if deletes:
            return


def _overruns(ports: Ports, rules: ServingRules, facts: EndpointFacts) -> Iterator[Overrun]:
    now = ports.clock.now()
    yield from too_old(rules, facts.created, now)
    if may_be_idle(rules, facts.created, now):
        last = ports.endpoint_use.last_request(facts.arn, facts.created, now)
        yield from idle(rules, facts.created, last, now)
