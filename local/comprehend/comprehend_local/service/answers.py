"""A model's answers in the words of the API: for real-time calls and for the lines of a job's output."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from comprehend_local.engine.learner import Entity, Scored
from comprehend_local.settings import Settings

_SINGLE = struct.Struct("f")


def classes(scored: Sequence[Scored], settings: Settings, *, single: bool = False) -> list[dict[str, Any]]:
    """`Classes` or `Labels` of one document: Name and Score.

    Scores are rounded as in AWS's samples: 0.8642 in a job's output. Real-time answers show the same number in single
    precision, 0.3957 as 0.39570000767707825.
    """
    places = settings.score_decimals
    if single:
        return [{"Name": name, "Score": _as_single(round(score, places))} for name, score in scored]
    return [{"Name": name, "Score": round(score, places)} for name, score in scored]


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
