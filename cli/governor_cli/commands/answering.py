"""`governor approve` and `reject`: answer an open approval under one's own IAM identity."""

import click

from governor.domain.approval import Answer
from governor.usecases.answer_by_name import answer_by_name
from governor_cli.asking import because_option
from governor_cli.deployment import DeployedStack
from governor_cli.stack_option import with_stack

_APPROVE = """Approve the candidate that people are asked about: of BATCH, or of whichever batch it is now.

Mail, status and history name the batch; with its number you cannot answer for another one by mistake. It has the same
effect as the page that the mail links to, but your IAM ARN is on record instead of a name that somebody typed. The
waiting execution goes on at once if you may invoke the function SweepFunctionName, and within a minute otherwise.

\b
examples:
  governor approve reviews --because "F1 is up by 3 points, I read 20 of the flips"
  governor approve reviews 12 --because "as discussed"
"""
_REJECT = """Reject the candidate that people are asked about: the active model stays, and the flywheel is held.

BATCH is the one that mail, status and history name; without it, whichever is asked about now. Your IAM ARN is on
record instead of a name that somebody typed. The waiting execution goes on at once if you may invoke the function
SweepFunctionName, and within a minute otherwise.

\b
examples:
  governor reject reviews --because "the labels of Tuesday's file are wrong"
  governor reject reviews 12 --because "too many flips in class billing"
"""
_flywheel = click.argument("flywheel")
_batch = click.argument("batch", type=click.IntRange(1), required=False)


@click.command(help=_APPROVE, short_help="approve the candidate that people are asked about")
@_flywheel
@_batch
@because_option
@with_stack
def approve(stack: DeployedStack, flywheel: str, batch: int | None, because: str) -> None:
    """Answer APPROVED."""
    _answer(stack, flywheel, batch, "APPROVED", because)


@click.command(help=_REJECT, short_help="reject it: the active model stays")
@_flywheel
@_batch
@because_option
@with_stack
def reject(stack: DeployedStack, flywheel: str, batch: int | None, because: str) -> None:
    """Answer REJECTED."""
    _answer(stack, flywheel, batch, "REJECTED", because)


def _answer(stack: DeployedStack, flywheel: str, batch: int | None, answer: Answer, because: str) -> None:
    row = answer_by_name(stack.ports, flywheel, batch, answer, by=stack.caller, because=because)
    verb = "approved" if answer == "APPROVED" else "rejected"
    click.echo(f"You {verb} the candidate of batch {row.batch} of flywheel {flywheel}: {row.candidate}.")
    soon = "now" if stack.sweep() else "within a minute"
    click.echo(f"The flywheel goes on {soon}; `governor status` shows it.")
