"""From quiet to a trained candidate: the flywheel, the batch, its datasets and its iteration."""

from typing import Annotated, Literal

from pydantic import Field

from governor.contracts.base import FlywheelName, LookInput, Payload, Step


class CheckQuietInput(Step):
    """`iterate`: an iteration was asked for by hand, so there need not be uploads."""

    iterate: bool


class CheckQuietOutput(Payload):
    """WAIT: for so many seconds."""

    word: Literal["QUIET", "WAIT", "NOTHING"]
    wait_seconds: int = 0


class PrepareFlywheelInput(Step):
    """`look` counts from 0 and lengthens the next wait."""

    look: int


class PrepareFlywheelOutput(Payload):
    """WAIT: the flywheel is being created."""

    word: Literal["READY", "WAIT"]
    wait_seconds: int = 0


class CreateFlywheelInput(Payload):
    """What prepare_flywheel gets from a person instead of a step: the flywheel of a policy is to be there now."""

    order: Literal["create"]
    flywheel: FlywheelName
    look: Annotated[int, Field(ge=0)] = 0


class CreateFlywheelOutput(Payload):
    """WAIT: it is being created; ask again after so many seconds. `model`: its active model, if it has one."""

    word: Literal["READY", "WAIT"]
    arn: str
    model: str | None = None
    wait_seconds: int = 0


class PlanBatchInput(Step):
    """`iterate`: an iteration was asked for by hand, so there need not be uploads."""

    iterate: bool


class PlanBatchOutput(Payload):
    """`phase` says where the batch is resumed. TOO_FEW, BUDGET: `reason` says what the flywheel waits for."""

    word: Literal["OPEN", "NOTHING", "TOO_FEW", "BUDGET"]
    batch: int | None = None
    phase: Literal["PLANNED", "REGISTERED", "TRAINED", "JUDGED"] | None = None
    reason: str = ""


class RegisterDatasetsOutput(Payload):
    """`datasets`: how many the batch has; none if only an iteration was asked for."""

    datasets: int
    wait_seconds: int


class CheckDatasetsOutput(Payload):
    """WAIT: Comprehend is still taking them in. NOTHING_TO_TRAIN: the batch needs no iteration."""

    word: Literal["READY", "WAIT", "NOTHING_TO_TRAIN"]
    wait_seconds: int = 0


class StartIterationOutput(Payload):
    """`ours` is false while somebody else's iteration is waited for."""

    iteration: str
    ours: bool
    wait_seconds: int


class CheckIterationInput(LookInput):
    """Which iteration to look at, and whether it is ours."""

    iteration: str
    ours: bool


class CheckIterationOutput(Payload):
    """START_AGAIN: the iteration was somebody else's and is over."""

    word: Literal["COMPLETED", "WAIT", "START_AGAIN"]
    wait_seconds: int = 0
