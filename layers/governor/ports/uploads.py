"""The ledger's uploads and the contents that are registered."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from governor.domain.batch import ManifestRow, Settled
from governor.domain.upload import Kind, Upload


class Uploads(Protocol):
    """The upload rows and the contents that are registered."""

    def record(self, upload: Upload) -> bool:
        """Put a new upload (ADMITTED, or REFUSED at once); False if the object version is already known."""

    def get(self, flywheel: str, upload: str) -> Upload | None: ...

    def mark_pending(self, upload: Upload) -> bool:
        """Move ADMITTED to PENDING with what inspection found; False if it is no longer ADMITTED."""

    def refuse(self, flywheel: str, upload: str, reason: str) -> bool:
        """Move ADMITTED to REFUSED; False if it is no longer ADMITTED."""

    def anything_pending(self, flywheel: str) -> bool:
        """Tell (strongly consistent) whether an upload waits for a batch."""

    def pending(self, flywheel: str) -> list[Upload]: ...

    def all(self, flywheel: str) -> list[Upload]: ...

    def admitted_before(self, flywheel: str, moment: datetime) -> list[Upload]: ...

    def anything_known(self, flywheel: str) -> bool: ...

    def return_to_inspection(self, flywheel: str, me: str, uploads: Sequence[Upload]) -> None:
        """Move PENDING back to ADMITTED, under the fence: another policy wants the data in another form."""

    def settle(self, flywheel: str, me: str, settled: Sequence[Settled]) -> None:
        """End pending uploads as SUPERSEDED, WITHDRAWN or REFUSED, under the fence."""

    def register(self, flywheel: str, me: str, generation: int, batch: int, rows: Sequence[ManifestRow]) -> None:
        """Mark uploads and their contents as part of a dataset, under the fence."""

    def known(self, flywheel: str, uploads: Sequence[str]) -> set[str]:
        """Return which of the upload ids have a row."""

    def anything_to_train(self, flywheel: str, generation: int) -> bool:
        """Tell whether training data was ever registered."""

    def registered(self, flywheel: str, generation: int, kind: Kind) -> list[Upload]:
        """Return the uploads whose contents are registered, the newest first."""

    def registered_contents(self, flywheel: str, generation: int, sha256s: Iterable[str]) -> dict[str, str]:
        """Return the key by which each of the already registered contents first came."""
