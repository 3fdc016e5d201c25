"""A model's answers in the words of the API: for real-time calls and for the lines of a job's output."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from comprehend_local.engine.learner import Entity, Scored
from comprehend_local.settings import Settings

_SINGLE = struct.Struct("f")
LABEL_FROM = 0.5
"""From this score on a label is the document's (multi-label)."""


def classes(scored: Sequence[Scored], mode: str, settings: Settings, *, single: bool = False) -> list[dict[str, Any]]:
    """`Classes` or `Labels` of one document: Name and Score, the most probable first.

    How many there are and how far scores are rounded is as in AWS's samples: three classes of five, 0.8642 in a job's
    output. Real-time answers show the same number in single precision, 0.3957 as 0.39570000767707825.
    """
    chosen = _listed(scored, mode, settings.most_classes)
    places = settings.score_decimals
    if single:
        return [{"Name": name, "Score": _as_single(round(float(score), places))} for name, score in chosen]
    return [{"Name": name, "Score": round(float(score), places)} for name, score in chosen]


def _listed(scored: Sequence[Scored], mode: str, most: int) -> Sequence[Scored]:
    """All, when `most` is 0. In multi-label answers every label of the document is listed, however many they are."""
    if most == 0:
        return scored
    if mode == "MULTI_LABEL":
        most = max(most, sum(item.score >= LABEL_FROM for item in scored))
    return scored[:most]


def entities(text: str, found: Sequence[Entity]) -> list[dict[str, Any]]:
    """`Entities` of one document, in the order of the members in a job's output."""
    return [
        {
            "BeginOffset": item.begin,
            "EndOffset": item.end,
            "Score": float(item.score),
            "Text": text[item.begin : item.end],
            "Type": item.type,
        }
        for item in found
    ]


def _as_single(value: float) -> float:
    single: float = _SINGLE.unpack(_SINGLE.pack(value))[0]
    return single
