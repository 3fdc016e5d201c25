"""Checks values against the shapes of the service model: required, type, length, range, pattern, list of values.

botocore checks the first few on the client only, and minimum lengths; the rest reaches the server.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any

from botocore.model import Shape

from comprehend_local.service.errors import ServiceError

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, datetime),
    "blob": (str, bytes),
}


def check(shape: Shape | None, value: Any, code: str = "ValidationException") -> None:
    """Raise ServiceError with every violation found, in the words of AWS; a wrong type is a SerializationException.

    Members that the model does not know are ignored, as AWS does.
    """
    if shape is None:
        return
    found = list(violations(shape, value))
    if found:
        count = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
        raise ServiceError(code, f"{count} detected: {'; '.join(found)}")


def violations(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """Each violation as a sentence without its end."""
    if not _has_type(shape, value):
        raise ServiceError(
            "SerializationException", f"{path or 'the request'} must be a {shape.type_name}, not {_json_type(value)}."
        )
    if shape.type_name == "structure":
        yield from _structure(shape, value, path)
    elif shape.type_name == "list":
        yield from _bounds(shape, len(value), value, path, "length")
        for index, item in enumerate(value, start=1):
            yield from violations(shape.member, item, f"{path}.{index}.member")
    elif shape.type_name == "map":
        for name, item in value.items():
            yield from violations(shape.value, item, f"{path}.{name}")
    elif shape.type_name == "string":
        yield from _string(shape, value, path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _bounds(shape, value, value, path, "value")


def _has_type(shape: Shape, value: Any) -> bool:
    if isinstance(value, bool):
        return shape.type_name == "boolean"
    return isinstance(value, _TYPES[shape.type_name])


def _structure(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"Value null at '{_join(path, name)}' failed to satisfy constraint: Member must not be null"
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from violations(member, value[name], _join(path, name))


def _string(shape: Any, value: str, path: str) -> Iterator[str]:
    too_long = list(_bounds(shape, len(value), value, path, "length"))
    yield from too_long
    pattern = shape.metadata.get("pattern")
    if pattern and not too_long and not _matcher(pattern)(value):
        yield _failed(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    if shape.enum and value not in shape.enum:
        yield _failed(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")


def _bounds(shape: Shape, size: float, value: Any, path: str, what: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    measured = "have length" if what == "length" else "have value"
    if least is not None and size < least:
        yield _failed(value, path, f"Member must {measured} greater than or equal to {least}")
    if most is not None and size > most:
        yield _failed(value, path, f"Member must {measured} less than or equal to {most}")


def _failed(value: Any, path: str, rule: str) -> str:
    shown = str(value)
    shown = shown if len(shown) <= 80 else f"{shown[:80]}..."
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {rule}"


def _join(path: str, name: str) -> str:
    lowered = name[0].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def _json_type(value: Any) -> str:
    names = {
        dict: "a structure",
        list: "a list",
        str: "a string",
        bool: "a boolean",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), "null")


@cache
def _matcher(pattern: str) -> Callable[[str], bool]:
    """A whole-string match. Two Java classes that Python's `re` lacks are translated."""
    if pattern == r"^\P{C}*$":
        return lambda value: not any(unicodedata.category(character).startswith("C") for character in value)
    compiled = re.compile(pattern.replace(r"\p{ASCII}", r"[\x00-\x7f]").replace(r"\p{L}\p{Z}\p{N}", r"\w\s"))
    return lambda value: compiled.fullmatch(value) is not None
