"""The three buckets.

Every call names the account that must own the bucket, so that a stranger's bucket is never read or filled.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import IO, Any

from governor.adapters.aws import KnownReply, call
from governor.domain.labelled_data import Form
from governor.domain.upload import ObjectVersion

SHARD_BYTES = 8 * 1024 * 1024
"""Under Comprehend's 10 MB a file of a flywheel classifier's dataset
(https://docs.aws.amazon.com/comprehend/latest/dg/guidelines-and-limits.html)."""
MANIFEST = "jsonl"
MANIFEST_BYTES = 48 * 1024 * 1024
"""A dataset takes five augmented manifests at most, and a recognizer's dataset 200 MB."""
CHUNK = 1024 * 1024
_MANY_KEYS = 20
"""From here on one listing of what they have in common is cheaper than a listing for each."""
GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed", "405"})


class Bucket:
    """A bucket of this account; the base of what is done with each of them."""

    def __init__(self, client: Any, bucket: str, account: str) -> None:
        self._client = client
        self._owned: dict[str, Any] = {"Bucket": bucket, "ExpectedBucketOwner": account}
        self.bucket = bucket

    def _put(self, key: str, content: bytes, content_type: str) -> None:
        call(self._client.put_object, **self._owned, Key=key, Body=content, ContentType=content_type)

    def _get(self, key: str) -> bytes:
        body: bytes = call(self._client.get_object, **self._owned, Key=key)["Body"].read()
        return body


class S3Inbox(Bucket):
    """Implements `ports.Inbox`."""

    def versions_of(self, key: str) -> list[ObjectVersion]:
        return [version for version in self._versions(key) if version.key == key]

    def newest_of(self, keys: Sequence[str]) -> dict[str, ObjectVersion]:
        wanted = set(keys)
        if len(wanted) > _MANY_KEYS:
            listed = self._versions(_common_start(min(wanted), max(wanted)))
        else:
            listed = itertools.chain.from_iterable(map(self.versions_of, wanted))
        return {version.key: version for version in listed if version.is_latest and version.key in wanted}

    def newest_under(self, prefix: str) -> list[ObjectVersion]:
        found = [each for each in self._versions(prefix) if each.is_latest and not each.is_delete_marker]
        return sorted(found, key=lambda each: (each.modified, each.key), reverse=True)

    def all_versions(self, flywheel: str | None) -> Iterator[ObjectVersion]:
        return self._versions("" if flywheel is None else f"{flywheel}/")

    def chunks(self, key: str, version: str) -> Iterator[bytes]:
        try:
            reply = call(self._client.get_object, known=GONE, **self._owned, Key=key, VersionId=version)
        except KnownReply as gone:
            raise LookupError("The object version is gone.") from gone
        yield from reply["Body"].iter_chunks(CHUNK)

    def _versions(self, prefix: str) -> Iterator[ObjectVersion]:
        arguments: dict[str, Any] = self._owned | {"Prefix": prefix}
        while True:
            reply = call(self._client.list_object_versions, **arguments)
            for item in reply.get("Versions", ()):
                yield ObjectVersion(
                    item["Key"], item["VersionId"], item["IsLatest"], item["LastModified"], item["Size"]
                )
            for item in reply.get("DeleteMarkers", ()):
                yield ObjectVersion(
                    item["Key"], item["VersionId"], item["IsLatest"], item["LastModified"], is_delete_marker=True
                )
            if not reply.get("IsTruncated"):
                return
            arguments |= {"KeyMarker": reply["NextKeyMarker"], "VersionIdMarker": reply["NextVersionIdMarker"]}


class S3Dropping(Bucket):
    """The inbox for people who drop files into it from the command line; no function has it."""

    def put(self, key: str, content: IO[bytes]) -> str:
        """Write an object and return its version."""
        reply = call(self._client.put_object, **self._owned, Key=key, Body=content, ContentType="text/plain")
        return str(reply["VersionId"])


class S3Staging(Bucket):
    """Implements `ports.Staging`."""

    def put_part(self, flywheel: str, sha256: str, form: Form, number: int, content: bytes) -> None:
        self._put(f"{self._prefix(flywheel, sha256, form)}part-{number:05}.{_ending(form)}", content, _type(form))

    def prefix_of(self, flywheel: str, sha256: str, form: Form) -> str:
        return f"s3://{self.bucket}/{self._prefix(flywheel, sha256, form)}"

    def build_shards(self, target: str, sources: Sequence[str], form: Form) -> list[str]:
        """Small parts are put together, large ones copied within S3; the same sources give the same shards."""
        prefix = f"staging/{target}/"
        most = SHARD_BYTES if form != MANIFEST else MANIFEST_BYTES
        waiting: list[tuple[str, int]] = []
        keys: list[str] = []
        for key, size in self._parts(sources):
            if waiting and sum(each[1] for each in waiting) + size > most:
                keys.append(self._write_shard(prefix, len(keys), form, [each[0] for each in waiting]))
                waiting = []
            waiting.append((key, size))
        if waiting:
            keys.append(self._write_shard(prefix, len(keys), form, [each[0] for each in waiting]))
        return [f"s3://{self.bucket}/{key}" for key in (keys if form == MANIFEST else [prefix])]

    def parts(self, staged: str) -> Iterator[Iterator[bytes]]:
        for key, _ in self._parts([staged]):
            yield call(self._client.get_object, **self._owned, Key=key)["Body"].iter_chunks(CHUNK)

    def _parts(self, sources: Sequence[str]) -> Iterator[tuple[str, int]]:
        for source in sources:
            prefix = source.removeprefix(f"s3://{self.bucket}/")
            arguments: dict[str, Any] = self._owned | {"Prefix": prefix}
            while True:
                reply = call(self._client.list_objects_v2, **arguments)
                yield from ((item["Key"], item["Size"]) for item in reply.get("Contents", ()))
                if not reply.get("IsTruncated"):
                    break
                arguments["ContinuationToken"] = reply["NextContinuationToken"]

    def _write_shard(self, prefix: str, shard: int, form: Form, keys: Sequence[str]) -> str:
        key = f"{prefix}shard-{shard:05}.{_ending(form)}"
        if len(keys) == 1:
            source = {"Bucket": self.bucket, "Key": keys[0]}
            call(
                self._client.copy_object,
                **self._owned,
                ExpectedSourceBucketOwner=self._owned["ExpectedBucketOwner"],
                Key=key,
                CopySource=source,
            )
        else:
            self._put(key, b"".join(self._get(each) for each in keys), _type(form))
        return key

    @staticmethod
    def _prefix(flywheel: str, sha256: str, form: Form) -> str:
        # The flywheel's name is part of the address: otherwise one tenant could probe, and delete, another's data. So
        # is the form: the same content, inspected again under another policy, is staged beside what was there.
        return f"staging/{flywheel}/uploads/{sha256}{'' if form == 'csv' else f'-{form.encode().hex()}'}/"


def _ending(form: Form) -> str:
    return "jsonl" if form == MANIFEST else "csv"


def _type(form: Form) -> str:
    return "application/jsonl; charset=utf-8" if form == MANIFEST else "text/csv; charset=utf-8"


class S3Records(Bucket):
    """Implements `ports.Records`."""

    def put(self, key: str, content: bytes, content_type: str = "application/json") -> str:
        self._put(key, content, content_type)
        return f"s3://{self.bucket}/{key}"

    def get(self, uri: str) -> bytes:
        return self._get(uri.removeprefix(f"s3://{self.bucket}/"))


def _common_start(one: str, other: str) -> str:
    """Return what two keys begin with alike; if they are the first and the last in order, all between begin so too."""
    pairs = enumerate(zip(one, other, strict=False))
    return one[: next((index for index, (left, right) in pairs if left != right), len(one))]
