"""Reads the ledger of decisions: the records in S3, each checked against the sha256 in its row, many at a time."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from governor.domain.batch import digest_of
from governor.domain.decision import DecisionRecord, from_bytes
from governor.domain.errors import GovernorError, UnexpectedReplyError
from governor.ports import BatchRecord, Ports, Records, VerdictRecord

AT_ONCE = 10
"""So many records are read at the same time: as many connections as an S3 client keeps open."""
_AHEAD = 4
"""So many times `AT_ONCE` are asked for before the first of them is used, so that memory stays bounded."""


@dataclass(frozen=True)
class Content:
    """A decision's record as it was written; `fault` says why there is none, in a sentence, with `content` empty."""

    verdict: VerdictRecord
    content: bytes = b""
    fault: str | None = None


def read_decision_record(records: Records, uri: str, sha256: str) -> DecisionRecord:
    """Return the record; raises UnexpectedReplyError if it is gone, was changed, or is none."""
    return from_bytes(read_content(records, uri, sha256))


def read_content(records: Records, uri: str, sha256: str) -> bytes:
    """Return the bytes that were written; raises UnexpectedReplyError if they are gone or others by now."""
    content = records.get(uri)
    if digest_of(content) != sha256:
        raise UnexpectedReplyError(
            f"{uri} is not what was written: its sha256 is not the one in the ledger. The bucket keeps every version; "
            "one of the earlier ones is the record."
        )
    return content


def verdicts_of(ports: Ports, flywheel: str) -> list[tuple[BatchRecord, VerdictRecord]]:
    """Return every verdict with its batch, oldest first; a batch that was judged twice has two."""
    return [(batch, verdict) for batch, verdicts in ports.batches.history(flywheel) for verdict in verdicts]


def contents(records: Records, verdicts: Iterable[VerdictRecord], *, at_once: int = AT_ONCE) -> Iterator[Content]:
    """Yield the records in the order of `verdicts`, `at_once` of them being read at any time.

    What cannot be read is yielded with its fault, so that one record never hides the others.
    """

    def read(verdict: VerdictRecord) -> Content:
        try:
            return Content(verdict, read_content(records, verdict.decision_uri, verdict.decision_sha256))
        except GovernorError as error:
            return Content(verdict, fault=str(error))

    waiting: deque[Future[Content]] = deque()
    with ThreadPoolExecutor(at_once, thread_name_prefix="records") as threads:
        try:
            for verdict in verdicts:
                waiting.append(threads.submit(read, verdict))
                if len(waiting) >= at_once * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            # Whoever has seen enough does not wait for what was only asked for.
            for each in waiting:
                each.cancel()
