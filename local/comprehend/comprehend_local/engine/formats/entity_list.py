"""Entity lists (developer guide, "Entity lists") and their items in documents, found in one pass."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from comprehend_local.engine.documents import Document, Span, UnreadableData
from comprehend_local.engine.formats.rows import read_table
from comprehend_local.engine.words import TOKEN, is_boundary


class Listed(NamedTuple):
    """A row of an entity list."""

    text: str
    type: str


def read_entity_list(content: bytes, name: str, most: int | None = None) -> list[Listed]:
    """Read `Text,Type`. Raises UnreadableData, also for more than `most` items."""
    found: list[Listed] = []
    for _, (text, type_) in read_table(content, name, ["Text", "Type"]):
        found.append(Listed(text, type_))
        if most is not None and len(found) > most:
            raise UnreadableData("TOO_MANY_ENTITIES", f"{name} lists more than {most} items, the maximum.")
    return found


def match(texts: Iterable[str], items: Sequence[Listed], most: int | None = None) -> list[Document]:
    """The documents with every mention of an item: the same capitals, whole words, from the left, the longest first.

    Blank texts are left out. An item that is listed with several types has the first one. A list of a million items is
    no slower than a short one. Raises UnreadableData for more than `most` mentions.
    """
    index = _Index(items)
    documents: list[Document] = []
    mentions = 0
    for text in texts:
        if text and not text.isspace():
            documents.append(Document(text, spans=tuple(index.mentions(text))))
            mentions += len(documents[-1].spans)
        if most is not None and mentions > most:
            raise UnreadableData("TOO_MANY_MENTIONS", f"The items are mentioned more than {most} times, the maximum.")
    return documents


class _Index:
    """Items sorted, each with the longest other item that it begins with.

    What is listed and begins a text also begins the item that is next before the text in sorted order. From that one
    the way leads along ever shorter items to the longest that fits; jumps keep the way short even where thousands of
    items begin with one another.
    """

    def __init__(self, items: Sequence[Listed]) -> None:
        self._types: dict[str, str] = {}
        for text, type_ in items:
            self._types.setdefault(text, type_)
        self._first_tokens = {found[0] for text in self._types if (found := TOKEN.match(text))}
        self._longest = max(map(len, self._types), default=0)
        # The empty text is the root: it begins every other.
        self._texts = sorted({"", *self._types})
        self._shorter, self._jump = _ways(self._texts)
        self._whole = _whole(self._texts, self._shorter)

    def mentions(self, text: str) -> Iterator[Span]:
        """In order, without overlap."""
        after = 0
        for token in TOKEN.finditer(text):
            begin = token.start()
            if begin >= after and token[0] in self._first_tokens and (found := self._longest_at(text, begin)):
                after = begin + len(found)
                yield Span(begin, after, self._types[found])

    def _longest_at(self, text: str, begin: int) -> str:
        """The longest item that `text` has at `begin` as whole words, or an empty one."""
        rest = text[begin : begin + self._longest]
        place = bisect_right(self._texts, rest) - 1
        common = _common(self._texts[place], rest)
        while len(self._texts[place]) > common:
            jump = self._jump[place]
            place = jump if len(self._texts[jump]) > common else self._shorter[place]
        if not is_boundary(text, begin + len(self._texts[place])):
            place = self._whole[place]
        return self._texts[place]


def _ways(texts: Sequence[str]) -> tuple[list[int], list[int]]:
    """For each of the sorted texts: (the longest other one that it begins with, one further on that way).

    The first text is empty; it leads to itself. The jumps are as long as those of a skew-binary list, so a way of n
    steps takes about 2 log n.
    """
    shorter, jump, depth = [0] * len(texts), [0] * len(texts), [0] * len(texts)
    near = 0
    for place, text in enumerate(texts[1:], 1):
        while not text.startswith(texts[near]):
            near = shorter[near]
        far = jump[near]
        even = depth[near] - depth[far] == depth[far] - depth[jump[far]]
        shorter[place], depth[place], jump[place] = near, depth[near] + 1, jump[far] if even else near
        near = place
    return shorter, jump


def _whole(texts: Sequence[str], shorter: Sequence[int]) -> list[int]:
    """For each of the sorted texts the longest other one that it begins with as whole words."""
    whole = [0] * len(texts)
    for place, text in enumerate(texts):
        other = shorter[place]
        # What is no whole word of the next longer one is none of this one either.
        whole[place] = other if is_boundary(text, len(texts[other])) else whole[other]
    return whole


def _common(one: str, other: str) -> int:
    """How many first characters are the same."""
    if other.startswith(one):
        return len(one)
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
