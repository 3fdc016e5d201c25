"""Filters and pages of the list operations."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from comprehend_local.service.errors import ServiceError, invalid

T = TypeVar("T")
DEFAULT_PAGE = 100


def page(found: Sequence[tuple[str, T]], request: dict[str, Any]) -> tuple[list[T], str | None]:
    """One page of (key, item) pairs, and the token of the next page.

    The token names the last key seen, so that what is created between two calls neither repeats nor hides an item.
    """
    start = 0
    if (token := request.get("NextToken")) is not None:
        last = _decode(token)
        keys = [key for key, _ in found]
        if last not in keys:
            raise invalid("NextToken is not one that this list gave, or what it pointed to is gone.")
        start = keys.index(last) + 1
    size = request.get("MaxResults", DEFAULT_PAGE)
    chosen = found[start : start + size]
    more = start + size < len(found)
    return [item for _, item in chosen], _encode(chosen[-1][0]) if more else None


def created_between(moment: float, wanted: dict[str, Any], prefix: str = "CreationTime") -> bool:
    """Whether a time passes a filter's `<prefix>After` and `<prefix>Before` (both exclusive)."""
    after, before = wanted.get(f"{prefix}After"), wanted.get(f"{prefix}Before")
    return (after is None or moment > seconds(after)) and (before is None or moment < seconds(before))


def only_one(wanted: dict[str, Any]) -> dict[str, Any]:
    """The filter, when it has at most one field: all that some list operations take."""
    if len(wanted) > 1:
        raise ServiceError("InvalidFilterException", "Only one filter can be used in a request.")
    return wanted


def seconds(value: float | datetime) -> float:
    """A timestamp of a request, in seconds since 1970."""
    return value.timestamp() if isinstance(value, datetime) else float(value)


def _encode(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _decode(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise invalid("NextToken is not one that this list gave.") from error
