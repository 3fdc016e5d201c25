"""Uploads: one upload is one object version in the inbox.

Key layout: `<flywheel>/{train|test}/<name>` with the ending .csv, .jsonl or .manifest, or .zip. Documents that are to
be analysed: `<flywheel>/documents/<name>.txt` with one a line, `<flywheel>/documents/<folder>/<name>.txt` is one.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

UploadState = Literal["ADMITTED", "PENDING", "REGISTERED", "ANALYSED", "REFUSED", "SUPERSEDED", "WITHDRAWN"]
Kind = Literal["train", "test"]
Purpose = Literal["train", "test", "documents"]

NO_FLYWHEEL = "-"
"""The partition of objects whose key leads to no flywheel."""
LAYOUT = (
    "<flywheel>/train/<name>.csv or <flywheel>/test/<name>.csv (also .jsonl, .manifest and .zip), or documents "
    "to be analysed as <flywheel>/documents/<name>.txt"
)

_FLYWHEEL = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
_NAME = re.compile(r"[^/\x00-\x1f\x7f]+\.(csv|jsonl|manifest|zip)", re.IGNORECASE)
_DOCUMENTS = re.compile(r"([^/\x00-\x1f\x7f]+/)?[^/\x00-\x1f\x7f]+\.txt", re.IGNORECASE)
_LONGEST_NAME = 63


@dataclass(frozen=True)
class Place:
    """What an inbox key says: whose data it is, and what for."""

    flywheel: str
    kind: Purpose


@dataclass(frozen=True)
class ObjectVersion:
    """One version of one object, as ListObjectVersions tells it. `size` in bytes; a delete marker has none."""

    key: str
    version: str
    is_latest: bool
    modified: datetime
    size: int = 0
    is_delete_marker: bool = False


@dataclass(frozen=True)
class Upload:
    """A row of the ledger: one object version and how far it is. Sizes in bytes."""

    flywheel: str
    id: str
    key: str
    version: str
    kind: Purpose | None
    state: UploadState
    recorded_at: datetime
    reason: str | None = None
    size: int = 0
    sha256: str | None = None
    staged: str | None = None
    """S3 prefix of the checked parts, ending in `/`."""
    documents: int = 0
    labels: int = 0
    counts: Mapping[str, int] = field(default_factory=dict, hash=False)
    """How many documents have each label (of recognizers: mentions of each type); empty if that is not known."""
    form: str = "csv"
    """How the checked parts are written; see labelled_data.Form. Of documents: `lines` or `files`."""
    pending: str | None = None
    batch: int | None = None


def is_flywheel_name(name: str) -> bool:
    """Tell whether Comprehend would take `name` for a flywheel (at most 63 letters, digits and inner hyphens)."""
    return len(name) <= _LONGEST_NAME and _FLYWHEEL.fullmatch(name) is not None


def place_of(key: str) -> Place | None:
    """Return where `key` (raw, as EventBridge gives it) leads, None if it leads to no flywheel's data."""
    flywheel, _, inside = key.partition("/")
    if inside.startswith("documents/") and is_flywheel_name(flywheel):
        return Place(flywheel, "documents") if _DOCUMENTS.fullmatch(inside.removeprefix("documents/")) else None
    parts = key.split("/")
    if len(parts) != 3:
        return None
    flywheel, folder, name = parts
    if not is_flywheel_name(flywheel) or _NAME.fullmatch(name) is None:
        return None
    match folder:
        case "train":
            return Place(flywheel, "train")
        case "test":
            return Place(flywheel, "test")
    return None


def is_read_in_place(key: str) -> bool:
    """Tell whether the object is read where it lies and never trained on.

    Those are smoke documents (`<flywheel>/smoke/<name>`), must-pass documents (`<flywheel>/must-pass/<name>`) and the
    files of named exams (`<flywheel>/exam/<set>/<name>`).
    """
    flywheel, *inside = key.split("/")
    match inside:
        case ["smoke" | "must-pass", _] | ["exam", _, _]:
            return is_flywheel_name(flywheel)
    return False


def is_folder_marker(key: str, size: int) -> bool:
    """Tell whether the object is only the empty `folder/` that the S3 console makes.

    Nothing that somebody meant to upload.
    """
    return key.endswith("/") and size == 0


def upload_id(bucket: str, key: str, version: str) -> str:
    """Return the sort key of an object version.

    A hash, because an S3 key alone may fill DynamoDB's limit of 1,024 bytes.
    """
    return hashlib.sha256("\0".join((bucket, key, version)).encode("utf-8", "surrogatepass")).hexdigest()
