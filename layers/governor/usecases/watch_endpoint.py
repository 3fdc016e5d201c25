"""Reports an endpoint that is older than its policy wants, once, and deletes it where the policy says so."""

from datetime import timedelta

from governor.domain.errors import PolicyMissingError
from governor.domain.turn import Head
from governor.ports import Ports
from governor.usecases.notices import deliver
from governor.usecases.upkeep_notices import endpoint_overdue


def watch_endpoint(ports: Ports, flywheel: str, head: Head) -> None:
    """Take one look. An endpoint that does not follow this flywheel is somebody else's, and none of our business.

    Whether it is idle only CloudWatch knows (metric ConsumedInferenceUnits); the rule here is its age.
    """
    try:
        policy = ports.policies.current(flywheel).policy
    except PolicyMissingError:
        return
    rules = policy.serving
    if rules is None or rules.max_hours is None or head.state == "RUNNING":
        # A turn may just be waiting for the endpoint.
        return
    name = rules.endpoint_of(flywheel)
    arn = ports.endpoints.arn(name, policy.flywheel.data_mode)
    facts, now = ports.endpoints.describe(arn), ports.clock.now()
    if facts is None or facts.flywheel_arn is None or facts.flywheel_arn != head.flywheel_arn:
        return
    if now - facts.created <= timedelta(hours=rules.max_hours):
        return
    notice = endpoint_overdue(flywheel, name, facts, rules, now)
    untold = ports.notices.put(flywheel, notice)
    if rules.delete_when_over and facts.status in {"IN_SERVICE", "FAILED"}:
        ports.endpoints.delete(arn)
    if untold:
        deliver(ports, flywheel, notice)
