"""Corrupt and hostile files end their dataset FAILED; the server goes on, in bounded memory, and quotes nothing."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .lab import ROLE, rows
from .test_server import Program, client, create_flywheel, dataset_state, flywheel_state, until

MB = 1024 * 1024
LARGEST_FILE = 10 * MB
MOST_MEMORY = 1000 * MB
"""At its highest, with the libraries that learn (about 250 MB)."""
GOOD = rows(20)
CSV = "documents.csv"


class Server:
    """A process with a flywheel, and one folder for each dataset."""

    def __init__(self, folder: Path) -> None:
        self.bucket = folder / "buckets" / "lake"
        self.bucket.mkdir(parents=True)
        self.program = Program(
            folder / "buckets",
            folder / "state",
            "--time-factor",
            "0",
            "--maximum-input-files",
            "3000",
            "--maximum-mentions",
            "5000",
        )
        self.client = client(self.program.url)
        self.flywheel = create_flywheel(self.client)
        until(flywheel_state(self.client, self.flywheel), "ACTIVE")

    def folder(self, name: str) -> Path:
        made = self.bucket / "in" / name
        made.mkdir(parents=True)
        return made

    def create(self, name: str, config: dict[str, Any] | None = None, flywheel: str | None = None) -> dict[str, Any]:
        """The dataset of a folder when it has ended."""
        uri = f"s3://lake/in/{name}/"
        source = config or {"DocumentClassifierInputDataConfig": {"S3Uri": uri}}
        dataset = self.client.create_dataset(
            FlywheelArn=flywheel or self.flywheel, DatasetName=name, InputDataConfig=source
        )["DatasetArn"]
        state = dataset_state(self.client, dataset)
        until(lambda: "ended" if state() != "CREATING" else "CREATING", "ended")
        found: dict[str, Any] = self.client.describe_dataset(DatasetArn=dataset)["DatasetProperties"]
        return found

    def memory(self) -> int:
        """The most that the process ever had, in bytes."""
        status = Path(f"/proc/{self.program.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("hostile"))
    yield started
    code, errors = started.program.end()
    assert code == 0
    assert "Traceback" not in errors


def zeros(size: int) -> Iterator[bytes]:
    for _ in range(size // MB):
        yield bytes(MB)


def zip_bomb(folder: Path) -> None:
    with zipfile.ZipFile(folder / CSV, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb", "w") as inner:
        for block in zeros(128 * MB):
            inner.write(block)


def gzip_bomb(folder: Path) -> None:
    with gzip.open(folder / "documents.csv.gz", "wb", compresslevel=1) as archive:
        for block in zeros(128 * MB):
            archive.write(block)


def one_line_of_a_gigabyte(folder: Path) -> None:
    with (folder / CSV).open("wb") as file:
        file.write(GOOD + b"pets,")
        file.truncate(1024 * MB)


def many_large_files(folder: Path) -> None:
    for number in range(600):
        with (folder / f"{number}.csv").open("wb") as file:
            file.truncate(LARGEST_FILE)


def too_many_files(folder: Path) -> None:
    for number in range(3100):
        (folder / f"{number}.csv").touch()


def too_many_rows(folder: Path) -> None:
    (folder / CSV).write_bytes(b"a,b\n" * 1_050_000)


def many_labels(folder: Path) -> None:
    (folder / CSV).write_bytes(b"".join(b"%d,b\n" % number for number in range(300_000)))


def written(content: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / CSV).write_bytes(content)

    return write


def a_pipe(folder: Path) -> None:
    os.mkfifo(folder / CSV)


def a_device(folder: Path) -> None:
    (folder / CSV).symlink_to("/dev/zero")


def a_link_out_of_the_bucket(folder: Path) -> None:
    outside = folder.parents[3] / "outside.csv"
    outside.write_bytes(GOOD)
    (folder / CSV).symlink_to(outside)


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (zip_bomb, "INVALID_"),
        (gzip_bomb, "INVALID_"),
        (one_line_of_a_gigabyte, "INPUT_FILE_TOO_LARGE"),
        (many_large_files, "INPUT_TOO_LARGE"),
        (too_many_files, "TOO_MANY_FILES"),
        (too_many_rows, "TOO_MANY_DOCUMENTS"),
        (many_labels, "INSUFFICIENT_DATA"),
        (written(GOOD + b"pets,cat\x00dog-secret\n"), "INVALID_"),
        (written(GOOD.decode().encode("utf-16")), "INVALID_"),
        (written(GOOD + "pets,caf\u00e9-secret\n".encode("latin-1")), "INVALID_"),
        (written(GOOD + b'pets,"never closed secret\n' + b"x" * 9 * MB), "INVALID_"),
        (written(GOOD + b'pets,"closed" too early secret\n'), "INVALID_"),
        (written(GOOD + b"pets,a,b-secret\n"), "INVALID_"),
        (written(b"\xff\xfe\xfd" * 1000), "INVALID_"),
        (written(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100), "INVALID_"),
        (written(b""), "DOCUMENT_CORPUS_SIZE_LESS_THAN_MINIMUM"),
        (written(b"\n" * MB), "DOCUMENT_CORPUS_SIZE_LESS_THAN_MINIMUM"),
        (a_pipe, "NO_INPUT_DATA"),
        (a_device, "NO_INPUT_DATA"),
        (a_link_out_of_the_bucket, "NO_READ_ACCESS_TO_INPUT"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_hostile_file_ends_its_dataset(
    server: Server, request: pytest.FixtureRequest, write: Callable[[Path], None], code: str
) -> None:
    name = re.sub(r"[^a-zA-Z0-9]+", "-", request.node.callspec.id).strip("-")
    write(server.folder(name))

    found = server.create(name)

    assert found["Status"] == "FAILED", found
    assert found["Message"].startswith(code)
    assert re.match(r"[A-Z_]+: .+", found["Message"])
    assert "secret" not in found["Message"]
    assert len(found["Message"]) < 2048, "what the service's model allows"
    assert server.memory() < MOST_MEMORY


def manifest(*lines: str | dict[str, Any]) -> bytes:
    return "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines).encode() * 20


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        '{"source": ' + '{"a":' * 50_000,
        '{"source": "secret", "job": 1, "job-metadata": {"class-name": ' + "9" * 10_000 + "}}",
        '{"source": "\\u0000secret", "job": 0, "job-metadata": {"class-name": "pets"}}',
        '{"source": "\\ud800secret", "job": 0, "job-metadata": {"class-name": "pets"}}',
        '{"source": "secret", "job": 0, "job-metadata": {"class-name": {"secret": []}}}',
        '{"source": ["secret"], "job": 0, "job-metadata": {"class-name": "pets"}}',
        "NaN",
        "[]",
    ],
    ids=lambda line: line[:12] + line[-12:],
)
def test_a_hostile_manifest_ends_its_dataset(server: Server, line: str) -> None:
    name = f"manifest-{zlib.crc32(line.encode())}"
    good = {"source": "cat dog fur paw", "job": 0, "job-metadata": {"class-name": "pets"}}
    (server.folder(name) / CSV).write_bytes(manifest(good, line))
    source = {"S3Uri": f"s3://lake/in/{name}/", "AttributeNames": ["job"]}

    found = server.create(name, {"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": [source]})

    assert found["Status"] == "FAILED", found
    assert re.match(r"[A-Z_]+: .+", found["Message"])
    assert "secret" not in found["Message"]
    assert "broke down" not in found["Message"]


@pytest.fixture(scope="module")
def recognizer(server: Server) -> str:
    """A flywheel of entity recognizers."""
    arn: str = server.client.create_flywheel(
        FlywheelName="names",
        DataAccessRoleArn=ROLE,
        DataLakeS3Uri="s3://lake/lakes",
        ModelType="ENTITY_RECOGNIZER",
        TaskConfig={"LanguageCode": "en", "EntityRecognitionConfig": {"EntityTypes": [{"Type": "ORG"}]}},
    )["FlywheelArn"]
    until(flywheel_state(server.client, arn), "ACTIVE")
    return arn


HEADER = b"File,Line,Begin Offset,End Offset,Type\n"
TEXTS = b"Acme secret text\n" * 100


@pytest.mark.parametrize(
    ("part", "texts", "labels", "code"),
    [
        ("Annotations", b"ab\n" * (20 * MB), HEADER + b"texts,0,0,2,ORG\n", "TOO_MANY_DOCUMENTS"),
        ("Annotations", TEXTS, HEADER + b"texts,0,0,4,ORG\n" * 5001, "TOO_MANY_MENTIONS"),
        ("Annotations", TEXTS, HEADER + b"texts,0,0,99999999999999999999,ORG\n", "INVALID_"),
        ("Annotations", TEXTS, HEADER + b"texts,999999999,0,4,ORG\n", "INVALID_"),
        ("Annotations", TEXTS, HEADER + b"texts,-1,0,4,ORG\n", "INVALID_"),
        ("Annotations", TEXTS, HEADER + "texts,0,0,\u0664,ORG\n".encode(), "INVALID_"),
        ("Annotations", TEXTS, HEADER + b"texts,0,0,4,ORG\ntexts,0,2,6,ORG\n", "INVALID_"),
        ("Annotations", TEXTS, HEADER + b"../../secret,0,0,4,ORG\n", "INVALID_"),
        ("Annotations", b"x" * (9 * MB) + b"\n" + TEXTS, HEADER + b"texts,0,0,4,ORG\n", "DOCUMENT_TOO_LARGE"),
        ("EntityList", b"a " * MB, b"Text,Type\na,ORG\n", "TOO_MANY_MENTIONS"),
        ("EntityList", TEXTS, b"Text,Type\n" + b"secret" * MB + b",ORG\n", "INSUFFICIENT_DATA"),
        ("EntityList", TEXTS, b"Text,Type\n\x00secret,ORG\n", "INVALID_"),
    ],
    ids=lambda value: value[-30:].decode(errors="replace") if isinstance(value, bytes) else None,
)
def test_hostile_data_of_a_recognizer_end_their_dataset(
    server: Server, recognizer: str, request: pytest.FixtureRequest, part: str, texts: bytes, labels: bytes, code: str
) -> None:
    name = f"names-{zlib.crc32(request.node.name.encode())}"
    folder = server.folder(name)
    (folder / "texts").write_bytes(texts)
    (folder / "labels").write_bytes(labels)
    where = f"s3://lake/in/{name}"
    config = {"Documents": {"S3Uri": f"{where}/texts"}, part: {"S3Uri": f"{where}/labels"}}

    found = server.create(name, {"EntityRecognizerInputDataConfig": config}, recognizer)

    assert found["Status"] == "FAILED", found
    assert found["Message"].startswith(code)
    assert "secret" not in found["Message"]
    assert server.memory() < MOST_MEMORY


@pytest.mark.parametrize(
    "content",
    [
        b"pets," + b"x" * (9 * MB) + b"\n" + GOOD,
        b"pets," + b"a b " * (2 * MB) + b"\n" + GOOD,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"cat", "\u2028\U0001f408\u202e\u0301".encode()),
    ],
    ids=["one word of 9 MB", "two million words", "byte order mark", "CRLF", "odd characters"],
)
def test_data_that_are_only_odd_are_learned_from(
    server: Server, content: bytes, request: pytest.FixtureRequest
) -> None:
    name = re.sub(r"[^a-zA-Z0-9]+", "-", request.node.callspec.id).strip("-")
    (server.folder(name) / CSV).write_bytes(content)

    found = server.create(name)

    assert found["Status"] == "COMPLETED", found
    assert server.memory() < MOST_MEMORY


def test_thousands_of_tiny_files_are_read(server: Server) -> None:
    folder = server.folder("tiny")
    for number, line in enumerate(io.BytesIO(rows(900))):
        (folder / f"{number}.csv").write_bytes(line)

    found = server.create("tiny")

    assert (found["Status"], found["NumberOfDocuments"]) == ("COMPLETED", 2700)


def test_after_all_that_it_still_trains(server: Server) -> None:
    """What the tests above registered is learned from, also the odd data."""
    name = "enough"
    (server.folder(name) / CSV).write_bytes(GOOD)
    server.create(name)
    started = server.client.start_flywheel_iteration(FlywheelArn=server.flywheel)
    started.pop("ResponseMetadata")

    def state() -> str:
        found = server.client.describe_flywheel_iteration(**started)["FlywheelIterationProperties"]
        return str(found["Status"])

    until(state, "COMPLETED")
    assert server.memory() < MOST_MEMORY
    assert server.client.list_flywheels()["FlywheelSummaryList"]


def test_a_hostile_file_ends_a_model_too(server: Server) -> None:
    many_labels(server.folder("model"))

    arn = server.client.create_document_classifier(
        DocumentClassifierName="plain",
        DataAccessRoleArn=ROLE,
        LanguageCode="en",
        InputDataConfig={"S3Uri": "s3://lake/in/model/"},
    )["DocumentClassifierArn"]

    def found() -> dict[str, Any]:
        answer = server.client.describe_document_classifier(DocumentClassifierArn=arn)
        properties: dict[str, Any] = answer["DocumentClassifierProperties"]
        return properties

    until(lambda: str(found()["Status"]), "IN_ERROR")
    assert found()["Message"].startswith("TOO_MANY_LABELS: ")
