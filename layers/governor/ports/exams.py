"""Exams: what models sit, who sits it for a batch, and what they answered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from governor.domain.exam import Paper


@dataclass(frozen=True)
class ExamRecord:
    """What a batch's models sit, in its row: decided once.

    `digest` is of the documents that both sit, None if there are none; `must_pass` of those that the candidate alone
    must get right. `uri`: where the paper is. `candidate`: the model that the batch's iteration trained, None if it
    trained none. `cost_usd`: what the answers of the models that had not sat it were estimated to cost.
    """

    kind: Literal["iteration", "golden"]
    digest: str | None = None
    uri: str = ""
    documents: int = 0
    units: int = 0
    must_pass: str | None = None
    candidate: str | None = None
    cost_usd: float = 0.0


@dataclass(frozen=True)
class Sitting:
    """One model at one paper, by its digest. `units`: what its answers are billed by.

    `job` once the attempt's job was started. `answered`: its answers are stored, and it took so many `seconds`.
    """

    paper: str
    model: str
    units: int
    attempt: int = 1
    job: str | None = None
    began: datetime | None = None
    answered: bool = False
    seconds: float | None = None


class Exams(Protocol):
    """The lake bucket's `exams/`: papers and answers, each named by its content or its model and never changed."""

    def uri(self, flywheel: str, digest: str) -> str:
        """Return the prefix of all that belongs to a paper, ending in `/`."""

    def documents_uri(self, flywheel: str, digest: str) -> str:
        """Return what a job reads."""

    def paper(self, flywheel: str, digest: str) -> Paper | None:
        """Return the facts of a paper, None if it was not written (to its end)."""

    def write(self, flywheel: str, digest: str, lines: Iterable[tuple[bytes, bytes]]) -> None:
        """Write documents and what is right about them, a line each."""

    def finish(self, flywheel: str, paper: Paper) -> None:
        """Write the paper's facts: from now on it is there."""

    def truth(self, flywheel: str, digest: str) -> Iterator[bytes]:
        """Stream what is right, a line a document; raises UnexpectedReplyError."""

    def is_answered(self, flywheel: str, digest: str, model: str) -> bool:
        """Tell whether the model has sat the paper, for whatever batch."""

    def write_answers(self, flywheel: str, digest: str, model: str, lines: Iterable[bytes]) -> None: ...

    def answers(self, flywheel: str, digest: str, model: str) -> Iterator[bytes]:
        """Stream a model's answers, a line a document; raises UnexpectedReplyError."""
