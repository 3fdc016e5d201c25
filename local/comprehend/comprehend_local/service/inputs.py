"""The documents of a job: lines or files, read as they come, never more than one document and one block at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from comprehend_local.arns import split_uri
from comprehend_local.service.data_access import DataAccess, DataError, RoleRefused
from comprehend_local.service.storage import Found, StorageFailed
from comprehend_local.settings import Settings

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Item(NamedTuple):
    """One document: the key of its file, its line (from 0; None when it is the file), its text."""

    key: str
    line: int | None
    text: str


class Limits(NamedTuple):
    """Of a job's input, in bytes; `documents` counts lines or files."""

    document: int
    total: int
    documents: int
    least_total: int


def limits(task: str, settings: Settings) -> Limits:
    """The limits of a kind of job."""
    recognizer = task == "entities-detection"
    return Limits(
        settings.maximum_entities_document_bytes if recognizer else settings.maximum_classification_document_bytes,
        settings.maximum_job_bytes,
        settings.maximum_job_documents,
        settings.minimum_job_bytes,
    )


def documents(access: DataAccess, uri: str, *, per_file: bool, limits: Limits) -> Iterator[Item]:
    """Every document below a URI: a file's, or those of all files whose keys begin with it. Raises DataError.

    Lines end with LF, CR or CRLF; U+2028 ends none (developer guide). What is not UTF-8, or contains NUL, is refused.
    """
    bucket, prefix = split_uri(uri)
    count = 0
    try:
        for found in _list(access, uri, bucket, prefix, limits):
            access.access.require(access.role, access.source_arn, "s3:GetObject", f"arn:aws:s3:::{bucket}/{found.key}")
            where = f"s3://{bucket}/{found.key}"
            blocks = _without_mark(access.objects.stream(bucket, found.key))
            pieces = _whole(blocks, where, limits.document) if per_file else _lines(blocks, where, limits.document)
            for number, piece in enumerate(pieces):
                count += 1
                if count > limits.documents:
                    raise DataError(f"TOO_MANY_DOCUMENTS: {uri} has more documents than {limits.documents}.")
                place = where if per_file else f"Line {number + 1} of {where}"
                yield Item(found.key, None if per_file else number, _decoded(piece, place))
    except RoleRefused as error:
        raise DataError(f"NO_READ_ACCESS_TO_INPUT: {error}") from error
    except StorageFailed as error:
        raise DataError(f"NO_READ_ACCESS_TO_INPUT: {uri} cannot be read ({error.code}).") from error


def _list(access: DataAccess, uri: str, bucket: str, prefix: str, limits: Limits) -> list[Found]:
    access.access.require(access.role, access.source_arn, "s3:ListBucket", f"arn:aws:s3:::{bucket}")
    found = [item for item in access.objects.list(bucket, prefix, limits.documents + 1) if not item.key.endswith("/")]
    if len(found) > limits.documents:
        raise DataError(f"TOO_MANY_FILES: There are more than {limits.documents} objects at {uri}, the maximum.")
    total = sum(item.size for item in found)
    if not found:
        raise DataError(f"NO_INPUT_DATA: There is no object at {uri}.")
    if total > limits.total:
        raise DataError(f"INPUT_TOO_LARGE: {uri} has {total} bytes; the maximum is {limits.total} bytes.")
    if total < limits.least_total:
        raise DataError(
            f"DOCUMENT_CORPUS_SIZE_LESS_THAN_MINIMUM: {uri} has {total} bytes; "
            f"the minimum requirement: {limits.least_total} bytes."
        )
    return found


def _without_mark(blocks: Iterator[bytes]) -> Iterator[bytes]:
    start = b""
    for block in blocks:
        start += block
        if len(start) >= len(BYTE_ORDER_MARK):
            break
    if start := start.removeprefix(BYTE_ORDER_MARK):
        yield start
    yield from blocks


def _whole(blocks: Iterator[bytes], where: str, most: int) -> Iterator[bytes]:
    content = bytearray()
    for block in blocks:
        content += block
        if len(content) > most:
            raise _too_large(where, most)
    yield bytes(content)


def _lines(blocks: Iterator[bytes], where: str, most: int) -> Iterator[bytes]:
    """The lines of a file without their ends; what follows the last end is a line unless it is empty."""
    rest = b""
    after_return = False
    for block in filter(None, blocks):
        # A block may end between CR and LF: the LF then ends no other line.
        piece = block[1:] if after_return and block.startswith(b"\n") else block
        after_return = block.endswith(b"\r")
        *ended, rest = _split(rest + piece)
        for line in ended:
            if len(line) > most:
                raise _too_large(f"A line of {where}", most)
            yield line
        if len(rest) > most:
            raise _too_large(f"A line of {where}", most)
    if rest:
        yield rest


def _split(content: bytes) -> list[bytes]:
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return content.split(b"\n")


def _too_large(what: str, most: int) -> DataError:
    return DataError(f"DOCUMENT_SIZE_EXCEEDED: {what} has more than {most} bytes, the maximum of a document.")


def _decoded(content: bytes, place: str) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise DataError(f"INVALID_INPUT_ENCODING: {place} is not UTF-8 text.") from error
    if "\x00" in text:
        raise DataError(f"INVALID_INPUT_DATA: {place} contains a NUL character.")
    return text
