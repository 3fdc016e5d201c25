"""Inspects one recorded upload: refuses it with a reason, or stages the checked version and marks it pending.

Then asks for a turn.
"""

import dataclasses

from governor.contracts import InspectMessage
from governor.domain.batch import MOST_BYTES, duplicate_reason
from governor.domain.errors import InvalidInputError, PolicyMissingError
from governor.domain.labelled_data import Facts, Wanted, canonical_parts, check, file_type, guess, wanted_by
from governor.domain.measures import UPLOADS_REFUSED
from governor.domain.moments import to_text
from governor.domain.text_lines import BadData
from governor.domain.upload import Upload
from governor.ports import Ports
from governor.usecases.inspect_documents import inspect_documents
from governor.usecases.notices import announce, upload_refused
from governor.usecases.request_turn import request_turn

TORN_DOWN = (
    "Flywheel {flywheel} was torn down, so nothing is trained for it any more. To begin it anew, run: governor resume "
    "{flywheel} - and then upload the file again."
)
PART_BYTES = 8 * 1024 * 1024
"""Under Comprehend's 10 MB a file; a text of single-byte characters fills half of it."""


def inspect_upload(ports: Ports, message: InspectMessage) -> Upload:
    """Bring the upload out of ADMITTED if it is still there, and ask for a turn whatever it was.

    The turn is asked for on duplicates too: whoever came before may have died between writing PENDING and asking.
    """
    with ports.log.about(flywheel=message.flywheel, upload=message.upload):
        return inspect_documents(ports, message) if message.documents else _bring_out(ports, message)


def _bring_out(ports: Ports, message: InspectMessage) -> Upload:
    upload = ports.uploads.get(message.flywheel, message.upload)
    if upload is None:
        raise InvalidInputError("The message names an upload that was never recorded.")
    if upload.state == "ADMITTED":
        upload = _inspect(ports, upload)
    if upload.state == "REFUSED" and upload.reason is not None:
        announce(ports, upload.flywheel, upload_refused(upload, upload.reason))
    request_turn(ports, upload.flywheel, new_upload=True)
    return upload


def _inspect(ports: Ports, upload: Upload) -> Upload:
    head = ports.heads.read(upload.flywheel)
    if head is not None and head.hold is not None and head.hold.reason == "TornDown":
        return _refuse(ports, upload, TORN_DOWN.format(flywheel=upload.flywheel))
    try:
        wanted = _wanted(ports, upload)
        chunks = ports.inbox.chunks(upload.key, upload.version)
        facts = check(chunks, file_type(upload.key), wanted, MOST_BYTES)
    except BadData as fault:
        return _refuse(ports, upload, str(fault))
    except LookupError:
        return _refuse(ports, upload, "The object version was deleted before it could be inspected.")
    first = _first_of_the_same_content(ports, upload, facts)
    if first is not None:
        return _refuse(ports, upload, duplicate_reason(first))
    return _stage(ports, upload, facts, wanted)


def _wanted(ports: Ports, upload: Upload) -> Wanted:
    """What the policy wants; without one that can be read, what the file seems to be for. The batch looks again."""
    try:
        return wanted_by(ports.policies.current(upload.flywheel).policy)
    except PolicyMissingError:
        type_ = file_type(upload.key)
        beginning = next(ports.inbox.chunks(upload.key, upload.version), b"") if type_ == "manifest" else b""
        return guess(type_, beginning)


def _first_of_the_same_content(ports: Ports, upload: Upload, facts: Facts) -> str | None:
    head = ports.heads.read(upload.flywheel)
    generation = head.generation if head is not None else 1
    return ports.uploads.registered_contents(upload.flywheel, generation, [facts.sha256]).get(facts.sha256)


def _stage(ports: Ports, upload: Upload, facts: Facts, wanted: Wanted) -> Upload:
    # A second read, because the checked parts are addressed by the content's hash, which is known only after the first.
    chunks = ports.inbox.chunks(upload.key, upload.version)
    for number, part in enumerate(canonical_parts(chunks, file_type(upload.key), wanted, PART_BYTES)):
        ports.staging.put_part(upload.flywheel, facts.sha256, wanted.form, number, part)
    pending = dataclasses.replace(
        upload,
        state="PENDING",
        size=facts.size,
        sha256=facts.sha256,
        staged=ports.staging.prefix_of(upload.flywheel, facts.sha256, wanted.form),
        form=wanted.form,
        documents=facts.documents,
        labels=facts.labels,
        counts=facts.counts,
        pending=f"{to_text(ports.clock.now())}#{upload.id}",
    )
    if ports.uploads.mark_pending(pending):
        return pending
    return ports.uploads.get(upload.flywheel, upload.id) or pending


def _refuse(ports: Ports, upload: Upload, reason: str) -> Upload:
    if ports.uploads.refuse(upload.flywheel, upload.id, reason):
        ports.meter.record({UPLOADS_REFUSED: 1}, flywheel=upload.flywheel)
        return dataclasses.replace(upload, state="REFUSED", reason=reason)
    return ports.uploads.get(upload.flywheel, upload.id) or upload
