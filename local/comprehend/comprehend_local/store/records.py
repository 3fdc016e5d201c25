"""The records. Times are seconds since 1970 (UTC); None = not known (yet) and absent from answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(slots=True)
class Record(ABC):
    """Anything that is stored: `key` is unique within `kind`, `parent` groups what belongs together."""

    kind: ClassVar[str]

    @property
    @abstractmethod
    def key(self) -> str:
        """The key; an ARN wherever the service has one."""

    @property
    def parent(self) -> str:
        """Key of what it belongs to; empty for what stands alone."""
        return ""


@dataclass(slots=True)
class Flywheel(Record):
    """A flywheel. `lake` is the expanded URI, ending in a slash; `labels` the frozen list, None = open yet."""

    kind: ClassVar[str] = "flywheel"
    arn: str
    role: str
    lake: str
    model_type: str
    task: dict[str, Any]
    model_name: str
    status: str
    created: float
    modified: float
    labels: list[str] | None = None
    security: dict[str, Any] = field(default_factory=dict)
    active_model: str | None = None
    message: str | None = None
    latest_iteration: str | None = None

    @property
    def key(self) -> str:
        return self.arn


@dataclass(slots=True)
class Dataset(Record):
    """A dataset. `sources` is what CreateDataset named; `consumed` once an iteration that used it was COMPLETED."""

    kind: ClassVar[str] = "dataset"
    arn: str
    flywheel: str
    name: str
    type: str
    status: str
    created: float
    lake_uri: str
    sources: list[dict[str, Any]]
    description: str | None = None
    message: str | None = None
    documents: int | None = None
    ended: float | None = None
    consumed: bool = False

    @property
    def key(self) -> str:
        return self.arn

    @property
    def parent(self) -> str:
        return self.flywheel


@dataclass(slots=True)
class Iteration(Record):
    """One iteration. The four lists hold dataset ARNs as they were when it started; metrics have the API's names."""

    kind: ClassVar[str] = "iteration"
    flywheel: str
    id: str
    created: float
    status: str
    train: list[str]
    test: list[str]
    new_train: list[str]
    new_test: list[str]
    baseline: str | None = None
    candidate: str | None = None
    stage_began: float = 0.0
    ended: float | None = None
    message: str | None = None
    trained_metrics: dict[str, float] | None = None
    evaluated_metrics: dict[str, float] | None = None
    evaluation_uri: str | None = None

    @property
    def key(self) -> str:
        return f"{self.flywheel}#{self.id}"

    @property
    def parent(self) -> str:
        return self.flywheel


@dataclass(slots=True)
class Model(Record):
    """A classifier or recognizer, or one version of it. `mode` is MULTI_CLASS, MULTI_LABEL or ENTITIES.

    `labels` are the entity types asked for and, once it is trained, what it can answer; `sources` where its data were.
    """

    kind: ClassVar[str] = "model"
    arn: str
    name: str
    role: str
    language: str
    mode: str
    status: str
    submitted: float
    version: str | None = None
    flywheel: str | None = None
    iteration: str | None = None
    input: dict[str, Any] | None = None
    output: dict[str, Any] | None = None
    request: dict[str, Any] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    message: str | None = None
    training_began: float | None = None
    training_ended: float | None = None
    ended: float | None = None

    @property
    def key(self) -> str:
        return self.arn

    @property
    def parent(self) -> str:
        return self.name


@dataclass(slots=True)
class Tags(Record):
    """The tags of one resource."""

    kind: ClassVar[str] = "tags"
    resource: str
    tags: dict[str, str]

    @property
    def key(self) -> str:
        return self.resource


@dataclass(slots=True)
class Token(Record):
    """A ClientRequestToken that was used: the same request with it gets the same answer again."""

    kind: ClassVar[str] = "token"
    id: str
    resource: str
    digest: str
    answer: dict[str, Any]

    @property
    def key(self) -> str:
        return self.id

    @property
    def parent(self) -> str:
        return self.resource


@dataclass(slots=True)
class Endpoint(Record):
    """An endpoint. `model`, `units`, `role` answer now; `desired_*` are what it changes to, equal when it is done.

    `ready` is when the change that is under way ends at the earliest.
    """

    kind: ClassVar[str] = "endpoint"
    arn: str
    status: str
    model: str
    desired_model: str
    desired_units: int
    created: float
    modified: float
    ready: float
    units: int | None = None
    role: str | None = None
    desired_role: str | None = None
    flywheel: str | None = None
    message: str | None = None

    @property
    def key(self) -> str:
        return self.arn

    @property
    def parent(self) -> str:
        return self.flywheel or ""


@dataclass(slots=True)
class Job(Record):
    """An asynchronous job. `task` is `document-classification` or `entities-detection`; `model` was resolved at start.

    `output` has the S3Uri of the archive, as it is shown; `request` what is echoed as it came.
    """

    kind: ClassVar[str] = "job"
    arn: str
    id: str
    task: str
    status: str
    submitted: float
    model: str
    role: str
    input: dict[str, Any]
    output: dict[str, Any]
    name: str | None = None
    flywheel: str | None = None
    language: str | None = None
    request: dict[str, Any] = field(default_factory=dict)
    ended: float | None = None
    message: str | None = None

    @property
    def key(self) -> str:
        return self.arn

    @property
    def parent(self) -> str:
        return self.task


@dataclass(slots=True)
class ResourcePolicy(Record):
    """The resource-based policy of a model; `revision` is new with every change."""

    kind: ClassVar[str] = "policy"
    resource: str
    policy: str
    revision: str
    created: float
    modified: float

    @property
    def key(self) -> str:
        return self.resource


@dataclass(slots=True)
class ClockOffset(Record):
    """How far the control API has moved the clock, in seconds: what was dated by it must not lie in the future."""

    kind: ClassVar[str] = "clock_offset"
    seconds: float

    @property
    def key(self) -> str:
        return "offset"
