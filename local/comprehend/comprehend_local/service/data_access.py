"""Reads and writes S3 on behalf of a data-access role, asking first whether the role may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol

from comprehend_local.arns import split_uri
from comprehend_local.service.storage import Objects, StorageFailed


class DataError(Exception):
    """Data cannot be read or written. The message is `CODE: sentence`, as the service's own messages are."""


class RoleRefused(Exception):
    """The role's trust or permissions do not allow it; the message says what is missing."""


class RoleAccess(Protocol):
    """Decides what a data-access role may do."""

    def require(self, role: str, source_arn: str, action: str, resource: str) -> None:
        """Raise RoleRefused unless Comprehend, acting for `source_arn`, can assume `role` and it may do this."""
        ...


class AnyRole:
    """Asks nobody: for use without an IAM."""

    def require(self, role: str, source_arn: str, action: str, resource: str) -> None:
        """Always allowed."""


@dataclass(frozen=True, slots=True)
class File:
    """One file that was read; `uri` is where."""

    uri: str
    content: bytes


@dataclass(frozen=True, slots=True)
class DataAccess:
    """S3 as one role sees it. `source_arn` is the resource that Comprehend would name: flywheel, model, job."""

    objects: Objects
    access: RoleAccess
    role: str
    source_arn: str

    def files(self, uri: str, *, largest: int, most: int, number: int) -> Iterator[File]:
        """Every object whose key begins with the URI's, one after the other, in the order of their keys.

        `largest` bytes a file, `most` together, and a number of files: all are checked before anything is read, and
        the sizes again while reading. Raises DataError.
        """
        bucket, prefix = split_uri(uri)
        try:
            self.access.require(self.role, self.source_arn, "s3:ListBucket", f"arn:aws:s3:::{bucket}")
            found = [item for item in self.objects.list(bucket, prefix, number + 1) if not item.key.endswith("/")]
            if len(found) > number:
                raise DataError(f"TOO_MANY_FILES: There are more than {number} objects at {uri}, the maximum.")
            if not found:
                raise DataError(f"NO_INPUT_DATA: There is no object at {uri}.")
            for item in found:
                if item.size > largest:
                    raise DataError(
                        f"INPUT_FILE_TOO_LARGE: s3://{bucket}/{item.key} has {item.size} bytes; "
                        f"the maximum for a file is {largest} bytes."
                    )
            if (total := sum(item.size for item in found)) > most:
                raise DataError(f"INPUT_TOO_LARGE: {uri} has {total} bytes; the maximum is {most} bytes.")
            for item in found:
                where = f"arn:aws:s3:::{bucket}/{item.key}"
                self.access.require(self.role, self.source_arn, "s3:GetObject", where)
                content = self.objects.read(bucket, item.key, min(largest, most))
                most -= len(content)
                yield File(f"s3://{bucket}/{item.key}", content)
        except RoleRefused as error:
            raise DataError(f"NO_READ_ACCESS_TO_INPUT: {error}") from error
        except StorageFailed as error:
            raise DataError(f"NO_READ_ACCESS_TO_INPUT: {uri} cannot be read ({error.code}).") from error

    def write(self, uri: str, content: bytes | IO[bytes]) -> None:
        """Put one object. Raises DataError."""
        bucket, key = split_uri(uri)
        try:
            self.access.require(self.role, self.source_arn, "s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")
            self.objects.write(bucket, key, content)
        except RoleRefused as error:
            raise DataError(f"NO_WRITE_ACCESS_TO_OUTPUT: {error}") from error
        except StorageFailed as error:
            raise DataError(f"NO_WRITE_ACCESS_TO_OUTPUT: {uri} cannot be written ({error.code}).") from error

    def check_writable(self, prefix_uri: str) -> None:
        """See that the bucket is there and that the role may write below the prefix. Raises DataError."""
        bucket, prefix = split_uri(prefix_uri)
        try:
            self.access.require(self.role, self.source_arn, "s3:ListBucket", f"arn:aws:s3:::{bucket}")
            self.access.require(self.role, self.source_arn, "s3:PutObject", f"arn:aws:s3:::{bucket}/{prefix}*")
            self.objects.list(bucket, prefix, 1)
        except RoleRefused as error:
            raise DataError(f"NO_WRITE_ACCESS_TO_OUTPUT: {error}") from error
        except StorageFailed as error:
            raise DataError(f"NO_WRITE_ACCESS_TO_OUTPUT: {prefix_uri} cannot be used ({error.code}).") from error
