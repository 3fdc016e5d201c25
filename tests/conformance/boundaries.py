"""Requests at and past every bound that the service's model documents, generated from it.

A case changes one member of a valid request. Whoever answers must take it, or refuse it with the rule and the place.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.conformance.samples import ANY, SAMPLES, Sample
from tests.conformance.script import example
from tests.conformance.shapes import input_of, shape

Path = tuple[str | int, ...]
WRONG: dict[str, tuple[Any, ...]] = {
    "structure": ("text", 1, [], True),
    "list": ("text", 1, {}, True),
    "string": (1, [], {}, True, 1.5),
    "integer": ("1", 1.5, [], {}, True, 2**31, -(2**31) - 1),
    "timestamp": ("2026-01-01T00:00:00Z", [], {}, True, 1e999, -1e999),
    "blob": (1, [], {}, "no base64!", "aGk", "é"),
}
"""JSON values that are of another type, or that the type cannot hold."""
MISSING = object()


@dataclass(frozen=True, slots=True)
class Case:
    """`rule` is None for a request that must be taken, "type" for a value of another type."""

    operation: str
    path: Path
    value: Any
    rule: str | None

    @property
    def request(self) -> dict[str, Any]:
        """The valid request with its one change."""
        before = copy.deepcopy(example(self.operation))
        changed: dict[str, Any] = _changed(input_of(self.operation), before, self.path, self.value)
        return changed

    @property
    def place(self) -> str:
        """How AWS names the member: `tags.1.member.key`."""
        parts = []
        for part in self.path:
            parts += [str(part + 1), "member"] if isinstance(part, int) else [part[0].lower() + part[1:]]
        return ".".join(parts)

    def __str__(self) -> str:
        return f"{self.operation} {self.place or 'request'} = {str(self.value)[:60]!r} ({self.rule or 'allowed'})"


def cases(operation: str) -> Iterator[Case]:
    """All cases of an operation."""
    for path, name, required in _members(input_of(operation), ()):
        for value, rule in _values(name):
            yield Case(operation, path, value, rule)
        for value in WRONG[shape(name)["type"]]:
            yield Case(operation, path, value, "type")
        if required:
            yield Case(operation, path, None, "must not be null")
            yield Case(operation, path, MISSING, "must not be null")
        elif isinstance(path[-1], int):
            yield Case(operation, path, None, "must not be null")
        else:
            yield Case(operation, path, None, None)
            yield Case(operation, path, MISSING, None)


def _members(name: str, path: Path) -> Iterator[tuple[Path, str, bool]]:
    """(path, shape, required) of everything in a structure, and in what is inside it."""
    wanted = shape(name)
    for member, reference in wanted["members"].items():
        yield from _with_parts((*path, member), reference["shape"], member in wanted.get("required", ()))


def _with_parts(path: Path, name: str, required: bool) -> Iterator[tuple[Path, str, bool]]:
    yield path, name, required
    if shape(name)["type"] == "structure":
        yield from _members(name, path)
    elif shape(name)["type"] == "list":
        yield from _with_parts((*path, 0), shape(name)["member"]["shape"], required=False)


def _values(name: str) -> Iterator[tuple[Any, str | None]]:
    """(value, the rule that it breaks or None) at and past the bounds of a shape."""
    wanted = shape(name)
    kind, least, most = wanted["type"], wanted.get("min"), wanted.get("max")
    if kind == "list":
        item = valid(wanted["member"]["shape"])
        yield from (([item] * size, rule) for size, rule in _sizes(least or 0, most, "length", at_least=0, beyond=3))
    elif kind == "integer":
        yield from _sizes(least, most, "value", at_least=1, beyond=1000)
    elif kind == "timestamp":
        yield from ((moment, None) for moment in (0, 1700000000, 1700000000.123, -1, 253402300800))
    elif kind == "blob":
        yield from (("aGk=", None), ("", "length greater than or equal to 1"))
    elif kind == "string" and "enum" in wanted:
        first = wanted["enum"][0]
        yield from ((value, None) for value in wanted["enum"])
        yield from ((value, "enum value set") for value in ("NO_SUCH", "", first.swapcase(), f"{first} ", f"{first}\n"))
    elif kind == "string":
        yield from _texts(least or 0, most, SAMPLES[wanted["pattern"]] if "pattern" in wanted else ANY)


def _texts(least: int, most: int | None, sample: Sample) -> Iterator[tuple[str, str | None]]:
    for size, rule in _sizes(least, most, "length", at_least=sample.shortest, beyond=5000):
        if rule is not None:
            yield "a" * size, rule
        else:
            yield sample.of(min(size, sample.longest)), None
    yield from ((value, "regular expression pattern") for value in sample.wrong if len(value) >= least)


def _sizes(
    least: int | None, most: int | None, measured: str, *, at_least: int, beyond: int
) -> Iterator[tuple[int, str | None]]:
    """(size, the rule that it breaks or None); `beyond` is a size without a documented bound."""
    yield max(at_least, least or 0), None
    yield (beyond if most is None else most), None
    if least is not None and least > 0:
        yield least - 1, f"{measured} greater than or equal to {least}"
    if most is not None:
        yield most + 1, f"{measured} less than or equal to {most}"


def valid(name: str) -> Any:
    """The smallest value that a shape takes."""
    wanted = shape(name)
    kind = wanted["type"]
    if kind == "structure":
        return {member: valid(wanted["members"][member]["shape"]) for member in wanted.get("required", ())}
    if kind == "list":
        return [valid(wanted["member"]["shape"])] * wanted.get("min", 1)
    if kind == "string":
        if "enum" in wanted:
            return wanted["enum"][0]
        sample = SAMPLES[wanted["pattern"]] if "pattern" in wanted else ANY
        return sample.of(max(wanted.get("min", 1), sample.shortest))
    return {"integer": 1, "timestamp": 1700000000, "blob": "aGk="}[kind]


def _changed(name: str, value: Any, path: Path, new: Any) -> Any:
    """The value with a part changed; what is around that part and is not there yet is made."""
    if not path:
        return new
    wanted, part, rest = shape(name), path[0], path[1:]
    if isinstance(part, int):
        items = list(value) or [valid(wanted["member"]["shape"])]
        items[0] = _changed(wanted["member"]["shape"], items[0], rest, new)
        return items
    inner = wanted["members"][part]["shape"]
    before = value.get(part, valid(inner)) if rest else None
    after = _changed(inner, before, rest, new)
    changed = {member: item for member, item in value.items() if member != part}
    return changed if after is MISSING else {**changed, part: after}
