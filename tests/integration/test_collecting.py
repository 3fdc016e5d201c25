"""Results of any size: unpacked in the memory of a few parts, whatever comes in between."""

import io
import json
import tarfile
import tracemalloc
from typing import Any

import boto3
import pytest
from moto import mock_aws

from governor.adapters.documents import PART_BYTES, ObjectWriter, S3Documents
from governor.contracts import AnalysisStep
from governor.domain.analysis import AnalysisHead, OpenAnalysis, manifest_of
from governor.domain.batch import digest_of
from governor.domain.errors import PolicyMissingError, UnexpectedReplyError
from governor.domain.moments import from_text
from governor.domain.upload import Upload
from governor.ports import JobFacts, Notice
from governor.usecases.collect_results import collect_results

NOW = from_text("2026-11-23T08:00:00Z")
KEY = "alpha/documents/many.txt"
MODEL = "arn:aws:comprehend:us-east-1:123456789012:document-classifier/alpha/version/v1"
LINES = 100_000


def _archive() -> bytes:
    """What Comprehend would leave for 100,000 lines and a classifier of a few labels: some 20 MB, packed 1 MB."""
    labels = ["storage", "compute", "queue", "network"]
    content = io.BytesIO()
    for number in range(LINES):
        classes = [{"Name": name, "Score": 0.7 if number % 4 == index else 0.1} for index, name in enumerate(labels)]
        line = {"File": "00000.txt", "Line": str(number), "Classes": classes}
        content.write(json.dumps(line).encode() + b"\n")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        entry = tarfile.TarInfo("predictions.jsonl")
        entry.size = content.tell()
        content.seek(0)
        tar.addfile(entry, content)
    return packed.getvalue()


class _Lake(S3Documents):
    """Keeps only how much was written, so that what is measured is the application's own memory."""

    def __init__(self, archive: bytes) -> None:
        super().__init__(_Client(), "lake", "123456789012")
        self._archive = archive
        self.most_at_once = 0

    def chunks(self, uri: str) -> Any:
        assert uri.endswith("output.tar.gz")
        return (self._archive[start : start + 65_536] for start in range(0, len(self._archive), 65_536))

    @property
    def client(self) -> "_Client":
        return self._client  # type: ignore[no-any-return]


class _Client:
    """S3 that forgets what it is given, but for its size, its beginning and its end."""

    def __init__(self) -> None:
        self.sizes: dict[str, list[int]] = {}
        self.ends: dict[str, bytes] = {}
        self.completed: set[str] = set()

    def put_object(self, **sent: Any) -> dict[str, Any]:
        self.sizes[sent["Key"]], self.ends[sent["Key"]] = [len(sent["Body"])], sent["Body"][-200:]
        return {}

    def create_multipart_upload(self, **sent: Any) -> dict[str, Any]:
        return {"UploadId": sent["Key"]}

    def upload_part(self, **sent: Any) -> dict[str, Any]:
        self.sizes.setdefault(sent["Key"], []).append(len(sent["Body"]))
        self.ends[sent["Key"]] = sent["Body"][-200:]
        return {"ETag": "e"}

    def complete_multipart_upload(self, **sent: Any) -> dict[str, Any]:
        self.completed.add(sent["Key"])
        return {}


class _Ports:
    """One open analysis, as the ledger would have it, and nothing else."""

    def __init__(self, archive: bytes) -> None:
        upload = Upload("alpha", "u", KEY, "v", "documents", "PENDING", NOW, staged="s3://lake/staging/a")
        self.manifest = manifest_of("alpha", 1, "lines", [upload])
        open_ = OpenAnalysis(1, "lines", "s3://records/m", digest_of(self.manifest), 1, "job", MODEL, NOW)
        self.head = AnalysisHead(number=1, state="RUNNING", holder="me", last=1, open=open_)
        self.lake = _Lake(archive)
        self.told: list[Notice] = []
        self.settled: list[Any] = []

    analyses = documents = notices = policies = jobs = records = clock = log = property(lambda self: self)

    def know(self, **ids: object) -> None:
        """Nobody reads the lines of this one."""

    def fence(self, *_: object) -> AnalysisHead:
        return self.head

    def current(self, flywheel: str) -> Any:
        raise PolicyMissingError(flywheel)

    def describe(self, job: str, *, recognizer: bool) -> JobFacts:
        assert not recognizer
        return JobFacts(job, "COMPLETED", "", MODEL, "s3://lake/jobs/alpha/output.tar.gz")

    def get(self, _: str) -> bytes:
        return self.manifest

    def now(self) -> Any:
        return NOW

    def put(self, _: str, notice: Notice) -> bool:
        self.told.append(notice)
        return False

    def settle(self, *settled: Any) -> None:
        self.settled += settled[-1]

    def close(self, *_: object, **__: object) -> None: ...

    def anything_pending(self, _: str) -> bool:
        return False


def test_a_hundred_thousand_lines_need_the_memory_of_a_few_parts() -> None:
    ports = _Ports(_archive())
    tracemalloc.start()
    try:
        done = collect_results(ports, AnalysisStep(flywheel="alpha", number=1, execution="me"))  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert done.documents == LINES
    client, where = ports.lake.client, "results/alpha/2026-11-23-job/"
    written = {key.removeprefix(where): sum(sizes) for key, sizes in client.sizes.items()}
    assert written.keys() == {"predictions.jsonl", "predictions.csv", "summary.json"}
    assert written["predictions.jsonl"] > 25_000_000
    assert max(size for sizes in client.sizes.values() for size in sizes) == PART_BYTES
    assert client.completed == {f"{where}predictions.jsonl"}
    assert client.ends[f"{where}predictions.csv"].endswith(b"many.txt,100000,network,0.7,v1\n")
    # Two parts are being filled, and one of them is copied once while it is sent.
    assert peak < 3 * PART_BYTES, f"{peak:,} bytes for {sum(written.values()):,}"
    assert ports.settled[0].state == "ANALYSED"
    assert ports.told[0].subject == "[alpha] Analysed: 100,000 documents"


def test_what_is_half_written_is_not_there() -> None:
    client = _Client()

    def write() -> None:
        with ObjectWriter(client, {"Bucket": "lake"}, "a", "text/csv") as writer:
            writer.write(b"x" * (PART_BYTES + 1))
            raise UnexpectedReplyError("The output is damaged.")

    with pytest.raises(UnexpectedReplyError):
        write()

    assert client.sizes["a"] == [PART_BYTES]
    assert client.completed == set()


@pytest.mark.parametrize("size", [0, 1, PART_BYTES - 1, PART_BYTES, 2 * PART_BYTES + 5])
def test_an_object_of_any_size_is_what_was_written(size: int) -> None:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="lake")
        lake = S3Documents(s3, "lake", "123456789012")
        content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        with lake.writer("results/a", "text/csv") as writer:
            for start in range(0, size, 1_000_003):
                writer.write(content[start : start + 1_000_003])

        assert b"".join(lake.chunks("s3://lake/results/a")) == content


def test_other_buckets_are_not_read() -> None:
    with pytest.raises(UnexpectedReplyError, match="not in the lake bucket"):
        list(S3Documents(None, "lake", "123456789012").chunks("s3://other/a"))
