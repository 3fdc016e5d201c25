"""The files in the inbox that a policy names for its exam; read where they lie, in their newest version."""

from collections.abc import Iterator

from governor.domain.errors import ExamUnavailableError
from governor.domain.exam import Source
from governor.domain.gates import ExamRules
from governor.domain.labelled_data import Wanted, documents, file_type
from governor.domain.labelled_document import Document
from governor.domain.must_pass import Demand, demands
from governor.domain.text_lines import BadData
from governor.domain.upload import ObjectVersion, is_folder_marker
from governor.ports import Ports


def require_exam_files(ports: Ports, flywheel: str, rules: ExamRules) -> None:
    """Raise ExamUnavailableError if a file that the policy names is not there: before a training is paid for."""
    if rules.set is not None:
        set_files(ports, flywheel, rules.set)
    if rules.must_pass:
        must_pass_files(ports, flywheel, rules)


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
        raise unusable(file.key, fault) from fault
    except LookupError as gone:
        raise ExamUnavailableError(f"{file.key} was deleted from the inbox bucket meanwhile.") from gone


def read_must_pass_file(ports: Ports, file: ObjectVersion, wanted: Wanted) -> Iterator[Demand]:
    """Yield the must-pass documents of a file; raises ExamUnavailableError."""
    try:
        yield from demands(ports.inbox.chunks(file.key, file.version), Source(file.key, file.version), wanted)
    except BadData as fault:
        raise unusable(file.key, fault) from fault
    except LookupError as gone:
        raise ExamUnavailableError(f"{file.key} was deleted from the inbox bucket meanwhile.") from gone


def unusable(what: str, fault: BadData) -> ExamUnavailableError:
    """Return the error of a file that is malformed; the fault names the line and quotes nothing."""
    return ExamUnavailableError(f"{what} cannot be used for the exam: {fault}")
