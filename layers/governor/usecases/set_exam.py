"""Makes a batch's exam: which documents its models sit, written down once."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from governor.domain.batch import ManifestRow
from governor.domain.errors import ExamUnavailableError, UnexpectedReplyError
from governor.domain.exam import (
    MOST_DOCUMENTS,
    Found,
    Paper,
    PaperWriter,
    Selection,
    Source,
    known_part,
    names_of,
    set_digest,
)
from governor.domain.labelled_data import Wanted, documents, wanted_by, wanted_of
from governor.domain.labelled_document import Document
from governor.domain.policy import DataMode, Policy
from governor.domain.text_lines import BadData
from governor.ports import ExamRecord, IterationFacts, Ports
from governor.usecases.batch_in_work import BatchInWork, manifest_rows
from governor.usecases.exam_files import known_labels, must_pass_paper, read_set_file, set_files


@dataclass(frozen=True)
class _File:
    """A file of the exam; `read` begins anew with every call."""

    source: Source
    read: Callable[[], Iterator[Document]]

    def found(self) -> Iterator[Found]:
        for number, document in enumerate(self.read(), 1):
            yield Found(self.source, document.line or number, document)


def set_exam(
    ports: Ports, flywheel: str, work: BatchInWork, policy: Policy, iteration: IterationFacts | None
) -> ExamRecord:
    """Return what the batch's models sit; the papers are in the lake bucket. Raises ExamUnavailableError.

    `iteration`: the one that trained the candidate, None if the batch needed none.
    """
    labels = known_labels(ports, work.arn, policy)
    if policy.exam.kind == "golden":
        paper = _golden(ports, flywheel, work, policy, labels)
    else:
        paper = _averages(ports, flywheel, work, policy, labels, iteration)
    candidate = iteration.exam.candidate if iteration is not None else None
    must_pass = _must_pass(ports, flywheel, policy, labels) if policy.exam.must_pass and candidate else None
    return ExamRecord(
        kind=policy.exam.kind,
        digest=None if paper is None else paper.digest,
        uri="" if paper is None else ports.exams.uri(flywheel, paper.digest),
        documents=0 if paper is None else paper.documents,
        units=0 if paper is None else paper.units,
        must_pass=must_pass,
        candidate=candidate,
    )


# ---- golden --------------------------------------------------------------------------------------------------------


def _golden(ports: Ports, flywheel: str, work: BatchInWork, policy: Policy, labels: Sequence[str]) -> Paper | None:
    """Write the paper of all TEST uploads so far, or of the named set; None if there are no documents.

    Everything is read twice: the first time to find the digest, under which the second writes it.
    """
    files, mode = _files(ports, flywheel, work, policy), policy.flywheel.data_mode
    selection, left_out = Selection(), 0
    for number, file in enumerate(files):
        for found in file.found():
            document = known_part(found.document, frozenset(labels), mode)
            if document is None:
                left_out += 1
                continue
            selection.add(number, document)
            if len(selection) > MOST_DOCUMENTS:
                raise ExamUnavailableError(
                    f"The exam has more than {MOST_DOCUMENTS:,} documents, which is what a job takes. Put a choice of "
                    f"them under {flywheel}/exam/<set>/ and name it in the policy (exam.set)."
                )
    if not len(selection):
        return None
    digest = selection.digest()
    paper = ports.exams.paper(flywheel, digest)
    if paper is None:
        writer = PaperWriter("golden", digest, mode, labels)
        ports.exams.write(flywheel, digest, _lines(files, selection, writer, frozenset(labels), mode))
        paper = writer.paper(left_out)
        ports.exams.finish(flywheel, paper)
    return paper


def _lines(
    files: Sequence[_File], selection: Selection, writer: PaperWriter, labels: frozenset[str], mode: DataMode
) -> Iterator[tuple[bytes, bytes]]:
    for number, file in enumerate(files):
        for found in file.found():
            document = known_part(found.document, labels, mode)
            if document is not None and selection.takes(number, document):
                yield writer.lines(Found(found.source, found.line, document))


def _files(ports: Ports, flywheel: str, work: BatchInWork, policy: Policy) -> list[_File]:
    """Return the files of the exam, the newest first."""
    wanted = wanted_by(policy)
    if policy.exam.set is not None:
        return [
            _File(Source(file.key, file.version), lambda file=file: read_set_file(ports, file, wanted))  # type: ignore[misc]
            for file in set_files(ports, flywheel, policy.exam.set)
        ]
    uploads = ports.uploads.registered(flywheel, work.head.generation, "test")
    return [
        _File(
            Source(upload.key, upload.version),
            lambda upload=upload: _staged(ports, upload.staged or "", wanted_of(upload.form)),  # type: ignore[misc]
        )
        for upload in uploads
        if wanted_of(upload.form).mode == wanted.mode
    ]


def _staged(ports: Ports, staged: str, wanted: Wanted) -> Iterator[Document]:
    """Yield the documents of a checked upload; a line of a part says nothing of the line in the file."""
    try:
        for part in ports.staging.parts(staged):
            for document in documents(part, "manifest" if wanted.mode == "ENTITIES" else "csv", wanted):
                yield Document(document.text, document.labels, document.mentions)
    except BadData as fault:
        raise UnexpectedReplyError(f"What was staged under {staged} was changed after it was checked.") from fault


# ---- averages ------------------------------------------------------------------------------------------------------


def _averages(
    ports: Ports,
    flywheel: str,
    work: BatchInWork,
    policy: Policy,
    labels: Sequence[str],
    iteration: IterationFacts | None,
) -> Paper | None:
    """Write down which TEST datasets Comprehend scored the models on, and how many documents of each label they have.

    Which of them it takes is not documented; all that were there before the iteration began are assumed.
    """
    before = iteration.created if iteration is not None else work.record.planned_at
    datasets = ports.comprehend.test_datasets(work.arn, before)
    if not datasets:
        return None
    support = _support(ports, flywheel, {dataset.name for dataset in datasets}, wanted_by(policy))
    known = frozenset(labels)
    paper = Paper(
        kind="iteration",
        digest=set_digest(dataset.name for dataset in datasets),
        mode=policy.flywheel.data_mode,
        labels=tuple(sorted(labels)),
        documents=sum(dataset.documents for dataset in datasets),
        support={name: count for name, count in sorted(support.items()) if not known or name in known},
    )
    ports.exams.finish(flywheel, paper)
    return paper


def _support(ports: Ports, flywheel: str, names: set[str], wanted: Wanted) -> Mapping[str, int]:
    """Return the documents of each label in those datasets; nothing if one of them is not of this application."""
    own = [
        record
        for record, _ in ports.batches.history(flywheel)
        if "test" in record.datasets and record.datasets["test"].name in names
    ]
    if len(own) < len(names):
        return {}
    support: Counter[str] = Counter()
    for record in own:
        for row in manifest_rows(ports, record):
            if row["kind"] == "test":
                support.update(_counts(ports, row, wanted))
    return support


def _counts(ports: Ports, row: ManifestRow, wanted: Wanted) -> Mapping[str, int]:
    """Return the inspection's counts, or our own of rows without them: an older version's, or of very many labels."""
    counts = row.get("counts")
    if counts:
        return counts
    return Counter(name for document in _staged(ports, row["staged"], wanted) for name in names_of(document))


# ---- must-pass -----------------------------------------------------------------------------------------------------


def _must_pass(ports: Ports, flywheel: str, policy: Policy, labels: Sequence[str]) -> str:
    paper, lines = must_pass_paper(ports, flywheel, policy, labels)
    if ports.exams.paper(flywheel, paper.digest) is None:
        ports.exams.write(flywheel, paper.digest, lines)
        ports.exams.finish(flywheel, paper)
    return paper.digest
