"""What is looked at to tag a token: the words at and around it, each described by features that are strings.

Every feature depends on one word at one distance, or on two neighbouring words, so a model can keep the sum of a word's
weights and needs no features for a word that it has seen before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

LONGEST_WORD = 50
"""Characters of a word that count."""
PAD = ""
"""The word before the first and behind the last one."""
DISTANCES = (-2, -1, 1, 2)
"""Of the other words that are looked at."""
UNKNOWN = "09"
_TRIGRAMS_IN = 25
_REPEATED = re.compile(r"(.)\1+")


class _Shapes(dict[int, str]):
    """For str.translate: X for capitals, x for small letters, d for digits; others stay."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = "X" if character.isupper() else "x" if character.islower() else "d" if character.isdigit() else character
        if len(self) < 10_000:
            self[code] = kind
        return kind


_SHAPES = _Shapes()


@lru_cache(50_000)
def outline(word: str) -> str:
    """Its kinds of characters without repetition: "Route53" gives Xxd."""
    kinds = word.translate(_SHAPES)
    return _REPEATED.sub(r"\1", kinds)


def own(word: str, commonness: str) -> list[str]:
    """Features of a token's own word. `commonness`: two characters that `Commonness` gives for it."""
    small, kinds = word.lower(), outline(word)
    capital = "C" if word[0].isupper() else "c"
    often, usually = commonness[0], commonness[1]
    found = [
        "*",
        f"w={word}",
        f"l={small}",
        f"s={kinds}",
        f"o{capital}={often}",
        f"u{capital}={usually}",
        f"us={usually}{kinds}",
    ]
    for size in range(3, min(5, len(small))):
        found += [f"p={small[:size]}", f"q={small[-size:]}"]
    if capital == "C":
        found.append("C" if len(word) == 1 or not word.isupper() else "CC")
    if word.isdigit():
        found.append(f"d={min(len(word), 5)}")
    framed = f"^{small[:_TRIGRAMS_IN]}$"
    found += [f"3={framed[place : place + 3]}" for place in range(len(framed) - 2)]
    return found


def near(word: str, distance: int) -> list[str]:
    """Features of a token that its neighbour gives it. `distance`: -1 = the word before it."""
    if word == PAD:
        return [f"{distance}"] if -1 <= distance <= 1 else []
    small = word.lower()
    found = [f"{distance}l={small}", f"{distance}s={outline(word)}"]
    if -1 <= distance <= 1:
        found += [f"{distance}p={small[:3]}", f"{distance}q={small[-3:]}"]
    return found


NEIGHBOURS: dict[str, Callable[[str], str]] = {"l": str.lower, "s": outline}
"""What two neighbouring words are seen as, by kind: the words in small letters, and their outlines."""


def pair(kind: str, left: str, right: str) -> tuple[str, str]:
    """(a feature of the right one, a feature of the left one) of two neighbours, seen as NEIGHBOURS[kind] says."""
    return f"<{kind}={left} {right}", f">{kind}={left} {right}"


def pair_words(kind: str, name: str) -> tuple[int, str] | None:
    """(0 = of the right one, 1 = of the left one; the two words) of a feature that `pair` named; None: another's."""
    if name[0] in "<>" and name.startswith(f"{kind}=", 1):
        return int(name[0] == ">"), name[len(kind) + 2 :]
    return None


class Commonness:
    """How common a word is in the documents that were learned from, and how often it is written small there.

    A name is rarer than other words with a capital, and is never written small. While learning, a word does not count
    itself: else none would be unknown.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._small = Counter[str]()
        self._all = Counter[str]()
        for word, count in Counter(words).items():
            small = word.lower()
            self._all[small] += count
            if word == small:
                self._small[small] += count

    def without_itself(self, word: str) -> str:
        """What it would be if this occurrence were not there."""
        small = word.lower()
        return _commonness(self._all[small] - 1, self._small[small] - (word == small))

    def all(self, least: int = 2) -> dict[str, str]:
        """By word in small letters, those that occur `least` times; the others are as UNKNOWN ones."""
        return {
            word: _commonness(count, self._small[word]) for word, count in sorted(self._all.items()) if count >= least
        }


def _commonness(times: int, times_small: int) -> str:
    if times <= 0:
        return UNKNOWN
    often = 1 if times < 3 else 2 if times < 10 else 3
    return f"{often}{round(4 * times_small / times)}"


class Describer:
    """Gives the features of all tokens of sequences; keeps those of words that repeat."""

    def __init__(self, commonness: Callable[[str], str]) -> None:
        self._commonness = commonness
        self._own = lru_cache(20_000)(lambda word: own(word, commonness(word)))
        self._near = lru_cache(60_000)(near)

    def features(self, words: Sequence[str]) -> list[list[str]]:
        """All features of each token of a sequence."""
        own, near = self._own, self._near
        padded = [PAD, PAD, *words, PAD, PAD]
        around = zip(words, padded, padded[1:], padded[3:], padded[4:], strict=False)
        found = [
            [*own(word), *near(first, -2), *near(second, -1), *near(third, 1), *near(fourth, 2)]
            for word, first, second, third, fourth in around
        ]
        for kind, seen_as in NEIGHBOURS.items():
            for place, (left, right) in enumerate(pairwise(map(seen_as, words))):
                of_right, of_left = pair(kind, left, right)
                found[place].append(of_left)
                found[place + 1].append(of_right)
        return found
