"""The archive that a job leaves: `output.tar.gz` with one file of JSON lines, the same bytes for the same answers."""

from __future__ import annotations

import gzip
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

COMPRESSION = 6


@contextmanager
def spool() -> Iterator[IO[bytes]]:
    """A place for bytes of any number: small ones stay in memory, larger ones are a file without a name."""
    with tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024) as place:
        yield place


def write_lines(lines: Iterable[str], place: IO[bytes]) -> int:
    """Write lines with their ends. Returns how many."""
    count = 0
    for line in lines:
        place.write(line.encode() + b"\n")
        count += 1
    return count


@contextmanager
def archive(name: str, content: IO[bytes]) -> Iterator[IO[bytes]]:
    """A .tar.gz with one member, at its beginning. It names no time and no user, so that it is reproducible."""
    size = content.tell()
    content.seek(0)
    with spool() as place:
        with (
            gzip.GzipFile(filename="", mode="wb", compresslevel=COMPRESSION, fileobj=place, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.USTAR_FORMAT) as tar,
        ):
            entry = tarfile.TarInfo(name)
            entry.size = size
            tar.addfile(entry, content)
        place.seek(0)
        yield place
