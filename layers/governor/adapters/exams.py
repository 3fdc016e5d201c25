"""The lake bucket's `exams/`.

`exams/<flywheel>/<digest>/documents/` has the one file that jobs read (and a filler where it would be too small for
one). Beside it `truth.jsonl.gz` says what is right about each of its lines, and `answers/<sha256 of a model's
ARN>.jsonl.gz` what the model said of each. `paper.json` has the facts and is written last: a paper that has them is
whole.
"""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, cast

from governor.adapters.aws import call
from governor.adapters.documents import FILLER, ObjectWriter
from governor.adapters.storage import CHUNK, Bucket
from governor.domain.analysis import FEWEST_BYTES
from governor.domain.batch import digest_of
from governor.domain.errors import UnexpectedReplyError
from governor.domain.exam import Paper, paper_from_json, paper_to_json
from governor.domain.predictions import PADDING
from governor.domain.text_lines import ChunkReader

_TEXT, _GZIP, _JSON = "text/plain; charset=utf-8", "application/gzip", "application/json"


class S3Exams(Bucket):
    """Implements `ports.Exams`."""

    def uri(self, flywheel: str, digest: str) -> str:
        return f"s3://{self.bucket}/{_prefix(flywheel, digest)}"

    def documents_uri(self, flywheel: str, digest: str) -> str:
        return f"{self.uri(flywheel, digest)}documents/"

    def paper(self, flywheel: str, digest: str) -> Paper | None:
        key = f"{_prefix(flywheel, digest)}paper.json"
        return paper_from_json(self._get(key)) if self._is_there(key) else None

    def write(self, flywheel: str, digest: str, lines: Iterable[tuple[bytes, bytes]]) -> None:
        prefix, size = _prefix(flywheel, digest), 0
        with (
            self._writer(f"{prefix}documents/00000.txt", _TEXT) as documents,
            self._writer(f"{prefix}truth.jsonl.gz", _GZIP) as packed,
            _packing(packed) as truth,
        ):
            for document, line in lines:
                size += len(document)
                documents.write(document)
                truth.write(line)
        if size < FEWEST_BYTES:
            self._put(f"{prefix}documents/{PADDING}", FILLER, _TEXT)

    def finish(self, flywheel: str, paper: Paper) -> None:
        self._put(f"{_prefix(flywheel, paper.digest)}paper.json", paper_to_json(paper), _JSON)

    def truth(self, flywheel: str, digest: str) -> Iterator[bytes]:
        return self._lines(f"{_prefix(flywheel, digest)}truth.jsonl.gz")

    def is_answered(self, flywheel: str, digest: str, model: str) -> bool:
        return self._is_there(_answers(flywheel, digest, model))

    def write_answers(self, flywheel: str, digest: str, model: str, lines: Iterable[bytes]) -> None:
        with self._writer(_answers(flywheel, digest, model), _GZIP) as packed, _packing(packed) as answers:
            for line in lines:
                answers.write(line)

    def answers(self, flywheel: str, digest: str, model: str) -> Iterator[bytes]:
        return self._lines(_answers(flywheel, digest, model))

    def _writer(self, key: str, content_type: str) -> ObjectWriter:
        return ObjectWriter(self._client, self._owned, key, content_type)

    def _is_there(self, key: str) -> bool:
        """Listed, because whoever may not list a bucket is told 403 of an object that is not there, and not 404."""
        reply = call(self._client.list_objects_v2, **self._owned, Prefix=key, MaxKeys=1)
        return bool(reply.get("Contents"))

    def _lines(self, key: str) -> Iterator[bytes]:
        chunks = call(self._client.get_object, **self._owned, Key=key)["Body"].iter_chunks(CHUNK)
        try:
            with gzip.GzipFile(fileobj=io.BufferedReader(ChunkReader(chunks)), mode="rb") as unpacked:
                yield from unpacked
        except (EOFError, OSError, zlib.error) as error:
            raise UnexpectedReplyError(f"s3://{self.bucket}/{key} is damaged: {type(error).__name__}.") from error


def _packing(target: ObjectWriter) -> gzip.GzipFile:
    """Pack as a stream, the same bytes for the same lines."""
    return gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=cast(Any, target), mtime=0)


def _prefix(flywheel: str, digest: str) -> str:
    return f"exams/{flywheel}/{digest}/"


def _answers(flywheel: str, digest: str, model: str) -> str:
    return f"{_prefix(flywheel, digest)}answers/{digest_of(model.encode())}.jsonl.gz"
