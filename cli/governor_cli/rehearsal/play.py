"""Plays a rehearsal: drops the files batch by batch, waits, answers for people, and notes what became of each."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from governor.domain.approval import Answer as Decision
from governor.domain.forecast import Forecast, forecast
from governor.domain.policy import Policy
from governor.domain.policy_document import PolicyFile
from governor.domain.turn import LIFTED_BY_NEW_UPLOAD, Head, Hold
from governor.domain.upload import Upload
from governor.ports import BatchRecord
from governor.usecases.answer_by_name import answer_by_name
from governor.usecases.apply_policy import apply_policy
from governor.usecases.batch_history import Line, batch_history
from governor.usecases.flywheel_status import FlywheelStatus, rests, status_of, unrecorded
from governor.usecases.held_because import held_because
from governor.usecases.resume_flywheel import resume_flywheel
from governor_cli.complaint import Complaint
from governor_cli.rehearsal.files import Drop
from governor_cli.rehearsal.place import Place

Answer = Literal["always", "never"]
BY = "governor rehearse"
_PAUSE_SECONDS = 0.5
_PATIENCE_SECONDS = 1800.0
"""Longer than anything here takes, but for training on a great many documents."""
_UNANSWERED_SECONDS = 2
_BROKE = frozenset({"Failure", "NeedsYou", "Aborted", "QuotaFull", "PolicyMissing"})
"""Holds that are no part of the story: something did not work."""
pause: Callable[[float], None] = time.sleep
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Scene:
    """One batch of the rehearsal. `hold`: the one that it left the flywheel in, or `Frozen`; it was ended to go on.

    `files`: names of the uploads in it. `asked`: whether people were asked.
    """

    line: Line
    files: tuple[str, ...]
    forecast: Forecast
    asked: bool
    hold: str | None


@dataclass(frozen=True)
class Refused:
    """A file that became part of no batch, and why."""

    name: str
    reason: str


@dataclass
class Rehearsal:
    """What a rehearsal came to.

    `waiting`: why files became no batch when they were dropped. `ended`: why it was not played to its end.
    """

    flywheel: str
    policy: Policy
    scenes: list[Scene] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    ended: str | None = None

    @property
    def total(self) -> Forecast:
        """What all of it would take on AWS."""
        return sum((scene.forecast for scene in self.scenes), Forecast())


def rehearsed(policy: Policy, answer: Answer | None) -> dict[str, Any]:
    """Return the policy's fields as they are rehearsed: the same judgement, with seconds where AWS needs minutes.

    Nothing is deleted and nothing waits for people: without an `answer` a question expires at once.
    """
    fields: dict[str, Any] = policy.model_dump(mode="json", exclude_none=True)
    fields |= {
        "batch": {"quiet_seconds": 2, "quiet_max_seconds": 30},
        "polling": {"min_seconds": 1, "max_seconds": 2},
        "backoff_base_seconds": 1,
        "approval_expires_seconds": 3600 if answer is not None else _UNANSWERED_SECONDS,
    }
    fields.pop("retention", None)
    if "serving" in fields:
        # Its own name: an endpoint of the policy's may be there already, bound to another flywheel.
        fields["serving"].pop("endpoint", None)
    return fields


def play(
    place: Place,
    flywheel: str,
    policy: Policy,
    drops: Sequence[Drop],
    companions: Mapping[str, bytes],
    *,
    answer: Answer | None,
    tell: Tell,
) -> Rehearsal:
    """Play it all; raises Complaint if the stack breaks down or does not get on."""
    rehearsal = Rehearsal(flywheel, policy)
    ports = place.ports
    apply_policy(ports.policy_writer, ports.clock, PolicyFile(flywheel, rehearsed(policy, answer)), author=BY)
    for name, content in companions.items():
        place.drop(f"{flywheel}/{name}", content)
    for number, drop in enumerate(drops, start=1):
        turn = _turn(ports.heads.read(flywheel))
        for file in drop.files:
            tell(f"drop {number} of {len(drops)}: {file.name} ({file.documents:,} documents)")
            place.drop(f"{flywheel}/{file.kind}/{file.name}", file.content)
        _wait(place, flywheel, turn, answer, tell)
        _note(place, rehearsal)
        if rehearsal.ended is not None:
            break
    return rehearsal


def _wait(place: Place, flywheel: str, before: int, answer: Answer | None, tell: Tell) -> None:
    """Wait until nothing goes on any more, and answer what people are asked meanwhile.

    `before`: the last turn when the files were dropped.
    """
    ports, last = place.ports, ""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        # In this order: what is recorded between the two looks is in the second one.
        on_the_way = unrecorded(ports, flywheel, ports.clock.now())
        status = status_of(ports, flywheel, ports.clock.now())
        if status.next_step != last:
            last = status.next_step
            tell(f"  {last}")
        if _is_asked(status):
            if status.waiting.asked_until is not None and answer is not None:
                word: Decision = "APPROVED" if answer == "always" else "REJECTED"
                answer_by_name(ports, flywheel, None, word, by=BY, because=f"Rehearsed with --approve {answer}.")
            place.look_now()
        elif not on_the_way and _has_ended(place, status, before):
            _require_sound(place, status)
            return
        if time.monotonic() > deadline:
            minutes = _PATIENCE_SECONDS / 60
            raise Complaint(f"Nothing has ended for {minutes:.0f} minutes. The last step was: {last}")
        pause(_PAUSE_SECONDS)


def _has_ended(place: Place, status: FlywheelStatus, before: int) -> bool:
    """Tell whether nothing goes on, and a hold is not that of the turn before, which the files have ended by now."""
    if not rests(place.ports, status) or status.waiting.admitted:
        return False
    return not status.waiting.pending or _turn(status.head) > before


def _turn(head: Head | None) -> int:
    return head.turn if head is not None else 0


def _is_asked(status: FlywheelStatus) -> bool:
    """Tell whether the turn at work has put its batch before people, who may have answered already."""
    head, batch = status.head, status.last_batch
    open_batch = head is not None and head.state == "RUNNING" and head.batch is not None
    return open_batch and batch is not None and batch.outcome is None and batch.approval is not None


def _require_sound(place: Place, status: FlywheelStatus) -> None:
    head = status.head
    if head is None or head.hold is None or head.hold.reason not in _BROKE:
        return
    raise Complaint(f"Turn {head.turn} failed. {place.why_it_failed(status.name, head.turn)}")


def _note(place: Place, rehearsal: Rehearsal) -> None:
    """Write down what came of a drop, and end what would keep the next one waiting."""
    ports, name = place.ports, rehearsal.flywheel
    known = {scene.line.batch for scene in rehearsal.scenes}
    head, uploads, batches = ports.heads.read(name), ports.uploads.all(name), ports.batches.history(name)
    hold = head.hold if head is not None and head.hold is not None and head.hold.binds(ports.clock.now()) else None
    serving = ports.serving.read(name)
    kept_back = hold.reason if hold is not None else "Frozen" if serving is not None and serving.frozen else None
    records = {record.id: record for record, _ in batches}
    new = [line for line in batch_history(ports, name, batches) if line.batch not in known]
    rehearsal.scenes += [
        Scene(
            line=line,
            files=tuple(sorted(_name(upload) for upload in uploads if upload.batch == line.batch)),
            forecast=_forecast(records[line.batch]),
            asked=records[line.batch].approval is not None,
            hold=kept_back if line is new[-1] else None,
        )
        for line in new
    ]
    told = {refused.name for refused in rehearsal.refused}
    rehearsal.refused += [
        Refused(_name(upload), upload.reason or upload.state)
        for upload in sorted(uploads, key=lambda upload: upload.key)
        if upload.state == "REFUSED" and _name(upload) not in told
    ]
    if kept_back is not None:
        _go_on(place, rehearsal, head, hold, anything_new=bool(new))


def _go_on(place: Place, rehearsal: Rehearsal, head: Head | None, hold: Hold | None, *, anything_new: bool) -> None:
    """Do what a person would have to do, so that the next drop is not kept waiting; a budget stays spent."""
    if hold is None:
        resume_flywheel(place.ports, rehearsal.flywheel, by=BY)
        return
    if hold.reason == "Budget":
        amounts = held_because(place.ports, rehearsal.flywheel, head)
        rehearsal.ended = " ".join(
            [
                "The budget does not pay for what comes next.",
                *([amounts] if amounts is not None else []),
                f"The flywheel would rest until {hold.until:%Y-%m-%d}, or a new policy.",
            ]
        )
        return
    if not anything_new:
        rehearsal.waiting.append(f"{hold.reason}: what was dropped waited for the next drop.")
    if hold.reason not in LIFTED_BY_NEW_UPLOAD:
        resume_flywheel(place.ports, rehearsal.flywheel, by=BY)


def _name(upload: Upload) -> str:
    return upload.key.partition("/")[2]


def _forecast(record: BatchRecord) -> Forecast:
    exam = record.exam.cost_usd if record.exam is not None else 0.0
    return forecast(trains=bool(record.iterations) and bool(record.documents.get("train")), exam_usd=exam)
