"""An answer held against the service's model, by other means than the server's own checks.

Patterns are matched by `regex`, which knows Unicode categories; lengths, ranges and lists of values are read from the
model's document itself, without botocore's classes.
"""

from __future__ import annotations

import gzip
import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import botocore
import regex

FREE = {
    "EntityType": "the types of custom recognizers are their own; the model lists those of the built-in one",
}
"""Shapes whose list of values the service itself does not keep to, and why."""
NUMBERS = {"integer": 2**31, "long": 2**63}


@cache
def document() -> dict[str, Any]:
    """The service's model as AWS publishes it."""
    path = Path(botocore.__file__).parent / "data" / "comprehend" / "2017-11-27" / "service-2.json.gz"
    found: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return found


def shape(name: str) -> dict[str, Any]:
    """A shape of the model."""
    found: dict[str, Any] = document()["shapes"][name]
    return found


def input_of(operation: str) -> str:
    """The name of an operation's input shape."""
    return str(document()["operations"][operation]["input"]["shape"])


def errors_of(operation: str) -> set[str]:
    """The errors that the model lists for an operation."""
    return {item["shape"] for item in document()["operations"][operation]["errors"]}


def wrong_answer(operation: str, answer: Any) -> list[str]:
    """What is wrong with the answer of an operation."""
    return mismatches(str(document()["operations"][operation]["output"]["shape"]), answer, operation)


def mismatches(name: str, value: Any, path: str) -> list[str]:
    """Where a JSON value is not what a shape says, a sentence each."""
    wanted = shape(name)
    kind = wanted["type"]
    if kind == "structure":
        return _structure(wanted, value, path)
    if kind == "list":
        return _list(wanted, value, path)
    if kind == "string":
        return _string(name, wanted, value, path)
    if kind == "boolean":
        return [] if isinstance(value, bool) else [f"{path}: {value!r} is no boolean"]
    if kind in NUMBERS:
        fits = isinstance(value, int) and not isinstance(value, bool) and -NUMBERS[kind] <= value < NUMBERS[kind]
        return _within(wanted, value, path) if fits else [f"{path}: {value!r} is no {kind}"]
    assert kind in ("float", "double", "timestamp"), f"{name} is a {kind}"
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return _within(wanted, value, path) if is_number else [f"{path}: {value!r} is no {kind}"]


def _structure(wanted: dict[str, Any], value: Any, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no structure"]
    found = [f"{path}.{name}: the model has no such member" for name in value if name not in wanted["members"]]
    found += [f"{path}.{name}: required, and missing" for name in wanted.get("required", ()) if name not in value]
    for name, part in value.items():
        if name in wanted["members"]:
            found += mismatches(wanted["members"][name]["shape"], part, f"{path}.{name}")
    return found


def _list(wanted: dict[str, Any], value: Any, path: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{path}: {value!r} is no list"]
    found = _within(wanted, len(value), path)
    for number, item in enumerate(value):
        found += mismatches(wanted["member"]["shape"], item, f"{path}[{number}]")
    return found


def _string(name: str, wanted: dict[str, Any], value: Any, path: str) -> list[str]:
    if not isinstance(value, str):
        return [f"{path}: {value!r} is no string"]
    found = _within(wanted, len(value), path)
    if "pattern" in wanted and not regex.fullmatch(wanted["pattern"], value):
        found.append(f"{path}: {value!r} does not match {wanted['pattern']}")
    if "enum" in wanted and name not in FREE and value not in wanted["enum"]:
        found.append(f"{path}: {value!r} is none of {wanted['enum']}")
    return found


def _within(wanted: dict[str, Any], size: float, path: str) -> list[str]:
    if wanted.get("min", -math.inf) <= size <= wanted.get("max", math.inf):
        return []
    return [f"{path}: {size} is not from {wanted.get('min')} to {wanted.get('max')}"]
