"""`governor rollback`, `promote` and `active`: which model serves, and a person's word about it."""

import json
import uuid
from datetime import datetime

import click

from governor.domain.batch import NO_BASELINE
from governor.domain.moments import from_text, to_text
from governor.domain.serving import active_at
from governor.ports import Ports, ServingChange
from governor.usecases.flywheel_status import metrics_of
from governor.usecases.scores import in_words
from governor_cli.asking import because_option
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.stack_option import with_stack

_ROLLBACK = """Make the previous good model active again, at once.

No gate and no approval is asked. Who you are (your IAM ARN), when and why is recorded, and people are told. Automatic
promotion is frozen: a later candidate that passes its gates asks for approval until you run `governor resume`, because
the baseline is now the weaker model and the next PASS would bring back what you have just rolled back.

A second rollback goes one model further back. Endpoints that are bound to the flywheel follow by themselves.

\b
examples:
  governor rollback reviews --because "refunds are sorted as praise"
  governor rollback reviews --to Comprehend-Generated-v1-1f3c9a2b --because "last one that was right"
"""
_PROMOTE = """Make any model version active, past the gates: a loud override.

The record says OVERRIDE with your IAM ARN and your reason, and everybody who gets notices is told. The way that needs
no override is the policy: change its gates, or approve a candidate.

\b
examples:
  governor promote reviews Comprehend-Generated-v1-1f3c9a2b --because "legal wants the March model"
"""
_ACTIVE = """Show which model is active, since when, and by whose word; with --at, which one was.

\b
examples:
  governor active reviews
  governor active reviews --at 2026-11-01
  governor active reviews --json
"""


@click.command(help=_ROLLBACK, short_help="make the previous good model active again, at once")
@click.argument("flywheel")
@click.option("--to", "version", metavar="VERSION", help="this model instead: its ARN, its version, or the end of it")
@because_option
@with_stack
def rollback(stack: DeployedStack, flywheel: str, version: str | None, because: str) -> None:
    """Order it, and say what is active now."""
    model = None if version is None else find_model(stack.ports, flywheel, version)
    _order(stack, "rollback", flywheel, model, because)


@click.command(help=_PROMOTE, short_help="make any model active, past the gates: a loud override")
@click.argument("flywheel")
@click.argument("model")
@because_option
@with_stack
def promote(stack: DeployedStack, flywheel: str, model: str, because: str) -> None:
    """Order it, and say what is active now."""
    _order(stack, "override", flywheel, find_model(stack.ports, flywheel, model), because)


@click.command(help=_ACTIVE, short_help="show which model is active, since when and why")
@click.argument("flywheel")
@click.option("--at", "moment", metavar="TIME", help="a day or a time in UTC: 2026-11-01, 2026-11-01T09:30")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@with_stack
def active(stack: DeployedStack, flywheel: str, moment: str | None, as_json: bool) -> None:
    """Read it from the ledger; nothing in Comprehend is asked."""
    history = stack.ports.serving.history(flywheel)
    serving = stack.ports.serving.read(flywheel)
    if serving is None:
        known = stack.ports.heads.read(flywheel) is not None or stack.ports.policies.version(flywheel) > 0
        why = "it has taken no turn yet." if known else "look for a slip in the name."
        raise Complaint(f"Nothing is known of an active model of flywheel {flywheel}: {why}")
    then = _time(moment) if moment is not None else None
    model = serving.active if then is None else active_at(history, then) or NO_BASELINE
    changes = [each for each in history if each.target == model and (then is None or each.at <= then)]
    since = changes[-1] if changes else None
    metrics = metrics_of(stack.ports.batches.history(flywheel), model)
    if as_json:
        described = {
            "flywheel": flywheel,
            "model": None if model == NO_BASELINE else model,
            "since": to_text(since.at) if since else None,
            "who": since.who if since else None,
            "why": since.why if since else None,
            "f1": metrics.f1 if metrics else None,
            "precision": metrics.precision if metrics else None,
            "recall": metrics.recall if metrics else None,
            "accuracy": metrics.accuracy if metrics else None,
            "frozen": serving.frozen,
        }
        click.echo(json.dumps(described, indent=1))
        return
    none = f"Flywheel {flywheel} {'has' if then is None else 'had'} no active model{'' if then is None else ' then'}."
    click.echo(model if model != NO_BASELINE else none)
    if since is not None:
        click.echo(f"  since {to_text(since.at)[:19]}Z, by {since.who}: {since.why}")
    if metrics is not None:
        click.echo(f"  {in_words(metrics)} on the exam that it sat last")
    if serving.frozen:
        click.echo(f"  automatic promotion is off; `governor resume {flywheel}` switches it on")


def find_model(ports: Ports, flywheel: str, wanted: str) -> str:
    """Return the ARN of the one model that `wanted` means: an ARN, a version, or the end of one.

    Raises Complaint with those that there are.
    """
    if wanted.startswith("arn:"):
        return wanted
    known = _known_models(ports.serving.history(flywheel))
    for _, verdicts in ports.batches.history(flywheel):
        known |= {verdict.candidate: None for verdict in verdicts if verdict.candidate is not None}
    found = [model for model in known if model.endswith(wanted)]
    if len(found) == 1:
        return found[0]
    listed = "".join(f"\n  {model}" for model in (found or known))
    if found:
        raise Complaint(f"{wanted} may be any of these models of flywheel {flywheel}:{listed}")
    there = f" There are:{listed}" if known else ""
    raise Complaint(f"No model {wanted} of flywheel {flywheel} is known.{there}")


def _known_models(history: list[ServingChange]) -> dict[str, None]:
    models = [model for change in history for model in (change.source, change.target)]
    return {model: None for model in models if model != NO_BASELINE}


def _order(stack: DeployedStack, word: str, flywheel: str, model: str | None, because: str) -> None:
    order = {
        "order": word,
        "id": str(uuid.uuid4()),
        "flywheel": flywheel,
        "model": model,
        "by": stack.caller,
        "because": because,
    }
    answer = stack.invoke("PromoteModelFunctionName", order)
    if answer["word"] == "ALREADY":
        click.echo(f"{answer['model']} is the active model of flywheel {flywheel} already. Nothing was changed.")
        return
    click.echo(f"The active model of flywheel {flywheel} is now {answer['model']}.")
    click.echo(f"Before: {answer['previous']}.")
    if answer["frozen"]:
        click.echo(f"Automatic promotion is off. When all is well again: governor resume {flywheel}")


def _time(text: str) -> datetime:
    try:
        moment = from_text(text if "T" in text else f"{text}T23:59:59Z")
    except ValueError as error:
        wrong = f"{text} is neither a day nor a time, such as 2026-11-01T09:30"
        raise click.BadParameter(wrong, param_hint="--at") from error
    return moment
