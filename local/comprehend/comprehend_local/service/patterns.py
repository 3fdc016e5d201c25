r"""The regular expressions of the service's model, which are Java's, as tests of whole strings.

Three things differ from Python's `re`. General categories (`\p{L}`, `\P{C}`) are unknown to it: they are spelled out
as ranges. `.` stops at every line terminator, not at a line feed alone. `\s` and `\d` are of ASCII.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby

_ASCII, _UNICODE = 0x80, 0x110000
_NO_LINE_TERMINATOR = r"[^\n\r\u0085\u2028\u2029]"
_TOKEN = re.compile(r"\\([pP])\{(\w+)\}|\\.|.", re.DOTALL)


@cache
def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a string matches as a whole. Raises ValueError for a category that is not one."""
    ascii_only = re.compile(_translated(pattern, _ASCII), re.ASCII)

    def matches(value: str) -> bool:
        compiled = ascii_only if value.isascii() else _full(pattern)
        return compiled.fullmatch(value) is not None

    return matches


@cache
def _full(pattern: str) -> re.Pattern[str]:
    """For values beyond ASCII. Made when the first one comes: to sort all characters takes a while."""
    return re.compile(_translated(pattern, _UNICODE), re.ASCII)


def _translated(pattern: str, end: int) -> str:
    parts: list[str] = []
    in_class = False
    for token in _TOKEN.finditer(pattern):
        text, kind, name = token[0], token[1], token[2]
        if kind:
            ranges = "".join(_ranges(name, kind == "p", end))
            text = ranges if in_class else f"[{ranges}]"
        elif text == "." and not in_class:
            text = _NO_LINE_TERMINATOR
        elif text == "[":
            in_class = True
        elif text == "]":
            in_class = False
        parts.append(text)
    return "".join(parts)


def _ranges(name: str, included: bool, end: int) -> Iterator[str]:
    """The characters below `end` that are (or are not) of a category, as ranges of a character class."""
    if name == "ASCII":
        yield r"\x00-\x7f" if included else r"\U00000080-\U0010ffff"
        return
    if name not in "CLMNPSZ":
        raise ValueError(f"\\p{{{name}}} is not a category that the service's model uses")
    for category, first, last in _categories(end):
        if (category == name) == included:
            yield f"\\U{first:08x}-\\U{last:08x}"


@cache
def _categories(end: int) -> list[tuple[str, int, int]]:
    """Runs of characters of the same category: (its first letter, first character, last character)."""
    runs = groupby(range(end), key=lambda number: unicodedata.category(chr(number))[0])
    found = []
    for category, members in runs:
        numbers = list(members)
        found.append((category, numbers[0], numbers[-1]))
    return found
