"""Batches: which pending uploads are registered, trained and judged together, and what their datasets are called."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NotRequired, TypedDict

from governor.domain.labelled_data import Form
from governor.domain.moments import seconds_between
from governor.domain.policy import BatchRules
from governor.domain.upload import Kind, ObjectVersion, Upload

MOST_BYTES = 1_000_000_000
"""What one turn copies within its function's time (Comprehend itself takes 5 GB a dataset). The rest waits."""
MOST_DOCUMENTS = 1_000_000
"""Comprehend's limit for a flywheel classifier's training dataset
(https://docs.aws.amazon.com/comprehend/latest/dg/guidelines-and-limits.html, flywheels)."""
MOST_RECOGNIZER_BYTES, MOST_RECOGNIZER_DOCUMENTS = 150 * 1024 * 1024, 200_000
"""The same for recognizers, whose limit is 200 MB as staged (same page): an upload's own size is counted here, and the
manifest that it becomes is a little larger."""
MOST_UPLOADS = 2_000
"""What one turn registers within its functions' time; the rest waits for the next batch.

Each upload is listed and read once, one after the other: 300 s leave 150 ms for both, and S3 needs about half.
"""
FEWEST_BYTES = 500
"""Comprehend's limit for a flywheel dataset (same page): a smaller one would only burn one of its few dataset slots."""
NO_BASELINE = "NONE"
"""The text that stands for "no model is active"; compared like any other baseline."""


class ManifestRow(TypedDict):
    """An upload as the manifest has it. `size` in bytes as uploaded; `staged` is the prefix of its checked parts.

    `counts`: see Upload; manifests of earlier versions have none.
    """

    upload: str
    key: str
    version: str
    kind: Kind
    sha256: str
    staged: str
    size: int
    documents: int
    counts: NotRequired[dict[str, int]]


@dataclass(frozen=True)
class Settled:
    """An upload that leaves the queue without being registered, and why."""

    upload: str
    state: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What becomes of the pending uploads."""

    chosen: tuple[Upload, ...] = ()
    settled: tuple[Settled, ...] = ()
    waiting: tuple[Upload, ...] = ()
    too_few: tuple[str, ...] = field(default=())
    """Sentences that say what the flywheel waits for."""
    other_form: tuple[Upload, ...] = ()
    """Inspected under another policy, or before there was one: their data are in a form that is not wanted."""


def quiet_wait(pending_since: Sequence[datetime], rules: BatchRules, now: datetime) -> int:
    """Return how many whole seconds to wait until the burst is over; 0 when the batch may be planned.

    `pending_since`: when each waiting upload became pending. Bounded by `quiet_max_seconds` after the first.
    """
    if not pending_since:
        return 0
    since_last = seconds_between(max(pending_since), now)
    since_first = seconds_between(min(pending_since), now)
    left = min(rules.quiet_seconds - since_last, rules.quiet_max_seconds - since_first)
    return max(0, -int(-left // 1))


def plan(
    pending: Iterable[Upload],
    newest: dict[str, ObjectVersion],
    registered: Mapping[str, str],
    *,
    can_test_alone: bool,
    form: Form = "csv",
    kept_tests: bool = False,
) -> Plan:
    """Choose the uploads of one batch, oldest first.

    `newest`: the latest version of each pending key. `registered`: sha256 of contents that the flywheel already has,
    with the key they came by.
    `can_test_alone`: whether TEST data without TRAIN data gives Comprehend something to score. `form`: in which the
    flywheel's data are staged. `kept_tests`: TEST data are kept for a golden exam, and no dataset is made of them.
    """
    most_bytes, most_documents = MOST_BYTES, MOST_DOCUMENTS
    if form == "jsonl":
        most_bytes, most_documents = MOST_RECOGNIZER_BYTES, MOST_RECOGNIZER_DOCUMENTS
    other_form: list[Upload] = []
    chosen: list[Upload] = []
    settled: list[Settled] = []
    waiting: list[Upload] = []
    seen: dict[str, Upload] = {}
    copies: list[tuple[Upload, Upload]] = []
    size = {"train": 0, "test": 0}
    documents = {"train": 0, "test": 0}
    full: set[str] = set()
    for upload in sorted(pending, key=lambda each: (each.pending or "", each.id)):
        reason = left_behind(upload, newest.get(upload.key))
        if reason is not None:
            settled.append(Settled(upload.id, *reason))
            continue
        if upload.form != form:
            other_form.append(upload)
            continue
        # What is not known of an upload's content must not make it a copy of another one.
        content, kind = upload.sha256 or upload.id, upload.kind or "train"
        if content in registered:
            settled.append(Settled(upload.id, "REFUSED", duplicate_reason(registered[content])))
            continue
        if content in seen:
            copies.append((upload, seen[content]))
            continue
        too_much = size[kind] + upload.size > most_bytes or documents[kind] + upload.documents > most_documents
        if kind in full or (too_much and size[kind]) or len(chosen) >= MOST_UPLOADS:
            full.add(kind)
            waiting.append(upload)
            continue
        seen[content] = upload
        size[kind] += upload.size
        documents[kind] += upload.documents
        chosen.append(upload)
    too_few = _too_few(size, can_test_alone=can_test_alone, kept_tests=kept_tests)
    for copy, first in copies:
        # While the first itself waits it may still be withdrawn, and then the copy is all there is.
        if first.kind in too_few:
            waiting.append(copy)
        else:
            settled.append(Settled(copy.id, "REFUSED", duplicate_reason(first.key)))
    return Plan(
        chosen=tuple(upload for upload in chosen if upload.kind not in too_few),
        settled=tuple(settled),
        waiting=tuple(waiting) + tuple(upload for upload in chosen if upload.kind in too_few),
        too_few=tuple(too_few.values()),
        other_form=tuple(other_form),
    )


def duplicate_reason(first_key: str) -> str:
    """Return the reason of an upload whose bytes the flywheel already has."""
    return f"DuplicateContent: the same content came before, as {first_key}."


def left_behind(upload: Upload, newest: ObjectVersion | None) -> tuple[str, str] | None:
    """Return how an upload ends, and why, whose object has gone or got a newer version; None if it is the newest."""
    if newest is None or newest.is_delete_marker:
        return "WITHDRAWN", "The object was deleted from the inbox before it was registered."
    if newest.version != upload.version:
        return "SUPERSEDED", "A newer version of the same object took its place before it was registered."
    return None


def _too_few(size: Mapping[str, int], *, can_test_alone: bool, kept_tests: bool) -> dict[str, str]:
    """Return the kinds that cannot be registered yet, each with what is missing. `size`: bytes of each kind."""
    too_few = {
        kind: f"Only {size[kind]} bytes of {noun} data are waiting and Comprehend takes no dataset under "
        f"{FEWEST_BYTES}: drop more {noun} files."
        for kind, noun in (("train", "TRAIN"), ("test", "TEST"))
        if 0 < size[kind] < FEWEST_BYTES and not (kind == "test" and kept_tests)
    }
    if size["train"] < FEWEST_BYTES and not can_test_alone and size["test"] > 0 and "test" not in too_few:
        too_few["test"] = "TEST data are waiting, but there is no model to score yet: drop a TRAIN file."
    return too_few


def manifest_of(flywheel: str, batch: int, uploads: Sequence[Upload]) -> bytes:
    """Return the batch's manifest: canonical JSON, the same bytes for the same uploads in any order."""
    rows = [
        {
            "upload": upload.id,
            "key": upload.key,
            "version": upload.version,
            "kind": upload.kind,
            "sha256": upload.sha256,
            "staged": upload.staged,
            "size": upload.size,
            "documents": upload.documents,
            "counts": dict(upload.counts),
        }
        for upload in sorted(uploads, key=lambda each: each.id)
    ]
    document = {"schema": 1, "flywheel": flywheel, "batch": batch, "uploads": rows}
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def digest_of(content: bytes) -> str:
    """Return the sha256 of `content` as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def dataset_name(batch: int, kind: Kind, digest: str) -> str:
    """Return the dataset's name: at most 63 characters, and bound to the batch's content."""
    return f"{batch}-{kind}-{digest[:12]}"


def dataset_description(manifest_uri: str, digest: str) -> str:
    """Return the dataset's description, from which the ledger could be rebuilt."""
    return f"manifest {manifest_uri} sha256 {digest}"


def token(*parts: str) -> str:
    """Return a ClientRequestToken (64 hex digits, the exact limit) that is the same for the same intent."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
