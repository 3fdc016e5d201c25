"""The ledger's notices to people and programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

NoticeKind = Literal[
    "UploadRefused",
    "VerdictReached",
    "ModelPromoted",
    "ModelRolledBack",
    "PromotionOverridden",
    "FlywheelHeld",
    "TurnFailed",
    "ActiveModelChanged",
    "ApprovalClosed",
    "EndpointOverdue",
    "EndpointResized",
    "ModelsDeleted",
    "FlywheelTornDown",
    "DocumentsAnalysed",
    "AnalysisFailed",
    "AnalysisHeld",
]


@dataclass(frozen=True)
class Notice:
    """A message to people.

    `id` is the same for the same occasion, so that it is written once; `at` orders notices and is part of the
    key. `detail`: the same for programs, as the event's detail (docs/events/): ids and numbers, never a text.
    """

    kind: NoticeKind
    id: str
    at: datetime
    subject: str
    body: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    mailed: bool = False
    published: bool = False


class Notices(Protocol):
    """Notices that were written and whether they went out."""

    def put(self, flywheel: str, notice: Notice) -> bool:
        """Write the notice if it is not there yet; tell whether it still has to go out."""

    def is_there(self, flywheel: str, notice: Notice) -> bool:
        """Tell whether it was written, and so its occasion is known, whether or not it went out."""

    def unsent(self, flywheel: str) -> list[Notice]: ...

    def mark_sent(self, flywheel: str, notice: Notice, now: datetime, *, mailed: bool, published: bool) -> None:
        """Note what went out by now; what did not stays unsent."""
