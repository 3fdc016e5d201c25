"""How a turn begins and ends."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt

from governor.contracts.base import Failure, FlywheelName, Payload, Step


class ExecutionInput(Payload):
    """The input of an execution.

    By hand: `{"flywheel": "..."}`, and `"iterate": true` to run an iteration on what the flywheel already has.
    """

    flywheel: FlywheelName
    turn: Annotated[StrictInt, Field(ge=1)] | None = None
    iterate: StrictBool = False


class TakeTurnInput(Payload):
    """The execution's own input, as it came, and the execution's ARN."""

    request: Any
    execution: str


class TakeTurnOutput(Payload):
    """HELD: `holder` is the ARN of the execution that has the turn."""

    word: Literal["TAKEN", "HELD"]
    flywheel: str
    turn: int
    iterate: bool
    holder: str


Ending = Literal["PROMOTED", "KEPT", "NO_CHANGE", "NOTHING_TO_DO", "TOO_FEW", "BUDGET", "FAILED"]


class EndTurnInput(Step):
    """How the turn ended, with the failure if there was one."""

    ending: Ending
    reason: str = ""
    hold: Literal["Regression", "Rejected", "ServingFailed"] | None = None
    failure: Failure | None = None


class EndTurnOutput(Payload):
    """`released` is false if the execution did not hold the turn any more."""

    ending: Ending
    flywheel: str
    turn: int
    reason: str
    error: str
    released: bool
