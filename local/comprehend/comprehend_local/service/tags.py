"""Tags: TagResource, UntagResource, ListTagsForResource."""

from __future__ import annotations

from typing import Any

from comprehend_local.arns import Scope
from comprehend_local.service.context import Answer, Context, Operation, Request
from comprehend_local.service.errors import ServiceError, not_found
from comprehend_local.store.records import Dataset, Endpoint, Flywheel, Job, Model, Record, Tags

MOST = 50
TAGGED: tuple[type[Record], ...] = (Flywheel, Dataset, Model, Endpoint, Job)


class Tagging:
    """The tag operations."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> dict[str, Operation]:
        """By the API's names."""
        return {
            "TagResource": self.tag,
            "UntagResource": self.untag,
            "ListTagsForResource": self.every,
        }

    def tag(self, scope: Scope, request: Request) -> Answer:
        """TagResource: adds tags, or changes their values."""
        self._require(request["ResourceArn"])
        put_tags(self._context, request["ResourceArn"], request["Tags"])
        return {}

    def untag(self, scope: Scope, request: Request) -> Answer:
        """UntagResource: keys that are not there are no error."""
        self._require(request["ResourceArn"])
        if len(request["TagKeys"]) > MOST:
            raise ServiceError("TooManyTagKeysException", f"At most {MOST} tag keys can be given in a request.")
        tags = self._context.store.find(Tags, request["ResourceArn"])
        if tags is not None:
            for key in request["TagKeys"]:
                tags.tags.pop(key, None)
            self._context.store.put(tags)
        return {}

    def every(self, scope: Scope, request: Request) -> Answer:
        """ListTagsForResource."""
        arn = request["ResourceArn"]
        self._require(arn)
        tags = self._context.store.find(Tags, arn)
        listed = [{"Key": key, "Value": value} for key, value in (tags.tags if tags else {}).items()]
        return {"ResourceArn": arn, "Tags": listed}

    def _require(self, arn: str) -> None:
        store = self._context.store
        if not any(store.find(kind, arn) for kind in TAGGED):
            raise not_found(arn)


def put_tags(context: Context, arn: str, tags: list[dict[str, Any]]) -> None:
    """Add tags to a resource. Raises TooManyTagsException, and writes nothing then."""
    if not tags:
        return
    record = context.store.find(Tags, arn) or Tags(arn, {})
    record.tags.update({tag["Key"]: tag.get("Value", "") for tag in tags})
    if len(record.tags) > MOST:
        raise ServiceError("TooManyTagsException", f"A resource can have {MOST} tags; these would be more.")
    context.store.put(record)
