"""Everything that the service's documents leave open, and every time and limit, as named settings in one place.

The defaults are the safer reading of the documents and times that suit a laptop. `Settings.instant()` is for tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal, NamedTuple

Meta = dict[str, Any]


class Durations(NamedTuple):
    """How long things take on this server, in seconds: `Settings.durations`. Work that takes longer, takes longer."""

    flywheel_creation: float
    flywheel_copy: float
    flywheel_deletion: float
    dataset_ingestion: float
    training: float
    evaluation: float
    endpoint_creation: float
    endpoint_update: float
    endpoint_deletion: float
    job: float


TIMES = tuple(f"{name}_seconds" for name in Durations._fields)


def _says(text: str, **more: Any) -> Meta:
    return {"help": text, **more}


@dataclass(frozen=True, slots=True)
class Settings:
    """One server's behaviour. Every field is also a command-line flag (underscores become dashes)."""

    # Who and where
    region: str = field(default="us-east-1", metadata=_says("region of calls that carry no signature"))
    account: str = field(default="000000000000", metadata=_says("account that owns what is created"))
    seed: int = field(default=0, metadata=_says("the same data and seed give the same model"))
    embedding: Literal["none", "wordllama"] = field(
        default="none",
        metadata=_says("word vectors that help classifiers of few documents; what was trained with them needs them"),
    )

    # Times: what the service takes, in seconds. Published samples and recordings where there are any; those of
    # datasets, evaluations, endpoints and deletions are guesses.
    time_factor: float = field(
        default=0.001, metadata=_says("all times below are multiplied by this; 0: at once, 1: as slow as the service")
    )
    flywheel_creation_seconds: float = field(default=30, metadata=_says("a new flywheel stays CREATING"))
    flywheel_copy_seconds: float = field(
        default=960, metadata=_says("a flywheel that is made from an existing model stays CREATING")
    )
    flywheel_deletion_seconds: float = field(default=60, metadata=_says("a flywheel stays DELETING"))
    dataset_ingestion_seconds: float = field(default=180, metadata=_says("a dataset stays CREATING, at least"))
    training_seconds: float = field(default=1500, metadata=_says("an iteration or a model stays TRAINING, at least"))
    evaluation_seconds: float = field(default=300, metadata=_says("an iteration stays EVALUATING, at least"))
    endpoint_creation_seconds: float = field(default=600, metadata=_says("an endpoint stays CREATING"))
    endpoint_update_seconds: float = field(default=600, metadata=_says("an endpoint stays UPDATING"))
    endpoint_deletion_seconds: float = field(default=60, metadata=_says("an endpoint stays DELETING"))
    job_seconds: float = field(default=420, metadata=_says("a job stays SUBMITTED and IN_PROGRESS, at least"))

    # What the documents leave open
    cumulative_training: bool = field(
        default=True, metadata=_says("an iteration trains on all TRAIN data so far; off: on the new data only")
    )
    exam: Literal["all", "new"] = field(
        default="all",
        metadata=_says("both models are scored on all TEST data so far, or on the new TEST data where there is some"),
    )
    evaluated_model: Literal["when_active", "when_new_data", "when_new_test_data"] = field(
        default="when_active", metadata=_says("when an iteration scores the active model")
    )
    activate_first_model: bool = field(
        default=False, metadata=_says("a flywheel's first trained model becomes active by itself")
    )
    hold_out_share: float = field(
        default=0.1, metadata=_says("part of the training data that is held out when there is no TEST data")
    )
    recognizer_hold_out_share: float = field(
        default=0.2, metadata=_says("the same for entity recognizers, of whose documents the service holds out more")
    )
    entity_iteration_scale: float = field(
        default=1.0, metadata=_says("an iteration's metrics of a recognizer are from 0 to this, 1 or 100")
    )
    nothing_to_train: Literal["reject", "fail"] = field(
        default="reject",
        metadata=_says("an iteration of a flywheel with no model and no TRAIN data: refused, or ends FAILED"),
    )
    default_dataset_type: Literal["TRAIN", "TEST"] = field(
        default="TRAIN", metadata=_says("type of a dataset that is created without one")
    )
    constraint_error: str = field(
        default="ValidationException",
        metadata=_says("error code for a value outside the length, range, pattern or list of the service's model"),
    )
    not_active_error: str = field(
        default="InvalidRequestException",
        metadata=_says("error code for a change to a flywheel that is not ACTIVE (it is still being created)"),
    )
    test_must_cover_labels: bool = field(
        default=False, metadata=_says("a TEST dataset without an example of every listed label ends FAILED")
    )

    flywheel_with_endpoints: Literal["refuse", "unbind"] = field(
        default="refuse", metadata=_says("DeleteFlywheel while endpoints follow it: refused, or they keep their model")
    )
    no_active_model_error: str = field(
        default="ResourceUnavailableException",
        metadata=_says("error code for an endpoint or a job of a flywheel that has no active model"),
    )
    busy_endpoint_error: str = field(
        default="ResourceInUseException",
        metadata=_says("error code for a change to an endpoint that is CREATING or UPDATING"),
    )
    missing_endpoint_error: str = field(
        default="ResourceUnavailableException",
        metadata=_says("error code of ClassifyDocument and DetectEntities for an endpoint that does not exist"),
    )
    most_classes: int = field(
        default=3,
        metadata=_says("so many classes are listed (multi-label: all from 0.5 on, and at least so many); 0: all"),
    )
    score_decimals: int = field(default=4, metadata=_says("decimals to which scores of classes are rounded"))
    classification_output_name: str = field(
        default="predictions.jsonl", metadata=_says("name of the file in a classification job's output.tar.gz")
    )
    entities_output_name: str = field(
        default="output", metadata=_says("name of the file in an entities detection job's output.tar.gz")
    )
    job_file_member: Literal["name", "key"] = field(
        default="name", metadata=_says("File in a job's output: the last part of the object's key, or the whole key")
    )

    # Limits of data
    minimum_documents_per_label: int = field(
        default=10, metadata=_says("a TRAIN dataset with fewer documents of a label that occurs ends FAILED")
    )
    minimum_dataset_bytes: int = field(default=500, metadata=_says("a smaller dataset ends FAILED"))
    maximum_file_bytes: int = field(default=10 * 1024**2, metadata=_says("a dataset with a larger file ends FAILED"))
    maximum_input_files: int = field(default=1_000_000, metadata=_says("data in more files ends FAILED"))
    maximum_dataset_bytes: int = field(default=5 * 1024**3, metadata=_says("a larger dataset ends FAILED"))
    minimum_mentions_per_entity: int = field(
        default=25, metadata=_says("recognizers' TRAIN data with fewer mentions of a type that occurs ends FAILED")
    )
    minimum_recognizer_documents: int = field(
        default=3, metadata=_says("recognizers' TRAIN data with fewer documents ends FAILED")
    )
    maximum_recognizer_bytes: int = field(
        default=200 * 1024**2, metadata=_says("larger data of a recognizer ends FAILED")
    )
    maximum_recognizer_documents: int = field(
        default=200_000, metadata=_says("recognizers' data with more documents ends FAILED")
    )
    maximum_recognizer_document_bytes: int = field(
        default=5 * 1024, metadata=_says("recognizers' data with a larger document ends FAILED")
    )
    maximum_entity_list_items: int = field(
        default=1_000_000, metadata=_says("an entity list with more items ends FAILED")
    )
    maximum_mentions: int = field(
        default=2_000_000, metadata=_says("recognizers' CSV data with more annotations or mentions ends FAILED")
    )
    maximum_labels: int = field(
        default=1000, metadata=_says("multi-class data with more labels (or types) ends FAILED")
    )
    maximum_labels_multi_label: int = field(
        default=100, metadata=_says("multi-label data with more labels ends FAILED")
    )
    maximum_train_documents: int = field(default=1_000_000, metadata=_says("a larger TRAIN dataset ends FAILED"))

    maximum_classify_bytes: int = field(
        default=10_000, metadata=_says("a larger text of ClassifyDocument is refused (the guide says 10 KB)")
    )
    maximum_detect_bytes: int = field(
        default=5_000, metadata=_says("a larger text of DetectEntities is refused (the guide says 5 KB)")
    )
    minimum_job_bytes: int = field(default=500, metadata=_says("a job with less input ends FAILED"))
    maximum_job_bytes: int = field(default=5 * 1024**3, metadata=_says("a job with more input ends FAILED"))
    maximum_job_documents: int = field(
        default=1_000_000, metadata=_says("a job with more documents (lines or files) ends FAILED")
    )
    maximum_classification_document_bytes: int = field(
        default=10 * 1024**2, metadata=_says("a classification job with a larger document ends FAILED")
    )
    maximum_entities_document_bytes: int = field(
        default=1024**2, metadata=_says("an entities detection job with a larger document ends FAILED")
    )

    # Quotas (the guide's figures; Service Quotas lists others, all of them adjustable)
    maximum_flywheels: int = field(default=50, metadata=_says("quota: flywheels"))
    maximum_flywheels_creating: int = field(default=10, metadata=_says("quota: flywheels being created at once"))
    maximum_train_datasets: int = field(default=50, metadata=_says("quota: TRAIN datasets of a flywheel, ever"))
    maximum_test_datasets: int = field(default=10, metadata=_says("quota: TEST datasets of a flywheel, ever"))
    maximum_datasets_creating: int = field(default=10, metadata=_says("quota: datasets being created at once"))
    maximum_iterations: int = field(default=10, metadata=_says("quota: iterations running at once"))
    maximum_trainings: int = field(default=10, metadata=_says("quota: models in training at once, flywheels apart"))
    maximum_endpoints: int = field(default=10, metadata=_says("quota: endpoints"))
    maximum_inference_units: int = field(default=10, metadata=_says("quota: inference units of an endpoint"))
    maximum_inference_units_in_all: int = field(
        default=100, metadata=_says("quota: inference units of all endpoints together")
    )
    maximum_jobs: int = field(default=10, metadata=_says("quota: active jobs of one type"))

    # This machine
    authorization_seconds: float = field(
        default=5.0, metadata=_says("a permission that IAM confirmed is not asked for again, with --authorize on")
    )
    workers: int = field(default=2, metadata=_says("threads that train and predict; one more does the rest"))

    def __post_init__(self) -> None:
        """Raises ValueError for what would fail later, far from its cause."""
        if not (self.account.isascii() and self.account.isdigit() and len(self.account) == 12):
            raise ValueError("account: 12 digits")
        if self.workers < 1:
            raise ValueError("workers: from 1 up")
        for name in ("hold_out_share", "recognizer_hold_out_share"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name}: from 0 to below 1")
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, int | float) and value < 0:
                raise ValueError(f"{item.name}: from 0 up")

    @property
    def durations(self) -> Durations:
        """The times, multiplied by the factor: the only place where that is done."""
        return Durations(*(getattr(self, name) * self.time_factor for name in TIMES))

    @classmethod
    def instant(cls, **changes: Any) -> Settings:
        """Nothing takes any time, but for what `changes` name: those times are real. For tests."""
        some = any(name in TIMES for name in changes)
        return cls(**{**dict.fromkeys(TIMES, 0.0), "time_factor": float(some), **changes})
