"""Texts as counted words and pairs of neighbouring words, each named by a 32-bit hash.

Nothing is learned here: a text has the same features for ever, so they are computed once and stored. All work is done
on whole blocks of text in numpy, without a Python object per word: several times faster than a regular expression and
a dictionary, and it runs in threads, because numpy lets go of the interpreter meanwhile.

A word's hash is a polynomial of its code points modulo 2**64, mixed. With one running sum over a block that has every
character times a power of the base, the polynomial of each word is a difference of two sums, divided by the power at
its start (the base is odd, so the division is a multiplication).
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

VERSION = 1
"""Changes whenever the same text gets other features: what was stored is then computed anew."""
_BLOCK = 1 << 17
"""Characters worked on at once: a few arrays of this size and 8 bytes stay in the processor's cache."""
_PIECE = 1 << 16
"""A longer document is cut into pieces of so many characters."""
_THREADS_FROM = 1_000_000
"""Characters; below, starting threads costs more than it saves."""
_BASE, _ODD, _SHIFT = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, 0x1234567
_NOTHING, _WORD, _SIGN = 0, 1, 2
_SIGNS = ("So", "Sk", "Sc")
"""Unicode categories of symbols that are a word each."""
_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Features:
    """Of n documents: document i has `ids[indptr[i]:indptr[i + 1]]`, in growing order, so often as `counts` says."""

    indptr: NDArray[np.int64]
    ids: NDArray[np.uint32]
    counts: NDArray[np.uint16]

    def __len__(self) -> int:
        """How many documents."""
        return len(self.indptr) - 1

    def take(self, rows: NDArray[np.intp]) -> Features:
        """Some documents, in the order given."""
        if len(rows) == len(self) and (rows == np.arange(len(rows))).all():
            return self
        starts, sizes = self.indptr[rows], np.diff(self.indptr)[rows]
        indptr = _summed(sizes)
        places = np.arange(indptr[-1]) + np.repeat(starts - indptr[:-1], sizes)
        return Features(indptr, self.ids[places], self.counts[places])


def joined(parts: Sequence[Features]) -> Features:
    """All documents, one part after the other."""
    if len(parts) == 1:
        return parts[0]
    sizes = [np.diff(part.indptr) for part in parts]
    return Features(
        _summed(np.concatenate(sizes) if sizes else np.zeros(0, np.int64)),
        np.concatenate([part.ids for part in parts]) if parts else np.zeros(0, np.uint32),
        np.concatenate([part.counts for part in parts]) if parts else np.zeros(0, np.uint16),
    )


def features(texts: Sequence[str]) -> Features:
    """The features of some texts. Texts that hold no word have none."""
    return features_of_each([texts])[0]


def features_of_each(chunks: Sequence[Sequence[str]]) -> list[Features]:
    """The features of each chunk of texts; all cores share the blocks when there is much text."""
    blocks = [(place, block) for place, texts in enumerate(chunks) for block in _blocks(texts)]
    if sum(sum(map(len, texts)) for texts in chunks) >= _THREADS_FROM:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(lambda block: _of_block(block[1]), blocks))
    else:
        found = [_of_block(block) for _, block in blocks]
    of_chunk: list[list[Features]] = [[] for _ in chunks]
    for (place, _), part in zip(blocks, found, strict=True):
        of_chunk[place].append(part)
    return [joined(parts) for parts in of_chunk]


def _blocks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    start = size = 0
    for place, text in enumerate(texts, 1):
        size += len(text) + 1
        if size >= _BLOCK:
            yield texts[start:place]
            start, size = place, 0
    if start < len(texts):
        yield texts[start:]


def _of_block(texts: Sequence[str]) -> Features:
    """Of few texts that together are a block, or of one that is longer and is worked on in pieces."""
    if sum(map(len, texts)) <= _BLOCK + _PIECE:
        words, document = _words(texts)
        return _counted(words, document, len(texts))
    pieces = [(place, text[at : at + _PIECE]) for place, text in enumerate(texts) for at in range(0, len(text), _PIECE)]
    found = [(place, _words([piece])[0]) for place, piece in pieces]
    documents = np.repeat([place for place, _ in found], [len(words) for _, words in found])
    return _counted(np.concatenate([words for _, words in found]), documents, len(texts))


def _words(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The hash of each word, and the place of the text that it is in. The texts fit into the tables of powers."""
    sizes = [len(text) for text in texts]
    lowered = "\n".join(texts).lower()
    if len(lowered) != sum(sizes) + len(sizes) - 1 or not unicodedata.is_normalized("NFC", lowered):
        # A letter changed its number of code points. Composed and decomposed letters are made the same.
        texts = [unicodedata.normalize("NFC", text.lower()) for text in texts]
        lowered, sizes = "\n".join(texts), [len(text) for text in texts]
    codes = np.frombuffer(lowered.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = np.zeros(len(codes) + 2, dtype=np.uint8)
    kinds[1:-1] = _kinds()[np.minimum(codes, 0x10000)]
    here, alone = kinds[1:-1] != _NOTHING, kinds[1:-1] == _SIGN
    start = np.flatnonzero(here & (alone | (kinds[:-2] != _WORD)))
    end = np.flatnonzero(here & (alone | (kinds[2:] != _WORD))) + 1
    powers, inverses = _powers(1 << max(12, int(len(codes) + 1).bit_length()))
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    values = codes.astype(np.uint64)
    values += np.uint64(_SHIFT)
    values *= powers[: len(codes)]
    np.cumsum(values, out=sums[1:])
    document = np.searchsorted(np.cumsum(np.array(sizes, dtype=np.int64) + 1), start, side="right")
    return _mixed((sums[end] - sums[start]) * inverses[start]), document


def _counted(words: NDArray[np.uint64], document: NDArray[np.int64], documents: int) -> Features:
    """Words and pairs of neighbours in the same document, counted."""
    of_document = document.astype(np.uint64) << _HALF
    same = document[1:] == document[:-1]
    pairs = _mixed(words[:-1] * np.uint64(_ODD) + words[1:])[same]
    keys = np.concatenate([of_document | (words >> _HALF), of_document[1:][same] | (pairs >> _HALF)])
    keys.sort()
    first = np.flatnonzero(np.concatenate([np.ones(min(1, len(keys)), dtype=bool), keys[1:] != keys[:-1]]))
    counts = np.minimum(np.diff(np.append(first, len(keys))), 0xFFFF).astype(np.uint16)
    keys = keys[first]
    sizes = np.bincount((keys >> _HALF).astype(np.int64), minlength=documents)
    return Features(_summed(sizes), keys.astype(np.uint32), counts)


def _summed(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the information over all bits (the finalizer of SplitMix64)."""
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


@cache
def _powers(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The base to the power 0, 1, ... size - 1, and the inverses of these modulo 2**64."""
    tables = []
    for base in (_BASE, pow(_BASE, -1, 1 << 64)):
        factors = np.full(size, base, dtype=np.uint64)
        factors[0] = 1
        tables.append(np.cumprod(factors))
    return tables[0], tables[1]


@cache
def _kinds() -> NDArray[np.uint8]:
    """What each code point of the basic plane is; the last entry is for all beyond, most of them emoji.

    Letters, digits, marks and underscores make words; a symbol is a word of its own; the rest is between words.
    """
    kinds = np.full(0x10001, _NOTHING, dtype=np.uint8)
    for code in range(0x10000):
        category = unicodedata.category(chr(code))
        if category[0] in "LNM" or category == "Pc":
            kinds[code] = _WORD
        elif category in _SIGNS:
            kinds[code] = _SIGN
    kinds[0x10000] = _SIGN
    return kinds
