"""Holds documents back for scoring when there is no test data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from comprehend_local.engine.learner import Part


def hold_out(parts: Sequence[Part], share: float, seed: int) -> tuple[list[Part], list[Part]]:
    """Split into (to learn from, to score on); the second has max(1, round(share x n)) documents of the n.

    Which ones is decided by the digest of each document, so the same data and seed give the same split, the order does
    not matter, and a document held out once tends to stay held out when more data is added. Labels are not balanced:
    a rare one can be missing from the held-out part, as in the service. A single document is learned from.
    """
    total = sum(len(part.rows) for part in parts)
    if total < 2:
        return list(parts), []
    size = max(1, round(share * total))
    ranks = np.concatenate([mixed(part.prepared.digests[part.rows], seed) for part in parts])
    held = np.zeros(total, dtype=bool)
    held[np.argsort(ranks, kind="stable")[:size]] = True
    learn, test, start = [], [], 0
    for prepared, rows in parts:
        mine = held[start : start + len(rows)]
        learn.append(Part(prepared, rows[~mine]))
        test.append(Part(prepared, rows[mine]))
        start += len(rows)
    return learn, test


def mixed(digests: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Another order for every seed (the finalizer of SplitMix64)."""
    with np.errstate(over="ignore"):
        mixed = digests + np.uint64((seed * 0x9E3779B97F4A7C15) % 2**64)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        return np.asarray(mixed ^ (mixed >> np.uint64(31)))
