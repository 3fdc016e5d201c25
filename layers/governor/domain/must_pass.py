"""Must-pass documents: texts that the candidate has to get right, whatever its averages are.

A file is CSV like smoke documents: what must come out first, the text second. For classifiers that is the label (in
MULTI_LABEL data all labels that must be among the answers, joined by the delimiter); for recognizers the mentions, as
`TYPE=words`, joined by `|`.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from governor.domain import labelled_csv
from governor.domain.answers import Answer
from governor.domain.exam import Paper, Question, Source, job_line, truth_line
from governor.domain.labelled_data import Wanted
from governor.domain.pricing import units_of
from governor.domain.text_lines import BadData
from governor.domain.verdict import MustPass

MOST_DOCUMENTS = 1_000
MOST_NAMED = 100
"""Of documents with wrong answers."""


@dataclass(frozen=True)
class Demand:
    """A text and what must be among its answers: labels, or for each mention the places where its words stand."""

    source: Source
    line: int
    text: str
    wanted: Sequence[Any]


def demands(chunks: Iterable[bytes], source: Source, wanted: Wanted) -> Iterator[Demand]:
    """Yield the documents of a file; raises BadData."""
    delimiter = {"MULTI_LABEL": wanted.delimiter, "ENTITIES": "|"}.get(wanted.mode)
    for document in labelled_csv.documents(chunks, delimiter):
        if wanted.mode != "ENTITIES":
            yield Demand(source, document.line, document.text, sorted(document.labels))
            continue
        places = [_places(each, document.text, document.line) for each in document.labels]
        yield Demand(source, document.line, document.text, places)


def _places(mention: str, text: str, line: int) -> list[tuple[int, int, str]]:
    type_, sign, words = mention.partition("=")
    if not sign or not words:
        raise BadData(f"Line {line}: write the mentions as TYPE=words, joined by |.")
    begins = [start for start in range(len(text)) if text.startswith(words, start)]
    if not begins:
        raise BadData(f"Line {line}: the words of a mention are not in the text.")
    return [(begin, begin + len(words), type_) for begin in begins]


def paper_of(found: Iterable[Demand], wanted: Wanted, labels: Sequence[str]) -> tuple[Paper, list[tuple[bytes, bytes]]]:
    """Return the paper that the candidate sits, and its lines: each document once. Raises BadData.

    `labels`: those that the flywheel knows; empty if they are not known. What asks for another one is a slip: no model
    could ever give it.
    """
    chosen: dict[str, Demand] = {}
    for demand in found:
        if labels and not _names(demand, wanted).issubset(labels):
            raise BadData(f"Line {demand.line}: it asks for a label that the flywheel does not have; correct the file.")
        before = chosen.setdefault(demand.text, demand)
        if before.wanted != demand.wanted:
            raise BadData(f"Line {demand.line}: the same text as {named(before)}, and something else must come out.")
        if len(chosen) > MOST_DOCUMENTS:
            raise BadData(f"There are more than {MOST_DOCUMENTS:,} must-pass documents.")
    if not chosen:
        raise BadData("There are no documents.")
    hashes = sorted(
        hashlib.sha256(f"{text}\0{json.dumps(each.wanted)}".encode()).digest() for text, each in chosen.items()
    )
    paper = Paper(
        kind="must-pass",
        digest=hashlib.sha256(b"".join(hashes)).hexdigest(),
        mode=wanted.mode,
        labels=tuple(sorted(labels)),
        documents=len(chosen),
        units=sum(units_of(len(text)) for text in chosen),
    )
    lines = [(job_line(each.text), truth_line(each.source, each.line, each.wanted)) for each in chosen.values()]
    return paper, lines


def _names(demand: Demand, wanted: Wanted) -> set[str]:
    """Return the labels that a document asks for, or the types of its mentions."""
    return {each[0][2] if wanted.mode == "ENTITIES" else each for each in demand.wanted}


def result_of(asked: Iterable[tuple[Question, Answer]], *, recognizer: bool) -> MustPass:
    """Return how the candidate did; a document without an answer is wrong."""
    documents, failed = 0, []
    for question, answer in asked:
        documents += 1
        if not _is_right(question.truth, answer, recognizer=recognizer):
            failed.append(named(question))
    return MustPass(documents, tuple(failed[:MOST_NAMED]), len(failed))


def _is_right(wanted: Sequence[Any], answer: Answer, *, recognizer: bool) -> bool:
    given: set[Any] = set(answer or ())
    if recognizer:
        return all(any(tuple(place) in given for place in places) for places in wanted)
    return given.issuperset(wanted)


def named(place: Question | Demand) -> str:
    """Return `<file>:<line>`; nothing of the document."""
    return f"{place.source.key.rpartition('/')[2]}:{place.line}"
