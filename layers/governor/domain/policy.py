"""What people want of one flywheel: the row of the policy table.

The row says what to do, never where: role ARNs, buckets and keys come from the template, because whoever writes the row
must not gain rights by it. Times are seconds. Metrics are fractions between 0 and 1.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from governor.domain.errors import PolicyMissingError
from governor.domain.gates import EVERY_LABEL, OVERALL, ExamRules, Fraction, Gate, Overall, Part

DataMode = Literal["MULTI_CLASS", "MULTI_LABEL", "ENTITIES"]
Approval = Literal["never", "always", "replacement"]

_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"
_MODEL = rf"(document-classifier|entity-recognizer)/{_NAME}(/version/{_NAME})?"
_MODEL_ARN = rf"^arn:aws(-[^:]+)?:comprehend:[a-zA-Z0-9-]*:[0-9]{{12}}:{_MODEL}$"
_LABEL = r"^\P{C}+$"
_ENTITY_TYPE = r"^[^\n\r\t,]+$"
_DELIMITER = r"^[ ~!@#$%^*\-_+=|\\:;\t>?/]$"
_THIRTY_DAYS = 30 * 24 * 3600


class FlywheelDefinition(Part):
    """How the flywheel is created if Comprehend does not have it: from scratch, or from an existing model's ARN.

    A classifier has `mode` and `labels`, a recognizer `entity_types`. An existing model brings language and labels
    along; whether a classifier is MULTI_LABEL its ARN does not tell, so that is said here.
    Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_CreateFlywheel.html
    """

    model_type: Literal["DOCUMENT_CLASSIFIER", "ENTITY_RECOGNIZER"] = "DOCUMENT_CLASSIFIER"
    language: Literal["en", "es", "fr", "it", "de", "pt"] | None = None
    mode: Literal["MULTI_CLASS", "MULTI_LABEL"] | None = None
    labels: tuple[Annotated[str, Field(pattern=_LABEL, max_length=5000)], ...] | None = Field(
        default=None, min_length=2, max_length=1000
    )
    entity_types: tuple[Annotated[str, Field(pattern=_ENTITY_TYPE, max_length=64)], ...] | None = Field(
        default=None, min_length=1, max_length=25
    )
    active_model_arn: Annotated[str, Field(pattern=_MODEL_ARN, max_length=256)] | None = None

    @property
    def data_mode(self) -> DataMode:
        """What kind of data the flywheel is trained with."""
        recognizer = self.model_type == "ENTITY_RECOGNIZER" or ":entity-recognizer/" in (self.active_model_arn or "")
        return "ENTITIES" if recognizer else self.mode or "MULTI_CLASS"

    @model_validator(mode="after")
    def _either_new_or_existing(self) -> Self:
        if self.active_model_arn is not None:
            if (self.language, self.labels, self.entity_types) != (None, None, None):
                raise ValueError("active_model_arn brings its own language and labels: leave them out")
            if self.data_mode == "ENTITIES" and self.mode is not None:
                raise ValueError("a recognizer has no mode: leave it out")
        elif self.model_type == "ENTITY_RECOGNIZER":
            if self.language is None or self.entity_types is None:
                raise ValueError("give language and entity_types for a new recognizer, or active_model_arn")
            if self.mode is not None or self.labels is not None:
                raise ValueError("a recognizer has entity_types, and neither mode nor labels")
        elif None in (self.language, self.mode, self.labels):
            raise ValueError("give language, mode and labels for a new model, or active_model_arn for an existing one")
        elif self.entity_types is not None:
            raise ValueError("a classifier has labels, and no entity_types: is model_type ENTITY_RECOGNIZER missing?")
        for names in (self.labels, self.entity_types):
            if names is not None and len(set(names)) != len(names):
                raise ValueError("labels and entity types must differ from one another")
        return self


class DataRules(Part):
    """How uploads are read. `label_delimiter` separates a document's labels in MULTI_LABEL CSV files."""

    label_delimiter: Annotated[str, Field(pattern=_DELIMITER)] = "|"


class BatchRules(Part):
    """When pending uploads become a batch.

    That is `quiet_seconds` after the last of them became pending, but at most `quiet_max_seconds` after the first.
    """

    quiet_seconds: int = Field(default=120, ge=0, le=900)
    quiet_max_seconds: int = Field(default=900, ge=0, le=3600)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.quiet_seconds > self.quiet_max_seconds:
            raise ValueError("quiet_seconds must not exceed quiet_max_seconds")
        return self


class PollingRules(Part):
    """How often Comprehend is asked how far it is: after `min_seconds`, then later and later, up to `max_seconds`."""

    min_seconds: int = Field(default=30, ge=1, le=900)
    max_seconds: int = Field(default=300, ge=1, le=900)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_seconds > self.max_seconds:
            raise ValueError("min_seconds must not exceed max_seconds")
        return self


class ServingRules(Part):
    """The endpoint that serves the flywheel's active model, and how it is checked after a promotion.

    `smoke`: names of files under `<flywheel>/smoke/` in the inbox, each with documents whose answers must be right.
    `max_hours`, `idle_hours`: an endpoint that is older, or was asked nothing for so long, is reported, and deleted if
    `delete_when_over` says so: it costs money as long as it is there, used or not.
    """

    endpoint: Annotated[str, Field(pattern=rf"^{_NAME}$", max_length=40)] | None = None
    inference_units: int = Field(default=1, ge=1, le=100)
    smoke: tuple[Annotated[str, Field(pattern=r"^[^/\x00-\x1f\x7f]+\.csv$", max_length=200)], ...] = Field(
        default=(), max_length=10
    )
    max_hours: Annotated[float, Field(gt=0, le=24 * 366, allow_inf_nan=False)] | None = None
    idle_hours: Annotated[float, Field(ge=1, le=24 * 366, allow_inf_nan=False)] | None = None
    delete_when_over: bool = False

    @model_validator(mode="after")
    def _deletes_only_what_has_a_limit(self) -> Self:
        if self.delete_when_over and self.max_hours is None and self.idle_hours is None:
            raise ValueError("delete_when_over needs max_hours or idle_hours")
        return self

    def endpoint_of(self, flywheel: str) -> str:
        """Return the endpoint's name: the flywheel's own unless another one is given."""
        return self.endpoint or flywheel[:40].rstrip("-")


class AnalysisRules(Part):
    """How documents without labels are analysed: `quiet_seconds` after the last of them was dropped.

    `low_confidence`: an answer with a lower score counts as unsure in the summary.
    """

    quiet_seconds: int = Field(default=60, ge=0, le=900)
    low_confidence: Fraction = 0.5


class RetentionRules(Part):
    """Which model versions are kept besides the active one, the previous good one and those in use: the newest ones."""

    newest: int = Field(ge=0, le=1000)


class Policy(Part):
    """One flywheel's policy, first form. See docs/policy.md for the fields in prose."""

    flywheel: FlywheelDefinition
    data: DataRules = DataRules()
    batch: BatchRules = BatchRules()
    polling: PollingRules = PollingRules()
    backoff_base_seconds: int = Field(default=600, ge=1, le=86_400)
    gates: tuple[Gate, ...] = Field(default=(), max_length=100)
    exam: ExamRules = ExamRules()
    first_model: Literal["gates", "ask"] = "gates"
    budget_usd_per_month: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = None
    on_regression: Literal["hold", "continue"] = "hold"
    regression_margin: Fraction = 0.02
    serving: ServingRules | None = None
    analysis: AnalysisRules = AnalysisRules()
    retention: RetentionRules | None = None
    approval: Approval = "replacement"
    approval_expires_seconds: int = Field(default=72 * 3600, ge=1, le=_THIRTY_DAYS)

    @model_validator(mode="after")
    def _delimiter_is_in_no_label(self) -> Self:
        delimiter = self.data.label_delimiter
        if self.flywheel.data_mode == "MULTI_LABEL" and any(delimiter in label for label in self.flywheel.labels or ()):
            raise ValueError("data.label_delimiter occurs in a label: name another one")
        return self

    @model_validator(mode="after")
    def _gates_can_be_judged(self) -> Self:
        faults = [
            f"gates.{number}: {fault}"
            for number, gate in enumerate(self.gates)
            if (fault := self._fault_of(gate)) is not None
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _fault_of(self, gate: Gate) -> str | None:
        names = self.flywheel.labels or self.flywheel.entity_types
        if gate.metric == "accuracy" and self.flywheel.data_mode == "ENTITIES" and self.exam.kind == "golden":
            return "recognizers have no accuracy; gate f1, precision or recall"
        if gate.label is None:
            return None
        if self.exam.kind == "iteration" and gate.label != self.overall:
            return (
                f"Comprehend tells averages alone; leave label out, or say `exam: {{kind: golden}}` "
                f"to judge anything but {self.overall}"
            )
        if names is not None and gate.label not in (EVERY_LABEL, *OVERALL, *names):
            return "label is none of the flywheel's labels, nor *, macro, micro or worst"
        return None

    @property
    def overall(self) -> Overall:
        """What a gate without `label` is about."""
        return "micro" if self.flywheel.data_mode == "ENTITIES" else "macro"


class PinnedPolicy(Part):
    """A policy together with the version under which the table knows it."""

    version: int = Field(ge=1)
    policy: Policy


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
            "Correct it and write it again with `governor policy put`."
        ) from error


def faults_of(error: ValidationError) -> str:
    """Return pydantic's faults as `path: what is wrong; path: ...`, without input values."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(
        f"{'.'.join(str(step) for step in fault['loc']) or 'document'}: {fault['msg'].removeprefix('Value error, ')}"
        for fault in faults
    )
