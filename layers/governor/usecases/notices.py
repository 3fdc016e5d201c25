"""Notices: what people and programs are told, written to the ledger first, then mailed and sent as an event.

What could not be sent is sent again by sweep. An event of the same occasion has the same `id`.

Subjects are ASCII, one line, less than 100 characters, as SNS wants them
(https://docs.aws.amazon.com/sns/latest/api/API_Publish.html). No document ever stands in a notice.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from governor.domain.batch import NO_BASELINE, token
from governor.domain.errors import GovernorError
from governor.domain.moments import OPEN_END, to_text
from governor.domain.turn import Hold
from governor.domain.upload import NO_FLYWHEEL, Upload
from governor.ports import BatchRecord, Notice, NoticeKind, Ports, ServingChange

EVENT_VERSION = "1"
"""Of the details' schemas in docs/events/. A field that is added changes nothing, any other change makes a new one."""
_LONGEST_SUBJECT = 99
_MOST_KEYS = 20

_ENDS = {
    "NeedsYou": "until a person or a new policy ends it",
    "Aborted": "until a person or a new policy ends it",
    "PolicyMissing": "until its policy is written",
    "Regression": "until a person ends it",
    "Rejected": "until a person ends it",
    "ServingFailed": "until a person ends it",
    "TornDown": "until a person begins it anew",
    "TooFewDocuments": "until more files come",
}
_CURES = {
    "Failure": "It tries again by itself when the hold ends.",
    "NeedsYou": "It failed three times in a row. Correct the cause, then run: governor resume {flywheel}",
    "Aborted": "Somebody stopped the execution. To go on, run: governor resume {flywheel}",
    "PolicyMissing": "Write its policy with: governor policy apply FILE. Nothing is lost; the uploads wait.",
    "Regression": (
        "The last batch made the model worse, and Comprehend cannot take a dataset back: every later candidate would "
        "contain it. The cure is a second flywheel whose policy names the active model (flywheel.active_model_arn), "
        "fed with the good files. "
        "To go on with this one nevertheless, run: governor resume {flywheel}"
    ),
    "Rejected": "To let the next uploads be trained, run: governor resume {flywheel}",
    "ServingFailed": (
        "The active model gives wrong answers to smoke documents, and there is no earlier model to go back to. Look at "
        "both, correct what is wrong, then run: governor resume {flywheel}"
    ),
    "TornDown": "To begin it anew, run: governor resume {flywheel}",
    "TooFewDocuments": "It goes on when more files are dropped.",
    "NoActiveModel": "It goes on by itself within a minute after the first model was promoted.",
    "Budget": (
        "It goes on by itself when the next month begins; to let it go on now, apply a policy with a higher "
        "budget_usd_per_month."
    ),
    "QuotaFull": "It tries again by itself when the hold ends; ask for a higher quota or delete what is not needed.",
}


def announce(ports: Ports, flywheel: str, notice: Notice) -> None:
    """Write the notice, mail it and send its event.

    What fails is not an error of the step: the row stays unsent and sweep sends it.
    """
    if ports.notices.put(flywheel, notice):
        deliver(ports, flywheel, notice)


def deliver(ports: Ports, flywheel: str, notice: Notice) -> None:
    """Mail a written notice, send its event, and mark what went out; what fails stays unsent.

    Neither waits for the other: a topic that is out of order keeps no event back, and nobody is mailed twice for a bus.
    """
    published = notice.published or _done(
        ports, notice, lambda: ports.bus.send(detail_type(notice.kind), _detail(flywheel, notice))
    )
    mailed = notice.mailed or _done(ports, notice, lambda: ports.notice_mail.send(notice.subject, notice.body))
    _done(
        ports,
        notice,
        lambda: ports.notices.mark_sent(flywheel, notice, ports.clock.now(), mailed=mailed, published=published),
    )


def detail_type(kind: NoticeKind) -> str:
    """Return the event's detail-type: `ModelPromoted` is `Model Promoted`."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", kind)


def _detail(flywheel: str, notice: Notice) -> dict[str, Any]:
    return {
        "version": EVENT_VERSION,
        "id": notice.id,
        "at": to_text(notice.at),
        "flywheel": None if flywheel == NO_FLYWHEEL else flywheel,
        **notice.detail,
    }


def _done(ports: Ports, notice: Notice, act: Callable[[], None]) -> bool:
    try:
        act()
    except GovernorError as error:
        ports.log.warn(f"The notice {notice.id} did not go out, sweep will see to it: {error}")
        return False
    return True


def make(kind: NoticeKind, at: datetime, subject: str, body: str, *occasion: str, **detail: Any) -> Notice:
    """Return a notice that is the same for the same `occasion`. `detail`: what the event says, ids and numbers."""
    ascii_subject = " ".join(subject.encode("ascii", "replace").decode().split())
    return Notice(kind, token(kind, *occasion)[:16], at, ascii_subject[:_LONGEST_SUBJECT], body, detail)


def upload_refused(upload: Upload, reason: str) -> Notice:
    """Tell that an upload was refused, why, and what to do."""
    lines = [
        f"The upload {_shown(upload.key)} (version {upload.version}) was refused:",
        "",
        reason,
        "",
        "The object stays where it is. Upload it again under a key of that form."
        if upload.flywheel == NO_FLYWHEEL
        else "The object stays where it is. Correct it and upload it again under the same key.",
    ]
    subject = f"[{upload.flywheel}] Upload refused: {_shown(upload.key)}"
    body, at = "\n".join(lines), upload.recorded_at
    return make("UploadRefused", at, subject, body, upload.flywheel, upload.id, upload=upload.id, batch=None, files=1)


def dataset_refused(flywheel: str, batch: BatchRecord, kind: str, keys: Sequence[str], message: str) -> Notice:
    """Tell once that Comprehend refused a dataset, and which uploads were in it."""
    shown = [f"  {_shown(key)}" for key in keys[:_MOST_KEYS]]
    if len(keys) > _MOST_KEYS:
        shown.append(f"  and {len(keys) - _MOST_KEYS} more; the manifest {batch.manifest_uri} has all")
    lines = [
        f"Comprehend refused the {kind.upper()} dataset of batch {batch.id} of flywheel {flywheel}:",
        message,
        "",
        "These uploads were in it and are refused with it:",
        *shown,
        "",
        "The objects stay where they are. Correct them and upload them again under the same keys.",
    ]
    files = "1 file" if len(keys) == 1 else f"{len(keys)} files"
    subject = f"[{flywheel}] Upload refused: {files} of batch {batch.id}, by Comprehend"
    body, occasion = "\n".join(lines), (flywheel, str(batch.id), kind)
    told = {"upload": None, "batch": batch.id, "files": len(keys)}
    return make("UploadRefused", batch.planned_at, subject, body, *occasion, **told)


def active_model_changed(flywheel: str, change: ServingChange, *, promoted: bool) -> Notice:
    """Tell that another model is active: promoted by us, or changed by somebody else."""
    lines = [
        f"The active model of flywheel {flywheel} is now {change.target}.",
        f"Before: {change.source}.",
        f"Why: {change.why}",
        f"Who: {change.who}",
    ]
    subject = (
        f"[{flywheel}] Model promoted"
        if promoted
        else f"[{flywheel}] Active model changed outside of Flywheel Governor"
    )
    kind: NoticeKind = "ModelPromoted" if promoted else "ActiveModelChanged"
    occasion = (flywheel, change.op, change.target, to_text(change.at))
    told = {"batch": change.batch} if promoted else {}
    return make(kind, change.at, subject, "\n".join(lines), *occasion, **told, **_changed(change))


def order_carried_out(flywheel: str, change: ServingChange) -> Notice:
    """Tell that a person changed the active model past the gates, and what follows."""
    rollback = change.op.startswith("rollback:")
    lines = [
        f"The active model of flywheel {flywheel} is now {change.target}.",
        f"Before: {change.source}.",
        f"Who: {change.who}",
        f"Why: {change.why}",
        "",
        "Automatic promotion is off: a candidate that passes its gates asks for approval. "
        f"To switch it on again, run: governor resume {flywheel}"
        if rollback
        else "The gates were not asked: this was ordered by a person and is on record as an override.",
    ]
    subject = (
        f"[{flywheel}] Model rolled back" if rollback else f"[{flywheel}] Model promoted past the gates (override)"
    )
    kind: NoticeKind = "ModelRolledBack" if rollback else "PromotionOverridden"
    body, order = "\n".join(lines), change.op.partition(":")[2]
    return make(kind, change.at, subject, body, flywheel, change.op, order=order, **_changed(change))


def flywheel_held(flywheel: str, hold: Hold, why: str, at: datetime, *occasion: str) -> Notice:
    """Tell that a flywheel rests, until when, and what cures it."""
    until = _ENDS.get(hold.reason) or f"until {to_text(hold.until)[:19]}Z"
    lines = [
        f"Flywheel {flywheel} is held {until} ({hold.reason}).",
        why,
        "",
        _CURES[hold.reason].format(flywheel=flywheel),
        "Uploads are still recorded and wait.",
    ]
    return make(
        "FlywheelHeld",
        at,
        f"[{flywheel}] Held: {hold.reason}",
        "\n".join(lines),
        flywheel,
        hold.reason,
        *occasion,
        reason=hold.reason,
        until=None if hold.until >= OPEN_END else to_text(hold.until),
    )


def turn_failed(flywheel: str, turn: int, error: str, cause: str, at: datetime) -> Notice:
    """Tell that a turn failed, and of what."""
    lines = [
        f"Turn {turn} of flywheel {flywheel} failed with {error}:",
        cause,
        "",
        "Nothing that was registered is lost: an open batch is resumed by the next turn.",
    ]
    subject, body = f"[{flywheel}] Turn {turn} failed: {error}", "\n".join(lines)
    return make("TurnFailed", at, subject, body, flywheel, str(turn), turn=turn, error=error)


def _changed(change: ServingChange) -> dict[str, Any]:
    return {"model": _model(change.target), "previous": _model(change.source)}


def _model(arn: str) -> str | None:
    return None if arn == NO_BASELINE else arn


def _shown(key: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in key)
