"""Texts as tokens with their places, and mentions as tags of tokens: B-X begins a mention of type X, I-X goes on, O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from comprehend_local.engine.documents import Span
from comprehend_local.engine.words import TOKEN

_ADDRESS = r"(?:https?://|www\.)[^\s<>\"]+"
_ADDRESSES = re.compile(_ADDRESS)
_WITH_ADDRESSES = re.compile(f"{_ADDRESS}|{TOKEN.pattern}")
LONGEST_SEQUENCE = 400
"""Tokens. A longer text is cut where a sentence ends, or anywhere."""
_SENTENCE_ENDS = frozenset(".!?")

Place = tuple[int, int]
"""Where a token begins and ends, in code points of its text."""


def tokenize(text: str, *, split_addresses: bool) -> list[Place]:
    """The places of all tokens, in order. A web address is one token, unless mentions lie inside of such."""
    pattern = TOKEN if split_addresses else _WITH_ADDRESSES
    return [found.span() for found in pattern.finditer(text)]


def cuts_address(text: str, spans: Sequence[Span]) -> bool:
    """Whether a mention begins or ends inside a web address."""
    if not spans or ("://" not in text and "www." not in text):
        return False
    addresses = [found.span() for found in _ADDRESSES.finditer(text)]
    return any(begin < place < end for begin, end in addresses for span in spans for place in (span.begin, span.end))


def sequences(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(begin, end) of the pieces that are looked at on their own: all words, or where there are too many, some."""
    begin = 0
    while len(words) - begin > LONGEST_SEQUENCE:
        least = begin + LONGEST_SEQUENCE // 2
        ends = (place for place in range(begin + LONGEST_SEQUENCE, least, -1) if words[place - 1] in _SENTENCE_ENDS)
        end = next(ends, begin + LONGEST_SEQUENCE)
        yield begin, end
        begin = end
    if begin < len(words):
        yield begin, len(words)


def tags(places: Sequence[Place], spans: Sequence[Span], types: Sequence[str]) -> list[int]:
    """One tag a token: 0 = O, 1 + 2k = B and 2 + 2k = I of the k-th type. Spans of other types are left out.

    `spans` are in order and do not overlap. A token that a span has a part of belongs to it.
    """
    codes = {type_: 1 + 2 * place for place, type_ in enumerate(types)}
    found = [0] * len(places)
    at = 0
    for begin, end, type_ in spans:
        while at < len(places) and places[at][1] <= begin:
            at += 1
        code = codes.get(type_)
        first = True
        while at < len(places) and places[at][0] < end:
            if code is not None:
                found[at] = code if first else code + 1
                first = False
            at += 1
    return found
