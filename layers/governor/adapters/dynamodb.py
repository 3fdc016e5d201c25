"""One DynamoDB table with conditional writes, read strongly consistent, in plain Python values.

Expressions are written with `#name` for every attribute and `:name` for every value; the placeholders are filled in
here, because many of this ledger's attribute names are reserved words in DynamoDB. Source:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from governor.adapters.aws import KnownReply, call
from governor.domain.errors import ServiceBusyError

Item = dict[str, Any]
Key = dict[str, str]

_MOST_READ = 100
_NAME = re.compile(r"#(\w+)")
_VALUE = re.compile(r":(\w+)")
_REFUSED = frozenset({"ConditionalCheckFailedException"})
_CANCELLED = frozenset({"TransactionCanceledException"})
_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class ConditionRefused(Exception):
    """A condition did not hold.

    `item`: the row as it is, empty if there is none. `index`: which operation of a transaction.
    """

    def __init__(self, item: Item, index: int = 0) -> None:
        super().__init__("condition refused")
        self.item = item
        self.index = index


@dataclass(frozen=True)
class Write:
    """One write of a transaction. `update` or `item` or neither (only the condition is checked)."""

    key: Key
    update: str = ""
    item: Item | None = None
    condition: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


class Table:
    """A table whose key is `pk` alone or `pk` and `sk`."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def get(self, key: Key) -> Item | None:
        """Return the row, strongly consistent."""
        reply = call(self._client.get_item, TableName=self._name, Key=_out(key), ConsistentRead=True)
        return _in(reply["Item"]) if "Item" in reply else None

    def get_all(self, keys: Iterable[Key]) -> Iterator[Item]:
        """Yield the rows that there are, strongly consistent, in any order."""
        wanted = [_out(key) for key in keys]
        while wanted:
            request = {self._name: {"Keys": wanted[:_MOST_READ], "ConsistentRead": True}}
            reply = call(self._client.batch_get_item, RequestItems=request)
            yield from map(_in, reply["Responses"].get(self._name, []))
            wanted = wanted[_MOST_READ:] + reply.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])

    def put(self, item: Item, condition: str = "", **values: Any) -> None:
        """Put a row; raises ConditionRefused."""
        try:
            call(
                self._client.put_item,
                known=_REFUSED,
                TableName=self._name,
                Item=_out(item),
                **_condition("", condition, values),
            )
        except KnownReply as refused:
            raise ConditionRefused(_in(refused.response.get("Item", {}))) from refused

    def update(self, key: Key, update: str, condition: str = "", **values: Any) -> Item:
        """Change a row and return it as it is now; raises ConditionRefused."""
        try:
            reply = call(
                self._client.update_item,
                known=_REFUSED,
                TableName=self._name,
                Key=_out(key),
                UpdateExpression=update,
                ReturnValues="ALL_NEW",
                **_condition(update, condition, values),
            )
        except KnownReply as refused:
            raise ConditionRefused(_in(refused.response.get("Item", {}))) from refused
        return _in(reply["Attributes"])

    def query(
        self,
        condition: str,
        *,
        index: str | None = None,
        limit: int | None = None,
        backwards: bool = False,
        **values: Any,
    ) -> Iterator[Item]:
        """Yield the rows that meet the key `condition`, strongly consistent, at most `limit`."""
        arguments: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ConsistentRead": True,
            "ScanIndexForward": not backwards,
            **_placeholders(condition, values),
        }
        if index is not None:
            arguments["IndexName"] = index
        if limit is not None:
            arguments["Limit"] = limit
        left = limit
        while True:
            reply = call(self._client.query, **arguments)
            for item in reply["Items"]:
                yield _in(item)
            if left is not None:
                left -= len(reply["Items"])
            if "LastEvaluatedKey" not in reply or (left is not None and left <= 0):
                return
            arguments["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    def scan(self, condition: str, **values: Any) -> Iterator[Item]:
        """Yield the rows that meet `condition`; for small tables only."""
        arguments: dict[str, Any] = {"TableName": self._name, "ConsistentRead": True, "FilterExpression": condition}
        arguments |= _placeholders(condition, values)
        while True:
            reply = call(self._client.scan, **arguments)
            yield from map(_in, reply["Items"])
            if "LastEvaluatedKey" not in reply:
                return
            arguments["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    def transact(self, writes: Sequence[Write]) -> None:
        """Make all writes or none; raises ConditionRefused with the first refused write's index."""
        try:
            call(
                self._client.transact_write_items,
                known=_CANCELLED,
                TransactItems=[self._item_of(write) for write in writes],
            )
        except KnownReply as cancelled:
            reasons = cancelled.response.get("CancellationReasons", [])
            for index, reason in enumerate(reasons):
                if reason.get("Code") == "ConditionalCheckFailed":
                    raise ConditionRefused(_in(reason.get("Item", {})), index) from cancelled
            raise ServiceBusyError(
                f"TransactWriteItems: {', '.join(str(each.get('Code')) for each in reasons)}."
            ) from cancelled

    def _item_of(self, write: Write) -> dict[str, Any]:
        base = {"TableName": self._name, **_condition(write.update, write.condition, write.values)}
        if write.item is not None:
            return {"Put": base | {"Item": _out(write.key | write.item)}}
        if write.update:
            return {"Update": base | {"Key": _out(write.key), "UpdateExpression": write.update}}
        return {"ConditionCheck": base | {"Key": _out(write.key)}}


def _out(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _serialize(value) for name, value in item.items()}


def _in(item: Mapping[str, Any]) -> Item:
    return {name: _deserialize(value) for name, value in item.items()}


def _condition(update: str, condition: str, values: Mapping[str, Any]) -> dict[str, Any]:
    arguments = _placeholders(f"{update} {condition}", values)
    if condition:
        arguments |= {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    return arguments


def _placeholders(expression: str, values: Mapping[str, Any]) -> dict[str, Any]:
    names, used = set(_NAME.findall(expression)), set(_VALUE.findall(expression))
    arguments: dict[str, Any] = {}
    if names:
        arguments["ExpressionAttributeNames"] = {f"#{name}": name for name in sorted(names)}
    if used:
        arguments["ExpressionAttributeValues"] = {f":{name}": _serialize(values[name]) for name in sorted(used)}
    return arguments
