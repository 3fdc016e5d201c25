"""What people want of one flywheel: the row of the policy table.

The row says what to do, never where: role ARNs, buckets and keys come from the template, because whoever writes the row
must not gain rights by it. Times are seconds. Metrics are fractions between 0 and 1.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import Field, ValidationError

from governor.domain.errors import PolicyMissingError
from governor.domain.gates import EVERY_LABEL, OVERALL, ExamRules, Gate, Overall
from governor.domain.part import Contradiction, Fraction, Kind, Number, Part, Whole, faults_of
from governor.domain.policy_blocks import (
    AnalysisRules,
    BatchRules,
    DataMode,
    DataRules,
    FlywheelDefinition,
    PollingRules,
    RetentionRules,
    ServingRules,
)

__all__ = [
    "AnalysisRules",
    "Approval",
    "BatchRules",
    "DataMode",
    "DataRules",
    "FirstModel",
    "FlywheelDefinition",
    "PinnedPolicy",
    "Policy",
    "PollingRules",
    "RetentionRules",
    "ServingRules",
    "faults_of",
    "parse_policy",
]

Approval = Literal["never", "always", "replacement"]
FirstModel = Literal["gates", "ask"]
AnyPart = TypeVar("AnyPart", bound=Part)

_THIRTY_DAYS = 30 * 24 * 3600


class Policy(Part):
    """One flywheel's policy, first form. See docs/policy.md for the fields in prose."""

    kind_of_contradictions: ClassVar[Kind] = "disagreement"

    flywheel: FlywheelDefinition = Field(
        description="How the flywheel is created if Comprehend has none of that name: language, mode and labels; or "
        "model_type ENTITY_RECOGNIZER, language and entity_types; or active_model_arn."
    )
    data: DataRules = Field(default=DataRules(), description="How uploads are read.")
    batch: BatchRules = Field(default=BatchRules(), description="When a burst of uploads becomes a batch.")
    polling: PollingRules = Field(default=PollingRules(), description="How often Comprehend is asked how far it is.")
    backoff_base_seconds: Annotated[Whole, Field(ge=1, le=86_400)] = Field(
        default=600,
        description="So many seconds the flywheel rests after a failed turn; after a second one twice that.",
    )
    gates: tuple[Gate, ...] = Field(
        default=(),
        max_length=100,
        description="What a candidate must meet: all of them. Without any nothing is promoted by itself.",
    )
    exam: ExamRules = Field(default=ExamRules(), description="Which documents the candidate and the active model sit.")
    first_model: FirstModel = Field(
        default="gates",
        description="Who lets the first model in: gates (those with at_least), or ask: a person, in any case.",
    )
    budget_usd_per_month: Annotated[Number, Field(gt=0, le=1_000_000)] | None = Field(
        default=None,
        description="What trainings and golden exams may cost in a calendar month (UTC), in US dollars. When it is "
        "spent the flywheel is held until the next month or a new policy.",
    )
    on_regression: Literal["hold", "continue"] = Field(
        default="hold", description="What follows a regression, besides that the active model stays."
    )
    regression_margin: Fraction = Field(
        default=0.02,
        description="A candidate whose gated metric is surely lower than the active model's, by more, is a regression.",
    )
    serving: ServingRules | None = Field(
        default=None, description="The endpoint that serves the active model; without this block there is none."
    )
    analysis: AnalysisRules = Field(default=AnalysisRules(), description="How documents without labels are analysed.")
    retention: RetentionRules | None = Field(
        default=None, description="Which model versions are kept; without this block all are."
    )
    approval: Approval = Field(
        default="replacement",
        description="Who promotes: never asks nobody, always asks people, replacement asks if a model is active.",
    )
    approval_expires_seconds: Annotated[Whole, Field(ge=1, le=_THIRTY_DAYS)] = Field(
        default=72 * 3600, description="So many seconds people have to answer; then the active model stays."
    )

    @classmethod
    def contradictions(cls, given: Mapping[str, Any]) -> Iterator[Contradiction]:
        """Labels that cannot be read, and gates that cannot be judged."""
        flywheel = _read(FlywheelDefinition, given.get("flywheel"))
        data = _read(DataRules, given.get("data", {}))
        if flywheel is not None and data is not None and flywheel.data_mode == "MULTI_LABEL":
            for number, label in enumerate(flywheel.labels or ()):
                if data.label_delimiter in label:
                    path = ("flywheel", "labels", number)
                    yield path, "has the delimiter data.label_delimiter in it: name another delimiter"
        exam, gates = _read(ExamRules, given.get("exam", {})), given.get("gates")
        if flywheel is None or exam is None or not isinstance(gates, Sequence):
            return
        for number, each in enumerate(gates):
            gate = _read(Gate, each)
            for field, fault in _faults_of(gate, flywheel, exam) if gate is not None else ():
                yield ("gates", number, field), fault

    @property
    def overall(self) -> Overall:
        """What a gate without `label` is about."""
        return _overall(self.flywheel)


class PinnedPolicy(Part):
    """A policy together with the version under which the table knows it."""

    version: int = Field(ge=1)
    policy: Policy
    written_at: datetime | None = None
    """None if that was lost."""


def parse_policy(flywheel: str, version: int, document: object) -> PinnedPolicy:
    """Return the policy in `document`.

    Raises PolicyMissingError that lists every fault with its path, without quoting values (a label may be a document's
    text by mistake).
    """
    try:
        return PinnedPolicy(version=version, policy=Policy.model_validate(document))
    except ValidationError as error:
        raise PolicyMissingError(
            f"The policy of flywheel {flywheel} (version {version}) cannot be used: {faults_of(error)}. "
            "Correct it and write it again with `governor policy apply`."
        ) from error


def _faults_of(gate: Gate, flywheel: FlywheelDefinition, exam: ExamRules) -> Iterator[tuple[str, str]]:
    """Yield field and fault of a gate that this flywheel's exam cannot judge."""
    if gate.metric == "accuracy" and flywheel.data_mode == "ENTITIES" and exam.kind == "golden":
        yield "metric", "recognizers have no accuracy: gate f1, precision or recall"
    if gate.label is None:
        return
    overall, names = _overall(flywheel), flywheel.labels or flywheel.entity_types
    if names is not None and gate.label not in (EVERY_LABEL, *OVERALL, *names):
        yield "label", "is none of the flywheel's labels, nor *, macro, micro or worst"
    elif exam.kind == "iteration" and gate.label != overall:
        golden = "say `exam: {kind: golden}`"
        yield "label", f"Comprehend tells averages alone: leave label out, or {golden} to judge anything but {overall}"


def _overall(flywheel: FlywheelDefinition) -> Overall:
    return "micro" if flywheel.data_mode == "ENTITIES" else "macro"


def _read(part: type[AnyPart], given: object) -> AnyPart | None:
    """Return the block if it is sound for itself."""
    if isinstance(given, part):
        return given
    try:
        return part.model_validate(given)
    except ValidationError:
        return None
