"""The decision record: everything that a verdict was reached from, and the verdict.

One JSON object per batch and baseline in the records bucket, written once; its sha256 is in the ledger's row.
`judge(record.policy, record.exam, record.judged_against, record.sheet, uses=record.uses)` says the same again, and with
another policy it says what that one would have decided. There is no text of a document in it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from governor.domain import sheet as answer_sheet
from governor.domain.batch import NO_BASELINE
from governor.domain.errors import UnexpectedReplyError
from governor.domain.moments import from_text, to_text
from governor.domain.policy import Policy
from governor.domain.sheet import Sheet
from governor.domain.upload import Kind
from governor.domain.verdict import Exam, Verdict

SCHEMA = 2


@dataclass(frozen=True)
class UploadFacts:
    """A file of the batch: its key and version in the inbox, what it is for, and how many documents of each label.

    `labels` is empty where they were not counted; of a recognizer they are mentions of each type.
    """

    key: str
    version: str
    kind: Kind
    documents: int
    labels: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Spent:
    """What the batch cost, in US dollars and seconds; None where it is not known."""

    training_usd: float | None = None
    exam_usd: float | None = None
    training_seconds: float | None = None
    exam_seconds: float | None = None

    @property
    def usd(self) -> float | None:
        """All that is known of it together."""
        known = [cost for cost in (self.training_usd, self.exam_usd) if cost is not None]
        return sum(known) if known else None


@dataclass(frozen=True)
class DecisionRecord:
    """A verdict with all that it rests on. `baseline`: the model that was active then, or `NONE`.

    `sheet`: both models' answers, None where Comprehend told averages alone. `uses`: how many promotions the same exam
    had decided before. `flips_uri`: the documents on which the two models differ, by reference.
    """

    flywheel: str
    batch: int
    baseline: str
    policy_version: int
    policy: Policy
    exam: Exam
    verdict: Verdict
    reached_at: datetime | None = None
    sheet: Sheet | None = None
    uses: int = 0
    manifest_uri: str = ""
    manifest_sha256: str = ""
    iteration: str | None = None
    uploads: tuple[UploadFacts, ...] = ()
    datasets: tuple[str, ...] = ()
    spent: Spent = Spent()
    flips_uri: str | None = None
    code_version: str = ""

    @property
    def judged_against(self) -> str | None:
        """The baseline as `judge` takes it."""
        return None if self.baseline == NO_BASELINE else self.baseline


def to_bytes(record: DecisionRecord) -> bytes:
    """Return the record as JSON: the same bytes for the same record."""
    document = {
        "schema": SCHEMA,
        "flywheel": record.flywheel,
        "batch": record.batch,
        "manifest": {"uri": record.manifest_uri, "sha256": record.manifest_sha256},
        "iteration": record.iteration,
        "baseline": record.baseline,
        "policy_version": record.policy_version,
        "policy": record.policy.model_dump(mode="json"),
        "exam": asdict(record.exam),
        "sheet": None if record.sheet is None else answer_sheet.to_json(record.sheet),
        "uses": record.uses,
        "verdict": asdict(record.verdict),
        "reached_at": None if record.reached_at is None else to_text(record.reached_at),
        "uploads": [asdict(each) for each in record.uploads],
        "datasets": list(record.datasets),
        "spent": asdict(record.spent),
        "flips_uri": record.flips_uri,
        "code_version": record.code_version,
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def from_bytes(content: bytes) -> DecisionRecord:
    """Return the record that `to_bytes` wrote, or an older version's, which had no sheet.

    Raises UnexpectedReplyError if it is neither.
    """
    try:
        document: dict[str, Any] = json.loads(content)
        if document["schema"] not in {1, SCHEMA}:
            raise UnexpectedReplyError(
                f"The decision record has the form {document['schema']}, which this version does not know: update it."
            )
        sheet, moment = document.get("sheet"), document.get("reached_at")
        return DecisionRecord(
            flywheel=document["flywheel"],
            batch=document["batch"],
            baseline=document["baseline"],
            policy_version=document["policy_version"],
            policy=Policy.model_validate(document["policy"]),
            exam=_exams().validate_python(document["exam"]),
            verdict=_verdicts().validate_python(document["verdict"]),
            reached_at=None if moment is None else from_text(moment),
            sheet=None if sheet is None else answer_sheet.from_json(sheet),
            uses=document.get("uses", 0),
            manifest_uri=document["manifest"]["uri"],
            manifest_sha256=document["manifest"]["sha256"],
            iteration=document["iteration"],
            uploads=_uploads().validate_python(document.get("uploads", ())),
            datasets=tuple(document.get("datasets", ())),
            spent=_spent().validate_python(document.get("spent", {})),
            flips_uri=document.get("flips_uri"),
            code_version=document.get("code_version", ""),
        )
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise UnexpectedReplyError("The decision record is not one: it was changed after it was written.") from error


# Built when they are asked for: whoever only writes records does not pay for reading them.
@cache
def _exams() -> TypeAdapter[Exam]:
    return TypeAdapter(Exam)


@cache
def _verdicts() -> TypeAdapter[Verdict]:
    return TypeAdapter(Verdict)


@cache
def _uploads() -> TypeAdapter[tuple[UploadFacts, ...]]:
    return TypeAdapter(tuple[UploadFacts, ...])


@cache
def _spent() -> TypeAdapter[Spent]:
    return TypeAdapter(Spent)
