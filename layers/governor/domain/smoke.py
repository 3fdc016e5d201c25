"""Smoke documents: a few texts whose answers must be right, asked of the endpoint after every promotion.

A file is CSV like training data: what must come out first, the text second. For classifiers that is the label (in
MULTI_LABEL data all labels, joined by the delimiter); for recognizers the mentions, as `TYPE=words`, joined by `|`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from governor.domain import labelled_csv
from governor.domain.labelled_data import Wanted
from governor.domain.text_lines import BadData

MOST_DOCUMENTS = 50
MOST_PORTIONS = 5
"""So many looks ask all documents, however long they are and however small the endpoint is."""
PORTION_SECONDS = 10.0
"""What is answered in this time is asked in one look; the next one comes when an endpoint is through with it."""
_UNIT_DOCUMENTS, _UNIT_CHARACTERS = 2, 100
"""What one inference unit answers a second (https://docs.aws.amazon.com/comprehend/latest/dg/using-endpoints.html)."""
LONGEST_TEXT_BYTES = 10_000


@dataclass(frozen=True)
class SmokeDocument:
    """`where` names it in messages (file and number, never its text); `expected` must all be among the answers."""

    where: str
    text: str
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What an endpoint said: a label, or `TYPE=words`."""

    name: str
    score: float


def smoke_documents(chunks: Iterable[bytes], name: str, wanted: Wanted) -> Iterator[SmokeDocument]:
    """Yield the documents of a file; raises BadData."""
    delimiter = {"MULTI_LABEL": wanted.delimiter, "ENTITIES": "|"}.get(wanted.mode)
    for number, document in enumerate(labelled_csv.documents(chunks, delimiter), 1):
        if len(document.text.encode()) > LONGEST_TEXT_BYTES:
            raise BadData(f"document {number} is longer than {LONGEST_TEXT_BYTES:,} bytes, which no endpoint takes.")
        if wanted.mode == "ENTITIES" and any("=" not in each for each in document.labels):
            raise BadData(f"document {number}: write the mentions as TYPE=words, joined by |.")
        yield SmokeDocument(f"{name}, document {number}", document.text, document.labels)


def busy_seconds(documents: Iterable[SmokeDocument], units: int) -> float:
    """Return how long so many inference units are busy with the documents, each taken by its dearer measure."""
    each = (max(1 / _UNIT_DOCUMENTS, len(document.text) / _UNIT_CHARACTERS) for document in documents)
    return sum(each) / max(1, units)


def portion(documents: Sequence[SmokeDocument], answered: int, units: int) -> Sequence[SmokeDocument]:
    """Return which documents are asked in one look, after the first `answered` ones; empty if none is left.

    They keep an endpoint busy for `PORTION_SECONDS`, or for as much longer as it takes to ask all in `MOST_PORTIONS`.
    """
    enough = max(PORTION_SECONDS, busy_seconds(documents, units) / MOST_PORTIONS)
    for last in range(answered + 1, len(documents)):
        if busy_seconds(documents[answered:last], units) >= enough:
            return documents[answered:last]
    return documents[answered:]


def wrong(document: SmokeDocument, answers: Sequence[Answer], wanted: Wanted) -> str | None:
    """Return what is wrong with the answers, in words without the text; None if they are right."""
    best = [max(answers, key=lambda answer: answer.score).name] if answers else []
    match wanted.mode:
        case "MULTI_CLASS":
            given = best
        case "MULTI_LABEL":
            given = [answer.name for answer in answers if answer.score >= 0.5] or best
        case _:
            given = [answer.name for answer in answers]
    missing = [each for each in document.expected if each not in given]
    if not missing:
        return None
    if wanted.mode == "ENTITIES":
        return f"{document.where}: {len(missing)} of {len(document.expected)} mentions not found"
    return f"{document.where}: {', '.join(missing)} expected, {', '.join(given) or 'nothing'} answered"
