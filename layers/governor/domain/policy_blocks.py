"""The blocks of a policy, but for gates and exam. Times are seconds."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from governor.domain.part import Contradiction, Fraction, Number, Part, Whole

DataMode = Literal["MULTI_CLASS", "MULTI_LABEL", "ENTITIES"]

_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"
_MODEL = rf"(document-classifier|entity-recognizer)/{_NAME}(/version/{_NAME})?"
_MODEL_ARN = rf"^arn:aws(-[^:]+)?:comprehend:[a-zA-Z0-9-]*:[0-9]{{12}}:{_MODEL}$"
# Control characters by their ranges: not every reader of the JSON Schema knows \P{C}.
_LABEL = r"^[^\u0000-\u001f\u007f-\u009f]+$"
_ENTITY_TYPE = r"^[^\n\r\t,]+$"
_DELIMITER = r"^[ ~!@#$%^*\-_+=|\\:;\t>?/]$"


class FlywheelDefinition(Part):
    """How the flywheel is created if Comprehend does not have it: from scratch, or from an existing model's ARN.

    A classifier has `mode` and `labels`, a recognizer `entity_types`. An existing model brings language and labels
    along; whether a classifier is MULTI_LABEL its ARN does not tell, so that is said here.
    Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_CreateFlywheel.html
    """

    model_type: Literal["DOCUMENT_CLASSIFIER", "ENTITY_RECOGNIZER"] = Field(
        default="DOCUMENT_CLASSIFIER", description="What is trained; with active_model_arn it need not be said."
    )
    language: Literal["en", "es", "fr", "it", "de", "pt"] | None = Field(
        default=None, description="The documents' language."
    )
    mode: Literal["MULTI_CLASS", "MULTI_LABEL"] | None = Field(
        default=None,
        description="Of a classifier. MULTI_CLASS: every document has one label; MULTI_LABEL: one or more.",
    )
    labels: tuple[Annotated[str, Field(pattern=_LABEL, max_length=5000)], ...] | None = Field(
        default=None,
        min_length=2,
        max_length=1000,
        description="Of a classifier: its labels, all different. They are frozen once the flywheel exists.",
    )
    entity_types: tuple[Annotated[str, Field(pattern=_ENTITY_TYPE, max_length=64)], ...] | None = Field(
        default=None,
        min_length=1,
        max_length=25,
        description="Of a recognizer: its entity types, all different. They are frozen once the flywheel exists.",
    )
    active_model_arn: Annotated[str, Field(pattern=_MODEL_ARN, max_length=256)] | None = Field(
        default=None,
        description="An existing classifier or recognizer (version) to begin with; it brings language and labels.",
    )

    @property
    def data_mode(self) -> DataMode:
        """What kind of data the flywheel is trained with."""
        recognizer = self.model_type == "ENTITY_RECOGNIZER" or ":entity-recognizer/" in (self.active_model_arn or "")
        return "ENTITIES" if recognizer else self.mode or "MULTI_CLASS"

    @classmethod
    def contradictions(cls, given: Mapping[str, Any]) -> Iterator[Contradiction]:
        """Either a new model with all that it needs, or an existing one and nothing that it brings along."""
        there = {name for name, value in given.items() if value is not None}
        if "active_model_arn" in there:
            brought = sorted(there & {"language", "labels", "entity_types"})
            if brought:
                yield (), f"active_model_arn brings its own language and labels: leave {', '.join(brought)} out"
            if ":entity-recognizer/" in str(given["active_model_arn"]) and "mode" in there:
                yield ("mode",), "a recognizer has no mode: leave it out"
        elif given.get("model_type") == "ENTITY_RECOGNIZER":
            if not {"language", "entity_types"} <= there:
                yield (), "give language and entity_types for a new recognizer, or active_model_arn"
            if there & {"mode", "labels"}:
                yield (), "a recognizer has entity_types, and neither mode nor labels"
        else:
            if not {"language", "mode", "labels"} <= there:
                yield (), "give language, mode and labels for a new model, or active_model_arn for an existing one"
            if "entity_types" in there:
                yield (), "a classifier has labels, and no entity_types: is model_type ENTITY_RECOGNIZER missing?"
        for field in ("labels", "entity_types"):
            names = given.get(field)
            if isinstance(names, list | tuple) and len({repr(name) for name in names}) != len(names):
                yield (field,), "the names must differ from one another"


class DataRules(Part):
    """How uploads are read. `label_delimiter` separates a document's labels in MULTI_LABEL CSV files."""

    label_delimiter: Annotated[str, Field(pattern=_DELIMITER)] = Field(
        default="|", description="What separates a document's labels in the CSV files of a MULTI_LABEL flywheel."
    )


class BatchRules(Part):
    """When pending uploads become a batch.

    That is `quiet_seconds` after the last of them became pending, but at most `quiet_max_seconds` after the first.
    """

    quiet_seconds: Annotated[Whole, Field(ge=0, le=900)] = Field(
        default=120, description="So many seconds nothing new must have come before the uploads become a batch."
    )
    quiet_max_seconds: Annotated[Whole, Field(ge=0, le=3600)] = Field(
        default=900, description="So many seconds after the first upload they become one even if more come."
    )

    @classmethod
    def contradictions(cls, given: Mapping[str, Any]) -> Iterator[Contradiction]:
        """The shorter time is the shorter."""
        yield from _ordered(cls, given, "quiet_seconds", "quiet_max_seconds")


class PollingRules(Part):
    """How often Comprehend is asked how far it is: after `min_seconds`, then later and later, up to `max_seconds`."""

    min_seconds: Annotated[Whole, Field(ge=1, le=900)] = Field(
        default=30, description="So many seconds after a start Comprehend is asked for the first time how far it is."
    )
    max_seconds: Annotated[Whole, Field(ge=1, le=900)] = Field(
        default=300, description="So many seconds apart it is asked in the end."
    )

    @classmethod
    def contradictions(cls, given: Mapping[str, Any]) -> Iterator[Contradiction]:
        """The shorter time is the shorter."""
        yield from _ordered(cls, given, "min_seconds", "max_seconds")


class ServingRules(Part):
    """The endpoint that serves the flywheel's active model, and how it is checked after a promotion.

    `smoke`: names of files under `<flywheel>/smoke/` in the inbox, each with documents whose answers must be right.
    `max_hours`, `idle_hours`: an endpoint that is older, or was asked nothing for so long, is reported, and deleted if
    `delete_when_over` says so: it costs money as long as it is there, used or not.
    """

    endpoint: Annotated[str, Field(pattern=rf"^{_NAME}$", max_length=40)] | None = Field(
        default=None, description="The endpoint's name; left out, the flywheel's own."
    )
    inference_units: Annotated[Whole, Field(ge=1, le=100)] = Field(
        default=1, description="Each answers 100 characters or two documents a second and costs 1.80 dollars an hour."
    )
    smoke: tuple[Annotated[str, Field(pattern=r"^[^/\x00-\x1f\x7f]+\.csv$", max_length=200)], ...] = Field(
        default=(),
        max_length=10,
        description="Names of CSV files under <name>/smoke/ in the inbox. The endpoint is asked them after each "
        "promotion; one wrong answer restores the previous model.",
    )
    max_hours: Annotated[Number, Field(gt=0, le=24 * 366)] | None = Field(
        default=None, description="An endpoint that is older is reported."
    )
    idle_hours: Annotated[Number, Field(ge=1, le=24 * 366)] | None = Field(
        default=None, description="An endpoint that answered no request for so long is reported."
    )
    delete_when_over: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="Whether an endpoint over max_hours or idle_hours is deleted."
    )

    @classmethod
    def contradictions(cls, given: Mapping[str, Any]) -> Iterator[Contradiction]:
        """Only what has a limit is deleted when over it."""
        has_limit = any(given.get(limit) is not None for limit in ("max_hours", "idle_hours"))
        if given.get("delete_when_over") is True and not has_limit:
            yield ("delete_when_over",), "needs max_hours or idle_hours: give the hours after which it is deleted"

    def endpoint_of(self, flywheel: str) -> str:
        """Return the endpoint's name: the flywheel's own unless another one is given."""
        return self.endpoint or flywheel[:40].rstrip("-")


class AnalysisRules(Part):
    """How documents without labels are analysed: `quiet_seconds` after the last of them was dropped.

    `low_confidence`: an answer with a lower score counts as unsure in the summary.
    """

    quiet_seconds: Annotated[Whole, Field(ge=0, le=900)] = Field(
        default=60, description="So many seconds no further document must have come before one job is started for all."
    )
    low_confidence: Fraction = Field(
        default=0.5, description="An answer with a lower score counts as unsure in the summary."
    )


class RetentionRules(Part):
    """Which model versions are kept besides the active one, the previous good one and those in use: the newest ones."""

    newest: Annotated[Whole, Field(ge=0, le=1000)] = Field(
        description="So many of the newest model versions are kept besides the active one, the previous one and those "
        "in use. What is deleted cannot be brought back."
    )


def _ordered(part: type[Part], given: Mapping[str, Any], shorter: str, longer: str) -> Iterator[Contradiction]:
    values = [given.get(name, part.model_fields[name].default) for name in (shorter, longer)]
    if all(isinstance(value, int) for value in values) and values[0] > values[1]:
        yield (shorter,), f"must not exceed {longer}, which is {values[1]}"
