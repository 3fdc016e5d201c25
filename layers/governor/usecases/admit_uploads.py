"""Records every object version that appears in the inbox, and nothing else: a burst is taken in within seconds."""

from governor.contracts import ObjectCreated
from governor.domain.errors import InvalidInputError
from governor.domain.measures import UPLOADS_REFUSED
from governor.domain.upload import (
    LAYOUT,
    NO_FLYWHEEL,
    ObjectVersion,
    Upload,
    is_folder_marker,
    is_read_in_place,
    place_of,
    upload_id,
)
from governor.ports import Ports
from governor.usecases.notices import announce, upload_refused


def admit_upload(ports: Ports, event: ObjectCreated) -> list[Upload]:
    """Record the event's object version, or, where the event names none, every unknown version of its key.

    Raises InvalidInputError for an event of another bucket: it is not ours to act on.
    """
    if event.detail.bucket.name != ports.inbox.bucket:
        raise InvalidInputError("The event is of another bucket than the inbox.")
    key, named = event.detail.object.key, event.detail.object.version_id
    now = ports.clock.now()
    if named is not None:
        versions = [ObjectVersion(key, named, is_latest=True, modified=now, size=event.detail.object.size)]
    else:
        versions = [version for version in ports.inbox.versions_of(key) if not version.is_delete_marker]
    return [upload for version in versions if (upload := admit_version(ports, version)) is not None]


def admit_version(ports: Ports, version: ObjectVersion) -> Upload | None:
    """Record one object version and send it to inspection; one that is still waiting for it is sent again.

    Returns the upload as it was recorded, None if there was nothing to do.
    """
    if is_folder_marker(version.key, version.size) or is_read_in_place(version.key):
        return None
    place = place_of(version.key)
    identity = upload_id(ports.inbox.bucket, version.key, version.version)
    if place is None:
        return _refuse(ports, version, identity)
    upload = Upload(
        place.flywheel,
        identity,
        version.key,
        version.version,
        place.kind,
        "ADMITTED",
        ports.clock.now(),
        size=version.size,
    )
    with ports.log.about(flywheel=place.flywheel, upload=identity):
        return upload if _record(ports, upload) else None


def _record(ports: Ports, upload: Upload) -> bool:
    """Record it and send it to inspection; False if there was nothing to do."""
    documents = upload.kind == "documents"
    rows = ports.documents if documents else ports.uploads
    if not rows.record(upload):
        known = rows.get(upload.flywheel, upload.id)
        if known is None or known.state != "ADMITTED":
            return False
    ports.inspect_queue.send(upload.flywheel, upload.id, documents=documents)
    return True


def _refuse(ports: Ports, version: ObjectVersion, identity: str) -> Upload:
    reason = f"The key leads to no flywheel. Upload to {LAYOUT}"
    upload = Upload(
        NO_FLYWHEEL,
        identity,
        version.key,
        version.version,
        None,
        "REFUSED",
        ports.clock.now(),
        reason=reason,
        size=version.size,
    )
    if ports.uploads.record(upload):
        ports.meter.record({UPLOADS_REFUSED: 1}, flywheel=NO_FLYWHEEL)
    else:
        upload = ports.uploads.get(NO_FLYWHEEL, identity) or upload
    announce(ports, NO_FLYWHEEL, upload_refused(upload, reason))
    return upload
