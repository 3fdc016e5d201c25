"""`governor policy validate | apply`: what you want of a flywheel, checked and written. The group has more commands."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from governor.domain.policy_document import PolicyFile
from governor.usecases.apply_policy import Step, carry_out, plan_policies
from governor.usecases.policy_faults import Fault, FaultyPolicy, read_policy_file, resolved
from governor_cli.asking import require_yes
from governor_cli.commands.policy_looking import diff, history, show
from governor_cli.commands.policy_starting import init
from governor_cli.complaint import Complaint
from governor_cli.deployment import DeployedStack
from governor_cli.policy_file import load
from governor_cli.policy_plan import named, plan_as_json, report, subject, told, version_of
from governor_cli.stack_option import with_stack

_POLICY = """What you want of a flywheel: in files that are checked, compared, applied and kept in versions.

\b
examples:
  governor policy init --name reviews --labels praise,complaint     a file to begin with
  governor policy apply reviews.yaml                                make it the policy
  governor policy diff reviews reviews.yaml                         what would a change change? is it stricter?
  governor policy history reviews                                   who changed what, and when
"""
_VALIDATE = """Check policy files, and say everything that is wrong with them at once.

Nothing is written and AWS is not asked. Every fault comes with its path and with what to do about it. With a file of
defaults among them (name: "*"), the others are checked together with it, as they will be when they are applied.

\b
examples:
  governor policy validate reviews.yaml
  governor policy validate defaults.yaml policies/*.yaml
  governor policy validate --json reviews.yaml | jq -r '.[].faults[].path'
"""
_APPLY = """Check policy files and make them the policies of their flywheels.

The file is YAML or JSON and begins with the flywheel's name:

\b
  name: reviews
  flywheel:
    language: en
    mode: MULTI_CLASS
    labels: [praise, complaint, question]
  gates:
    - metric: f1
      at_least: 0.75
      gain_at_least: 0.0
  approval: replacement

`governor policy init` writes one to begin with; examples/policy.yaml has every field, docs/policy.md explains them. All
files are checked before anything is written. Every write is a new version with your IAM ARN as its author; a file that
says what is in force already writes nothing.

A file with name: "*" has the defaults of all flywheels: what it changes about any of them is shown first, and each gets
a new version. Should it break off, the same command goes on.

\b
examples:
  governor policy apply reviews.yaml
  governor policy apply reviews.yaml --dry-run
  governor policy apply reviews.yaml --if-version 3       only if nobody has changed it since version 3
  governor policy apply defaults.yaml policies/*.yaml --yes
"""
_NO_GATE = (
    "But no gate of it decides anything, so nothing will be promoted without a person. Is that meant? A gate may "
    'also come from defaults (name: "*").'
)


@click.group(help=_POLICY, short_help="what you want of a flywheel: init, validate, show, diff, apply, history")
def policy() -> None:
    """What you want of a flywheel."""


policy.add_command(init)


@policy.command("validate", help=_VALIDATE, short_help="check files offline; all faults at once, each with its remedy")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="print JSON, one object a file")
def validate(files: tuple[Path, ...], as_json: bool) -> int:
    """Read, check, tell; exit code 1 if anything is wrong."""
    read = {path: _read(path) for path in files}
    defaults = next((found.fields for found in read.values() if isinstance(found, PolicyFile) and found.for_all), {})
    faults = {path: _faults(found, defaults) for path, found in read.items()}
    if as_json:
        click.echo(json.dumps([_as_document(path, read[path], faults[path]) for path in files], indent=1))
        return int(any(faults.values()))
    for path, found in faults.items():
        if not found:
            click.echo(f"{path}: nothing is wrong with it.")
            if _decides_nothing(read[path], defaults):
                click.echo(f"  {_NO_GATE}")
            continue
        click.echo(f"{path}: {_count(found)}", err=True)
        for fault in found:
            click.echo(f"  {fault}", err=True)
    if any(faults.values()) and not defaults:
        click.echo('If there are defaults (name: "*") that these files count on, name their file too.', err=True)
    return int(any(faults.values()))


policy.add_command(show)
policy.add_command(diff)


@policy.command("apply", help=_APPLY, short_help="check files and make them the next versions")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="say what would change, and write nothing")
@click.option(
    "--if-version", type=click.IntRange(0), metavar="N", help="only if N is in force; 0: if there is none yet"
)
@click.option("--yes", is_flag=True, help="do not ask before defaults change flywheels that no file is about")
@click.option("--json", "as_json", is_flag=True, help="print JSON, one object a policy")
@with_stack
def apply(
    stack: DeployedStack, files: tuple[Path, ...], dry_run: bool, if_version: int | None, yes: bool, as_json: bool
) -> int:
    """Check the files before AWS is asked for anything, then plan, then write."""
    wanted = wanted_by(files)
    if if_version is not None and len(wanted) > 1:
        raise click.UsageError("--if-version is about one policy: name one file.")
    plan = plan_policies(stack.ports.policy_writer, wanted)
    if if_version is not None:
        _require_version(plan.steps[0], if_version)
    if dry_run:
        click.echo(plan_as_json(plan) if as_json else "\n".join(told(plan, "would be")))
        return 0
    if plan.besides:
        shown = [] if as_json else told(plan, "will be")
        require_yes(shown, f"Change {named(plan.besides)}?", yes=yes)
    done = carry_out(stack.ports.policy_writer, stack.ports.clock, plan, author=stack.caller)
    return report(stack.outputs["InboxBucketName"], plan, done, as_json=as_json)


policy.add_command(history)


def wanted_by(paths: Sequence[Path]) -> list[PolicyFile]:
    """Return what the files want; raises Complaint that has every fault of every file."""
    read = {path: _read(path) for path in paths}
    refused = [found for found in read.values() if not isinstance(found, PolicyFile)]
    if len(paths) == 1 and refused:
        raise refused[0]
    complaints = [f"{path}: {found}" for path, found in read.items() if not isinstance(found, PolicyFile)]
    files = [found for found in read.values() if isinstance(found, PolicyFile)]
    names = [file.name for file in files]
    twice = sorted({name for name in names if names.count(name) > 1})
    complaints += [f"More than one file is about {name}: leave one out." for name in twice]
    if complaints:
        raise Complaint("\n".join(complaints))
    return files


def _read(path: Path) -> PolicyFile | Complaint | FaultyPolicy:
    try:
        return read_policy_file(load(path))
    except (Complaint, FaultyPolicy) as refused:
        return refused


def _faults(found: PolicyFile | Complaint | FaultyPolicy, defaults: Mapping[str, Any]) -> tuple[Fault, ...]:
    match found:
        case FaultyPolicy():
            return found.faults
        case Complaint():
            return (Fault("file", str(found)),)
    try:
        if not found.for_all:
            resolved(found, defaults)
    except FaultyPolicy as faulty:
        return faulty.faults
    return ()


def _decides_nothing(found: PolicyFile | Complaint | FaultyPolicy, defaults: Mapping[str, Any]) -> bool:
    if not isinstance(found, PolicyFile) or found.for_all:
        return False
    return all(gate.mode == "shadow" for gate in resolved(found, defaults).gates)


def _as_document(path: Path, found: object, faults: tuple[Fault, ...]) -> dict[str, Any]:
    return {
        "file": str(path),
        "name": found.name if isinstance(found, PolicyFile) else None,
        "faults": [{"path": fault.path, "remedy": fault.remedy, "in_defaults": fault.in_defaults} for fault in faults],
    }


def _count(faults: Sequence[Fault]) -> str:
    return "a fault" if len(faults) == 1 else f"{len(faults)} faults"


def _require_version(step: Step, wanted: int) -> None:
    there = step.seen.number if step.seen is not None else 0
    if there == wanted:
        return
    has = f"is at {version_of(step.seen)}" if step.seen is not None else "has no version yet"
    raise Complaint(
        f"{subject(step.name)} {has}; you wanted to change "
        + (f"version {wanted}" if wanted else "it only if there is none")
        + f". Nothing was written. `governor policy diff {step.name} FILE` shows what differs."
    )
