"""The ledger's batches and their verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from governor.domain.budget import Cost
from governor.domain.outcome import Action
from governor.domain.suspects import Suspect
from governor.domain.turn import Hold, OpenBatch
from governor.domain.upload import Kind
from governor.domain.verdict import Exam, Verdict, Word
from governor.ports.exams import ExamRecord, Sitting

BatchOutcome = Literal["PROMOTED", "KEPT", "NO_CHANGE", "DATASETS_REFUSED", "TORN_DOWN"]


@dataclass(frozen=True)
class DatasetRecord:
    """A dataset of a batch. `completed_at`: when Comprehend had taken it in."""

    kind: Kind
    name: str
    arn: str
    documents: int = 0
    completed_at: datetime | None = None


@dataclass(frozen=True)
class Recheck:
    """The verdict under a stricter policy than the one that the batch was planned with; its record is in S3.

    `action`: what followed. After ASK or PROMOTE, an approval was given by people who knew of it. `baseline`: the one
    of the verdict that was judged again. `line`: the one that decided, see `domain.decided.deciding_line`. Both are
    empty in rows that are older than they.
    """

    policy_version: int
    word: Word
    reason: str
    decision_uri: str
    decision_sha256: str
    action: Action = "KEEP"
    baseline: str = ""
    line: str = ""


@dataclass(frozen=True)
class BatchRecord:
    """A batch's row. `digest` is the manifest's sha256."""

    flywheel: str
    id: int
    manifest_uri: str
    digest: str
    policy_version: int
    planned_at: datetime
    uploads: Mapping[str, int] = field(default_factory=dict)
    """How many uploads of each kind."""
    documents: Mapping[str, int] = field(default_factory=dict)
    """How many documents of each kind."""
    datasets: Mapping[str, DatasetRecord] = field(default_factory=dict)
    iterations: Mapping[int, str] = field(default_factory=dict)
    """Iteration ids by attempt."""
    approval: str | None = None
    approval_expires: datetime | None = None
    verdict: str | None = None
    reason: str | None = None
    outcome: BatchOutcome | None = None
    serving_failed: str | None = None
    """Why the candidate was taken back after it had become active."""
    trains: bool = True
    """Whether the batch needs an iteration; one of TEST data alone for a golden exam does not."""
    likely_exam_usd: float = 0.0
    """What its exam was estimated to cost when it was planned, in US dollars; 0.0 if nothing was known of it."""
    exam: ExamRecord | None = None
    sittings: tuple[Sitting, ...] = ()
    """The models that sit its exam for this batch; those that had sat it before are not among them."""
    costs: tuple[Cost, ...] = ()
    recheck: Recheck | None = None
    """What a stricter policy said of the verdict, if one came before the promotion."""


@dataclass(frozen=True)
class VerdictRecord:
    """A verdict, put once per batch and baseline. `decision_uri` and `decision_sha256` name the full record in S3.

    `exam` is without its table of labels. `suspects`: after a regression, which files to look at first.
    """

    batch: int
    candidate: str | None
    baseline: str
    verdict: Verdict
    exam: Exam
    policy_version: int
    reached_at: datetime
    decision_uri: str
    decision_sha256: str
    suspects: tuple[Suspect, ...] = ()
    report_uri: str | None = None
    """The page of its report, once it is written."""


class Batches(Protocol):
    """The batch rows. Every write carries the fence."""

    def open(self, flywheel: str, me: str, batch: OpenBatch, record: BatchRecord) -> None:
        """Write HEAD.batch and the batch's row in one transaction; raises TurnLostError."""

    def read(self, flywheel: str, batch: int) -> BatchRecord: ...

    def record_dataset(self, flywheel: str, me: str, batch: int, dataset: DatasetRecord) -> None: ...

    def record_iteration(self, flywheel: str, me: str, batch: int, attempt: int, iteration: str) -> None: ...

    def record_approval(
        self, flywheel: str, me: str, batch: int, approval: str, expires: datetime, *, previous: str | None
    ) -> None:
        """Name the batch's approval in place of `previous`.

        Raises ServiceBusyError if another attempt of this state was faster.
        """

    def record_exam(self, flywheel: str, me: str, batch: int, exam: ExamRecord) -> None: ...

    def record_sitting(self, flywheel: str, me: str, batch: int, sitting: Sitting, cost: Cost | None = None) -> None:
        """Write how far a model's sitting is, and in the same write what its attempt costs."""

    def record_training(self, flywheel: str, me: str, batch: int, attempt: int, cost: Cost) -> None: ...

    def record_recheck(self, flywheel: str, me: str, batch: int, recheck: Recheck) -> None: ...

    def record_serving_failed(self, flywheel: str, me: str, batch: int, reason: str) -> None:
        """Note that the candidate gave wrong answers when it served, under the fence."""

    def read_verdict(self, flywheel: str, batch: int, baseline: str) -> VerdictRecord | None: ...

    def put_verdict(self, flywheel: str, me: str, record: VerdictRecord) -> VerdictRecord:
        """Put the verdict and return the one that stands, which is the first."""

    def record_report(self, flywheel: str, me: str, verdict: VerdictRecord, uri: str) -> None:
        """Note where the verdict's report is, under the fence."""

    def history(self, flywheel: str) -> list[tuple[BatchRecord, list[VerdictRecord]]]:
        """Return all batches, oldest first, each with its verdicts in the order they were reached."""

    def close(
        self, flywheel: str, me: str, batch: int, outcome: BatchOutcome, now: datetime, *, hold: Hold | None
    ) -> None:
        """Remove HEAD.batch, write the `hold` that follows and close the batch's row, in one transaction.

        Nothing to do if it is closed.
        """
