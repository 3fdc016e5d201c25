"""The answer sheet: what both models said about the documents of an exam, next to what is right, counted.

Documents that are alike for every metric are one row with a count, so 100,000 documents are a few thousand rows and
the whole sheet fits a decision's record: the same verdict, or another policy's, can be reached from it at any time.
No text and no reference to a document is in it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from governor.domain.policy import DataMode


class Row(NamedTuple):
    """Documents with the same truth and the same answers.

    Numbers are positions in `Sheet.labels`, sorted. Classifiers: labels, each at most once; `hits` are empty, a label
    is right where truth and answer share it. Recognizers: the types of all mentions, one each, and in `hits` those of
    the mentions whose place and type are exact. An answer that is missing is the empty one.
    """

    count: int  # type: ignore[assignment]  # the tuple's own method of that name is not used
    truth: tuple[int, ...]
    candidate: tuple[int, ...]
    baseline: tuple[int, ...]
    candidate_hits: tuple[int, ...] = ()
    baseline_hits: tuple[int, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """All rows of an exam. `unanswered`: documents that a model gave no answer to, which counts as wrong."""

    mode: DataMode
    labels: tuple[str, ...]
    rows: tuple[Row, ...]
    has_baseline: bool
    unanswered_candidate: int = 0
    unanswered_baseline: int = 0

    @property
    def documents(self) -> int:
        return sum(row.count for row in self.rows)


def sheet_of(
    mode: DataMode,
    labels: Sequence[str],
    answers: Iterable[Row],
    *,
    has_baseline: bool,
    unanswered: tuple[int, int] = (0, 0),
) -> Sheet:
    """Count equal `answers` together (their own counts add up); the order of rows does not depend on theirs."""
    counts: Counter[tuple[tuple[int, ...], ...]] = Counter()
    for answer in answers:
        counts[tuple(answer[1:])] += answer.count
    rows = tuple(Row(count, *content) for content, count in sorted(counts.items()))
    return Sheet(mode, tuple(labels), rows, has_baseline, *unanswered)


def to_json(sheet: Sheet) -> dict[str, Any]:
    """Return the sheet for a decision's record; `from_json` is its inverse."""
    recognizer = sheet.mode == "ENTITIES"
    return {
        "mode": sheet.mode,
        "labels": list(sheet.labels),
        "has_baseline": sheet.has_baseline,
        "unanswered": [sheet.unanswered_candidate, sheet.unanswered_baseline],
        "rows": [[row.count, *map(list, row[1:] if recognizer else row[1:4])] for row in sheet.rows],
    }


def from_json(document: dict[str, Any]) -> Sheet:
    """Return the sheet that `to_json` wrote; raises KeyError, TypeError or ValueError for anything else."""
    candidate, baseline = document["unanswered"]
    rows = tuple(Row(int(row[0]), *(tuple(map(int, part)) for part in row[1:])) for row in document["rows"])
    return Sheet(
        document["mode"], tuple(document["labels"]), rows, bool(document["has_baseline"]), int(candidate), int(baseline)
    )
