"""Comprehend's flywheels, datasets and iterations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from governor.domain.labelled_data import Wanted
from governor.domain.policy import FlywheelDefinition
from governor.domain.upload import Kind
from governor.domain.verdict import Exam


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
class ScoredDataset:
    """A TEST dataset that an iteration scores models on."""

    name: str
    documents: int


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

    def test_datasets(self, flywheel_arn: str, before: datetime) -> list[ScoredDataset]:
        """Return the TEST datasets that were COMPLETED before `before`."""

    def start_iteration(self, flywheel_arn: str, token: str) -> str | None:
        """Start an iteration and return its id; None if one is already running."""

    def describe_iteration(self, flywheel_arn: str, iteration: str) -> IterationFacts: ...

    def latest_iterations(self, flywheel_arn: str) -> list[IterationFacts]:
        """Return the newest iterations, newest first."""

    def set_active_model(self, flywheel_arn: str, model: str) -> None:
        """Call UpdateFlywheel exactly once; whether it took effect is for the caller to read, answered or not."""
