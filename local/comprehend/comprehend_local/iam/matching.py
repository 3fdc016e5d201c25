"""Wildcards and conditions of IAM policies, as far as a service's own trust needs them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any


def listed(value: Any) -> list[Any]:
    """IAM allows a single value wherever a list is meant."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


@cache
def _wildcard(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(character, re.escape(character)) for character in pattern), re.DOTALL)


def like(value: str, pattern: str) -> bool:
    """`*` stands for any text, `?` for one character."""
    return _wildcard(pattern).fullmatch(value) is not None


def arn_like(value: str, pattern: str) -> bool:
    """As `like`, but each of an ARN's six parts on its own."""
    values, patterns = value.split(":", 5), pattern.split(":", 5)
    return len(values) == len(patterns) and all(map(like, values, patterns))


_OPERATORS = {
    "stringequals": lambda value, pattern: value == pattern,
    "stringequalsignorecase": lambda value, pattern: value.lower() == pattern.lower(),
    "stringlike": like,
    "arnequals": arn_like,
    "arnlike": arn_like,
}


def condition_holds(condition: Mapping[str, Any], known: Mapping[str, str]) -> bool | None:
    """Whether a statement's Condition holds with the known keys (in lower case).

    None = it asks for an operator or a key that is not known here, so nobody can tell.
    """
    for operator, tests in condition.items():
        compare = _OPERATORS.get(operator.lower().removesuffix("ifexists"))
        for key, patterns in tests.items():
            if compare is None or key.lower() not in known:
                return None
            if not any(compare(known[key.lower()], str(pattern)) for pattern in listed(patterns)):
                return False
    return True
