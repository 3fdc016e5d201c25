"""Inspects one file of documents that are to be analysed: refuses it with a reason, or stages it and lets it wait.

Then asks for an analysis.
"""

import dataclasses

from governor.contracts import InspectMessage
from governor.domain.errors import InvalidInputError, PolicyMissingError
from governor.domain.measures import UPLOADS_REFUSED
from governor.domain.moments import to_text
from governor.domain.text_lines import BadData
from governor.domain.unlabelled import canonical, check, shape_of
from governor.domain.upload import Upload
from governor.ports import Ports
from governor.usecases.notices import announce, upload_refused
from governor.usecases.request_analysis import request_analysis

_TORN_DOWN = (
    "The flywheel was torn down and has no model. To begin it anew, run: governor resume {flywheel}; then upload the "
    "file again."
)


def inspect_documents(ports: Ports, message: InspectMessage) -> Upload:
    """Bring the file out of ADMITTED if it is still there, and ask for an analysis whatever it was."""
    upload = ports.documents.get(message.flywheel, message.upload)
    if upload is None:
        raise InvalidInputError("The message names an upload that was never recorded.")
    if upload.state == "ADMITTED":
        upload = _inspect(ports, upload)
    if upload.state == "REFUSED" and upload.reason is not None:
        announce(ports, upload.flywheel, upload_refused(upload, upload.reason))
    request_analysis(ports, upload.flywheel)
    return upload


def _inspect(ports: Ports, upload: Upload) -> Upload:
    head = ports.heads.read(upload.flywheel)
    if head is not None and head.hold is not None and head.hold.reason == "TornDown":
        return _refuse(ports, upload, _TORN_DOWN.format(flywheel=upload.flywheel))
    shape = shape_of(upload.key)
    try:
        chunks = ports.inbox.chunks(upload.key, upload.version)
        facts = check(chunks, shape, recognizer=_is_recognizer(ports, upload.flywheel))
        # A second read, because the staged version is addressed by the content's hash, known only after the first.
        again = ports.inbox.chunks(upload.key, upload.version)
        staged = ports.lake.stage(upload.flywheel, facts.sha256, shape, canonical(again, shape))
    except BadData as fault:
        return _refuse(ports, upload, str(fault))
    except LookupError:
        return _refuse(ports, upload, "The object version was deleted before it could be inspected.")
    pending = dataclasses.replace(
        upload,
        state="PENDING",
        size=facts.size,
        sha256=facts.sha256,
        staged=staged,
        form=shape,
        documents=facts.documents,
        pending=f"{to_text(ports.clock.now())}#{upload.id}",
    )
    if ports.documents.mark_pending(pending):
        return pending
    return ports.documents.get(upload.flywheel, upload.id) or pending


def _is_recognizer(ports: Ports, flywheel: str) -> bool:
    try:
        return ports.policies.current(flywheel).policy.flywheel.data_mode == "ENTITIES"
    except PolicyMissingError:
        return False


def _refuse(ports: Ports, upload: Upload, reason: str) -> Upload:
    if ports.documents.refuse(upload.flywheel, upload.id, reason):
        ports.meter.record({UPLOADS_REFUSED: 1}, flywheel=upload.flywheel)
        return dataclasses.replace(upload, state="REFUSED", reason=reason)
    return ports.documents.get(upload.flywheel, upload.id) or upload
