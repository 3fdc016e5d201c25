"""`governor resume`: end the hold of a flywheel."""

import click

from governor.usecases.resume_flywheel import Resumed, resume_flywheel
from governor_cli.deployment import DeployedStack
from governor_cli.stack_option import with_stack

_RESUME = """End the hold of a flywheel.

A flywheel is held after failures, after a regression, after a rejected candidate, or when somebody stopped its
execution. Uploads wait meanwhile and none is lost. This ends the hold, sets the count of failures back to 0, switches
automatic promotion on again if a rollback had switched it off, says which of these it did, and asks for a turn.

\b
examples:
  governor resume reviews
  governor resume reviews --region eu-west-1 --profile ml-prod
"""


@click.command(help=_RESUME, short_help="end the hold of a flywheel, and its freeze after a rollback")
@click.argument("flywheel")
@with_stack
def resume(stack: DeployedStack, flywheel: str) -> None:
    """Say what was ended and what follows."""
    resumed = resume_flywheel(stack.ports, flywheel, by=stack.caller)
    told = resumed.cleared.sentences() or [f"Flywheel {flywheel} was not held: there was nothing to clear."]
    for line in [*told, _what_follows(flywheel, resumed)]:
        click.echo(line)


def _what_follows(flywheel: str, resumed: Resumed) -> str:
    if resumed.started:
        return f"A turn of flywheel {flywheel} was started."
    if resumed.running:
        return f"Turn {resumed.running} of flywheel {flywheel} is at work and goes on."
    return f"Nothing waits for flywheel {flywheel}: the next upload starts a turn."
