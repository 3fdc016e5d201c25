"""Documents without labels: the ledger's analyses and Comprehend's asynchronous jobs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from governor.domain.analysis import AnalysisHead, OpenAnalysis, Shape
from governor.domain.turn import Hold

AnalysisOutcome = Literal["ANALYSED", "REFUSED", "TORN_DOWN"]


class Analyses(Protocol):
    """The rows `ANALYSIS`: one a flywheel, held by one execution at a time; every write is conditional."""

    def read(self, flywheel: str) -> AnalysisHead | None:
        """Return the row (strongly consistent), None before the first analysis."""

    def fence(self, flywheel: str, me: str) -> AnalysisHead:
        """Return the row if the execution `me` holds it; raise TurnLostError otherwise."""

    def take(self, flywheel: str, number: int, me: str, now: datetime) -> bool:
        """Move IDLE to RUNNING for `me`; True also if that had already happened by `me`'s own hand."""

    def skip(self, flywheel: str, number: int) -> bool:
        """Burn a number whose execution closed before it took the row; False if the row has moved."""

    def open(self, flywheel: str, me: str, analysis: OpenAnalysis) -> None:
        """Write what is going to be analysed, before anything is done about it; raises TurnLostError."""

    def record_attempt(self, flywheel: str, me: str, analysis: OpenAnalysis) -> None:
        """Replace the open analysis with what is known of its attempt by now; raises TurnLostError."""

    def close(
        self,
        flywheel: str,
        me: str,
        analysis: OpenAnalysis,
        outcome: AnalysisOutcome,
        now: datetime,
        *,
        documents: int,
        results: str | None,
    ) -> None:
        """Move the open analysis to a row of its own; nothing to do if that has happened."""

    def release(self, flywheel: str, me: str, *, failures: int, hold: Hold | None) -> bool: ...

    def free(self, flywheel: str, number: int, holder: str, *, failures: int, hold: Hold | None) -> bool:
        """Move RUNNING to IDLE for a dead holder; False if somebody else was faster."""

    def resume(self, flywheel: str) -> bool:
        """Remove the hold and the failures that led to it; False if there is no hold."""


@dataclass(frozen=True)
class StartedJob:
    """An asynchronous job. `model`: the one that was active when it began."""

    id: str
    model: str | None


@dataclass(frozen=True)
class JobFacts:
    """What describing a job says. `output`: S3 URI of the archive that it leaves."""

    id: str
    status: str
    message: str
    model: str | None
    output: str
    submitted: datetime | None = None
    ended: datetime | None = None


class Jobs(Protocol):
    """Asynchronous jobs with custom models of either kind."""

    def start(
        self,
        flywheel_arn: str,
        *,
        recognizer: bool,
        language: str,
        shape: Shape,
        source: str,
        target: str,
        name: str,
        token: str,
        model: str | None = None,
    ) -> StartedJob:
        """Start a job, or find the one that `token` started before.

        `model`: the ARN of the model that answers, instead of the flywheel's active one. Raises NoActiveModelError,
        for a named model FlywheelUnavailableError.
        """

    def describe(self, job: str, *, recognizer: bool) -> JobFacts:
        """Raise AnalysisFailedError if Comprehend does not know the job."""
