"""What goes into and comes out of every state of the machine `flywheel`, and the events that other functions get.

A word is a fixed choice that a Choice state branches on; everything a branch needs is a word, an id or a number of
seconds, never a document.
"""

from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    model_validator,
)

from governor.domain.errors import InvalidInputError
from governor.domain.policy import faults_of
from governor.domain.upload import is_flywheel_name


def _flywheel_name(name: str) -> str:
    if not is_flywheel_name(name):
        raise ValueError("a flywheel's name has at most 63 letters, digits and inner hyphens")
    return name


FlywheelName = Annotated[str, AfterValidator(_flywheel_name)]


class _Contract(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Step(_Contract):
    """What every state after TakeTurn gets."""

    flywheel: FlywheelName
    turn: Annotated[int, Field(ge=1)]
    execution: str


# ---- executions ------------------------------------------------------------------------------------------------------


class ExecutionInput(_Contract):
    """The input of an execution.

    By hand: `{"flywheel": "..."}`, and `"iterate": true` to run an iteration on what the flywheel already has.
    """

    flywheel: FlywheelName
    turn: Annotated[StrictInt, Field(ge=1)] | None = None
    iterate: StrictBool = False


class TakeTurnInput(_Contract):
    """The execution's own input, as it came, and the execution's ARN."""

    request: Any
    execution: str


class TakeTurnOutput(_Contract):
    """HELD: `holder` is the ARN of the execution that has the turn."""

    word: Literal["TAKEN", "HELD"]
    flywheel: str
    turn: int
    iterate: bool
    holder: str


# ---- waiting for quiet, and the flywheel -----------------------------------------------------------------------------


class CheckQuietInput(Step):
    """`iterate`: an iteration was asked for by hand, so there need not be uploads."""

    iterate: bool


class CheckQuietOutput(_Contract):
    """WAIT: for so many seconds."""

    word: Literal["QUIET", "WAIT", "NOTHING"]
    wait_seconds: int = 0


class PrepareFlywheelInput(Step):
    """`look` counts from 0 and lengthens the next wait."""

    look: int


class PrepareFlywheelOutput(_Contract):
    """WAIT: the flywheel is being created."""

    word: Literal["READY", "WAIT"]
    wait_seconds: int = 0


class CreateFlywheelInput(_Contract):
    """What prepare_flywheel gets from a person instead of a step: the flywheel of a policy is to be there now."""

    order: Literal["create"]
    flywheel: FlywheelName
    look: Annotated[int, Field(ge=0)] = 0


class CreateFlywheelOutput(_Contract):
    """WAIT: it is being created; ask again after so many seconds. `model`: its active model, if it has one."""

    word: Literal["READY", "WAIT"]
    arn: str
    model: str | None = None
    wait_seconds: int = 0


# ---- the batch -------------------------------------------------------------------------------------------------------


class PlanBatchInput(Step):
    """`iterate`: an iteration was asked for by hand, so there need not be uploads."""

    iterate: bool


class PlanBatchOutput(_Contract):
    """`phase` says where the batch is resumed. TOO_FEW: `reason` says what the flywheel waits for."""

    word: Literal["OPEN", "NOTHING", "TOO_FEW"]
    batch: int | None = None
    phase: Literal["PLANNED", "REGISTERED", "TRAINED", "JUDGED"] | None = None
    reason: str = ""


class RegisterDatasetsOutput(_Contract):
    """`datasets`: how many the batch has; none if only an iteration was asked for."""

    datasets: int
    wait_seconds: int


class LookInput(Step):
    """`look` counts from 0 and lengthens the next wait."""

    look: int


class CheckDatasetsOutput(_Contract):
    """WAIT: Comprehend is still taking them in."""

    word: Literal["READY", "WAIT"]
    wait_seconds: int = 0


class StartIterationOutput(_Contract):
    """`ours` is false while somebody else's iteration is waited for."""

    iteration: str
    ours: bool
    wait_seconds: int


class CheckIterationInput(LookInput):
    """Which iteration to look at, and whether it is ours."""

    iteration: str
    ours: bool


class CheckIterationOutput(_Contract):
    """START_AGAIN: the iteration was somebody else's and is over."""

    word: Literal["COMPLETED", "WAIT", "START_AGAIN"]
    wait_seconds: int = 0


# ---- judgement, approval, promotion ----------------------------------------------------------------------------------


class CompareModelsOutput(_Contract):
    """What follows the verdict, and the hold that comes with it."""

    word: Literal["PROMOTE", "ASK", "KEEP"]
    verdict: Literal["PASS", "FAIL", "INCONCLUSIVE", "NO_CHANGE"]
    reason: str
    hold: Literal["Regression"] | None = None


class RequestApprovalInput(Step):
    """`token`: the task token, which never leaves the account in clear."""

    token: str


class RequestApprovalOutput(_Contract):
    """What the function answers; the state goes on only when the task token comes back."""

    word: Literal["MAILED", "WAITING", "DECIDED"]


class ReadDecisionOutput(_Contract):
    """ASK_AGAIN: nobody has answered yet. JUDGE_AGAIN: what the approval was bound to has moved."""

    word: Literal["APPROVED", "REJECTED", "EXPIRED", "ASK_AGAIN", "JUDGE_AGAIN"]
    reason: str
    hold: Literal["Rejected"] | None = None


class PromoteModelOutput(_Contract):
    """JUDGE_AGAIN: another model is active by now than the one the candidate was compared with."""

    word: Literal["PROMOTED", "JUDGE_AGAIN"]
    model: str
    reason: str


class OrderInput(_Contract):
    """What promote_model gets from a person instead of a step: a change of the active model without the gates.

    `rollback`: back to `model`, or to the previous good one if it is None; freezes automatic promotion. `override`:
    `model` becomes active. The same `id` again is the same order.
    """

    order: Literal["rollback", "override"]
    id: Annotated[str, Field(pattern=r"^[a-zA-Z0-9-]{8,64}$")]
    flywheel: FlywheelName
    model: Annotated[str, Field(min_length=20, max_length=256)] | None = None
    by: Annotated[str, Field(min_length=1, max_length=2048)]
    because: Annotated[str, Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def _override_names_a_model(self) -> Self:
        if self.order == "override" and self.model is None:
            raise ValueError("an override names the model")
        return self


class OrderOutput(_Contract):
    """ALREADY: the model was active before the order. `previous`: what was active, or `NONE`."""

    word: Literal["CHANGED", "ALREADY"]
    model: str
    previous: str
    frozen: bool


class VerifyServingOutput(_Contract):
    """NOTHING: the policy wants no endpoint. WAIT: it does not serve the active model yet.

    FAILED: it does, and smoke documents get wrong answers; then `order` restores the previous model, or is None where
    there is none.
    """

    word: Literal["NOTHING", "SERVES", "WAIT", "FAILED"]
    wait_seconds: int = 0
    reason: str = ""
    order: dict[str, str] | None = None


# ---- the end ---------------------------------------------------------------------------------------------------------

Ending = Literal["PROMOTED", "KEPT", "NO_CHANGE", "NOTHING_TO_DO", "TOO_FEW", "FAILED"]


class Failure(_Contract):
    """What a Catch caught: the exception's class name and its sentence."""

    error: str
    cause: str


class EndTurnInput(Step):
    """How the turn ended, with the failure if there was one."""

    ending: Ending
    reason: str = ""
    hold: Literal["Regression", "Rejected", "ServingFailed"] | None = None
    failure: Failure | None = None


class EndTurnOutput(_Contract):
    """`released` is false if the execution did not hold the turn any more."""

    ending: Ending
    flywheel: str
    turn: int
    reason: str
    error: str
    released: bool


# ---- the machine `analysis` ------------------------------------------------------------------------------------------


class AnalysisStep(_Contract):
    """What every state after TakeAnalysis gets."""

    flywheel: FlywheelName
    number: Annotated[int, Field(ge=1)]
    execution: str


class AnalysisExecutionInput(_Contract):
    """The input of an execution of the machine `analysis`. By hand: `{"flywheel": "..."}`."""

    flywheel: FlywheelName
    number: Annotated[StrictInt, Field(ge=1)] | None = None


class TakeAnalysisOutput(_Contract):
    """HELD: `holder` is the ARN of the execution that analyses already."""

    word: Literal["TAKEN", "HELD"]
    flywheel: str
    number: int
    holder: str


class CheckDocumentsOutput(_Contract):
    """WAIT: for so many seconds."""

    word: Literal["QUIET", "WAIT", "NOTHING"]
    wait_seconds: int = 0


class StartAnalysisOutput(_Contract):
    """`job`: Comprehend's id of the asynchronous job."""

    word: Literal["STARTED", "NOTHING"]
    analysis: int | None = None
    job: str | None = None
    wait_seconds: int = 0


class CheckAnalysisInput(AnalysisStep):
    """`look` counts from 0 and lengthens the next wait."""

    look: int


class CheckAnalysisOutput(_Contract):
    """WAIT: the job is not over."""

    word: Literal["COMPLETED", "WAIT"]
    wait_seconds: int = 0


class CollectResultsOutput(_Contract):
    """MORE: other documents wait already.

    `results`: S3 URI of the prefix with the files; empty if an attempt before this one had written them.
    """

    word: Literal["WRITTEN", "MORE"]
    results: str
    documents: int


class EndAnalysisInput(AnalysisStep):
    """How it ended, with the failure if there was one."""

    ending: Literal["ANALYSED", "NOTHING_TO_DO", "FAILED"]
    reason: str = ""
    failure: Failure | None = None


class EndAnalysisOutput(_Contract):
    """`released` is false if the execution did not hold the row any more."""

    ending: Literal["ANALYSED", "NOTHING_TO_DO", "FAILED"]
    flywheel: str
    number: int
    reason: str
    error: str
    released: bool


# ---- events ----------------------------------------------------------------------------------------------------------


class _Event(BaseModel):
    """An AWS event: it may grow fields, so unknown ones are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, hide_input_in_errors=True)


class _Bucket(_Event):
    name: str


class _Object(_Event):
    key: str
    size: int = 0
    version_id: str | None = Field(default=None, alias="version-id")


class _ObjectCreatedDetail(_Event):
    bucket: _Bucket
    object: _Object


class ObjectCreated(_Event):
    """EventBridge's `Object Created` of S3. Keys arrive raw, not URL-encoded.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """

    source: Literal["aws.s3"]
    account: str
    detail_type: Literal["Object Created"] = Field(alias="detail-type")
    detail: _ObjectCreatedDetail


class InspectMessage(_Contract):
    """One upload that waits for inspection. `documents`: it is to be analysed."""

    flywheel: str
    upload: str
    documents: bool = False


class _ExecutionDetail(_Event):
    execution_arn: str = Field(alias="executionArn")
    name: str
    status: Literal["FAILED", "TIMED_OUT", "ABORTED"]


class ExecutionEnded(_Event):
    """EventBridge's `Step Functions Execution Status Change`.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
    """

    source: Literal["aws.states"]
    detail: _ExecutionDetail


Contract = TypeVar("Contract", bound=BaseModel)


def parse(contract: type[Contract], event: object) -> Contract:
    """Return `event` as `contract`; raises InvalidInputError with every fault's path, without input values."""
    try:
        return contract.model_validate(event)
    except ValidationError as error:
        raise InvalidInputError(f"{contract.__name__}: {faults_of(error)}.") from error
