"""The policy table: `CURRENT` is the policy in force, `V#<n>` every version that ever was; `P#*` has the defaults.

A document is kept as indented JSON text: binary fractions survive exactly (a DynamoDB number is decimal, and boto3
takes no float), and it can be read in the console. Beside it stands its sha256: a text that was edited there is no
policy. Functions only read; `PolicyWriter` is for the command line, where a person's own rights apply.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from governor.adapters.dynamodb import ConditionRefused, Item, Key, Table, Write
from governor.domain.errors import PolicyMissingError
from governor.domain.moments import from_text, to_text
from governor.domain.policy import PinnedPolicy, parse_policy
from governor.domain.policy_document import DEFAULTS, fingerprint
from governor.ports.policies import Cause, PolicyRow

_PARTITION = "P#"
_CURRENT = "CURRENT"
_VERSION = "V#"
_REMEDY = "Write one with `governor policy apply FILE`."


class DynamoPolicies:
    """Implements `ports.Policies`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def version(self, flywheel: str) -> int:
        item = self._table.get(_key(flywheel, _CURRENT))
        return 0 if item is None else _number(item.get("version"))

    def current(self, flywheel: str) -> PinnedPolicy:
        item = self._table.get(_key(flywheel, _CURRENT))
        if item is None:
            raise PolicyMissingError(f"Flywheel {flywheel} has no policy. {_REMEDY}")
        return _parse(flywheel, item)

    def pinned(self, flywheel: str, version: int) -> PinnedPolicy:
        item = self._table.get(_key(flywheel, f"{_VERSION}{version}"))
        if item is None:
            raise PolicyMissingError(f"The policy of flywheel {flywheel} has no version {version}. {_REMEDY}")
        return _parse(flywheel, item)

    def names(self) -> list[str]:
        return _names(self._table)


class PolicyWriter:
    """Implements `ports.PolicyWriter`: the row must still have the version that the writer saw."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def current(self, name: str) -> PolicyRow | None:
        item = self._table.get(_key(name, _CURRENT))
        return None if item is None else _row(item)

    def version(self, name: str, number: int) -> PolicyRow | None:
        item = self._table.get(_key(name, f"{_VERSION}{number}"))
        return None if item is None else _row(item)

    def history(self, name: str) -> list[PolicyRow]:
        return [_row(item) for _, item in sorted(self._versions(name), key=lambda version: version[0])]

    def names(self) -> list[str]:
        return _names(self._table)

    def write(
        self,
        name: str,
        document: str,
        overrides: str,
        *,
        over: PolicyRow | None,
        defaults: PolicyRow | None,
        cause: Cause,
        author: str,
        now: datetime,
    ) -> PolicyRow | None:
        item: Item = {
            "document": document,
            "digest": fingerprint(document),
            "overrides": overrides,
            "overrides_digest": fingerprint(overrides),
            "defaults": defaults.number if defaults is not None else 0,
            "cause": cause,
            "version": self._next_number(name, over),
            "author": author,
            "written_at": to_text(now),
        }
        condition, values = _still(over)
        kept = _key(name, f"{_VERSION}{item['version']}")
        writes = [
            Write(_key(name, _CURRENT), item=item, condition=condition, values=values),
            Write(kept, item=item, condition="attribute_not_exists(#pk)"),
        ]
        if name != DEFAULTS:
            condition, values = _still(defaults)
            writes.append(Write(_key(DEFAULTS, _CURRENT), condition=condition, values=values))
        try:
            self._table.transact(writes)
        except ConditionRefused:
            return None
        return _row(item)

    def _next_number(self, name: str, seen: PolicyRow | None) -> int:
        """Return a number above all in the table: the current row alone may have been spoilt, deleted or restored."""
        kept = max((number for number, _ in self._versions(name)), default=0)
        return 1 + max(kept, seen.number if seen is not None else 0)

    def _versions(self, name: str) -> Iterator[tuple[int, Item]]:
        rows = self._table.query("#pk = :pk AND begins_with(#sk, :prefix)", pk=_PARTITION + name, prefix=_VERSION)
        for item in rows:
            number = item["sk"].removeprefix(_VERSION)
            if number.isdecimal():
                yield int(number), item


def _names(table: Table) -> list[str]:
    rows = table.scan("#sk = :current", current=_CURRENT)
    return sorted({item["pk"].removeprefix(_PARTITION) for item in rows} - {DEFAULTS})


def _still(seen: PolicyRow | None) -> tuple[str, dict[str, Any]]:
    """Return the condition, with its values, that the row is as it was seen."""
    if seen is None:
        return "attribute_not_exists(#pk)", {}
    if seen.seen is None:
        return "attribute_exists(#pk) AND attribute_not_exists(#version)", {}
    return "#version = :seen", {"seen": seen.seen}


def _key(name: str, sort: str) -> Key:
    return {"pk": _PARTITION + name, "sk": sort}


def _number(version: Any) -> int:
    """Return the version; 0 if what the row has cannot be one."""
    whole = isinstance(version, int | Decimal) and not isinstance(version, bool) and version == int(version)
    return int(version) if whole and version >= 1 else 0


def _row(item: Item) -> PolicyRow:
    texts = {name: item[name] if isinstance(item.get(name), str) else "" for name in ("document", "overrides")}
    defaults = item.get("defaults", 0)
    return PolicyRow(
        number=_number(item.get("version")),
        author=str(item.get("author", "somebody unknown")),
        written_at=_moment(item.get("written_at")),
        defaults=int(defaults) if isinstance(defaults, int | Decimal) else 0,
        cause="defaults" if item.get("cause") == "defaults" else "file",
        edited=_is_edited(item) or item.get("overrides_digest") != fingerprint(texts["overrides"]),
        seen=item.get("version"),
        **texts,
    )


def _moment(text: Any) -> datetime | None:
    try:
        return from_text(text)
    except (TypeError, ValueError):
        return None


def _is_edited(item: Item) -> bool:
    """Tell whether the document is not the one that was written; a row that says nothing of that counts as edited."""
    document = item.get("document")
    return not isinstance(document, str) or item.get("digest") != fingerprint(document)


def _parse(flywheel: str, item: Item) -> PinnedPolicy:
    number = _number(item.get("version"))
    if number == 0:
        raise PolicyMissingError(
            f"The policy row of flywheel {flywheel} has no usable version: it was changed by hand. {_REMEDY}"
        )
    if _is_edited(item):
        raise PolicyMissingError(
            f"The policy of flywheel {flywheel} (version {number}) was edited past the command line: its digest does "
            f"not fit. `governor policy show {flywheel}` shows what it says now; write what you want with "
            "`governor policy apply FILE`."
        )
    try:
        document: object = json.loads(item["document"])
    except ValueError as error:
        raise PolicyMissingError(
            f"The policy row of flywheel {flywheel} (version {number}) holds no JSON document. {_REMEDY}"
        ) from error
    found = parse_policy(flywheel, number, document)
    return found.model_copy(update={"written_at": _moment(item.get("written_at"))})
