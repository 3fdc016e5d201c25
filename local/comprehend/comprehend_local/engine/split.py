"""Holds documents back for scoring when there is no test data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from comprehend_local.engine.documents import Document


def hold_out(documents: Sequence[Document], share: float, seed: int) -> tuple[list[Document], list[Document]]:
    """Split into (to learn from, to score on); the second has max(1, round(share x n)) documents.

    Which ones is decided by a digest of each document, so the same data and seed give the same split, the order does
    not matter, and a document held out once tends to stay held out when more data is added. Labels are not balanced:
    a rare one can be missing from the held-out part, as in the service.
    """
    if len(documents) < 2:
        return list(documents), []
    size = max(1, round(share * len(documents)))
    ranked = sorted(range(len(documents)), key=lambda index: _rank(documents[index], index, seed))
    held = set(ranked[:size])
    learn = [document for index, document in enumerate(documents) if index not in held]
    return learn, [documents[index] for index in sorted(held)]


def _rank(document: Document, index: int, seed: int) -> tuple[bytes, int]:
    digest = hashlib.blake2b(f"{seed}\0{document.label}\0{document.text}".encode(), digest_size=8)
    return digest.digest(), index
