"""How words speak for tags, by a model's weights: for many sequences at once (see `crf.Sequences`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from comprehend_local.engine.crf import NEVER, Floats, Places, Sequences
from comprehend_local.engine.crf_training import Weights
from comprehend_local.engine.token_features import DISTANCES, NEIGHBOURS, PAD, UNKNOWN, near, own, pair_words

_KEPT_WORDS = 20_000
_REACH = max(map(abs, DISTANCES))


class Emissions:
    """Sums of weights. Keeps those of words that it has seen; safe to use from several threads."""

    def __init__(self, weights: Weights, boldness: float) -> None:
        """`boldness` is taken from the weight of tag 0, no mention."""
        self._places = {name: place for place, name in enumerate(weights.names)}
        # Features without weights are in the last row.
        self._missing = len(weights.names)
        self._weights = np.vstack([weights.of_features, np.zeros((1, weights.of_features.shape[1]), np.float32)])
        self._pairs = {kind: _Pairs(kind, weights.names) for kind in NEIGHBOURS}
        self._commonness = weights.commonness
        self._bias = np.where(weights.seen, 0.0, NEVER)
        self._bias[0] -= boldness
        self._words: dict[str, NDArray[np.float32]] = {}

    def of(self, words: Sequence[str], rows: Sequences) -> Floats:
        """(words, tags), step by step: how each word, where it stands, speaks for each tag. `words`: by sequences."""
        numbers: dict[str, int] = {}
        places = np.fromiter((numbers.setdefault(word, len(numbers)) for word in words), np.intp, len(words))
        sums = np.stack([*map(self._of_word, numbers), self._of_word(PAD)])
        found: Floats = sums[places, 0].astype(np.float64)
        at = np.arange(len(words)) + _REACH * (1 + np.repeat(np.arange(len(rows.starts)), rows.lengths))
        padded = np.full(int(at[-1]) + _REACH + 1, len(numbers), dtype=np.intp)
        padded[at] = places
        for column, distance in enumerate(DISTANCES, 1):
            found += sums[padded[at + distance], column]
        if len(words) > 1:
            for kind, seen_as in NEIGHBOURS.items():
                right, left = self._pairs[kind].features([seen_as(word) for word in words])
                # The first of a sequence is no neighbour of the last of the sequence before it.
                right[rows.starts[1:] - 1] = left[rows.starts[1:] - 1] = self._missing
                found[1:] += self._weights[right]
                found[:-1] += self._weights[left]
        return (found + self._bias)[rows.order]

    def _of_word(self, word: str) -> NDArray[np.float32]:
        """(1 + distances, tags): what a word says of itself, and of the words that have it at a distance."""
        known = self._words.get(word)
        if known is not None:
            return known
        mine = own(word, self._commonness.get(word.lower(), UNKNOWN)) if word != PAD else []
        groups = [mine, *(near(word, distance) for distance in DISTANCES)]
        sums = np.stack([self._sum(names) for names in groups])
        if len(self._words) >= _KEPT_WORDS:
            self._words.clear()
        self._words[word] = sums
        return sums

    def _sum(self, names: Iterable[str]) -> NDArray[np.float32]:
        places = [place for name in names if (place := self._places.get(name)) is not None]
        return np.asarray(self._weights[places].sum(axis=0))


class _Pairs:
    """The features of neighbours of one kind: which weights a pair has."""

    def __init__(self, kind: str, names: Sequence[str]) -> None:
        self._numbers: dict[str, int] = {}
        places: list[list[int]] = []
        for place, name in enumerate(names):
            found = pair_words(kind, name)
            if found is None:
                continue
            side, words = found
            number = self._numbers.setdefault(words, len(places))
            if number == len(places):
                places.append([len(names), len(names)])
            places[number][side] = place
        self._places = np.array([*places, [len(names), len(names)]], dtype=np.intp)

    def features(self, seen: Sequence[str]) -> tuple[Places, Places]:
        """(weights that the right ones of all neighbours get, those that the left ones get)."""
        none = len(self._numbers)
        get = self._numbers.get
        numbers = np.fromiter((get(f"{one} {two}", none) for one, two in pairwise(seen)), np.intp, len(seen) - 1)
        return self._places[numbers, 0], self._places[numbers, 1]
