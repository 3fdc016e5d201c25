"""Analyses: documents without labels that wait, and the one asynchronous job at a time that answers them.

An analysis is a durable row like a batch: what it consists of and which job it has survives the execution that works
on it. An execution holds the row as it would hold a turn; the flywheel's own turns are not touched by it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypedDict

from governor.domain.batch import token
from governor.domain.moments import OPEN_END
from governor.domain.turn import Hold, lifted_by_policy
from governor.domain.upload import Upload

Shape = Literal["lines", "files"]
"""One document a line, or one a file."""

MOST_UPLOADS = 1_000
"""What one function copies within its time; the rest is in the next analysis."""
MOST_BYTES = 5_000_000_000
MOST_DOCUMENTS = 1_000_000
"""Comprehend's limits of a job (https://docs.aws.amazon.com/comprehend/latest/dg/guidelines-and-limits.html)."""
FEWEST_BYTES = 500
"""Comprehend's limit for the documents of a job; a little more is put beside them, and its answer is left out."""
MOST_ATTEMPTS = 3
"""So many jobs may fail before their documents are refused: Comprehend's own failures pass, those of data do not."""
NO_MODEL_HOLD = timedelta(hours=1)
_FAILURES_BEFORE_A_PERSON = 3


class AnalysisRow(TypedDict):
    """An upload as the manifest of an analysis has it. `size` in bytes; `staged`: S3 URI of the checked version."""

    upload: str
    key: str
    staged: str
    size: int
    documents: int


@dataclass(frozen=True)
class OpenAnalysis:
    """The analysis in work. `job` and `model` once the attempt's job was started, which `began` then dates."""

    id: int
    shape: Shape
    manifest_uri: str
    digest: str
    attempt: int = 1
    job: str | None = None
    model: str | None = None
    began: datetime | None = None


@dataclass(frozen=True)
class AnalysisHead:
    """A flywheel's row `ANALYSIS`: who may analyse, and what is in work. Much like the head row of its turns."""

    number: int = 0
    state: Literal["IDLE", "RUNNING"] = "IDLE"
    holder: str | None = None
    since: datetime | None = None
    failures: int = 0
    hold: Hold | None = None
    last: int = 0
    """The newest analysis that was ever opened."""
    open: OpenAnalysis | None = None


def execution_name(flywheel: str, number: int) -> str:
    """Return the name of the execution that may take `number`."""
    return f"{flywheel}-{number}"


def may_start(
    head: AnalysisHead | None, *, anything_pending: bool, has_model: bool, policy_version: int, now: datetime
) -> bool:
    """Tell whether an execution should be asked for.

    `has_model`: as far as the ledger knows, which ends the hold of a flywheel that had none.
    """
    if head is None:
        return anything_pending
    if head.state == "RUNNING" or (head.open is None and not anything_pending):
        return False
    if head.hold is None or not head.hold.binds(now):
        return True
    return (head.hold.reason == "NoActiveModel" and has_model) or lifted_by_policy(head.hold, policy_version)


def hold_after(
    error: str, *, failures: int, backoff_base_seconds: int, policy_version: int, now: datetime
) -> Hold | None:
    """Return the hold that follows an execution that ended with `error`; `failures` counts this one too."""
    match error:
        case "TurnLostError":
            return None
        case "NoActiveModelError":
            return Hold("NoActiveModel", now + NO_MODEL_HOLD, policy_version)
        case "QuotaFullError":
            return Hold("QuotaFull", now + timedelta(hours=1), policy_version)
        case "Aborted":
            return Hold("Aborted", OPEN_END, policy_version)
    if failures >= _FAILURES_BEFORE_A_PERSON and error != "AnalysisFailedError":
        return Hold("NeedsYou", OPEN_END, policy_version)
    return Hold("Failure", now + timedelta(seconds=backoff_base_seconds * max(1, failures)), policy_version)


def counts_as_failure(error: str) -> bool:
    """Tell whether `error` brings the flywheel's analyses nearer to NeedsYou."""
    return error not in {"TurnLostError", "NoActiveModelError", "QuotaFullError"}


def choose(pending: Iterable[Upload]) -> tuple[Shape, list[Upload]]:
    """Return the uploads of one analysis, oldest first: a job has documents of one shape, that of the oldest."""
    waiting = sorted(pending, key=lambda each: (each.pending or "", each.id))
    shape: Shape = "files" if waiting and waiting[0].form == "files" else "lines"
    chosen: list[Upload] = []
    size = documents = 0
    for upload in waiting:
        if upload.form != shape:
            continue
        if chosen and (
            len(chosen) >= MOST_UPLOADS
            or size + upload.size > MOST_BYTES
            or documents + upload.documents > MOST_DOCUMENTS
        ):
            break
        chosen.append(upload)
        size += upload.size
        documents += upload.documents
    return shape, chosen


def manifest_of(flywheel: str, analysis: int, shape: Shape, uploads: Sequence[Upload]) -> bytes:
    """Return the manifest, the same bytes for the same analysis."""
    rows = [
        AnalysisRow(
            upload=upload.id, key=upload.key, staged=upload.staged or "", size=upload.size, documents=upload.documents
        )
        for upload in uploads
    ]
    document = {"flywheel": flywheel, "analysis": analysis, "shape": shape, "uploads": rows}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def job_name(flywheel: str, analysis: OpenAnalysis) -> str:
    """Return what the job is called in Comprehend."""
    return f"{flywheel}-analysis-{analysis.id}-{analysis.attempt}"


def job_token(flywheel_arn: str, analysis: OpenAnalysis) -> str:
    """Return the token that makes a repeated start mean the same job."""
    return token(flywheel_arn, "analysis", str(analysis.id), analysis.digest, str(analysis.attempt))


def results_key(flywheel: str, began: datetime, job: str) -> str:
    """Return the prefix of the results in the lake bucket, ending in `/`."""
    return f"results/{flywheel}/{began:%Y-%m-%d}-{job}/"
