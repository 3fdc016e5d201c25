"""Notices: what people are told, written to the ledger first and then mailed.

What could not be mailed is sent again by sweep.

Subjects are ASCII, one line, less than 100 characters, as SNS wants them
(https://docs.aws.amazon.com/sns/latest/api/API_Publish.html). No document ever stands in a notice.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from governor.domain.batch import token
from governor.domain.errors import GovernorError
from governor.domain.moments import to_text
from governor.domain.turn import Hold
from governor.domain.upload import NO_FLYWHEEL, Upload
from governor.ports import BatchRecord, Notice, NoticeKind, Ports, ServingChange, VerdictRecord

_log = logging.getLogger(__name__)
_LONGEST_SUBJECT = 99
_MOST_KEYS = 20

_ENDS = {
    "NeedsYou": "until a person or a new policy ends it",
    "Aborted": "until a person or a new policy ends it",
    "PolicyMissing": "until its policy is written",
    "Regression": "until a person ends it",
    "Rejected": "until a person ends it",
    "ServingFailed": "until a person ends it",
    "TooFewDocuments": "until more files come",
}
_CURES = {
    "Failure": "It tries again by itself when the hold ends.",
    "NeedsYou": "It failed three times in a row. Correct the cause, then run: governor resume {flywheel}",
    "Aborted": "Somebody stopped the execution. To go on, run: governor resume {flywheel}",
    "PolicyMissing": "Write its policy with: governor policy put FILE. Nothing is lost; the uploads wait.",
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
    "TooFewDocuments": "It goes on when more files are dropped.",
    "QuotaFull": "It tries again by itself when the hold ends; ask for a higher quota or delete what is not needed.",
}


def announce(ports: Ports, flywheel: str, notice: Notice) -> None:
    """Write the notice and mail it.

    A mail that fails is not an error of the step: the row stays unsent and sweep sends it.
    """
    if ports.notices.put(flywheel, notice):
        deliver(ports, flywheel, notice)


def deliver(ports: Ports, flywheel: str, notice: Notice) -> None:
    """Mail a written notice and mark it; what fails stays unsent."""
    try:
        ports.notice_mail.send(notice.subject, notice.body)
        ports.notices.mark_sent(flywheel, notice, ports.clock.now())
    except GovernorError as error:
        _log.warning("The notice %s was not mailed, sweep will do it: %s", notice.id, error)


def make(kind: NoticeKind, at: datetime, subject: str, body: str, *occasion: str) -> Notice:
    """Return a notice that is the same for the same `occasion`."""
    ascii_subject = " ".join(subject.encode("ascii", "replace").decode().split())
    return Notice(kind, token(kind, *occasion)[:16], at, ascii_subject[:_LONGEST_SUBJECT], body)


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
    return make("UploadRefused", upload.recorded_at, subject, "\n".join(lines), upload.flywheel, upload.id)


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
    return make("UploadRefused", batch.planned_at, subject, "\n".join(lines), flywheel, str(batch.id), kind)


def verdict_reached(flywheel: str, record: VerdictRecord, action: str) -> Notice:
    """Tell what a batch's candidate was judged, and what follows."""
    verdict = record.verdict
    follows = {
        "PROMOTE": "The candidate is promoted.",
        "ASK": "People are asked for approval.",
        "KEEP": "The active model stays.",
    }[action]
    lines = [
        f"Flywheel {flywheel}, batch {record.batch}: {verdict.word}.",
        verdict.reason,
        "",
        follows,
        "",
        f"Candidate: {record.candidate or 'none'}",
        f"Active model: {record.baseline}",
        f"Policy version: {record.policy_version}",
        f"Decision record: {record.decision_uri} (sha256 {record.decision_sha256})",
    ]
    subject = f"[{flywheel}] Batch {record.batch}: {verdict.word}"
    return make(
        "VerdictReached", record.reached_at, subject, "\n".join(lines), flywheel, str(record.batch), record.baseline
    )


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
    return make(kind, change.at, subject, "\n".join(lines), flywheel, change.op, change.target, to_text(change.at))


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
    return make(kind, change.at, subject, "\n".join(lines), flywheel, change.op)


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
        "FlywheelHeld", at, f"[{flywheel}] Held: {hold.reason}", "\n".join(lines), flywheel, hold.reason, *occasion
    )


def turn_failed(flywheel: str, turn: int, error: str, cause: str, at: datetime) -> Notice:
    """Tell that a turn failed, and of what."""
    lines = [
        f"Turn {turn} of flywheel {flywheel} failed with {error}:",
        cause,
        "",
        "Nothing that was registered is lost: an open batch is resumed by the next turn.",
    ]
    return make("TurnFailed", at, f"[{flywheel}] Turn {turn} failed: {error}", "\n".join(lines), flywheel, str(turn))


def _shown(key: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in key)
