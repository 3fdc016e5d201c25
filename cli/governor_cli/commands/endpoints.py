"""`governor endpoint create | status | delete`: what serves a flywheel's active model, and what it costs."""

import json
import time
import uuid
from collections.abc import Callable

import click

from governor.domain.errors import EndpointUnavailableError, GovernorError
from governor.domain.moments import to_text
from governor.domain.pricing import UNIT_HOUR, dollars, endpoint_month
from governor.ports import Ports
from governor.usecases.endpoint_status import FlywheelEndpoint, endpoint_of
from governor_cli.asking import require_yes
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.stack_option import with_stack

_ENDPOINT = """What serves a flywheel's active model, and what it costs.

\b
examples:
  governor endpoint status reviews
  governor endpoint create reviews --wait
  governor classify reviews "It arrived broken."        ask it
  governor endpoint delete reviews
"""
_CREATE = """Create the flywheel's endpoint, bound to the flywheel, so that it follows the active model.

It costs 1.80 dollars an hour and inference unit from now until it is deleted, used or not; the plan says so and asks.
With a block `serving` in its policy the flywheel makes its endpoint by itself after the next promotion, and checks it;
this command makes it now. You need comprehend:CreateEndpoint, DescribeEndpoint and DescribeFlywheel; and, where models
are encrypted under a key of your own, iam:PassRole on the stack's data-access role.

\b
examples:
  governor endpoint create reviews
  governor endpoint create reviews --units 2 --wait
  governor endpoint create reviews --endpoint reviews-trial --yes
"""
_STATUS = """Show the flywheel's endpoint: what it serves, whether it follows the flywheel, its age and its cost.

\b
examples:
  governor endpoint status reviews
  governor endpoint status reviews --json | jq .cost_so_far
"""
_DELETE = """Delete the flywheel's endpoint, which is all that ends its cost.

The model stays, and so does the flywheel. If the policy has a block `serving`, the next promotion makes the endpoint
again: take the block out first. You need comprehend:DeleteEndpoint and comprehend:DescribeEndpoint.

\b
examples:
  governor endpoint delete reviews
  governor endpoint delete reviews --yes --wait
"""
_LOOK_SECONDS = 10.0
_MOST_LOOKS = 180
endpoint_option = click.option("--endpoint", metavar="NAME", help="this endpoint, not the one that the policy names")
_yes = click.option("--yes", is_flag=True, help="do not ask")
_wait = click.option("--wait", is_flag=True, help="wait until it is done, which takes minutes")
pause: Callable[[float], None] = time.sleep


@click.group("endpoint", help=_ENDPOINT, short_help="what serves the active model, and what it costs")
def endpoint() -> None:
    """What serves a flywheel's active model, and what it costs."""


@endpoint.command("create", help=_CREATE, short_help="create it now, bound to the flywheel")
@click.argument("flywheel")
@endpoint_option
@click.option("--units", type=click.IntRange(1, 100), help="inference units; default: the policy's, else 1")
@_wait
@_yes
@with_stack
def create(stack: DeployedStack, flywheel: str, endpoint: str | None, units: int | None, wait: bool, yes: bool) -> None:
    """Say what it costs, ask, and create it."""
    found = endpoint_of(stack.ports, flywheel, endpoint)
    if found.facts is not None:
        raise Complaint(f"The endpoint {found.name} is there already: {found.facts.status}. Nothing was changed.")
    if found.active is None:
        raise Complaint(
            f"Flywheel {flywheel} has no active model yet, and an endpoint serves one. `governor status {flywheel}` "
            "shows how far it is."
        )
    wanted = units or found.units
    hour, month = dollars(wanted * UNIT_HOUR), dollars(endpoint_month(wanted))
    plan = [
        f"Create the endpoint {found.name}, which follows flywheel {flywheel} and serves {found.active} now.",
        f"It costs {hour} an hour ({_units(wanted)}), {month} in 30 days, used or not, until it is deleted.",
    ]
    require_yes(plan, "Create it?", yes=yes)
    stack.ports.endpoints.create(found.name, found.flywheel_arn, wanted, str(uuid.uuid4()))
    click.echo(f"The endpoint {found.name} is being created, which takes some minutes.")
    if wait:
        _until(stack.ports, found, lambda now: now.facts is not None and now.facts.status == "IN_SERVICE")
        click.echo(f"It is in service: governor {_task(found)} {flywheel} TEXT")
        return
    click.echo(f"To see how far it is: governor endpoint status {flywheel}")


@endpoint.command("status", help=_STATUS, short_help="what it serves, its age and its cost")
@click.argument("flywheel")
@endpoint_option
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@with_stack
def status(stack: DeployedStack, flywheel: str, endpoint: str | None, as_json: bool) -> None:
    """Ask Comprehend once."""
    found, now = endpoint_of(stack.ports, flywheel, endpoint), stack.ports.clock.now()
    facts, cost = found.facts, found.cost(now)
    if as_json:
        described = {
            "flywheel": flywheel,
            "endpoint": found.name,
            "arn": found.arn,
            "status": facts.status if facts is not None else None,
            "message": (facts.message or None) if facts is not None else None,
            "model": facts.model if facts is not None else None,
            "desired_model": facts.desired_model if facts is not None else None,
            "active_model": found.active,
            "follows_flywheel": found.follows,
            "inference_units": facts.units if facts is not None else None,
            "created": to_text(facts.created) if facts is not None else None,
            "age_hours": round(found.seconds(now) / 3600, 2) if facts is not None else None,
            "last_request_hour": _last_request(stack.ports, found)[0],
            "cost_so_far": round(cost, 2),
            "cost_of_30_days": round(found.cost_of_a_month, 2) if facts is not None else 0.0,
        }
        click.echo(json.dumps(described, indent=1))
        return
    if facts is None:
        click.echo(f"Flywheel {flywheel} has no endpoint {found.name}, so it costs nothing.")
        return
    why = f": {facts.message}" if facts.message else ""
    click.echo(f"{found.name} ({facts.status}{why})")
    click.echo(f"  serves   {facts.model or 'nothing yet'}")
    click.echo(f"  follows  {_followed(found)}")
    click.echo(f"  units    {_units_told(found)}")
    click.echo(f"  age      {_age(found.seconds(now))}, since {to_text(facts.created)[:19]}Z")
    if asked := _last_request(stack.ports, found)[1]:
        click.echo(f"  asked    {asked}")
    click.echo(f"  cost     {dollars(cost)} so far, {dollars(found.cost_of_a_month)} in 30 days")
    if (
        found.rules is not None
        and found.rules.max_hours is not None
        and found.seconds(now) > found.rules.max_hours * 3600
    ):
        click.echo(f"  it is older than the policy's {found.rules.max_hours:g} hours (serving.max_hours)")


@endpoint.command("delete", help=_DELETE, short_help="delete it, which ends its cost")
@click.argument("flywheel")
@endpoint_option
@_wait
@_yes
@with_stack
def delete(stack: DeployedStack, flywheel: str, endpoint: str | None, wait: bool, yes: bool) -> None:
    """Say what ends with it, ask, and delete it."""
    found, now = endpoint_of(stack.ports, flywheel, endpoint), stack.ports.clock.now()
    if found.facts is None:
        click.echo(f"Flywheel {flywheel} has no endpoint {found.name}. Nothing was changed.")
        return
    plan = [
        f"Delete the endpoint {found.name} ({_units(found.facts.units)}) of {found.facts.model or 'no model'}.",
        f"It has cost {dollars(found.cost(now))} and would cost {dollars(found.cost_of_a_month)} in 30 days more.",
        "Programs that ask it get errors from then on. The model and the flywheel stay.",
    ]
    if not found.follows:
        plan.insert(1, f"It does not follow flywheel {flywheel}: is it somebody else's?")
    if found.rules is not None and endpoint is None:
        plan.append("The policy has a block serving, so the next promotion makes it again; take that out first.")
    require_yes(plan, "Delete it?", yes=yes)
    stack.ports.endpoints.delete(found.arn)
    click.echo(f"The endpoint {found.name} is being deleted.")
    if wait:
        _until(stack.ports, found, lambda now: now.facts is None)
        click.echo("It is gone.")


def _until(ports: Ports, found: FlywheelEndpoint, is_done: Callable[[FlywheelEndpoint], bool]) -> None:
    for _ in range(_MOST_LOOKS):
        now = endpoint_of(ports, found.flywheel, found.name)
        if is_done(now):
            return
        if now.facts is not None and now.facts.status == "FAILED":
            raise EndpointUnavailableError(
                f"The endpoint {found.name} FAILED: {now.facts.message or 'no reason is given'}"
            )
        pause(_LOOK_SECONDS)
    raise Complaint(
        f"It is not done after {_age(_MOST_LOOKS * _LOOK_SECONDS)}. It goes on by itself: "
        f"governor endpoint status {found.flywheel}"
    )


def _followed(found: FlywheelEndpoint) -> str:
    assert found.facts is not None
    if not found.follows:
        other = found.facts.flywheel_arn or "no flywheel: whatever is promoted, it keeps its model"
        return f"not {found.flywheel}, but {other}"
    if found.active is not None and found.facts.model != found.active:
        return f"{found.flywheel}, and is not at its active model {found.active} yet"
    return f"{found.flywheel}, and serves its active model"


def _last_request(ports: Ports, found: FlywheelEndpoint) -> tuple[str | None, str]:
    """Return the hour of the newest request, and what to say of it: nothing where the policy has no `idle_hours`."""
    if found.facts is None or found.rules is None or found.rules.idle_hours is None:
        return None, ""
    limit = f"the policy's limit is {found.rules.idle_hours:g} hours (serving.idle_hours)"
    try:
        last = ports.endpoint_use.last_request(found.arn, found.facts.created, ports.clock.now())
    except GovernorError as error:
        return None, f"not known: {error}"
    if last is None:
        return None, f"never, as far as CloudWatch knows; {limit}"
    return to_text(last), f"last in the hour from {to_text(last)[:16].replace('T', ' ')} UTC on; {limit}"


def _units_told(found: FlywheelEndpoint) -> str:
    assert found.facts is not None
    told = str(found.facts.units)
    if found.facts.desired_units not in {0, found.facts.units}:
        return f"{told}, being changed to {found.facts.desired_units}"
    if found.rules is not None and found.rules.inference_units != found.facts.units:
        return f"{told}; the policy says {found.rules.inference_units} (serving.inference_units)"
    return told


def _units(number: int) -> str:
    return f"{number} inference unit{'' if number == 1 else 's'}"


def _task(found: FlywheelEndpoint) -> str:
    return "entities" if found.mode == "ENTITIES" else "classify"


def _age(seconds: float) -> str:
    hours = seconds / 3600
    return (
        f"{seconds / 60:.0f} minutes" if hours < 2 else f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.1f} days"
    )
