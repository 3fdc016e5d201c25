"""A folder on this machine whose sub-folders are buckets."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from comprehend_local.service.storage import BLOCK, Found, StorageFailed, within

PARTIAL = ".comprehend-local-partial"
"""How the names of files end that are being written: a file appears as a whole or not at all."""
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_CODES = {
    errno.ENOENT: "NoSuchKey",
    errno.EACCES: "AccessDenied",
    errno.EPERM: "AccessDenied",
    errno.ELOOP: "AccessDenied",
    errno.ENAMETOOLONG: "KeyTooLongError",
    errno.EISDIR: "InvalidKey",
    errno.ENOTDIR: "InvalidKey",
    errno.EEXIST: "InvalidKey",
}


class DirectoryObjects:
    """Objects are files. Nothing outside of a bucket's folder is read or written, whatever keys and links say.

    A key that no file can have (with NUL, with empty parts, `.` or `..`) is refused.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def list(self, bucket: str, prefix: str, most: int | None = None) -> list[Found]:
        root = self._bucket(bucket)
        above = prefix.rpartition("/")[0]
        found: list[Found] = []
        with _told():
            start = self._inside(root, above) if above else root
            if start is None or not start.is_dir():
                return []
            for item in _walk(start, f"{above}/" if above else "", prefix):
                found.append(item)
                if len(found) == most:
                    break
        return sorted(found)

    def read(self, bucket: str, key: str, most: int) -> bytes:
        with _told(), self._open(bucket, key) as file:
            return within(file.read(most + 1), most)

    def stream(self, bucket: str, key: str) -> Iterator[bytes]:
        with _told(), self._open(bucket, key) as file:
            while block := file.read(BLOCK):
                yield block

    def write(self, bucket: str, key: str, content: bytes | IO[bytes]) -> None:
        with _told():
            path = self._inside(self._bucket(bucket), key)
            if path is None:
                raise StorageFailed("InvalidKey")
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}{PARTIAL}")
            if isinstance(content, bytes):
                partial.write_bytes(content)
            else:
                with partial.open("wb") as file:
                    shutil.copyfileobj(content, file, BLOCK)
            partial.replace(path)

    def _open(self, bucket: str, key: str) -> IO[bytes]:
        path = self._inside(self._bucket(bucket), key)
        if path is None or not path.is_file():  # no folder, and no pipe, which could keep a reader waiting
            raise StorageFailed("NoSuchKey")
        return path.open("rb")

    def _bucket(self, bucket: str) -> Path:
        root = self._folder / bucket
        if not _BUCKET.fullmatch(bucket) or not root.is_dir():
            raise StorageFailed("NoSuchBucket")
        return root.resolve()

    @staticmethod
    def _inside(root: Path, key: str) -> Path | None:
        """The path of a key; None for one that no file can have. Raises StorageFailed for one outside of the bucket."""
        parts = key.split("/")
        if ".." in parts:
            raise StorageFailed("AccessDenied")
        if "" in parts or "." in parts or "\0" in key:
            return None
        path = root.joinpath(*parts).resolve()
        if not path.is_relative_to(root):
            raise StorageFailed("AccessDenied")
        return path


def _walk(start: Path, above: str, prefix: str) -> Iterator[Found]:
    """The files below a folder whose keys begin with the prefix; folders behind links are not entered."""
    waiting = [(str(start), above)]
    while waiting:
        folder, key_of_folder = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                key = key_of_folder + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if f"{key}/".startswith(prefix) or prefix.startswith(f"{key}/"):
                        waiting.append((entry.path, f"{key}/"))
                elif key.startswith(prefix) and not key.endswith(PARTIAL) and entry.is_file():
                    yield Found(key, entry.stat().st_size)


@contextmanager
def _told() -> Iterator[None]:
    """The file system's errors in S3's words."""
    try:
        yield
    except OSError as error:
        raise StorageFailed(_CODES.get(error.errno or 0, "InternalError")) from error
    except ValueError as error:  # a name that cannot be encoded
        raise StorageFailed("InvalidKey") from error
