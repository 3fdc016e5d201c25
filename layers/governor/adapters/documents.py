"""The lake bucket's part in analyses: checked documents, what a job reads, what it leaves, and the results.

`staging/<flywheel>/documents/` has the checked versions, `staging/<flywheel>/analyses/<job's name>/` what one job
reads, `jobs/` what Comprehend wrote, `results/` what people fetch.
"""

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Self

from governor.adapters.aws import KnownReply, call
from governor.adapters.storage import CHUNK, GONE, Bucket
from governor.domain.analysis import FEWEST_BYTES, Shape
from governor.domain.errors import UnexpectedReplyError
from governor.domain.predictions import PADDING

PART_BYTES = 8 * 1024 * 1024
"""Of a multipart upload: at least 5 MB each and at most 10,000 of them, so that an object may have 80 GB
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html)."""
_FILLING = b"This line only fills the documents up to the least that a job takes.\n"
FILLER = _FILLING * (FEWEST_BYTES // len(_FILLING) + 1)
_TEXT = "text/plain; charset=utf-8"


class ObjectWriter:
    """Writes one object piece by piece, in the memory of one part. Nothing is there until it was closed without error.

    What was begun and not completed S3 forgets after seven days (the bucket's lifecycle rule).
    """

    def __init__(self, client: Any, owned: dict[str, Any], key: str, content_type: str) -> None:
        self._client = client
        self._object = owned | {"Key": key}
        self._content_type = content_type
        self._waiting = bytearray()
        self._upload: str | None = None
        self._parts: list[dict[str, Any]] = []

    def write(self, content: bytes) -> None:
        """Add `content`."""
        self._waiting += content
        while len(self._waiting) >= PART_BYTES:
            # Through a view: a slice would be one copy more.
            self._send(bytes(memoryview(self._waiting)[:PART_BYTES]))
            del self._waiting[:PART_BYTES]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is None:
            self._close()

    def _close(self) -> None:
        if self._upload is None:
            content = bytes(self._waiting)
            call(self._client.put_object, **self._object, Body=content, ContentType=self._content_type)
            return
        if self._waiting:
            self._send(bytes(self._waiting))
        call(
            self._client.complete_multipart_upload,
            **self._object,
            UploadId=self._upload,
            MultipartUpload={"Parts": self._parts},
        )

    def _send(self, content: bytes) -> None:
        if self._upload is None:
            begun = call(self._client.create_multipart_upload, **self._object, ContentType=self._content_type)
            self._upload = begun["UploadId"]
        number = len(self._parts) + 1
        sent = call(self._client.upload_part, **self._object, UploadId=self._upload, PartNumber=number, Body=content)
        self._parts.append({"ETag": sent["ETag"], "PartNumber": number})


class S3Documents(Bucket):
    """Implements `ports.Lake`."""

    def stage(self, flywheel: str, sha256: str, shape: Shape, content: Iterable[bytes]) -> str:
        key = f"staging/{flywheel}/documents/{sha256}-{shape}.txt"
        with self.writer(key, _TEXT) as staged:
            for piece in content:
                staged.write(piece)
        return self.uri(key)

    def gather(self, flywheel: str, job: str, sources: list[str], size: int) -> str:
        prefix = f"staging/{flywheel}/analyses/{job}/"
        for number, source in enumerate(sources):
            call(
                self._client.copy_object,
                **self._owned,
                ExpectedSourceBucketOwner=self._owned["ExpectedBucketOwner"],
                Key=f"{prefix}{number:05}.txt",
                CopySource={"Bucket": self.bucket, "Key": self._key(source)},
            )
        if size < FEWEST_BYTES:
            self._put(f"{prefix}{PADDING}", FILLER, _TEXT)
        return self.uri(prefix)

    def output_of(self, flywheel: str) -> str:
        return self.uri(f"jobs/{flywheel}")

    def chunks(self, uri: str) -> Iterator[bytes]:
        key = self._key(uri)
        try:
            reply = call(self._client.get_object, known=GONE, **self._owned, Key=key)
        except KnownReply as gone:
            raise LookupError(f"{uri} is not there.") from gone
        yield from reply["Body"].iter_chunks(CHUNK)

    def writer(self, key: str, content_type: str) -> ObjectWriter:
        return ObjectWriter(self._client, self._owned, key, content_type)

    def uri(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def _key(self, uri: str) -> str:
        start = self.uri("")
        if not uri.startswith(start):
            raise UnexpectedReplyError(f"{uri} is not in the lake bucket.")
        return uri.removeprefix(start)
