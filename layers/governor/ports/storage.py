"""The three buckets."""

from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Protocol, Self

from governor.domain.analysis import Shape
from governor.domain.labelled_data import Form
from governor.domain.upload import ObjectVersion


class Inbox(Protocol):
    """The bucket that people drop files into; read only."""

    @property
    def bucket(self) -> str: ...

    def versions_of(self, key: str) -> list[ObjectVersion]: ...

    def newest_of(self, keys: Sequence[str]) -> dict[str, ObjectVersion]: ...

    def newest_under(self, prefix: str) -> list[ObjectVersion]:
        """Return the newest version of every object under the prefix, the latest modified first; no deleted ones."""

    def all_versions(self, flywheel: str | None) -> Iterator[ObjectVersion]:
        """List every object version of the flywheel, or of the whole inbox."""

    def chunks(self, key: str, version: str) -> Iterator[bytes]:
        """Stream the object version in chunks; raises LookupError if it is gone."""


class Staging(Protocol):
    """The lake bucket's `staging/`: checked parts and the shards that datasets point at."""

    def put_part(self, flywheel: str, sha256: str, form: Form, number: int, content: bytes) -> None: ...

    def prefix_of(self, flywheel: str, sha256: str, form: Form) -> str:
        """Return the prefix of an upload's checked parts, ending in `/`."""

    def build_shards(self, target: str, sources: Sequence[str], form: Form) -> list[str]:
        """Put the parts under `sources` together under the prefix `target`.

        Returns what a dataset names: the prefix of CSV files, ending in `/`, or each of at most five manifests.
        """

    def parts(self, staged: str) -> Iterator[Iterator[bytes]]:
        """Yield the chunks of each checked part under a prefix, in order; a part has whole documents."""


class Writer(Protocol):
    """One object that is written piece by piece; it is there once the context was left without error."""

    def write(self, content: bytes) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Lake(Protocol):
    """The lake bucket's part in analyses. URIs outside of it raise UnexpectedReplyError."""

    def stage(self, flywheel: str, sha256: str, shape: Shape, content: Iterable[bytes]) -> str:
        """Write a checked file and return its S3 URI."""

    def gather(self, flywheel: str, job: str, sources: list[str], size: int) -> str:
        """Copy the staged files under one prefix, named by their numbers, and return its S3 URI.

        `size`: their bytes. What is less than a job takes is filled up with a file whose answers are left out.
        """

    def output_of(self, flywheel: str) -> str:
        """Return where a job may write, as an S3 URI."""

    def uri(self, key: str) -> str: ...

    def chunks(self, uri: str) -> Iterator[bytes]:
        """Stream an object; raises LookupError if it is not there."""

    def writer(self, key: str, content_type: str) -> Writer: ...


class Records(Protocol):
    """The records bucket: manifests, decisions and their reports, named by what they are and written once."""

    def put(self, key: str, content: bytes, content_type: str = "application/json") -> str:
        """Write `content` and return its S3 URI."""

    def get(self, uri: str) -> bytes: ...


class Emptying(Protocol):
    """A bucket whose objects a person deletes for good."""

    @property
    def bucket(self) -> str: ...

    def size(self, prefix: str) -> tuple[int, int]:
        """Return how many versions there are under the prefix, delete markers included, and their bytes."""

    def delete_some(self, prefix: str) -> int:
        """Delete up to a thousand versions and markers under the prefix; return how many, 0 when nothing is left."""
