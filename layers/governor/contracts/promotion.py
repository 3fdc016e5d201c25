"""Judgement, approval, promotion, and the orders that people give."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from governor.contracts.base import FlywheelName, Payload, SmokeProgress, Step


class CompareModelsOutput(Payload):
    """What follows the verdict, and the hold that comes with it.

    SIT: a model that became active meanwhile has not sat the exam, so there is no verdict yet.
    """

    word: Literal["PROMOTE", "ASK", "KEEP", "SIT"]
    verdict: Literal["PASS", "FAIL", "INCONCLUSIVE", "NO_CHANGE"] | None = None
    reason: str = ""
    hold: Literal["Regression"] | None = None


class RequestApprovalInput(Step):
    """`token`: the task token, which never leaves the account in clear."""

    token: str


class RequestApprovalOutput(Payload):
    """What the function answers; the state goes on only when the task token comes back."""

    word: Literal["MAILED", "WAITING", "DECIDED"]


class ReadDecisionOutput(Payload):
    """ASK_AGAIN: nobody has answered yet. JUDGE_AGAIN: what the approval was bound to has moved."""

    word: Literal["APPROVED", "REJECTED", "EXPIRED", "ASK_AGAIN", "JUDGE_AGAIN"]
    reason: str
    hold: Literal["Rejected"] | None = None


class RecheckPolicyOutput(Payload):
    """Whether the verdict still promotes under a stricter policy that came after the batch was planned."""

    word: Literal["PROMOTE", "ASK", "KEEP"]
    reason: str = ""
    hold: Literal["Regression"] | None = None


class PromoteModelOutput(Payload):
    """JUDGE_AGAIN: another model is active by now than the one the candidate was compared with."""

    word: Literal["PROMOTED", "JUDGE_AGAIN"]
    model: str
    reason: str


class OrderInput(Payload):
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


class OrderOutput(Payload):
    """ALREADY: the model was active before the order. `previous`: what was active, or `NONE`."""

    word: Literal["CHANGED", "ALREADY"]
    model: str
    previous: str
    frozen: bool


class VerifyServingOutput(Payload):
    """NOTHING: the policy wants no endpoint. WAIT: it does not serve the active model yet, or is not asked all yet.

    FAILED: it does, and smoke documents get wrong answers; then `order` restores the previous model, or is None where
    there is none.
    """

    word: Literal["NOTHING", "SERVES", "WAIT", "FAILED"]
    wait_seconds: int = 0
    reason: str = ""
    order: dict[str, str] | None = None
    smoke: SmokeProgress | None = None
