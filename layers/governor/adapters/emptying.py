"""Deleting what a bucket has, for good: every version and every delete marker.

For a person's teardown alone; no function may do it.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
"""

from collections.abc import Iterator
from typing import Any

from governor.adapters.aws import call
from governor.domain.errors import AccessRefusedError, UnexpectedReplyError

_MOST = 1000


class S3Emptying:
    """Implements `ports.Emptying`."""

    def __init__(self, client: Any, bucket: str, account: str) -> None:
        self._client = client
        self._owned: dict[str, Any] = {"Bucket": bucket, "ExpectedBucketOwner": account}
        self.bucket = bucket

    def size(self, prefix: str) -> tuple[int, int]:
        versions = size = 0
        for page in self._pages(prefix):
            versions += len(page.get("Versions", ())) + len(page.get("DeleteMarkers", ()))
            size += sum(item["Size"] for item in page.get("Versions", ()))
        return versions, size

    def delete_some(self, prefix: str) -> int:
        page = next(self._pages(prefix))
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if not found:
            return 0
        wanted = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        reply = call(self._client.delete_objects, **self._owned, Delete={"Objects": wanted, "Quiet": True})
        if errors := reply.get("Errors"):
            first = errors[0]
            sentence = f"{len(errors)} objects of {self.bucket} were not deleted: {first['Code']}: {first['Message']}"
            raise (AccessRefusedError if first["Code"] == "AccessDenied" else UnexpectedReplyError)(sentence)
        return len(found)

    def _pages(self, prefix: str) -> Iterator[dict[str, Any]]:
        arguments: dict[str, Any] = self._owned | {"Prefix": prefix, "MaxKeys": _MOST}
        while True:
            reply = call(self._client.list_object_versions, **arguments)
            yield reply
            if not reply.get("IsTruncated"):
                return
            arguments |= {"KeyMarker": reply["NextKeyMarker"], "VersionIdMarker": reply["NextVersionIdMarker"]}
