"""`governor policy show | diff | history`: the policy in force, what a file would change, and who changed what."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

import click
import yaml
from rich.console import Console
from rich.table import Table

from governor.domain.moments import to_text
from governor.domain.policy_document import DEFAULTS, changes
from governor.domain.strictness import stricter
from governor.ports import PolicyRow, PolicyWriter
from governor.usecases.apply_policy import document_of, plan_policies, policy_of
from governor.usecases.policy_faults import read_policy_file
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.policy_file import load
from governor_cli.stack_option import with_stack

_SHOW = """Show a flywheel's policy as a file that can be applied again, or the defaults ('*', in quotes).

Without options it is the whole policy that is in force, defaults included. --overrides shows what the flywheel's own
file says. A row that was edited past the command line is shown as it is now, with a warning.

\b
examples:
  governor policy show reviews
  governor policy show reviews --overrides > reviews.yaml
  governor policy show reviews --version 3
  governor policy show reviews --json | jq .policy.gates
"""
_DIFF = """Show what a file would change about a flywheel's policy, or how two of its versions differ.

Whole policies are compared, defaults included, and it is said in words whether the new one is stricter: whether it may
refuse a model that the old one promotes. If so, a batch that was planned under the old one is judged once more before
its model becomes active.

\b
examples:
  governor policy diff reviews reviews.yaml
  governor policy diff reviews --versions 3 4
"""
_HISTORY = """Show every version of a flywheel's policy, or of the defaults ('*'): when, by whom, what changed.

\b
examples:
  governor policy history reviews
  governor policy history reviews --json | jq '.[] | select(.by | test("ada"))'
"""
_MOST_SHOWN = 6


@click.command("show", help=_SHOW, short_help="the policy in force, or one version of it")
@click.argument("flywheel")
@click.option("--version", type=click.IntRange(1), metavar="N", help="this version; default: the one in force")
@click.option("--overrides/--resolved", default=False, help="what its own file says, or the whole policy (default)")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@with_stack
def show(stack: DeployedStack, flywheel: str, version: int | None, overrides: bool, as_json: bool) -> None:
    """Print it as YAML that can be applied, or as JSON."""
    row = _row(stack.ports.policy_writer, flywheel, version)
    fields = _fields(row, overrides=overrides, of=flywheel)
    if as_json:
        click.echo(json.dumps(_as_document(row) | {"name": flywheel, "policy": fields}, indent=1, ensure_ascii=False))
    else:
        with_defaults = f", with version {row.defaults} of the defaults" if row.defaults else ""
        click.echo(f"# Version {row.number or 'unknown'}, written by {row.author}{_at(row)}{with_defaults}.")
        click.echo(_yaml({"name": flywheel} | fields), nl=False)
    if row.edited:
        click.echo(
            "governor: this row was edited past the command line, and is no policy as it is. If that is what you want, "
            "apply it; otherwise apply your own file.",
            err=True,
        )


@click.command("diff", help=_DIFF, short_help="what a file would change, and whether it is stricter")
@click.argument("flywheel")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--versions", nargs=2, type=click.IntRange(1), metavar="A B", help="compare two versions instead")
@click.option("--json", "as_json", is_flag=True, help="print JSON")
@with_stack
def diff(
    stack: DeployedStack, flywheel: str, file: Path | None, versions: tuple[int, int] | None, as_json: bool
) -> None:
    """Compare, and say it in words too."""
    if (file is None) == (versions is None):
        raise click.UsageError("Give a FILE to compare the policy in force with, or --versions A B.")
    writer = stack.ports.policy_writer
    found = _versions(writer, flywheel, *versions) if versions is not None else _with_file(writer, flywheel, file)
    if as_json:
        what = [{"path": each.path, "old": each.old, "new": each.new} for each in changes(found.old, found.new)]
        click.echo(json.dumps({"changes": what, "stricter": found.stricter}, indent=1, ensure_ascii=False))
        return
    lines = list(_unified(found))
    for line in lines:
        click.echo(line)
    for line in _in_words(found, same=not lines):
        click.echo(line)


@click.command("history", help=_HISTORY, short_help="every version: when, by whom, what changed")
@click.argument("flywheel")
@click.option("--json", "as_json", is_flag=True, help="print JSON, one object a version")
@with_stack
def history(stack: DeployedStack, flywheel: str, as_json: bool) -> None:
    """Read all versions, oldest first, and compare each with the one before."""
    rows = stack.ports.policy_writer.history(flywheel)
    if not rows:
        raise _unknown(flywheel)
    before: Mapping[str, Any] = {}
    entries = []
    for row in rows:
        now = document_of(row)
        entries.append((row, [str(each) for each in changes(before, now)] if before else []))
        before = now or before
    if as_json:
        documents = [_as_document(row) | {"changes": what} for row, what in entries]
        click.echo(json.dumps(documents, indent=1, ensure_ascii=False))
        return
    table = Table(header_style="bold", expand=False)
    for name in ("Version", "When", "By", "What changed"):
        table.add_column(name, overflow="fold", justify="right" if name == "Version" else "left")
    for row, what in entries:
        at = f"{row.written_at:%Y-%m-%d %H:%M}" if row.written_at is not None else "unknown"
        table.add_row(str(row.number), at, row.author, "\n".join(_summary(row, what)))
    Console().print(table)


# ---- rows ------------------------------------------------------------------------------------------------------------


def _row(writer: PolicyWriter, name: str, number: int | None) -> PolicyRow:
    row = writer.current(name) if number is None else writer.version(name, number)
    if row is not None:
        return row
    current = writer.current(name)
    if current is None:
        raise _unknown(name)
    raise Complaint(f"There is no version {number}; {current.number} is in force. `governor policy history` has all.")


def _unknown(name: str) -> Complaint:
    if name == DEFAULTS:
        return Complaint('There are no defaults. A file with name: "*" has some: `governor policy init --name "*"`.')
    return Complaint(f"Flywheel {name} has no policy. `governor policy init --name {name}` begins one.")


def _fields(row: PolicyRow, *, overrides: bool, of: str) -> dict[str, Any]:
    text = row.overrides if overrides else row.document
    try:
        fields = json.loads(text)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        click.echo(text)
        raise Complaint(f"The row of {of} holds no JSON object: it was edited past the command line. Apply a file.")
    return fields


def _as_document(row: PolicyRow) -> dict[str, Any]:
    return {
        "version": row.number or None,
        "by": row.author,
        "at": to_text(row.written_at) if row.written_at is not None else None,
        "cause": row.cause,
        "defaults_version": row.defaults or None,
        "edited": row.edited,
    }


def _at(row: PolicyRow) -> str:
    return f" at {to_text(row.written_at)[:19]}Z" if row.written_at is not None else ""


def _summary(row: PolicyRow, what: Sequence[str]) -> Iterator[str]:
    if row.edited:
        yield "edited past the command line since"
    if row.cause == "defaults":
        yield f"with version {row.defaults} of the defaults"
    if row.number == 1:
        yield "the first version"
    yield from what[:_MOST_SHOWN]
    if len(what) > _MOST_SHOWN:
        yield f"and {len(what) - _MOST_SHOWN} more fields"


# ---- differences -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Pair:
    """Two policies. `stricter`: None where the question makes no sense (defaults, or a first version)."""

    flywheel: str
    names: tuple[str, str]
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    stricter: list[str] | None
    besides: tuple[str, ...] = ()


def _with_file(writer: PolicyWriter, flywheel: str, file: Path | None) -> _Pair:
    assert file is not None
    wanted = read_policy_file(load(file))
    if wanted.name != flywheel:
        raise Complaint(f"{file} is about {wanted.name}, not about {flywheel}.")
    plan = plan_policies(writer, [wanted])
    step = plan.steps[0]
    old = document_of(step.seen)
    name = f"{flywheel}, version {step.seen.number}" if step.seen is not None else f"{flywheel}, no version yet"
    judged = flywheel != DEFAULTS and policy_of(step.seen) is not None
    besides = tuple(
        f"Flywheel {each.name} changes with them"
        + (f"; stricter: {'; '.join(each.stricter)}." if each.stricter else ".")
        for each in plan.besides
    )
    return _Pair(
        flywheel, (name, str(file)), old, json.loads(step.document), list(step.stricter) if judged else None, besides
    )


def _versions(writer: PolicyWriter, flywheel: str, first: int, second: int) -> _Pair:
    old, new = _row(writer, flywheel, first), _row(writer, flywheel, second)
    before, after = policy_of(old), policy_of(new)
    return _Pair(
        flywheel,
        (f"{flywheel}, version {first}", f"{flywheel}, version {second}"),
        document_of(old),
        document_of(new),
        list(stricter(after, before)) if before is not None and after is not None else None,
    )


def _unified(pair: _Pair) -> Iterator[str]:
    old, new = (_yaml(fields).splitlines() if fields else [] for fields in (pair.old, pair.new))
    for number, line in enumerate(unified_diff(old, new, *pair.names, lineterm="")):
        color = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        yield click.style(line, fg=color if number > 1 else None, bold=number <= 1)


def _in_words(pair: _Pair, *, same: bool) -> Iterator[str]:
    if same:
        yield "Nothing differs."
    elif pair.stricter:
        yield "The new one is stricter: it may refuse a model that the old one promotes."
        yield from (f"  {reason}" for reason in pair.stricter)
    elif pair.stricter is not None:
        yield "The new one is not stricter: whatever the old one promotes, it promotes too."
    yield from pair.besides


def _yaml(fields: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(fields), sort_keys=False, allow_unicode=True, width=118)
