"""Labelled files, the last look before Comprehend: a bad dataset can never be taken back.

Whatever form a file has, what was checked is staged in one: CSV for classifiers, an augmented manifest for recognizers.
"""

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from governor.domain import labelled_csv, labelled_manifest, labelled_zip
from governor.domain.labelled_document import Document
from governor.domain.policy import DataMode, Policy
from governor.domain.text_lines import BadData

MOST_LABELS = 1000
"""Comprehend's limit of classes (https://docs.aws.amazon.com/comprehend/latest/dg/guidelines-and-limits.html)."""
MOST_LABELS_MULTI_LABEL = 100
MOST_ENTITY_TYPES = 25
MOST_RECOGNIZER_BYTES = 200 * 1024 * 1024
"""Comprehend's limit of a recognizer's dataset (same page)."""
DEFAULT_DELIMITER = "|"
_IN_MEMORY = 32 * 1024 * 1024

Form = str
"""How staged data are written: `csv`, `csv` with the labels' delimiter behind it (`csv|`), or `jsonl`."""
FileType = Literal["csv", "manifest", "zip"]


@dataclass(frozen=True)
class Facts:
    """What was found in a good file. `size` in bytes as uploaded; `labels`: how many labels or entity types.

    `counts`: how many documents have each label (of recognizers: mentions of each type).
    """

    sha256: str
    size: int
    documents: int
    labels: int
    counts: Mapping[str, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Wanted:
    """What the flywheel can be trained with. `delimiter`: of labels, in MULTI_LABEL data."""

    mode: DataMode = "MULTI_CLASS"
    delimiter: str = DEFAULT_DELIMITER

    @property
    def form(self) -> Form:
        """How its data are staged."""
        if self.mode == "ENTITIES":
            return "jsonl"
        return f"csv{self.delimiter}" if self.mode == "MULTI_LABEL" else "csv"


def wanted_by(policy: Policy) -> Wanted:
    """Return what kind of data a policy's flywheel is trained with."""
    return Wanted(policy.flywheel.data_mode, policy.data.label_delimiter)


def wanted_of(form: Form) -> Wanted:
    """Return what kind of data is staged in that form."""
    if form == "jsonl":
        return Wanted("ENTITIES")
    delimiter = form.removeprefix("csv")
    return Wanted("MULTI_LABEL", delimiter) if delimiter else Wanted("MULTI_CLASS")


def file_type(key: str) -> FileType:
    """Return what an inbox key's ending says."""
    lowered = key.lower()
    return "csv" if lowered.endswith(".csv") else "zip" if lowered.endswith(".zip") else "manifest"


def guess(type_: FileType, beginning: bytes) -> Wanted:
    """Return what a file is probably for, as long as there is no policy that says so. `beginning`: of the file."""
    if type_ == "zip":
        return Wanted("ENTITIES")
    if type_ == "manifest":
        line = beginning.decode("utf-8-sig", "replace").partition("\n")[0]
        return Wanted(labelled_manifest.mode_of(line) or "MULTI_CLASS")
    return Wanted()


def check(chunks: Iterable[bytes], type_: FileType, wanted: Wanted, most_bytes: int) -> Facts:
    """Read the file once, in bounded memory, and return its facts; raises BadData."""
    most_bytes = min(most_bytes, MOST_RECOGNIZER_BYTES) if wanted.mode == "ENTITIES" else most_bytes
    hasher, size, number = hashlib.sha256(), 0, 0
    labels: Counter[str] = Counter()
    counts: Counter[str] = Counter()

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            size += len(chunk)
            if size > most_bytes:
                raise BadData(f"The file is larger than {most_bytes:,} bytes. Split it into several files.")
            hasher.update(chunk)
            yield chunk

    for document in documents(counted(), type_, wanted):
        number += 1
        labels.update({type_ for _, _, type_ in document.mentions} or document.labels)
        counts.update([type_ for _, _, type_ in document.mentions] or document.labels)
        _check_labels(labels, document, wanted)
    if number == 0:
        raise BadData("The file has no documents.")
    if wanted.mode == "ENTITIES" and not labels:
        raise BadData("No document mentions an entity. A recognizer learns from mentions.")
    if wanted.mode != "ENTITIES" and len(labels) < 2:
        raise BadData("All documents have the same label. A classifier needs at least two labels.")
    return Facts(hasher.hexdigest(), size, number, len(labels), dict(sorted(counts.items())))


def documents(chunks: Iterable[bytes], type_: FileType, wanted: Wanted) -> Iterator[Document]:
    """Yield the documents of a file; raises BadData, also for a form that does not fit what is wanted."""
    match type_, wanted.mode:
        case "csv", "ENTITIES":
            raise BadData(
                "A CSV file of labels is for classifiers, and this flywheel is a recognizer. Upload an augmented "
                f"manifest (.jsonl), or a .zip of documents with {labelled_zip.ANNOTATIONS} or {labelled_zip.ENTITIES}."
            )
        case "csv", mode:
            yield from labelled_csv.documents(chunks, wanted.delimiter if mode == "MULTI_LABEL" else None)
        case "manifest", mode:
            yield from labelled_manifest.documents(chunks, mode)
        case "zip", "ENTITIES":
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as archive:
                for chunk in chunks:
                    archive.write(chunk)
                yield from labelled_zip.documents(archive, MOST_RECOGNIZER_BYTES)  # type: ignore[arg-type]
        case _:
            raise BadData("A .zip of annotated documents is for recognizers, and this flywheel is a classifier.")


def canonical_parts(chunks: Iterable[bytes], type_: FileType, wanted: Wanted, most_bytes: int) -> Iterator[bytes]:
    """Yield the file's documents in the form in which they are staged, in parts of at most about `most_bytes`."""
    found = documents(chunks, type_, wanted)
    if wanted.mode == "ENTITIES":
        return labelled_manifest.parts(found, most_bytes)
    return labelled_csv.parts(found, wanted.delimiter, most_bytes)


def _check_labels(labels: Counter[str], document: Document, wanted: Wanted) -> None:
    if wanted.mode == "MULTI_LABEL" and any(wanted.delimiter in label for label in document.labels):
        raise BadData(
            f"A label contains the character {wanted.delimiter!r}, which separates labels. "
            "Name another data.label_delimiter in the policy."
        )
    most = {"MULTI_LABEL": MOST_LABELS_MULTI_LABEL, "ENTITIES": MOST_ENTITY_TYPES}.get(wanted.mode, MOST_LABELS)
    if len(labels) > most:
        what = "entity types" if wanted.mode == "ENTITIES" else "different labels"
        raise BadData(
            f"There are more than {most:,} {what}."
            + ("" if wanted.mode == "ENTITIES" else " The label must be the first column, the text the second.")
        )
