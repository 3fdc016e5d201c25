"""Plans before acts: what is about to happen is said first, and a person says yes."""

from collections.abc import Iterable

import click

from governor_cli.complaint import Complaint

_UNCHANGED = "Nothing was changed."
_MOST_SIGNS = 1000
"""Of a reason, as the record takes it."""


def _reason(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """A reason that says nothing is none: it is all that the record will ever have."""
    text = value.strip()
    if not text or len(text) > _MOST_SIGNS:
        raise click.BadParameter(f"a reason has 1 to {_MOST_SIGNS:,} signs", context, parameter)
    return text


because_option = click.option(
    "--because", metavar="TEXT", required=True, callback=_reason, help="why; it is recorded and mailed"
)


def require_yes(plan: Iterable[str], question: str, *, yes: bool) -> None:
    """Print the plan and ask; `yes` skips the question. Raises Complaint if the answer is no, or nobody is there."""
    _print(plan)
    if yes:
        return
    try:
        agreed = click.confirm(question, default=False, err=True)
    except click.Abort:
        click.echo(err=True)
        raise Complaint(f"{_UNCHANGED} Where nobody can answer, add --yes.") from None
    if not agreed:
        raise Complaint(_UNCHANGED)


def require_word(plan: Iterable[str], word: str, *, yes: bool) -> None:
    """Print the plan and let the person type `word`, for what cannot be taken back at all."""
    _print(plan)
    if yes:
        return
    try:
        typed = click.prompt(f"To go on, type {word}", default="", show_default=False, err=True)
    except click.Abort:
        click.echo(err=True)
        raise Complaint(f"{_UNCHANGED} Where nobody can answer, add --yes.") from None
    if typed != word:
        raise Complaint(_UNCHANGED)


def _print(plan: Iterable[str]) -> None:
    for line in plan:
        click.echo(line)
