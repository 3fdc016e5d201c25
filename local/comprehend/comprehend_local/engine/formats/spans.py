"""Mentions of entities in order, without repetition and overlap."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from comprehend_local.engine.documents import Span


def ordered(spans: Iterable[Span]) -> tuple[tuple[Span, ...], Span | None]:
    """(the spans in order, every one once; the first one that begins before its predecessor ends, or None)."""
    kept = tuple(sorted(set(spans)))
    for before, after in pairwise(kept):
        if after.begin < before.end:
            return kept, after
    return kept, None
