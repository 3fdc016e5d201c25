"""Takes over a flywheel that somebody made in Comprehend: records it, and changes nothing about it.

Read with the rights of whoever asks; what is written is one row of the ledger.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from governor.domain.batch import NO_BASELINE
from governor.domain.errors import FlywheelUnavailableError, InvalidInputError, UnknownFlywheelError
from governor.domain.upload import is_flywheel_name
from governor.ports import EndpointFacts, FlywheelFacts, Ports

_ARN = re.compile(r"arn:[a-z-]+:comprehend:[a-z0-9-]+:\d{12}:flywheel/(?P<name>[^/]+)")


@dataclass(frozen=True)
class Adopted:
    """A flywheel as Comprehend has it, and the endpoints that follow it, the oldest first."""

    name: str
    facts: FlywheelFacts
    endpoints: Sequence[EndpointFacts]


def look_at_flywheel(ports: Ports, arn: str) -> Adopted:
    """Look and write nothing.

    Raises InvalidInputError if it is no flywheel of this account and region, UnknownFlywheelError if it is not there,
    FlywheelUnavailableError if it cannot be worked with.
    """
    matched = _ARN.fullmatch(arn)
    if matched is None or not is_flywheel_name(matched["name"]):
        raise InvalidInputError(f"{arn} is no ARN of a flywheel: arn:aws:comprehend:REGION:ACCOUNT:flywheel/NAME.")
    name = matched["name"]
    if ports.comprehend.flywheel_arn(name) != arn:
        raise InvalidInputError(
            f"{arn} is in another account or region than this stack, which would call it "
            f"{ports.comprehend.flywheel_arn(name)}."
        )
    facts = ports.comprehend.describe_flywheel(arn)
    if facts is None:
        raise UnknownFlywheelError(f"Comprehend has no flywheel {arn}. Look for a slip in the name.")
    if facts.status not in {"ACTIVE", "UPDATING"}:
        raise FlywheelUnavailableError(f"Flywheel {name} is {facts.status}: {facts.message or 'no reason is given'}.")
    following = [each for each in ports.endpoints.every() if each.flywheel_arn == arn]
    return Adopted(name, facts, sorted(following, key=lambda each: each.created))


def adopt_flywheel(ports: Ports, found: Adopted) -> None:
    """Record its ARN and its active model. Doing it again changes nothing.

    Raises FlywheelUnavailableError if the name means another flywheel already, or a turn is at work.
    """
    head = ports.heads.read(found.name)
    if head is not None and head.hold is not None and head.hold.reason == "TornDown":
        raise FlywheelUnavailableError(
            f"Flywheel {found.name} was torn down here. Run `governor resume {found.name}` first, then adopt it."
        )
    recorded = ports.teardowns.adopt(found.name, found.facts.arn)
    if recorded != found.facts.arn:
        other = f"the flywheel {recorded}" if recorded else "a flywheel whose turn is at work"
        raise FlywheelUnavailableError(f"The name {found.name} is that of {other} already. Nothing was changed.")
    # If the ledger knows another one by now, sweep notices and tells.
    ports.serving.put_first(found.name, found.facts.active_model or NO_BASELINE)
