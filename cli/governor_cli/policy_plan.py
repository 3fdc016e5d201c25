"""What applying policies would do, and did, in words and in JSON."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import click

from governor.domain.moments import to_text
from governor.domain.policy_document import DEFAULTS
from governor.ports import PolicyRow
from governor.usecases.apply_policy import Applied, Plan, Step
from governor_cli.complaint import Complaint

_MOST_SHOWN = 12


def version_of(row: PolicyRow | None) -> str:
    """Return the version in words, with who wrote it and when."""
    if row is None or row.number == 0:
        return "something that is no policy"
    at = f"{to_text(row.written_at)[:19]}Z" if row.written_at is not None else "a time that was lost"
    edited = ", and which was edited past the command line since" if row.edited else ""
    return f"version {row.number}, which {row.author} wrote at {at}{edited}"


def told(plan: Plan, tense: str) -> Iterator[str]:
    """Yield the plan line by line. `tense`: `would be` or `will be`."""
    for step in plan.steps:
        match step.word:
            case "SAME":
                yield f"{subject(step.name)}: as it is ({version_of(step.seen)})."
            case "EDITED":
                yield f"{subject(step.name)}: left alone. {_how_to_cure(step.name)}"
            case "NEW":
                yield f"{subject(step.name)}: {tense} written, the first version."
            case "CHANGED":
                why = " with the defaults" if step.cause == "defaults" else ""
                yield f"{subject(step.name)}: {tense} changed{why}; before: {version_of(step.seen)}."
                yield from changes_of(step)


def changes_of(step: Step) -> Iterator[str]:
    """Yield what a step changes, and whether it is stricter, in indented lines."""
    for change in step.changes[:_MOST_SHOWN]:
        yield f"  {change}"
    if len(step.changes) > _MOST_SHOWN:
        yield f"  and {len(step.changes) - _MOST_SHOWN} more fields: governor policy diff shows all"
    if step.stricter:
        yield f"  stricter: {'; '.join(step.stricter)}"


def plan_as_json(plan: Plan) -> str:
    """Return the plan as a JSON text, one object a policy."""
    return json.dumps([_step_as_document(step) for step in plan.steps], indent=1)


def _step_as_document(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "word": step.word,
        "cause": step.cause,
        "version": step.seen.number if step.seen is not None else None,
        "changes": [{"path": each.path, "old": each.old, "new": each.new} for each in step.changes],
        "stricter": list(step.stricter),
    }


def named(steps: Sequence[Step]) -> str:
    """Return the flywheels of some steps, as they are called in a question."""
    names = [step.name for step in steps]
    return f"flywheel {names[0]} too" if len(names) == 1 else f"{len(names)} more flywheels ({', '.join(names)})"


def subject(name: str) -> str:
    """Return how a sentence begins that is about a policy."""
    return "The defaults" if name == DEFAULTS else f"Flywheel {name}"


def _how_to_cure(name: str) -> str:
    return (
        f"Its row was edited past the command line: `governor policy show {name} --overrides` shows it; "
        "apply what you want of it."
    )


# ---- what became of it -----------------------------------------------------------------------------------------------


def report(inbox: str, plan: Plan, done: Iterator[Applied], *, as_json: bool) -> int:
    """Print every step as it is done. Raises Complaint where somebody was faster."""
    steps = {step.name: step for step in plan.steps}
    results = []
    lost: Applied | None = None
    for applied in done:
        step = steps[applied.name]
        results.append(_step_as_document(step) | {"word": applied.word, "written": _number(applied)})
        if applied.word == "LOST":
            lost = applied
        elif not as_json:
            _tell(inbox, step, applied)
    if as_json:
        click.echo(json.dumps(results, indent=1))
    if lost is not None:
        written = sum(each["word"] == "WRITTEN" for each in results)
        nothing = f"{written} other policies were written before." if written else "Nothing of yours was written."
        raise Complaint(
            f"Somebody was faster: {_policy_of(lost.name)} changed meanwhile, to "
            f"{version_of(lost.row)}, or the defaults did. {nothing} Look at theirs (`governor policy diff`), then "
            "apply yours again if it still holds."
        )
    return int(any(each["word"] == "EDITED" for each in results))


def _policy_of(name: str) -> str:
    return "the defaults" if name == DEFAULTS else f"the policy of flywheel {name}"


def _number(applied: Applied) -> int | None:
    return applied.row.number if applied.word == "WRITTEN" and applied.row is not None else None


def _tell(inbox: str, step: Step, applied: Applied) -> None:
    about = subject(applied.name)
    if applied.word == "EDITED":
        click.echo(f"{about} was left alone. {_how_to_cure(applied.name)}", err=True)
        return
    if applied.word == "SAME":
        has = "have this content" if applied.name == DEFAULTS else "has this policy"
        click.echo(f"{about} {has} already, as {version_of(applied.row)}. Nothing was written.")
        return
    before = f"; before: {version_of(applied.before)}" if applied.before is not None else ""
    has = "are written" if applied.name == DEFAULTS else "has a new policy"
    click.echo(f"{about} {has}: version {_number(applied)}{before}.")
    if step.word == "CHANGED":
        for line in changes_of(step):
            click.echo(line)
    elif applied.name != DEFAULTS:
        click.echo(
            f"Drop labelled files into s3://{inbox}/{applied.name}/train/ and s3://{inbox}/{applied.name}/test/."
        )
