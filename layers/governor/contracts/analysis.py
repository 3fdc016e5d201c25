"""The states of the machine `analysis`."""

from typing import Annotated, Literal

from pydantic import Field, StrictInt

from governor.contracts.base import Failure, FlywheelName, Payload


class AnalysisStep(Payload):
    """What every state after TakeAnalysis gets."""

    flywheel: FlywheelName
    number: Annotated[int, Field(ge=1)]
    execution: str


class AnalysisExecutionInput(Payload):
    """The input of an execution of the machine `analysis`. By hand: `{"flywheel": "..."}`."""

    flywheel: FlywheelName
    number: Annotated[StrictInt, Field(ge=1)] | None = None


class TakeAnalysisOutput(Payload):
    """HELD: `holder` is the ARN of the execution that analyses already."""

    word: Literal["TAKEN", "HELD"]
    flywheel: str
    number: int
    holder: str


class CheckDocumentsOutput(Payload):
    """WAIT: for so many seconds."""

    word: Literal["QUIET", "WAIT", "NOTHING"]
    wait_seconds: int = 0


class StartAnalysisOutput(Payload):
    """`job`: Comprehend's id of the asynchronous job."""

    word: Literal["STARTED", "NOTHING"]
    analysis: int | None = None
    job: str | None = None
    wait_seconds: int = 0


class CheckAnalysisInput(AnalysisStep):
    """`look` counts from 0 and lengthens the next wait."""

    look: int


class CheckAnalysisOutput(Payload):
    """WAIT: the job is not over."""

    word: Literal["COMPLETED", "WAIT"]
    wait_seconds: int = 0


class CollectResultsOutput(Payload):
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


class EndAnalysisOutput(Payload):
    """`released` is false if the execution did not hold the row any more."""

    ending: Literal["ANALYSED", "NOTHING_TO_DO", "FAILED"]
    flywheel: str
    number: int
    reason: str
    error: str
    released: bool
