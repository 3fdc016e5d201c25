"""The files of a rehearsal: checked as the inspection would, before anything is started, and dealt out to batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from governor.domain import labelled_csv, labelled_manifest
from governor.domain.batch import FEWEST_BYTES, MOST_BYTES, digest_of
from governor.domain.labelled_data import Wanted, check, documents, file_type
from governor.domain.labelled_document import Document
from governor.domain.policy import Policy
from governor.domain.text_lines import BadData
from governor.domain.upload import Kind, place_of
from governor_cli.complaint import Complaint

_CHUNK = 1024 * 1024
_ONE_PART = 2 * MOST_BYTES


@dataclass(frozen=True)
class File:
    """What is dropped under `name`; of a file that was cut, its own part."""

    kind: Kind
    name: str
    content: bytes
    documents: int


@dataclass(frozen=True)
class Drop:
    """What is dropped at one time, and becomes one batch."""

    files: tuple[File, ...] = field(default=())


def drops_of(trains: Sequence[Path], tests: Sequence[Path], wanted: Wanted, *, split: int | None = None) -> list[Drop]:
    """Return the drops: the n-th TRAIN file with the n-th TEST file. `split`: one TRAIN file is cut into so many.

    Raises Complaint that lists every fault of every file, with line and remedy, and quotes nothing of a text.
    """
    faults: list[str] = []
    found = {kind: [_read(path, kind, wanted, faults) for path in paths] for kind, paths in _kinds(trains, tests)}
    files = [file for each in found.values() for file in each if file is not None]
    faults += _copies(files)
    if faults:
        raise Complaint("These files cannot be used:\n" + "\n".join(f"  {fault}" for fault in faults))
    train = [file for file in found["train"] if file is not None]
    test = [file for file in found["test"] if file is not None]
    if split is not None:
        if len(train) != 1:
            raise Complaint("--split cuts one TRAIN file: name one with --train.")
        train = list(_cut(train[0], wanted, split))
    pairs = zip_longest(_numbered(train), _numbered(test))
    return [Drop(tuple(file for file in pair if file is not None)) for pair in pairs]


def companions_of(policy: Policy, folder: Path) -> dict[str, bytes]:
    """Return the files that the policy names, by where they stand below the flywheel's name in the inbox.

    They lie beside the policy's file, in folders named as there: must-pass/, exam/<set>/, smoke/; those of must-pass/
    and smoke/ may lie there without a folder, too. Raises Complaint.
    """
    names = [f"must-pass/{name}" for name in policy.exam.must_pass]
    names += [f"smoke/{name}" for name in (policy.serving.smoke if policy.serving is not None else ())]
    found = {name: path for name in names if (path := _beside(folder, name)) is not None}
    missing = [name for name in names if name not in found]
    if missing:
        raise Complaint(f"The policy names {', '.join(missing)}. Put that beside the policy, as {folder / missing[0]}.")
    if policy.exam.set is not None:
        place = Path("exam") / policy.exam.set
        listed = sorted(path for path in (folder / place).glob("*") if path.is_file())
        if not listed:
            raise Complaint(f"The policy's exam is the set {policy.exam.set}: put its files into {folder / place}/.")
        found |= {(place / path.name).as_posix(): path for path in listed}
    return {name: path.read_bytes() for name, path in found.items()}


def _beside(folder: Path, name: str) -> Path | None:
    places = (folder / name, folder / name.rpartition("/")[2])
    return next((path for path in places if path.is_file()), None)


def _kinds(trains: Sequence[Path], tests: Sequence[Path]) -> Iterator[tuple[Kind, Sequence[Path]]]:
    yield "train", trains
    yield "test", tests


def _read(path: Path, kind: Kind, wanted: Wanted, faults: list[str]) -> File | None:
    if place_of(f"any/{kind}/{path.name}") is None:
        faults.append(f"{path}: its name must end in .csv, .jsonl, .manifest or .zip, as Comprehend's formats do.")
        return None
    try:
        content = path.read_bytes()
        facts = check(_chunks(content), file_type(path.name), wanted, MOST_BYTES)
    except OSError as error:
        faults.append(f"{path}: it cannot be read: {error.strerror}.")
    except BadData as fault:
        faults.append(f"{path}: {fault}")
    else:
        if kind == "train" and facts.size < FEWEST_BYTES:
            faults.append(
                f"{path}: {facts.size} bytes; Comprehend takes no dataset under {FEWEST_BYTES}. Add documents."
            )
        return File(kind, path.name, content, facts.documents)
    return None


def _copies(files: Sequence[File]) -> Iterator[str]:
    first: dict[str, File] = {}
    for file in files:
        before = first.setdefault(digest_of(file.content), file)
        if before is not file:
            yield f"{file.name} has the same content as {before.name}: the same bytes are never registered twice."


def _cut(file: File, wanted: Wanted, parts: int) -> Iterator[File]:
    """Deal the documents out one by one, so that every part has of everything, also if the file is sorted."""
    found = list(documents(_chunks(file.content), file_type(file.name), wanted))
    if len(found) < parts:
        raise Complaint(f"{file.name} has {len(found)} documents; they cannot be cut into {parts} parts.")
    ending = "jsonl" if wanted.mode == "ENTITIES" else "csv"
    stem = file.name.rpartition(".")[0]
    for number in range(parts):
        own = found[number::parts]
        yield File(file.kind, f"{stem}-{number + 1}-of-{parts}.{ending}", _written(own, wanted), len(own))


def _written(found: list[Document], wanted: Wanted) -> bytes:
    if wanted.mode == "ENTITIES":
        return b"".join(labelled_manifest.parts(found, _ONE_PART))
    return b"".join(labelled_csv.parts(found, wanted.delimiter, _ONE_PART))


def _numbered(files: Sequence[File]) -> Iterator[File]:
    """Give each file a name of its own: two folders may have one of the same name."""
    for number, file in enumerate(files, start=1):
        yield File(file.kind, f"{number:03}-{file.name}", file.content, file.documents)


def _chunks(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]
