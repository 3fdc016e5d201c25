"""Where words begin and end, for recognizers: in every place the same rule."""

from __future__ import annotations

import re

MARKS = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
"""Combining marks, joiners and variation selectors: part of the character before them, but no letters to `re`."""
TOKEN = re.compile(rf"\w[\w{MARKS}]*|[^\w\s][{MARKS}]*")
"""A word, or one other character that is no blank, each with the marks that belong to it."""
_INNER = re.compile(rf"[\w{MARKS}]")


def is_boundary(text: str, place: int) -> bool:
    """Whether no word goes on across `place` (0 = before the first character), nor a mark is torn from its letter."""
    if place <= 0 or place >= len(text):
        return True
    after = text[place]
    return not (_INNER.match(after) and (_INNER.match(text[place - 1]) or not (after.isalnum() or after == "_")))
