"""Filters and pages of the list operations."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from comprehend_local.arns import Scope
from comprehend_local.service.errors import ServiceError, invalid
from comprehend_local.store.database import as_json

T = TypeVar("T")
P = TypeVar("P", int, str)
"""Where an item stands in its listing: it never changes, and no two items have the same."""

DEFAULT_PAGE = 100
_NOT_OURS = "NextToken is not one that this list gave for this request."


def page(
    operation: str,
    scope: Scope,
    request: dict[str, Any],
    found: Iterable[T],
    position: Callable[[T], P],
    *,
    ascending: bool = False,
) -> tuple[list[T], str | None]:
    """One page of what an operation lists in an account and region, and the token of the next page.

    The highest position comes first, unless `ascending`. The token holds the position of the last item of its page, so
    what is created, changed or deleted between two calls neither repeats nor hides another item. Raises
    InvalidRequestException for a token of another listing (operation, scope, filter).
    """
    asked = {name: value for name, value in request.items() if name not in ("NextToken", "MaxResults")}
    listing = as_json([operation, scope.account, scope.region, asked])
    ordered = sorted(found, key=position, reverse=not ascending)
    if (token := request.get("NextToken")) is not None:
        last: P = _decode(token, listing)
        ordered = [item for item in ordered if (position(item) > last if ascending else position(item) < last)]
    chosen = ordered[: request.get("MaxResults", DEFAULT_PAGE)]
    more = len(chosen) < len(ordered)
    return chosen, _encode(position(chosen[-1]), listing) if more else None


def created_between(moment: float, wanted: dict[str, Any], prefix: str = "CreationTime") -> bool:
    """Whether a time passes a filter's `<prefix>After` and `<prefix>Before` (both exclusive)."""
    after, before = wanted.get(f"{prefix}After"), wanted.get(f"{prefix}Before")
    return (after is None or moment > seconds(after)) and (before is None or moment < seconds(before))


def only_one(wanted: dict[str, Any], code: str = "InvalidFilterException") -> dict[str, Any]:
    """The filter, when it has at most one field: all that some list operations take."""
    if len(wanted) > 1:
        raise ServiceError(code, "Only one filter can be used in a request.")
    return wanted


def seconds(value: float | datetime) -> float:
    """A timestamp of a request, in seconds since 1970."""
    return value.timestamp() if isinstance(value, datetime) else float(value)


def _encode(position: int | str, listing: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([_seal(position, listing), position]).encode()).decode()


def _decode(token: str, listing: str) -> Any:
    try:
        _, position = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, TypeError, ValueError, RecursionError) as error:
        raise invalid(_NOT_OURS) from error
    if token != _encode(position, listing):
        raise invalid(_NOT_OURS)
    return position


def _seal(position: object, listing: str) -> str:
    return hashlib.sha256(as_json([listing, position]).encode()).hexdigest()[:16]
