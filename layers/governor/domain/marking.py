"""Marking: both models' answers next to what is right, counted into a sheet, and the documents on which they differ."""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from governor.domain.answers import Answer
from governor.domain.exam import Source, Truth
from governor.domain.labelled_document import Mention
from governor.domain.policy import DataMode
from governor.domain.sheet import Row, Sheet, sheet_of

MOST_FLIPS = 200
"""So many documents are named; the count is of all."""


@dataclass(frozen=True)
class Marked:
    """A document with what is right and what was said. `candidate`, `baseline`: None is no answer."""

    source: Source
    line: int
    truth: Truth
    candidate: Answer
    baseline: Answer


@dataclass
class Flips:
    """Documents that one model has right and the other wrong: how many, and the first of them, without their texts."""

    count: int = 0
    documents: list[dict[str, Any]] = field(default_factory=list)

    def add(self, marked: Marked) -> None:
        self.count += 1
        if len(self.documents) < MOST_FLIPS:
            self.documents.append(
                {
                    "key": marked.source.key,
                    "version": marked.source.version,
                    "line": marked.line,
                    "truth": _names(marked.truth),
                    "candidate": _names(marked.candidate),
                    "baseline": _names(marked.baseline),
                }
            )


@dataclass(frozen=True)
class Marking:
    """What became of an exam. `right_to_wrong`: the active model has it right, the candidate does not."""

    sheet: Sheet
    right_to_wrong: Flips
    wrong_to_right: Flips

    def flips_to_json(self) -> bytes:
        """Return the flips for the records bucket."""
        document = {
            "schema": 1,
            "right_to_wrong": vars(self.right_to_wrong),
            "wrong_to_right": vars(self.wrong_to_right),
        }
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def mark(mode: DataMode, labels: Collection[str], answered: Iterable[Marked], *, has_baseline: bool) -> Marking:
    """Count all answers. `labels`: the flywheel's; labels that only a document or a model names are added to them."""
    counts: Counter[tuple[tuple[str, ...], ...]] = Counter()
    right_to_wrong, wrong_to_right = Flips(), Flips()
    silent = [0, 0]
    for marked in answered:
        counts[_content(mode, marked)] += 1
        silent[0] += marked.candidate is None
        silent[1] += has_baseline and marked.baseline is None
        if has_baseline:
            now, before = marked.candidate == marked.truth, marked.baseline == marked.truth
            if before and not now:
                right_to_wrong.add(marked)
            elif now and not before:
                wrong_to_right.add(marked)
    seen = {name for content in counts for part in content for name in part}
    names = sorted({*labels, *seen})
    place = {name: number for number, name in enumerate(names)}
    rows = (
        Row(count, *(tuple(sorted(place[name] for name in part)) for part in content))
        for content, count in counts.items()
    )
    sheet = sheet_of(mode, names, rows, has_baseline=has_baseline, unanswered=(silent[0], silent[1]))
    return Marking(sheet, right_to_wrong, wrong_to_right)


def _content(mode: DataMode, marked: Marked) -> tuple[tuple[str, ...], ...]:
    """Return a row's parts by name: truth, answers, and for recognizers the mentions that are exact."""
    parts = tuple(tuple(_names(each)) for each in (marked.truth, marked.candidate, marked.baseline))
    if mode != "ENTITIES":
        return parts
    right: set[Any] = set(marked.truth)
    exact = ([each for each in answer or () if each in right] for answer in (marked.candidate, marked.baseline))
    return (*parts, *(tuple(_names(hits)) for hits in exact))


def _names(answer: Collection[str | Mention] | None) -> list[str]:
    """Return labels, or the types of mentions, sorted."""
    return sorted(each if isinstance(each, str) else each[2] for each in answer or ())
