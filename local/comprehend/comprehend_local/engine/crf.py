"""Tags by a linear-chain conditional random field: the best row of tags, and how probable a mention is.

Tags are numbered as in `tokens.tags`. Many sequences are computed at once, step by step, so their tokens lie in flat
arrays step by step too: all first tokens, all second ones, ... (`Sequences` knows where).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
NEVER = -1e4
"""The weight of what cannot be; finite, so that sums stay numbers."""
_LEAST = 1e-300


def allowed_steps(transitions: Floats) -> Floats:
    """Transition weights (from, to) where I-X follows nothing but B-X and I-X."""
    steps = transitions.copy()
    for inside in range(2, len(steps), 2):
        others = np.ones(len(steps), dtype=bool)
        others[[inside - 1, inside]] = False
        steps[others, inside] = NEVER
    return steps


class Sequences:
    """Where the tokens of some sequences are. `lengths` never grow and none is 0.

    `order`: for tokens laid step by step, their places in the sequences one behind the other; `starts`: there.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        self.lengths = np.array(lengths, dtype=np.intp)
        self.starts: Places = np.cumsum(self.lengths) - self.lengths
        size = int(self.lengths.sum())
        step_of = np.arange(size) - np.repeat(self.starts, self.lengths)
        self.order: Places = np.argsort(step_of, kind="stable")
        counts = np.bincount(step_of, minlength=1)
        ends = np.cumsum(counts)
        self.steps = list(zip((ends - counts).tolist(), ends.tolist(), strict=True))
        """(begin, end) of each step's tokens; the first step has one of each sequence, the others of the first ones."""


def best(weights: Floats, transitions: Floats, rows: Sequences) -> Places:
    """The most probable tags, sequence by sequence.

    `weights`: (tokens, tags), step by step, how each token speaks for each tag; `transitions`: (tags, tags).
    """
    (begin, end), *others = rows.steps
    scores = weights[begin:end].copy()
    scores[:, 2::2] += NEVER
    arrivals = []
    for begin, end in others:
        count = end - begin
        ways = scores[:count, :, None] + transitions
        arrivals.append(ways.argmax(axis=1))
        scores[:count] = ways.max(axis=1) + weights[begin:end]
    current = scores.argmax(axis=1)
    tags = np.empty(len(weights), dtype=np.intp)
    tags[rows.starts + rows.lengths - 1] = current
    for step in range(len(arrivals) - 1, -1, -1):
        arrival = arrivals[step]
        count = len(arrival)
        current[:count] = arrival[np.arange(count), current[:count]]
        tags[rows.starts[:count] + step] = current[:count]
    return tags


def mentions(tags: Places) -> Iterator[tuple[int, int, int]]:
    """(first token, behind the last token, number of the type) of every mention, sequence by sequence."""
    followed = [*tags.tolist(), 0]
    for begin in np.flatnonzero(tags % 2).tolist():
        inside = followed[begin] + 1
        end = begin + 1
        while followed[end] == inside:
            end += 1
        yield begin, end, inside // 2 - 1


class Posteriors:
    """All rows of tags, weighed by their probability (the forward-backward algorithm, scaled at each token)."""

    def __init__(self, weights: Floats, transitions: Floats, rows: Sequences) -> None:
        """As for `best`."""
        likely = np.exp(weights - weights.max(axis=1, keepdims=True))
        self._transitions = np.exp(transitions)
        forward, scales = np.empty_like(likely), np.empty((len(likely), 1))
        before = np.ones((rows.steps[0][1], likely.shape[1]))
        before[:, 2::2] = 0
        for step, (begin, end) in enumerate(rows.steps):
            reached = likely[begin:end] * (before[: end - begin] @ self._transitions if step else before)
            scales[begin:end] = np.maximum(reached.sum(axis=1, keepdims=True), _LEAST)
            before = forward[begin:end] = reached / scales[begin:end]
        # What comes with a token and behind it; behind the last one each tag has 1.
        ahead = likely / scales
        back = self._transitions.T
        for (begin, _), (next_begin, next_end) in zip(rows.steps[-2::-1], rows.steps[:0:-1], strict=True):
            ahead[begin : begin + next_end - next_begin] *= ahead[next_begin:next_end] @ back
        unordered = np.empty_like(rows.order)
        unordered[rows.order] = np.arange(len(rows.order))
        self._at = unordered
        self._forward, self._ahead, self._likely, self._scales = forward, ahead, likely, scales[:, 0]

    def mention(self, begin: int, end: int, type_: int, end_of_sequence: int) -> float:
        """The probability of just this mention, over 0: tokens `begin` to `end` (exclusive), sequence by sequence."""
        at = self._at
        tag, inside = 1 + 2 * type_, 2 + 2 * type_
        probability = float(self._forward[at[begin], tag])
        for place in at[begin + 1 : end].tolist():
            probability *= float(self._transitions[tag, inside] * self._likely[place, inside] / self._scales[place])
            tag = inside
        if end < end_of_sequence:
            goes_on = self._transitions[tag] * self._ahead[at[end]]
            probability *= float(goes_on.sum() - goes_on[inside])
        return min(max(probability, _LEAST), 1.0)
