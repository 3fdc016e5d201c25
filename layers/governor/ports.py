"""What the use cases need of the outside world.

`governor.adapters` implements it on AWS; `governor.bootstrap` puts it together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Protocol, Self

from governor.domain.analysis import AnalysisHead, OpenAnalysis, Shape
from governor.domain.approval import Answer, Approval, Ending, Proof
from governor.domain.batch import ManifestRow, Settled
from governor.domain.labelled_data import Form, Wanted
from governor.domain.measures import Measure
from governor.domain.policy import DataMode, FlywheelDefinition, PinnedPolicy, Policy
from governor.domain.serving import Change
from governor.domain.turn import Head, Hold, OpenBatch, Phase
from governor.domain.upload import Kind, ObjectVersion, Upload
from governor.domain.verdict import Exam, Verdict
from governor.ports_upkeep import Models, Retirements, Teardowns

BatchOutcome = Literal["PROMOTED", "KEPT", "NO_CHANGE", "DATASETS_REFUSED", "TORN_DOWN"]
NoticeKind = Literal[
    "UploadRefused",
    "VerdictReached",
    "ModelPromoted",
    "ModelRolledBack",
    "PromotionOverridden",
    "FlywheelHeld",
    "TurnFailed",
    "ActiveModelChanged",
    "ApprovalClosed",
    "EndpointOverdue",
    "ModelsDeleted",
    "FlywheelTornDown",
    "DocumentsAnalysed",
    "AnalysisFailed",
    "AnalysisHeld",
]
AnalysisOutcome = Literal["ANALYSED", "REFUSED"]


# ---- the ledger: turns -----------------------------------------------------------------------------------------------


class Heads(Protocol):
    """The head rows: one a flywheel, and every write is conditional."""

    def read(self, flywheel: str) -> Head | None:
        """Return the head (strongly consistent), None before the first turn."""

    def fence(self, flywheel: str, me: str) -> Head:
        """Return the head if the execution `me` holds the turn; raise TurnLostError otherwise."""

    def take(self, flywheel: str, turn: int, me: str, now: datetime) -> bool:
        """Move IDLE to RUNNING for `me`; True also if that had already happened by `me`'s own hand."""

    def skip(self, flywheel: str, turn: int) -> bool:
        """Burn a turn number whose execution closed before it took the turn; False if the head has moved."""

    def set_flywheel_arn(self, flywheel: str, me: str, arn: str) -> None:
        """Record the flywheel's ARN. Raises TurnLostError, as do the setters below."""

    def set_phase(self, flywheel: str, me: str, batch: int, phase: Phase) -> None: ...

    def set_attempt(self, flywheel: str, me: str, batch: int, attempt: int) -> None: ...

    def set_baseline(self, flywheel: str, me: str, batch: int, baseline: str) -> None: ...

    def release(self, flywheel: str, me: str, *, failures: int, hold: Hold | None) -> bool:
        """Move RUNNING to IDLE; False if `me` does not hold the turn (any more)."""

    def free(self, flywheel: str, turn: int, holder: str, *, failures: int, hold: Hold | None) -> bool:
        """Move RUNNING to IDLE for a dead holder; False if somebody else was faster."""

    def lift_hold(self, flywheel: str, hold: Hold) -> bool:
        """Remove exactly `hold` and the failures that led to it; False if the head has another one by now."""

    def resume(self, flywheel: str, seen: Head, *, by: str, now: datetime) -> bool:
        """Remove the hold and the failures that `seen` has, and record who did it.

        False if the head has others by now.
        """

    def names(self) -> list[str]:
        """Return the names of all flywheels that ever took a turn."""


class TurnLog(Protocol):
    """One row a turn, for people."""

    def began(self, flywheel: str, turn: int, execution: str, now: datetime) -> None: ...

    def ended(self, flywheel: str, turn: int, outcome: str, cause: str, now: datetime) -> None: ...


# ---- the ledger: uploads and batches ---------------------------------------------------------------------------------


class Uploads(Protocol):
    """The upload rows and the contents that are registered."""

    def record(self, upload: Upload) -> bool:
        """Put a new upload (ADMITTED, or REFUSED at once); False if the object version is already known."""

    def get(self, flywheel: str, upload: str) -> Upload | None: ...

    def mark_pending(self, upload: Upload) -> bool:
        """Move ADMITTED to PENDING with what inspection found; False if it is no longer ADMITTED."""

    def refuse(self, flywheel: str, upload: str, reason: str) -> bool:
        """Move ADMITTED to REFUSED; False if it is no longer ADMITTED."""

    def anything_pending(self, flywheel: str) -> bool:
        """Tell (strongly consistent) whether an upload waits for a batch."""

    def pending(self, flywheel: str) -> list[Upload]: ...

    def all(self, flywheel: str) -> list[Upload]: ...

    def admitted_before(self, flywheel: str, moment: datetime) -> list[Upload]: ...

    def anything_known(self, flywheel: str) -> bool: ...

    def return_to_inspection(self, flywheel: str, me: str, uploads: Sequence[Upload]) -> None:
        """Move PENDING back to ADMITTED, under the fence: another policy wants the data in another form."""

    def settle(self, flywheel: str, me: str, settled: Sequence[Settled]) -> None:
        """End pending uploads as SUPERSEDED, WITHDRAWN or REFUSED, under the fence."""

    def register(self, flywheel: str, me: str, generation: int, batch: int, rows: Sequence[ManifestRow]) -> None:
        """Mark uploads and their contents as part of a dataset, under the fence."""

    def known(self, flywheel: str, uploads: Sequence[str]) -> set[str]:
        """Return which of the upload ids have a row."""

    def anything_to_train(self, flywheel: str, generation: int) -> bool:
        """Tell whether training data was ever registered."""

    def registered_contents(self, flywheel: str, generation: int, sha256s: Iterable[str]) -> dict[str, str]:
        """Return the key by which each of the already registered contents first came."""


@dataclass(frozen=True)
class DatasetRecord:
    """A dataset of a batch. `completed_at`: when Comprehend had taken it in."""

    kind: Kind
    name: str
    arn: str
    documents: int = 0
    completed_at: datetime | None = None


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


@dataclass(frozen=True)
class VerdictRecord:
    """A verdict, put once per batch and baseline. `decision_uri` and `decision_sha256` name the full record in S3."""

    batch: int
    candidate: str | None
    baseline: str
    verdict: Verdict
    exam: Exam
    policy_version: int
    reached_at: datetime
    decision_uri: str
    decision_sha256: str


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

    def record_serving_failed(self, flywheel: str, me: str, batch: int, reason: str) -> None:
        """Note that the candidate gave wrong answers when it served, under the fence."""

    def read_verdict(self, flywheel: str, batch: int, baseline: str) -> VerdictRecord | None: ...

    def put_verdict(self, flywheel: str, me: str, record: VerdictRecord) -> VerdictRecord:
        """Put the verdict and return the one that stands, which is the first."""

    def history(self, flywheel: str) -> list[tuple[BatchRecord, list[VerdictRecord]]]:
        """Return all batches, oldest first, each with its verdicts in the order they were reached."""

    def close(
        self, flywheel: str, me: str, batch: int, outcome: BatchOutcome, now: datetime, *, hold: Hold | None
    ) -> None:
        """Remove HEAD.batch, write the `hold` that follows and close the batch's row, in one transaction.

        Nothing to do if it is closed.
        """


# ---- the ledger: analyses of documents without labels ----------------------------------------------------------------


class Analyses(Protocol):
    """The rows `ANALYSIS`: one a flywheel, held by one execution at a time; every write is conditional."""

    def read(self, flywheel: str) -> AnalysisHead | None:
        """Return the row (strongly consistent), None before the first analysis."""

    def fence(self, flywheel: str, me: str) -> AnalysisHead:
        """Return the row if the execution `me` holds it; raise TurnLostError otherwise."""

    def take(self, flywheel: str, number: int, me: str, now: datetime) -> bool:
        """Move IDLE to RUNNING for `me`; True also if that had already happened by `me`'s own hand."""

    def skip(self, flywheel: str, number: int) -> bool:
        """Burn a number whose execution closed before it took the row; False if the row has moved."""

    def open(self, flywheel: str, me: str, analysis: OpenAnalysis) -> None:
        """Write what is going to be analysed, before anything is done about it; raises TurnLostError."""

    def record_attempt(self, flywheel: str, me: str, analysis: OpenAnalysis) -> None:
        """Replace the open analysis with what is known of its attempt by now; raises TurnLostError."""

    def close(
        self,
        flywheel: str,
        me: str,
        analysis: OpenAnalysis,
        outcome: AnalysisOutcome,
        now: datetime,
        *,
        documents: int,
        results: str | None,
    ) -> None:
        """Move the open analysis to a row of its own; nothing to do if that has happened."""

    def release(self, flywheel: str, me: str, *, failures: int, hold: Hold | None) -> bool: ...

    def free(self, flywheel: str, number: int, holder: str, *, failures: int, hold: Hold | None) -> bool:
        """Move RUNNING to IDLE for a dead holder; False if somebody else was faster."""

    def resume(self, flywheel: str) -> bool:
        """Remove the hold and the failures that led to it; False if there is no hold."""


# ---- the ledger: what is active --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Serving:
    """The ACTIVE row: which model is active as far as we know, and who is changing it."""

    phase: Literal["SETTLED", "CHANGING"]
    active: str
    """A model's ARN, or `NONE`."""
    seq: int = 0
    previous: str | None = None
    target: str | None = None
    op: str | None = None
    frozen: bool = False
    claimed_at: datetime | None = None
    who: str = ""
    """Who ordered the change that is under way, and why; empty for a batch's own promotion."""
    why: str = ""


@dataclass(frozen=True)
class ServingChange(Change):
    """A row of the serving history: a change with who made it and why. `batch` is None outside promotions."""

    who: str
    why: str
    batch: int | None


@dataclass(frozen=True)
class Notice:
    """A message to people.

    `id` is the same for the same occasion, so that it is written once; `at` orders notices and is part of the
    key. `detail`: the same for programs, as the event's detail (docs/events/): ids and numbers, never a text.
    """

    kind: NoticeKind
    id: str
    at: datetime
    subject: str
    body: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    mailed: bool = False
    published: bool = False


class ServingRows(Protocol):
    """The ACTIVE row and its history: the compare-and-set that UpdateFlywheel lacks."""

    def read(self, flywheel: str) -> Serving | None: ...

    def put_first(self, flywheel: str, active: str) -> None:
        """Put the row if there is none."""

    def claim(
        self,
        flywheel: str,
        *,
        op: str,
        baseline: str,
        target: str,
        ignore_frozen: bool,
        now: datetime,
        who: str = "",
        why: str = "",
    ) -> bool:
        """Move SETTLED to CHANGING if `baseline` is still active (and promotion is not frozen); False if refused.

        A claim that `op` has already begins anew: whoever tries again has all the time of a first try. `who` and
        `why` are kept for whoever settles what a crash left half-way.
        """

    def settle(
        self,
        flywheel: str,
        change: ServingChange,
        notice: Notice,
        *,
        active: str,
        thaw: bool = False,
        freeze: bool = False,
    ) -> bool:
        """Move CHANGING to SETTLED with `active`, history row and notice in one transaction.

        `freeze` switches automatic promotion off, `thaw` on again. False if `change.op` has no claim.
        """

    def release_claim(self, flywheel: str, seen: Serving) -> bool:
        """Move CHANGING back to SETTLED with nothing changed; False if the claim is not the one in `seen` any more."""

    def adopt(self, flywheel: str, seen: Serving, change: ServingChange, notice: Notice) -> bool:
        """Record that somebody else changed the active model to `change.target`.

        False if the row is not `seen` any more.
        """

    def thaw(self, flywheel: str) -> bool:
        """Switch automatic promotion on again; False if it was on."""

    def last_change(self, flywheel: str) -> ServingChange | None: ...

    def history(self, flywheel: str) -> list[ServingChange]:
        """Return every change of the active model, oldest first."""


class Notices(Protocol):
    """Notices that were written and whether they went out."""

    def put(self, flywheel: str, notice: Notice) -> bool:
        """Write the notice if it is not there yet; tell whether it still has to go out."""

    def unsent(self, flywheel: str) -> list[Notice]: ...

    def mark_sent(self, flywheel: str, notice: Notice, now: datetime, *, mailed: bool, published: bool) -> None:
        """Note what went out by now; what did not stays unsent."""


# ---- policies and approvals ------------------------------------------------------------------------------------------


class Policies(Protocol):
    """The policy table; functions only read it."""

    def version(self, flywheel: str) -> int:
        """Return the current version's number even if the row is malformed; 0 if there is none."""

    def current(self, flywheel: str) -> PinnedPolicy:
        """Return the current policy; raises PolicyMissingError when there is none or it is malformed."""

    def pinned(self, flywheel: str, version: int) -> PinnedPolicy:
        """Return the policy as it was at `version`."""

    def names(self) -> list[str]: ...


@dataclass(frozen=True)
class PolicyVersion:
    """One version of a policy: its number, who wrote it and when."""

    number: int
    author: str
    written_at: datetime


@dataclass(frozen=True)
class PolicyPut:
    """What became of an attempt to write a policy.

    WRITTEN: `version` is the new one, `previous` the one before. SAME: `version` says the same already. LOST:
    `version` was written meanwhile by somebody else (None if the row was spoilt or deleted meanwhile).
    """

    word: Literal["WRITTEN", "SAME", "LOST"]
    version: PolicyVersion | None
    previous: PolicyVersion | None = None


class PolicyWriter(Protocol):
    """Writes the policy table on behalf of a person; no function has it."""

    def put(self, flywheel: str, policy: Policy, *, author: str, now: datetime) -> PolicyPut:
        """Make `policy` the next version, unless the current one is the same, or is no longer the one that was read."""


class Approvals(Protocol):
    """The approvals table. Every move away from OPEN is one conditional update."""

    def read(self, approval: str) -> Approval | None:
        """Return the row (strongly consistent), None if no such link was ever sent."""

    def put(self, approval: Approval) -> None:
        """Put a new row; there is none of that id, because a nonce is random."""

    def replace(self, old: str, new: Approval, now: datetime) -> bool:
        """Supersede an OPEN row that was not mailed and put `new` in one transaction.

        False if the old one has moved, or is a newer turn's.
        """

    def set_token(self, approval: str, token: str, turn: int) -> bool:
        """Give an OPEN row the token of the task that waits now.

        False if it is no longer OPEN, or a newer turn waits for it.
        """

    def mark_mailed(self, approval: str, now: datetime) -> None: ...

    def count_code(self, approval: str, most: int) -> int | None:
        """Count a code before it is looked at and return the count; None if the row is not OPEN or has had `most`.

        Counting first bounds what many requests at the same time can try.
        """

    def decide(
        self, approval: str, answer: Answer, *, by: str, reason: str, now: datetime, proof: Proof = "code"
    ) -> bool:
        """Record a person's answer if the row is OPEN and not expired; False otherwise."""

    def end(self, approval: str, ending: Ending, reason: str, now: datetime) -> bool:
        """End the row; False if it is in none of the states from which it may end so."""


class TokenVault(Protocol):
    """Keeps task tokens out of tables in clear: encrypts under the approval key, bound to the approval's id."""

    def seal(self, approval: str, token: str) -> str: ...

    def open(self, approval: str, sealed: str) -> str: ...


# ---- Comprehend ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FlywheelFacts:
    """What DescribeFlywheel says."""

    arn: str
    status: str
    message: str
    active_model: str | None
    model_type: str | None
    language: str | None
    mode: str | None
    labels: tuple[str, ...]
    """Of a recognizer: its entity types."""
    lake_uri: str = ""
    """Its data lake, expanded by Comprehend."""
    role: str = ""
    """The data-access role."""


@dataclass(frozen=True)
class StagedData:
    """What a dataset is made of: `uris` as `Staging.build_shards` gave them, in the form that `wanted` says."""

    wanted: Wanted
    uris: Sequence[str]


@dataclass(frozen=True)
class DatasetFacts:
    """What DescribeDataset says. `documents` and `ended` once it is COMPLETED."""

    arn: str
    status: str
    message: str
    description: str
    documents: int
    ended: datetime | None


@dataclass(frozen=True)
class IterationFacts:
    """What DescribeFlywheelIteration says."""

    id: str
    status: str
    message: str
    created: datetime
    ended: datetime | None
    exam: Exam
    """With `has_test_data` False: the service does not say."""


class Comprehend(Protocol):
    """The service's flywheel calls.

    Throttling and failures on its side raise ServiceBusyError, a full quota QuotaFullError.
    """

    def flywheel_arn(self, name: str) -> str: ...

    def dataset_arn(self, flywheel_arn: str, name: str) -> str: ...

    def describe_flywheel(self, arn: str) -> FlywheelFacts | None: ...

    def create_flywheel(self, name: str, definition: FlywheelDefinition, token: str) -> None:
        """Create it; success if it is already there (the caller describes it next)."""

    def delete_flywheel(self, arn: str) -> bool:
        """Delete it; False if it is not there. Raises ServiceBusyError while it works or an endpoint follows it."""

    def describe_dataset(self, arn: str) -> DatasetFacts | None: ...

    def create_dataset(
        self, flywheel_arn: str, name: str, kind: Kind, data: StagedData, description: str, token: str
    ) -> None:
        """Create it; success if the name is taken (the caller describes it next)."""

    def has_test_data(self, flywheel_arn: str, before: datetime) -> bool:
        """Tell whether a TEST dataset was COMPLETED before `before`."""

    def start_iteration(self, flywheel_arn: str, token: str) -> str | None:
        """Start an iteration and return its id; None if one is already running."""

    def describe_iteration(self, flywheel_arn: str, iteration: str) -> IterationFacts: ...

    def latest_iterations(self, flywheel_arn: str) -> list[IterationFacts]:
        """Return the newest iterations, newest first."""

    def set_active_model(self, flywheel_arn: str, model: str) -> None:
        """Call UpdateFlywheel exactly once; whether it took effect is for the caller to read, answered or not."""


@dataclass(frozen=True)
class EndpointFacts:
    """What DescribeEndpoint says. `model` answers now; `desired_model` will."""

    arn: str
    status: str
    message: str
    model: str | None
    desired_model: str | None
    flywheel_arn: str | None
    units: int
    created: datetime


@dataclass(frozen=True)
class Found:
    """An answer of an endpoint: a label, or an entity's type with the words it stands for."""

    name: str
    score: float
    words: str = ""


class Endpoints(Protocol):
    """Endpoints and their real-time answers."""

    def arn(self, name: str, mode: DataMode) -> str: ...

    def describe(self, arn: str) -> EndpointFacts | None: ...

    def every(self) -> list[EndpointFacts]:
        """Return all endpoints of the account in this region."""

    def create(self, name: str, flywheel_arn: str, units: int, token: str) -> None:
        """Create it, bound to the flywheel; success if the name is taken (the caller describes it next)."""

    def delete(self, arn: str) -> bool:
        """Delete it; False if it is not there. Raises ServiceBusyError while it is being created or updated."""

    def classify(self, arn: str, text: str) -> list[Found]:
        """Return labels, the most probable first. Of a MULTI_LABEL model those of the document are 0.5 and above."""

    def detect(self, arn: str, text: str) -> list[Found]: ...


@dataclass(frozen=True)
class StartedJob:
    """An asynchronous job. `model`: the one that was active when it began."""

    id: str
    model: str | None


@dataclass(frozen=True)
class JobFacts:
    """What describing a job says. `output`: S3 URI of the archive that it leaves."""

    id: str
    status: str
    message: str
    model: str | None
    output: str


class Jobs(Protocol):
    """Asynchronous jobs with a flywheel's active model, of either kind."""

    def start(
        self,
        flywheel_arn: str,
        *,
        recognizer: bool,
        language: str,
        shape: Shape,
        source: str,
        target: str,
        name: str,
        token: str,
    ) -> StartedJob:
        """Start a job, or find the one that `token` started before; raises NoActiveModelError."""

    def describe(self, job: str, *, recognizer: bool) -> JobFacts:
        """Raise AnalysisFailedError if Comprehend does not know the job."""


# ---- storage, queues, machine, people, time --------------------------------------------------------------------------


class Inbox(Protocol):
    """The bucket that people drop files into; read only."""

    @property
    def bucket(self) -> str: ...

    def versions_of(self, key: str) -> list[ObjectVersion]: ...

    def newest_of(self, keys: Sequence[str]) -> dict[str, ObjectVersion]: ...

    def all_versions(self, flywheel: str | None) -> Iterator[ObjectVersion]:
        """List every object version of the flywheel, or of the whole inbox."""

    def chunks(self, key: str, version: str) -> Iterator[bytes]:
        """Stream the object version in chunks; raises LookupError if it is gone."""


class Staging(Protocol):
    """The lake bucket's `staging/`: checked parts and the shards that datasets point at."""

    def put_part(self, flywheel: str, sha256: str, form: Form, number: int, content: bytes) -> None: ...

    def prefix_of(self, flywheel: str, sha256: str, form: Form) -> str:
        """Return the prefix of an upload's checked parts, ending in `/`."""

    def build_shards(self, target: str, sources: Sequence[str], form: Form) -> list[str]:
        """Put the parts under `sources` together under the prefix `target`.

        Returns what a dataset names: the prefix of CSV files, ending in `/`, or each of at most five manifests.
        """


class Writer(Protocol):
    """One object that is written piece by piece; it is there once the context was left without error."""

    def write(self, content: bytes) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Lake(Protocol):
    """The lake bucket's part in analyses. URIs outside of it raise UnexpectedReplyError."""

    def stage(self, flywheel: str, sha256: str, shape: Shape, content: Iterable[bytes]) -> str:
        """Write a checked file and return its S3 URI."""

    def gather(self, flywheel: str, job: str, sources: list[str], size: int) -> str:
        """Copy the staged files under one prefix, named by their numbers, and return its S3 URI.

        `size`: their bytes. What is less than a job takes is filled up with a file whose answers are left out.
        """

    def output_of(self, flywheel: str) -> str:
        """Return where a job may write, as an S3 URI."""

    def uri(self, key: str) -> str: ...

    def chunks(self, uri: str) -> Iterator[bytes]:
        """Stream an object; raises LookupError if it is not there."""

    def writer(self, key: str, content_type: str) -> Writer: ...


class Records(Protocol):
    """The records bucket: manifests and decisions, named by what they are and written once."""

    def put(self, key: str, content: bytes) -> str:
        """Write `content` and return its S3 URI."""

    def get(self, uri: str) -> bytes: ...


class InspectQueue(Protocol):
    """Where recorded uploads wait for inspection."""

    def send(self, flywheel: str, upload: str, *, documents: bool = False) -> None: ...


@dataclass(frozen=True)
class ExecutionFacts:
    """What DescribeExecution says."""

    status: str
    stopped: datetime | None


class Machine(Protocol):
    """The state machine `flywheel`, or the state machine `analysis`."""

    def start(self, name: str, payload: str) -> bool:
        """Start an execution, True also if the same one is running; False if the name was used by one that closed."""

    def describe(self, execution_arn: str) -> ExecutionFacts | None: ...

    def execution_arn(self, name: str) -> str: ...

    def wake(self, token: str) -> None:
        """Tell a waiting task to look; nothing to do if it no longer waits."""


class Mail(Protocol):
    """An SNS topic."""

    def send(self, subject: str, body: str) -> None: ...


class EventBus(Protocol):
    """EventBridge's default bus: what happened, for programs."""

    def send(self, detail_type: str, detail: Mapping[str, Any]) -> None: ...


class Meter(Protocol):
    """Metrics. What there is to measure is in `domain/measures.py`."""

    def record(self, values: Mapping[Measure, float], **dimensions: str) -> None:
        """Emit one value of each measure, which have the same sets of dimensions.

        A counter needs all its dimensions; a gauge those of exactly one of its sets.
        """


class Log(Protocol):
    """Structured log lines. No text of a document is ever in one."""

    def know(self, **ids: str | int) -> None:
        """Put ids on every further line of this call: flywheel, turn, batch, upload."""

    def forget(self, *names: str) -> None: ...

    def about(self, **ids: str) -> AbstractContextManager[None]:
        """Put ids on the lines of what is done inside, and log the failure that it ends with."""

    def warn(self, sentence: str) -> None: ...


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime: ...


class Randomness(Protocol):
    """Where nonces and codes come from."""

    def nonce(self) -> str:
        """Return 256 random bits, URL-safe."""

    def code(self) -> str:
        """Return six random digits."""


class Ports(Protocol):
    """All of the above; each is made when it is first asked for, so a function pays only for what it uses."""

    @property
    def heads(self) -> Heads: ...
    @property
    def turns(self) -> TurnLog: ...
    @property
    def uploads(self) -> Uploads: ...
    @property
    def documents(self) -> Uploads:
        """The uploads without labels, which are analysed."""

    @property
    def analyses(self) -> Analyses: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def lake(self) -> Lake: ...
    @property
    def analysis_machine(self) -> Machine: ...
    @property
    def batches(self) -> Batches: ...
    @property
    def serving(self) -> ServingRows: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def policies(self) -> Policies: ...
    @property
    def approvals(self) -> Approvals: ...
    @property
    def vault(self) -> TokenVault: ...
    @property
    def comprehend(self) -> Comprehend: ...
    @property
    def endpoints(self) -> Endpoints: ...
    @property
    def models(self) -> Models: ...
    @property
    def retirements(self) -> Retirements: ...
    @property
    def teardowns(self) -> Teardowns: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def staging(self) -> Staging: ...
    @property
    def records(self) -> Records: ...
    @property
    def inspect_queue(self) -> InspectQueue: ...
    @property
    def machine(self) -> Machine: ...
    @property
    def notice_mail(self) -> Mail: ...
    @property
    def approval_mail(self) -> Mail: ...
    @property
    def approval_page_url(self) -> str: ...
    @property
    def bus(self) -> EventBus: ...
    @property
    def meter(self) -> Meter: ...
    @property
    def log(self) -> Log: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def randomness(self) -> Randomness: ...
