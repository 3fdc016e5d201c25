"""What all contracts share: their settings, a flywheel's name, how a payload is read."""

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from governor.domain.errors import InvalidInputError
from governor.domain.policy import faults_of
from governor.domain.upload import is_flywheel_name


def _flywheel_name(name: str) -> str:
    if not is_flywheel_name(name):
        raise ValueError("a flywheel's name has at most 63 letters, digits and inner hyphens")
    return name


FlywheelName = Annotated[str, AfterValidator(_flywheel_name)]


class Payload(BaseModel):
    """A payload of ours: an unknown field is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class AwsEvent(BaseModel):
    """An AWS event: it may grow fields, so unknown ones are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, hide_input_in_errors=True)


class Step(Payload):
    """What every state after TakeTurn gets."""

    flywheel: FlywheelName
    turn: Annotated[int, Field(ge=1)]
    execution: str


class LookInput(Step):
    """`look` counts from 0 and lengthens the next wait."""

    look: int


class SmokeProgress(Payload):
    """How many smoke documents were answered rightly, and which ones those were: a digest of files and model."""

    answered: int = Field(ge=0)
    of: str


class ServingInput(LookInput):
    """`smoke`: what the last look said of the smoke documents, None if it asked none."""

    smoke: SmokeProgress | None = None


class Failure(Payload):
    """What a Catch caught: the exception's class name and its sentence."""

    error: str
    cause: str


Contract = TypeVar("Contract", bound=BaseModel)


def parse(contract: type[Contract], event: object) -> Contract:
    """Return `event` as `contract`; raises InvalidInputError with every fault's path, without input values."""
    try:
        return contract.model_validate(event)
    except ValidationError as error:
        raise InvalidInputError(f"{contract.__name__}: {faults_of(error)}.") from error
