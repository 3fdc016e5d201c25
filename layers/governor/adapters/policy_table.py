"""The policy table: `CURRENT` is the policy in force, `V#<n>` every version that ever was.

A document is kept as indented JSON text: binary fractions survive exactly (a DynamoDB number is decimal, and boto3
takes no float), and it can be read in the console. Functions only read; `PolicyWriter` is for the command line, where
a person's own rights apply.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from governor.adapters.dynamodb import ConditionRefused, Item, Key, Table, Write
from governor.domain.errors import PolicyMissingError
from governor.domain.moments import from_text, to_text
from governor.domain.policy import PinnedPolicy, Policy, parse_policy
from governor.ports import PolicyPut, PolicyVersion

_PARTITION = "P#"
_CURRENT = "CURRENT"
_REMEDY = "Write one with `governor policy put FILE`."


class DynamoPolicies:
    """Implements `ports.Policies`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def version(self, flywheel: str) -> int:
        item = self._table.get(_key(flywheel, _CURRENT))
        return 0 if item is None else _number_of(item)

    def current(self, flywheel: str) -> PinnedPolicy:
        item = self._table.get(_key(flywheel, _CURRENT))
        if item is None:
            raise PolicyMissingError(f"Flywheel {flywheel} has no policy. {_REMEDY}")
        return _parse(flywheel, item)

    def pinned(self, flywheel: str, version: int) -> PinnedPolicy:
        item = self._table.get(_key(flywheel, f"V#{version}"))
        if item is None:
            raise PolicyMissingError(f"The policy of flywheel {flywheel} has no version {version}. {_REMEDY}")
        return _parse(flywheel, item)

    def names(self) -> list[str]:
        rows = self._table.scan("#sk = :current", current=_CURRENT)
        return sorted(item["pk"].removeprefix(_PARTITION) for item in rows)


@dataclass(frozen=True)
class _Seen:
    """The current row as a writer found it, perhaps spoilt by hand. `raw_version`: what the condition compares."""

    exists: bool = False
    raw_version: Any = None
    version: PolicyVersion | None = None
    policy: Policy | None = None


class PolicyWriter:
    """Implements `ports.PolicyWriter`: the row must still have the version that the writer saw."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, flywheel: str, policy: Policy, *, author: str, now: datetime) -> PolicyPut:
        seen = self._look(flywheel)
        if seen.version is not None and seen.policy == policy:
            return PolicyPut("SAME", seen.version)
        new = PolicyVersion(self._next_number(flywheel, seen), author, now)
        row: Item = {
            "document": json.dumps(policy.model_dump(mode="json", exclude_none=True), indent=2, ensure_ascii=False),
            "version": new.number,
            "author": author,
            "written_at": to_text(now),
        }
        condition, values = _still(seen)
        current = Write(_key(flywheel, _CURRENT), item=row, condition=condition, values=values)
        kept = Write(_key(flywheel, f"V#{new.number}"), item=row, condition="attribute_not_exists(#pk)")
        try:
            self._table.transact([current, kept])
        except ConditionRefused:
            return PolicyPut("LOST", self._look(flywheel).version)
        return PolicyPut("WRITTEN", new, seen.version)

    def _look(self, flywheel: str) -> _Seen:
        item = self._table.get(_key(flywheel, _CURRENT))
        if item is None:
            return _Seen()
        try:
            policy = _parse(flywheel, item).policy
        except PolicyMissingError:
            policy = None
        return _Seen(True, item.get("version"), _stamp(item), policy)

    def _next_number(self, flywheel: str, seen: _Seen) -> int:
        """Return a number above all in the table: the current row alone may have been spoilt, deleted or restored."""
        rows = self._table.query("#pk = :pk AND begins_with(#sk, :prefix)", pk=_PARTITION + flywheel, prefix="V#")
        numbers = (item["sk"].removeprefix("V#") for item in rows)
        kept = max((int(number) for number in numbers if number.isdecimal()), default=0)
        return 1 + max(kept, _number(seen.raw_version))


def _still(seen: _Seen) -> tuple[str, dict[str, Any]]:
    """Return the condition, with its values, that the row is as it was seen."""
    if not seen.exists:
        return "attribute_not_exists(#pk)", {}
    if seen.raw_version is None:
        return "attribute_exists(#pk) AND attribute_not_exists(#version)", {}
    return "#version = :seen", {"seen": seen.raw_version}


def _key(flywheel: str, sort: str) -> Key:
    return {"pk": _PARTITION + flywheel, "sk": sort}


def _number_of(item: Item) -> int:
    """Return the row's version; 0 if what it has cannot be one."""
    return _number(item.get("version"))


def _number(version: Any) -> int:
    return int(version) if isinstance(version, Decimal) and version == int(version) and version >= 1 else 0


def _stamp(item: Item) -> PolicyVersion | None:
    number = _number_of(item)
    try:
        written_at = from_text(item["written_at"])
    except (KeyError, TypeError, ValueError):
        return None
    return PolicyVersion(number, str(item.get("author", "somebody unknown")), written_at) if number else None


def _parse(flywheel: str, item: Item) -> PinnedPolicy:
    number = _number_of(item)
    if number == 0:
        raise PolicyMissingError(
            f"The policy row of flywheel {flywheel} has no usable version: it was changed by hand. {_REMEDY}"
        )
    try:
        document: object = json.loads(item["document"])
    except (KeyError, TypeError, ValueError) as error:
        raise PolicyMissingError(
            f"The policy row of flywheel {flywheel} (version {number}) holds no JSON document: "
            f"it was changed by hand. {_REMEDY}"
        ) from error
    return parse_policy(flywheel, number, document)
