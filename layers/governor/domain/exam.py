"""The exam: which documents both models sit, what is right about each, and the digest that names the set.

The digest is a sha256 over the sorted hashes of (text, truth) of all documents. So it does not depend on their order or
on the files they came in; equal documents count once; and of a text that came with different truths only the newest
file's counts.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from governor.domain.errors import UnexpectedReplyError
from governor.domain.labelled_document import Document, Mention
from governor.domain.policy import DataMode
from governor.domain.pricing import units_of

Kind = Literal["iteration", "golden", "must-pass"]
Truth = tuple[str, ...] | tuple[Mention, ...]
"""Sorted: labels of a classifier's document, mentions of a recognizer's."""

MOST_DOCUMENTS = 1_000_000
"""Comprehend's limit of a job (https://docs.aws.amazon.com/comprehend/latest/dg/guidelines-and-limits.html)."""
_ONE_LINE = str.maketrans("\r\n\ufeff", "   ")
"""Jobs read a document a line and drop a byte order mark; one sign for one, so that offsets stay what they are."""


@dataclass(frozen=True)
class Source:
    """A file that documents of the exam come from: key and version in the inbox."""

    key: str
    version: str


@dataclass(frozen=True)
class Found:
    """A document in its file. `line` counts from 1: its line, or which document of the file it is."""

    source: Source
    line: int
    document: Document


@dataclass(frozen=True)
class Paper:
    """What is known of a set of documents that models sit, without the documents themselves.

    `units`: what one model's answers are billed by. `support`: how many documents have each label (of recognizers:
    mentions of each type). `left_out`: documents whose labels the flywheel does not know.
    """

    kind: Kind
    digest: str
    mode: DataMode
    labels: tuple[str, ...] = ()
    documents: int = 0
    units: int = 0
    support: Mapping[str, int] = field(default_factory=dict)
    left_out: int = 0


def truth_of(document: Document) -> Truth:
    """Return what is right about a document."""
    return tuple(sorted(document.mentions)) if document.mentions else tuple(sorted(set(document.labels)))


def known_part(document: Document, labels: frozenset[str], mode: DataMode) -> Document | None:
    """Return the document with those of its labels that the flywheel knows, as Comprehend counts it; None: none at all.

    A recognizer's document counts whatever it mentions. `labels` empty: they are not known, so all count.
    """
    if not labels:
        return document
    if mode == "ENTITIES":
        return replace(document, mentions=tuple(each for each in document.mentions if each[2] in labels))
    own = tuple(label for label in document.labels if label in labels)
    return replace(document, labels=own) if own else None


class Selection:
    """Chooses the documents of an exam from all there are; hashes alone are kept, so a million take 250 MB.

    Files are added from the newest to the oldest. Of a text with two truths in one file the one with the smaller hash
    counts: their order must not decide.
    """

    def __init__(self) -> None:
        self._chosen: dict[bytes, tuple[int, bytes]] = {}
        self._given: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._chosen)

    def add(self, file: int, document: Document) -> None:
        """Look at a document of the file number `file` (0 = the newest)."""
        text, whole = _hashes(document)
        chosen = (file, whole)
        self._chosen[text] = min(chosen, self._chosen.get(text, chosen))

    def takes(self, file: int, document: Document) -> bool:
        """Tell whether the document is in the exam; once it was, its copies are not."""
        text, whole = _hashes(document)
        if self._chosen.get(text) != (file, whole) or whole in self._given:
            return False
        self._given.add(whole)
        return True

    def digest(self) -> str:
        """Return the exam's name: 64 hex digits."""
        return hashlib.sha256(b"".join(sorted(whole for _, whole in self._chosen.values()))).hexdigest()


def _hashes(document: Document) -> tuple[bytes, bytes]:
    text = hashlib.sha256(document.text.encode())
    whole = text.copy()
    whole.update(b"\0" + json.dumps(truth_of(document), ensure_ascii=True, separators=(",", ":")).encode())
    return text.digest(), whole.digest()


def set_digest(names: Iterable[str]) -> str:
    """Return the digest of an exam that is known only by the names of its datasets, in any order."""
    return hashlib.sha256("\0".join(sorted(names)).encode()).hexdigest()


class PaperWriter:
    """Counts the documents of a paper while they are written, and makes their lines."""

    def __init__(self, kind: Kind, digest: str, mode: DataMode, labels: Sequence[str]) -> None:
        self._paper = Paper(kind, digest, mode, tuple(sorted(labels)))
        self._support: Counter[str] = Counter()
        self._documents = self._units = 0

    def lines(self, found: Found) -> tuple[bytes, bytes]:
        """Return the document as a job reads it, and what is right about it."""
        document = found.document
        self._documents += 1
        self._units += units_of(len(document.text))
        self._support.update(names_of(document))
        return job_line(document.text), truth_line(found.source, found.line, truth_of(document))

    def paper(self, left_out: int = 0) -> Paper:
        """Return what was counted."""
        support = dict(sorted(self._support.items()))
        return replace(self._paper, documents=self._documents, units=self._units, support=support, left_out=left_out)


def names_of(document: Document) -> list[str]:
    """Return the labels of a document, or the type of each of its mentions."""
    return [each[2] for each in document.mentions] or list(document.labels)


def job_line(text: str) -> bytes:
    """Return a document as the one line that a job reads."""
    return text.translate(_ONE_LINE).encode() + b"\n"


def truth_line(source: Source, line: int, truth: Any) -> bytes:
    """Return what is right about a document as one line of JSON, with where it stands in the inbox; never its text."""
    row = {"key": source.key, "version": source.version, "line": line, "truth": truth}
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True)
class Question:
    """What is right about one document of a paper, and where it stands. `truth` as JSON gave it."""

    source: Source
    line: int
    truth: Any


def questions(lines: Iterable[bytes]) -> Iterator[Question]:
    """Yield what `truth_line` wrote; raises UnexpectedReplyError."""
    try:
        for line in lines:
            row = json.loads(line)
            yield Question(Source(row["key"], row["version"]), int(row["line"]), row["truth"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnexpectedReplyError("The exam's truth was changed after it was written.") from error


def paper_to_json(paper: Paper) -> bytes:
    """Return the paper's facts; `paper_from_json` is the inverse."""
    row = vars(paper) | {"labels": list(paper.labels), "support": dict(paper.support), "schema": 1}
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def paper_from_json(content: bytes) -> Paper:
    """Return the paper that `paper_to_json` wrote; raises UnexpectedReplyError."""
    try:
        row: dict[str, Any] = json.loads(content)
        row.pop("schema")
        return Paper(**row | {"labels": tuple(row["labels"])})
    except (KeyError, TypeError, ValueError) as error:
        raise UnexpectedReplyError("The exam's facts were changed after they were written.") from error
