"""A policy as a document: what a person's file says, what comes of it together with the defaults, and what changed.

A flywheel's file says what differs from the defaults, which are a document of the same form for all flywheels. Blocks
merge field by field; what is no block, lists such as `gates` included, replaces; `null` takes a default away.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governor.domain.batch import digest_of
from governor.domain.policy import Policy

DEFAULTS = "*"
"""The name under which the defaults are written."""


@dataclass(frozen=True)
class PolicyFile:
    """What a person wants: the flywheel's name, or `DEFAULTS`, and the fields that the file gives."""

    name: str
    fields: Mapping[str, Any]

    @property
    def for_all(self) -> bool:
        """Whether it is the defaults."""
        return self.name == DEFAULTS


@dataclass(frozen=True)
class Change:
    """One field that is not what it was. `old`, `new`: None if it was not there, or is not any more."""

    path: str
    old: object
    new: object

    def __str__(self) -> str:
        if self.old is None:
            return f"{self.path}: {_shown(self.new)}, which was not given before"
        if self.new is None:
            return f"{self.path}: no more; before: {_shown(self.old)}"
        return f"{self.path}: {_shown(self.new)}; before: {_shown(self.old)}"


def merged(defaults: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return `overrides` with what they leave out from `defaults`."""
    both = dict(defaults)
    for name, value in overrides.items():
        under = both.get(name)
        is_block = isinstance(value, Mapping) and isinstance(under, Mapping)
        both[name] = merged(under, value) if is_block else value  # type: ignore[arg-type]
    return both


def text_of(fields: Mapping[str, Any]) -> str:
    """Return the JSON text that a row keeps: exact, and readable in the console."""
    return json.dumps(fields, indent=2, ensure_ascii=False, allow_nan=False)


def resolved_text(policy: Policy) -> str:
    """Return the text of the whole policy, every default included, so that later versions change nothing about it."""
    return text_of(policy.model_dump(mode="json", exclude_none=True))


def fingerprint(text: str) -> str:
    """Return the sha256 by which it is noticed that a row's text was edited."""
    return digest_of(text.encode())


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what differs, field by field, in the order of `new`; a list of names is one field."""
    return tuple(_changes("", old, new))


def _changes(path: str, old: object, new: object) -> Iterator[Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in [*new, *(name for name in old if name not in new)]:
            yield from _changes(f"{path}.{name}".removeprefix("."), old.get(name), new.get(name))
    elif _is_list_of_blocks(old) and _is_list_of_blocks(new):
        yield from _changes(path, _numbered(old), _numbered(new))
    elif old != new:
        yield Change(path, old, new)


def _is_list_of_blocks(value: object) -> bool:
    return isinstance(value, Sequence) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _numbered(values: object) -> dict[str, object]:
    assert isinstance(values, Sequence)
    return {str(number): value for number, value in enumerate(values)}


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
