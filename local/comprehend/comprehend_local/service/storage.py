"""Where the objects of s3:// URIs are: S3 itself (an emulator's), or a folder on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

BLOCK = 1024 * 1024


class Found(NamedTuple):
    """An object: its key and its size in bytes."""

    key: str
    size: int


class StorageFailed(Exception):
    """The storage said no. `code` is S3's word for it: NoSuchBucket, NoSuchKey, AccessDenied ..."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Objects(Protocol):
    """What is needed of S3. Every method raises StorageFailed."""

    def list(self, bucket: str, prefix: str) -> list[Found]:
        """The objects whose keys begin with `prefix`, in order of their keys."""
        ...

    def read(self, bucket: str, key: str) -> bytes:
        """One object."""
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

    def list(self, bucket: str, prefix: str) -> list[Found]:
        found: list[Found] = []
        more: dict[str, str] = {}
        try:
            while True:
                answer = self._client.list_objects_v2(Bucket=bucket, Prefix=prefix, **more)
                found += [Found(item["Key"], item["Size"]) for item in answer.get("Contents", [])]
                if not answer.get("IsTruncated"):
                    return found
                more = {"ContinuationToken": answer["NextContinuationToken"]}
        except (ClientError, BotoCoreError) as error:
            raise _failed(error) from error

    def read(self, bucket: str, key: str) -> bytes:
        try:
            content: bytes = self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
            return content
        except (ClientError, BotoCoreError) as error:
            raise _failed(error) from error

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


class DirectoryObjects:
    """A folder whose sub-folders are buckets. Keys that would leave their bucket are refused."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def list(self, bucket: str, prefix: str) -> list[Found]:
        root = self._bucket(bucket)
        keys = ((path.relative_to(root).as_posix(), path) for path in root.rglob("*") if path.is_file())
        return sorted(Found(key, path.stat().st_size) for key, path in keys if key.startswith(prefix))

    def read(self, bucket: str, key: str) -> bytes:
        path = self._path(bucket, key)
        if not path.is_file():
            raise StorageFailed("NoSuchKey")
        return path.read_bytes()

    def stream(self, bucket: str, key: str) -> Iterator[bytes]:
        path = self._path(bucket, key)
        if not path.is_file():
            raise StorageFailed("NoSuchKey")
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block

    def write(self, bucket: str, key: str, content: bytes | IO[bytes]) -> None:
        path = self._path(bucket, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
            return
        with path.open("wb") as file:
            shutil.copyfileobj(content, file, BLOCK)

    def _bucket(self, bucket: str) -> Path:
        root = self._folder / bucket
        if not root.is_dir():
            raise StorageFailed("NoSuchBucket")
        return root

    def _path(self, bucket: str, key: str) -> Path:
        root = self._bucket(bucket)
        path = (root / key).resolve()
        if not path.is_relative_to(root):
            raise StorageFailed("AccessDenied")
        return path
