"""Where the objects of s3:// URIs are: S3 itself (an emulator's) here, a folder on this machine in `folders`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

BLOCK = 1024 * 1024


class Found(NamedTuple):
    """An object: its key and its size in bytes."""

    key: str
    size: int


class StorageFailed(Exception):
    """The storage said no. `code` is S3's word for it: NoSuchBucket, NoSuchKey, AccessDenied, EntityTooLarge ..."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Objects(Protocol):
    """What is needed of S3. Every method raises StorageFailed."""

    def list(self, bucket: str, prefix: str, most: int | None = None) -> list[Found]:
        """The objects whose keys begin with `prefix`, in order of their keys; not more than `most` of them."""
        ...

    def read(self, bucket: str, key: str, most: int) -> bytes:
        """One object. One that has more than `most` bytes, whatever the list said, fails as EntityTooLarge."""
        ...

    def stream(self, bucket: str, key: str) -> Iterator[bytes]:
        """One object in blocks of BLOCK bytes at most, for those that need not fit into memory."""
        ...

    def write(self, bucket: str, key: str, content: bytes | IO[bytes]) -> None:
        """Put one object: bytes, or all that is left of a file."""
        ...


class S3Objects:
    """S3 through a boto3 client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def list(self, bucket: str, prefix: str, most: int | None = None) -> list[Found]:
        found: list[Found] = []
        more: dict[str, str] = {}
        try:
            while most is None or len(found) < most:
                answer = self._client.list_objects_v2(Bucket=bucket, Prefix=prefix, **more)
                found += [Found(item["Key"], item["Size"]) for item in answer.get("Contents", [])]
                if not answer.get("IsTruncated"):
                    break
                more = {"ContinuationToken": answer["NextContinuationToken"]}
        except (ClientError, BotoCoreError) as error:
            raise _failed(error) from error
        return found[:most]

    def read(self, bucket: str, key: str, most: int) -> bytes:
        try:
            body = self._client.get_object(Bucket=bucket, Key=key)["Body"]
            content: bytes = body.read(most + 1)
            body.close()
        except (ClientError, BotoCoreError) as error:
            raise _failed(error) from error
        return within(content, most)

    def stream(self, bucket: str, key: str) -> Iterator[bytes]:
        try:
            yield from self._client.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(BLOCK)
        except (ClientError, BotoCoreError) as error:
            raise _failed(error) from error

    def write(self, bucket: str, key: str, content: bytes | IO[bytes]) -> None:
        try:
            self._client.put_object(Bucket=bucket, Key=key, Body=content)
        except (ClientError, BotoCoreError) as error:
            raise _failed(error) from error


def _failed(error: ClientError | BotoCoreError) -> StorageFailed:
    if isinstance(error, ClientError):
        return StorageFailed(str(error.response.get("Error", {}).get("Code", "Unknown")))
    return StorageFailed(type(error).__name__)


def within(content: bytes, most: int) -> bytes:
    """The content, unless it is too large."""
    if len(content) > most:
        raise StorageFailed("EntityTooLarge")
    return content
