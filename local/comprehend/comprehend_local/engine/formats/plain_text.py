"""Lines of text, and documents without labels: one a line, or one a file.

Files are decoded piece by piece: one rare character in a text makes Python keep all of it in four bytes a character.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import suppress

from comprehend_local.engine.documents import UnreadableData

_BLOCK = 1024 * 1024
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


def read_lines(content: bytes, name: str, most: int | None = None) -> list[str]:
    """Every line (ONE_DOC_PER_LINE), blank ones too, so that an item's place is its line number from 0.

    Lines end with LF, CR or CRLF and with nothing else: U+2028 and the like are characters of the document (API
    reference, InputFormat). The end of the last line may be missing. Raises UnreadableData, also for more than `most`
    lines, before they take any memory.
    """
    ends = content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")
    if most is not None and ends > most:
        raise UnreadableData("TOO_MANY_DOCUMENTS", f"{name} has {ends} lines; the maximum is {most}.")
    return [line.rstrip("\r\n") for _, line in numbered_lines(content, name)]


def read_whole(content: bytes, name: str) -> str:
    """The file as one document (ONE_DOC_PER_FILE), its line ends as they are: offsets count them."""
    return "".join(line for _, line in numbered_lines(content, name))


def numbered_lines(content: bytes, name: str) -> Iterator[tuple[int, str]]:
    """(line number from 1, line with its end). Raises UnreadableData for what is not UTF-8, and for NUL.

    A byte order mark is dropped: spreadsheet programs write one, and it would otherwise belong to the first value.
    """
    start = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    number = 1
    while start < len(content):
        end = content.find(b"\n", start + _BLOCK) + 1 or len(content)
        for line in _lines(content[start:end], number, name):
            yield number, line
            number += 1
        start = end


def _lines(block: bytes, first: int, name: str) -> Iterator[str]:
    """The lines of some bytes; `first` is the number of the first one."""
    with suppress(UnicodeDecodeError):
        text = block.decode()
        if "\x00" not in text:
            yield from io.StringIO(text, newline="")
            return
    for number, found in enumerate(_LINE.finditer(block), first):
        try:
            line = found[0].decode()
        except UnicodeDecodeError as error:
            raise UnreadableData("INVALID_INPUT_ENCODING", f"Line {number} of {name} is not UTF-8 text.") from error
        if "\x00" in line:
            raise invalid(number, name, "contains a NUL character")
        yield line


def invalid(line: int, name: str, problem: str) -> UnreadableData:
    """The error "Line 3 of s3://... <problem>."."""
    return UnreadableData("INVALID_INPUT_DATA", f"Line {line} of {name} {problem}.")
