"""Writes policies on a person's behalf: first a plan of what would change, then the versions, one flywheel at a time.

New defaults make a new version of every flywheel that they change, so that functions read whole policies only. The
defaults are written first, and every flywheel's version only while they are the ones that were merged: whatever dies in
between, applying the same file again writes what is left.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from governor.domain.errors import InvalidInputError
from governor.domain.policy import Policy
from governor.domain.policy_document import (
    DEFAULTS,
    Change,
    PolicyFile,
    changes,
    merged,
    resolved_text,
    text_of,
)
from governor.domain.strictness import stricter
from governor.ports import Clock, PolicyRow, PolicyWriter
from governor.ports.policies import Cause
from governor.usecases.policy_faults import FaultyPolicy, resolved

_MOST_BYTES = 380_000
"""Both texts of a row must fit into a DynamoDB item of 400 KB beside author and key."""

Word = Literal["NEW", "CHANGED", "SAME", "EDITED"]


@dataclass(frozen=True)
class Step:
    """One policy, and what applying does to it.

    NEW: there was none. CHANGED: a new version. SAME: nothing is written. EDITED: it would change with the defaults,
    but its row was edited past the command line, so that nothing is merged with it; its own file is applied first.
    `changes`: against the version in force. `stricter`: why the new version may refuse what that one promotes.
    """

    name: str
    word: Word
    cause: Cause
    seen: PolicyRow | None
    document: str
    overrides: str
    changes: tuple[Change, ...] = ()
    stricter: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """All that applying some files does, in its order: the defaults, the files' flywheels, flywheels changed besides.

    `defaults`: the row of the defaults that was merged, unless they are written too.
    """

    steps: tuple[Step, ...]
    defaults: PolicyRow | None = None

    @property
    def besides(self) -> list[Step]:
        """The flywheels that change with the defaults alone."""
        return [step for step in self.steps if step.cause == "defaults"]


@dataclass(frozen=True)
class Applied:
    """What became of a step.

    WRITTEN: `row` is the new version. SAME: `row` says it already. LOST: somebody else's `row` (None: it was deleted)
    is in force since the plan was made. EDITED: see `Step`.
    """

    word: Literal["WRITTEN", "SAME", "LOST", "EDITED"]
    name: str
    row: PolicyRow | None
    before: PolicyRow | None = None


def plan_policies(writer: PolicyWriter, files: Sequence[PolicyFile]) -> Plan:
    """Look, and write nothing. At most one of `files` is the defaults, and no two have the same name.

    Raises InvalidInputError that lists every fault of every policy, one a line.
    """
    own = next((file for file in files if file.for_all), None)
    kept = writer.current(DEFAULTS)
    fields = own.fields if own is not None else fields_of_defaults(kept)
    steps = [] if own is None else [_step_of_defaults(own, kept)]
    refused: list[str] = []
    for file in files:
        if not file.for_all:
            _plan(steps, refused, writer.current(file.name), file, fields, "file")
    named = {file.name for file in files}
    for name in writer.names() if own is not None else []:
        row = writer.current(name)
        if name in named or row is None:
            continue
        if row.edited:
            steps.append(Step(name, "EDITED", "defaults", row, "", ""))
        else:
            _plan(steps, refused, row, PolicyFile(name, json.loads(row.overrides)), fields, "defaults")
    if refused:
        raise InvalidInputError("\n".join(refused))
    return Plan(tuple(steps), kept if own is None else None)


def carry_out(writer: PolicyWriter, clock: Clock, plan: Plan, *, author: str) -> Iterator[Applied]:
    """Do the plan step by step and yield what became of each; ends with the first that is LOST.

    `author`: the ARN of whoever asks; every row that is written keeps it.
    """
    defaults = plan.defaults
    for step in plan.steps:
        applied = _carry_out(writer, clock, step, defaults, author)
        yield applied
        if applied.word == "LOST":
            return
        if step.name == DEFAULTS:
            defaults = applied.row


def apply_policy(writer: PolicyWriter, clock: Clock, file: PolicyFile, *, author: str) -> Applied:
    """Make one flywheel's file its policy. Raises InvalidInputError that lists every fault."""
    return next(carry_out(writer, clock, plan_policies(writer, [file]), author=author))


def fields_of_defaults(row: PolicyRow | None) -> Mapping[str, Any]:
    """Return the defaults in force. Raises InvalidInputError if they were edited past the command line."""
    if row is None:
        return {}
    if row.edited:
        raise InvalidInputError(
            "The defaults were edited past the command line: their digest does not fit. "
            f"`governor policy show '{DEFAULTS}'` shows what they say now; apply what you want, then try again."
        )
    fields: Mapping[str, Any] = json.loads(row.document)
    return fields


def policy_of(row: PolicyRow | None) -> Policy | None:
    """Return the policy that the row says, edited or not; None if it says none that this version can read."""
    try:
        return None if row is None else Policy.model_validate(json.loads(row.document))
    except (ValueError, ValidationError):
        return None


def document_of(row: PolicyRow | None) -> Mapping[str, Any]:
    """Return the row's whole policy, edited or not; empty if there is none, or it is no JSON object."""
    try:
        document = {} if row is None else json.loads(row.document)
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}


def follows_defaults(row: PolicyRow, defaults: PolicyRow | None) -> bool:
    """Tell whether the row is what comes of its file and the defaults: not so after an apply that broke off."""
    try:
        wanted = Policy.model_validate(merged(fields_of_defaults(defaults), json.loads(row.overrides)))
    except (InvalidInputError, ValueError):
        return False
    return policy_of(row) == wanted


def _plan(
    steps: list[Step],
    refused: list[str],
    row: PolicyRow | None,
    file: PolicyFile,
    defaults: Mapping[str, Any],
    cause: Cause,
) -> None:
    try:
        step = _step_of_flywheel(file, resolved(file, defaults), row, cause)
    except FaultyPolicy as error:
        because = "" if cause == "file" else ", with these defaults,"
        refused.append(str(FaultyPolicy(error.faults, f"The policy of flywheel {file.name}{because}")))
        return
    if cause == "file" or step.word != "SAME":
        steps.append(step)


def _step_of_defaults(file: PolicyFile, row: PolicyRow | None) -> Step:
    text = text_of(file.fields)
    word: Word = "NEW" if row is None else "SAME" if not row.edited and document_of(row) == file.fields else "CHANGED"
    return Step(DEFAULTS, word, "file", row, text, text, changes(document_of(row), file.fields))


def _step_of_flywheel(file: PolicyFile, policy: Policy, row: PolicyRow | None, cause: Cause) -> Step:
    document, overrides = resolved_text(policy), text_of(file.fields)
    size = len(document.encode()) + len(overrides.encode())
    if size > _MOST_BYTES:
        raise InvalidInputError(
            f"The policy of flywheel {file.name} takes {size} bytes, once as its file and once with the defaults; "
            f"{_MOST_BYTES} are the most."
        )
    old = policy_of(row)
    same = row is not None and not row.edited and row.number > 0 and old == policy and _says(row, file.fields)
    return Step(
        file.name,
        "NEW" if row is None else "SAME" if same else "CHANGED",
        cause,
        row,
        document,
        overrides,
        changes(document_of(row), json.loads(document)),
        stricter(policy, old) if old is not None else (),
    )


def _says(row: PolicyRow, fields: Mapping[str, Any]) -> bool:
    return bool(json.loads(row.overrides) == json.loads(text_of(fields)))


def _carry_out(writer: PolicyWriter, clock: Clock, step: Step, defaults: PolicyRow | None, author: str) -> Applied:
    if step.word == "SAME":
        return Applied("SAME", step.name, step.seen)
    if step.word == "EDITED":
        return Applied("EDITED", step.name, step.seen)
    row = writer.write(
        step.name,
        step.document,
        step.overrides,
        over=step.seen,
        defaults=None if step.name == DEFAULTS else defaults,
        cause=step.cause,
        author=author,
        now=clock.now(),
    )
    if row is None:
        return Applied("LOST", step.name, writer.current(step.name))
    return Applied("WRITTEN", step.name, row, step.seen)
