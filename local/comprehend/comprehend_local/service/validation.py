"""Checks values against the shapes of the service model: required, type, length, range, pattern, list of values.

botocore checks the first few on the client only, and minimum lengths; the rest reaches the server. A shape's checker is
built once. What the model leaves open: lengths count characters, and patterns are of the whole string.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from botocore.model import Shape

from comprehend_local.service.errors import ServiceError
from comprehend_local.service.patterns import matcher

Checker = Callable[[Any, str, list[str]], Any]
"""(value, its path, violations found so far) -> the value as the service sees it. Violations are added to the list."""

_NAMES = {dict: "a structure", list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
_INTEGERS = {"integer": 2**31, "long": 2**63}
_SHOWN = 80


def accepted(shape: Shape | None, value: dict[str, Any], code: str = "ValidationException") -> dict[str, Any]:
    """The request as the service sees it: without what is null and what the model does not know, as AWS does.

    Raises ServiceError with every violation found, in the words of AWS; a wrong type is a SerializationException.
    """
    if shape is None:
        return {}
    found: list[str] = []
    seen: dict[str, Any] = _checker(shape)(value, "", found)
    if found:
        count = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
        raise ServiceError(code, f"{count} detected: {'; '.join(found)}")
    return seen


def violations(shape: Any, value: Any, path: str = "") -> list[str]:
    """Each violation as a sentence without its end."""
    found: list[str] = []
    _checker(shape)(value, path, found)
    return found


@cache
def _checker(shape: Shape) -> Checker:
    """The checker of a shape; the shapes of one service model live as long as the program does."""
    return _BUILDERS[shape.type_name](shape)


def _structure(shape: Any) -> Checker:
    members = {name: (_lowered(name), _checker(member)) for name, member in shape.members.items()}
    required = [(name, _lowered(name)) for name in shape.required_members]

    def check_structure(value: Any, path: str, found: list[str]) -> Any:
        if not isinstance(value, dict):
            raise _wrong_type(path, "structure", value)
        found.extend(_null(_join(path, lowered)) for name, lowered in required if value.get(name) is None)
        seen = {}
        for name, part in value.items():
            if part is not None and name in members:
                lowered, checker = members[name]
                seen[name] = checker(part, _join(path, lowered), found)
        return seen

    return check_structure


def _list(shape: Any) -> Checker:
    member = _checker(shape.member)
    check_length = _length(shape)

    def check_list(value: Any, path: str, found: list[str]) -> Any:
        if not isinstance(value, list):
            raise _wrong_type(path, "list", value)
        check_length(len(value), value, path, found)
        seen = []
        for index, item in enumerate(value, start=1):
            place = f"{path}.{index}.member"
            if item is None:
                found.append(_null(place))
            else:
                seen.append(member(item, place, found))
        return seen

    return check_list


def _map(shape: Any) -> Checker:
    member = _checker(shape.value)

    def check_map(value: Any, path: str, found: list[str]) -> Any:
        if not isinstance(value, dict):
            raise _wrong_type(path, "map", value)
        return {key: member(item, f"{path}.{key}", found) for key, item in value.items() if item is not None}

    return check_map


def _string(shape: Any) -> Checker:
    check_length = _length(shape)
    longest = shape.metadata.get("max", math.inf)
    pattern, values = shape.metadata.get("pattern"), frozenset(shape.enum or ())
    matches = matcher(pattern) if pattern else None
    listed = ", ".join(shape.enum or ())
    secret = _is_secret(shape)

    def check_string(value: Any, path: str, found: list[str]) -> Any:
        if not isinstance(value, str):
            raise _wrong_type(path, "string", value)
        if not value.isascii():
            _require_characters(value, path)
        check_length(len(value), value, path, found)
        if matches and len(value) <= longest and not matches(value):
            rule = f"Member must satisfy regular expression pattern: {pattern}"
            found.append(_failed(value, path, rule, secret))
        if values and value not in values:
            found.append(_failed(value, path, f"Member must satisfy enum value set: [{listed}]", secret))
        return value

    return check_string


def _boolean(shape: Shape) -> Checker:
    def check_boolean(value: Any, path: str, found: list[str]) -> Any:
        if not isinstance(value, bool):
            raise _wrong_type(path, "boolean", value)
        return value

    return check_boolean


def _whole_number(shape: Shape) -> Checker:
    check_range = _bounds(shape, "value")
    beyond = _INTEGERS[shape.type_name]

    def check_whole_number(value: Any, path: str, found: list[str]) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_type(path, shape.type_name, value)
        if not -beyond <= value < beyond:
            raise ServiceError("SerializationException", f"{_place(path)} does not fit into {shape.type_name}.")
        check_range(value, value, path, found)
        return value

    return check_whole_number


def _number(shape: Shape) -> Checker:
    check_range = _bounds(shape, "value")

    def check_number(value: Any, path: str, found: list[str]) -> Any:
        _require_finite(value, path, shape.type_name)
        check_range(value, value, path, found)
        return value

    return check_number


def _timestamp(shape: Shape) -> Checker:
    def check_timestamp(value: Any, path: str, found: list[str]) -> Any:
        if not isinstance(value, datetime):
            _require_finite(value, path, "timestamp")
        return value

    return check_timestamp


def _blob(shape: Shape) -> Checker:
    check_length = _length(shape)

    def check_blob(value: Any, path: str, found: list[str]) -> Any:
        if not isinstance(value, str | bytes):
            raise _wrong_type(path, "blob", value)
        try:
            content = base64.b64decode(value, validate=True) if isinstance(value, str) else value
        except (binascii.Error, ValueError) as error:
            raise ServiceError("SerializationException", f"{_place(path)} is not base64.") from error
        check_length(len(content), value, path, found)
        return value

    return check_blob


_BUILDERS: dict[str, Callable[[Any], Checker]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "boolean": _boolean,
    "integer": _whole_number,
    "long": _whole_number,
    "float": _number,
    "double": _number,
    "timestamp": _timestamp,
    "blob": _blob,
}


def _length(shape: Shape) -> Callable[[float, Any, str, list[str]], None]:
    return _bounds(shape, "length")


def _bounds(shape: Shape, measured: str) -> Callable[[float, Any, str, list[str]], None]:
    least, most = shape.metadata.get("min", -math.inf), shape.metadata.get("max", math.inf)
    secret = _is_secret(shape)

    def check_bounds(size: float, value: Any, path: str, found: list[str]) -> None:
        if size < least:
            rule = f"Member must have {measured} greater than or equal to {least}"
            found.append(_failed(value, path, rule, secret))
        if size > most:
            found.append(_failed(value, path, f"Member must have {measured} less than or equal to {most}", secret))

    return check_bounds


def _is_secret(shape: Shape) -> bool:
    """Whether the model says that values must not be repeated (texts, keys, metadata)."""
    return bool(shape.metadata.get("sensitive"))


def _require_characters(value: str, path: str) -> None:
    """JSON can name half of a surrogate pair, which is no character and cannot be written anywhere."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ServiceError("SerializationException", f"{_place(path)} has half of a surrogate pair.") from error


def _require_finite(value: Any, path: str, type_name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(path, type_name, value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ServiceError("SerializationException", f"{_place(path)} must be a finite number.")


def _failed(value: Any, path: str, rule: str, secret: bool) -> str:
    if secret:
        return f"Value at '{path}' failed to satisfy constraint: {rule}"
    shown = str(value)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {rule}"


def _null(path: str) -> str:
    return f"Value null at '{path}' failed to satisfy constraint: Member must not be null"


def _wrong_type(path: str, wanted: str, value: Any) -> ServiceError:
    given = _NAMES.get(type(value), "null")
    return ServiceError("SerializationException", f"{_place(path)} must be a {wanted}, not {given}.")


def _place(path: str) -> str:
    return path or "The request"


def _lowered(name: str) -> str:
    return name[0].lower() + name[1:]


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
