"""The files in the inbox that a policy names for its exam; read where they lie, in their newest version."""

from collections.abc import Iterator, Sequence

from governor.domain.errors import ExamUnavailableError
from governor.domain.exam import Paper, Source
from governor.domain.gates import ExamRules
from governor.domain.labelled_data import Wanted, documents, file_type, wanted_by
from governor.domain.labelled_document import Document
from governor.domain.must_pass import Demand, demands, paper_of
from governor.domain.policy import Policy
from governor.domain.text_lines import BadData
from governor.domain.upload import ObjectVersion, is_folder_marker
from governor.ports import Ports


def require_exam_files(ports: Ports, flywheel: str, arn: str | None, policy: Policy) -> None:
    """Raise ExamUnavailableError if a file that the policy names cannot be used: before a training is paid for.

    Must-pass documents are few and are read; the files of a set may be a million documents and only have to be there.
    `arn`: the flywheel's, None if there is none yet.
    """
    if policy.exam.set is not None:
        set_files(ports, flywheel, policy.exam.set)
    if policy.exam.must_pass:
        must_pass_paper(ports, flywheel, policy, known_labels(ports, arn, policy))


def known_labels(ports: Ports, arn: str | None, policy: Policy) -> tuple[str, ...]:
    """Return the labels or types that the flywheel knows; a flywheel from an existing model brought its own."""
    named = policy.flywheel.labels or policy.flywheel.entity_types
    if named is not None:
        return named
    facts = ports.comprehend.describe_flywheel(arn) if arn is not None else None
    return facts.labels if facts is not None else ()


def set_files(ports: Ports, flywheel: str, name: str) -> list[ObjectVersion]:
    """Return the files of a named exam, the latest modified first; raises ExamUnavailableError if there are none."""
    prefix = f"{flywheel}/exam/{name}/"
    found = [each for each in ports.inbox.newest_under(prefix) if not is_folder_marker(each.key, each.size)]
    if not found:
        raise ExamUnavailableError(
            f"The policy names the exam {name}, and there is no file under {prefix} in the inbox bucket. "
            "Drop its documents there, labelled as TEST files are."
        )
    return found


def must_pass_files(ports: Ports, flywheel: str, rules: ExamRules) -> list[ObjectVersion]:
    """Return the files with must-pass documents; raises ExamUnavailableError if one is missing."""
    keys = [f"{flywheel}/must-pass/{name}" for name in rules.must_pass]
    newest = ports.inbox.newest_of(keys)
    missing = [key for key in keys if key not in newest or newest[key].is_delete_marker]
    if missing:
        raise ExamUnavailableError(
            f"{', '.join(missing)} is not in the inbox bucket, and the policy names it in exam.must_pass. Drop it "
            "there, or take it out of the policy."
        )
    return [newest[key] for key in keys]


def read_set_file(ports: Ports, file: ObjectVersion, wanted: Wanted) -> Iterator[Document]:
    """Yield the labelled documents of a file; raises ExamUnavailableError."""
    try:
        yield from documents(ports.inbox.chunks(file.key, file.version), file_type(file.key), wanted)
    except BadData as fault:
        raise _unusable(file.key, fault) from fault
    except LookupError as gone:
        raise ExamUnavailableError(f"{file.key} was deleted from the inbox bucket meanwhile.") from gone


def read_must_pass_file(ports: Ports, file: ObjectVersion, wanted: Wanted) -> Iterator[Demand]:
    """Yield the must-pass documents of a file; raises ExamUnavailableError."""
    try:
        yield from demands(ports.inbox.chunks(file.key, file.version), Source(file.key, file.version), wanted)
    except BadData as fault:
        raise _unusable(file.key, fault) from fault
    except LookupError as gone:
        raise ExamUnavailableError(f"{file.key} was deleted from the inbox bucket meanwhile.") from gone


def must_pass_paper(
    ports: Ports, flywheel: str, policy: Policy, labels: Sequence[str]
) -> tuple[Paper, list[tuple[bytes, bytes]]]:
    """Return the paper of the must-pass documents and its lines, as `paper_of` does; raises ExamUnavailableError."""
    wanted = wanted_by(policy)
    files = must_pass_files(ports, flywheel, policy.exam)
    try:
        return paper_of(
            (demand for file in files for demand in read_must_pass_file(ports, file, wanted)), wanted, labels
        )
    except BadData as fault:
        raise _unusable(", ".join(file.key for file in files), fault) from fault


def _unusable(what: str, fault: BadData) -> ExamUnavailableError:
    """Return the error of a file that is malformed; the fault names the line and quotes nothing."""
    return ExamUnavailableError(f"{what} cannot be used for the exam: {fault}")
