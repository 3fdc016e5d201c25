"""Real-time calls and jobs: latency, requests a second, documents a second, memory."""

from __future__ import annotations

import random
import tarfile
import time
from pathlib import Path
from typing import Any, cast

from benchmarks.corpus import SpliceGenerator, real, write
from benchmarks.live import Wire, boto3_client, percentiles, running, timed, together
from benchmarks.measuring import measure, measured
from benchmarks.tables import Bar, Cell, Options, Table
from comprehend_local import Comprehend, Settings
from comprehend_local.engine.learner import Mode, learner_for
from comprehend_local.service.folders import DirectoryObjects

TITLE = "Serving"
ROLE = "arn:aws:iam::000000000000:role/data-access"
BUCKET = "lake"
MENTIONED = {
    "SERVICE": (
        "Amazon S3",
        "DynamoDB",
        "IAM",
        "CloudFront",
        "CloudFormation",
        "Amazon EC2",
        "SageMaker",
        "CloudWatch",
    ),
    "THING": ("bucket", "table", "role", "policy", "key", "stack", "instance", "endpoint", "cluster"),
}
SHORT = 100
"""Characters of a job's documents, at most."""
_LEARNED = "The model: twenty labels, {documents:,} documents of the corpus of `benchmarks/corpus.py`."


def run(options: Options) -> list[Table]:
    """Everything on one model."""
    folder = str(options.scratch)
    documents, calls, seconds = (2_000, 200, 1.0) if options.quick else (20_000, 3_000, 8.0)
    lines, files = (5_000, 100) if options.quick else (100_000, 10_000)
    module = "benchmarks.parts.serving"
    prepared = measure(f"{module}:prepare", folder=folder, documents=documents, lines=lines, files=files).result
    entities = measure(f"{module}:prepare_recognizer", folder=folder, documents=documents // 4).result
    note = _LEARNED.format(documents=documents)
    engine = measure(f"{module}:engine", folder=folder, **prepared, calls=calls).result
    wire = measure(f"{module}:wire", folder=folder, **prepared, **entities, calls=calls, seconds=seconds).result
    return [
        Table(
            "One document",
            ("asked through", "p50 ms", "p99 ms"),
            [*engine["rows"], *wire["rows"]],
            f"{note} One document (60 to 600 characters) a call, {calls:,} calls one after the other. Server and "
            "client are two processes; the caller's permission is remembered for 5 s and then asked for again.",
            [
                Bar("engine, p50 ms", engine["rows"][0][1], "at most", 0.2),
                Bar("boto3 over the wire, p50 ms", _row(wire["rows"], "boto3")[1], "at most", 5.0),
            ],
        ),
        Table(
            "Requests a second",
            ("clients", "requests/s", "p50 ms", "p99 ms"),
            wire["together"],
            "Kept connections without an SDK; each client asks again as soon as it is answered. All share these cores.",
        ),
        _jobs(module, folder, prepared["model"], entities["recognizer"], lines, files),
    ]


def _jobs(module: str, folder: str, classifier: str, recognizer: str, lines: int, files: int) -> Table:
    rows: list[list[Cell]] = []
    seconds = {}
    for name, model, source, count in (
        ("classes, one document per line", classifier, "lines.txt", lines),
        ("classes, one document per file", classifier, "files/", files),
        ("entities, one document per line", recognizer, "lines.txt", lines),
    ):
        done = measure(f"{module}:job", folder=folder, model=model, source=source, documents=count)
        rows.append([name, count, done.wall_s, count / done.wall_s, done.cpu_s, done.base_mb, done.peak_mb])
        seconds[name] = done.wall_s
    return Table(
        "Jobs",
        ("job", "documents", "wall s", "documents/s", "CPU s", "MB before", "MB at most"),
        rows,
        f"Documents of at most {SHORT} characters in a folder of this machine; reading, answering, packing, writing.",
        [Bar("classes of 100,000 short documents, s", seconds["classes, one document per line"], "at most", 20.0)],
    )


def _row(rows: list[list[Any]], name: str) -> list[Any]:
    return next(row for row in rows if name in row[0])


def prepare(folder: str, documents: int, lines: int, files: int) -> dict[str, Any]:
    """A trained model with an endpoint, and what jobs read. Returns their ARNs."""
    bucket = Path(folder, "buckets", BUCKET)
    (bucket / "files").mkdir(parents=True)
    corpus = real()
    write(corpus.train[:documents], bucket / "train.csv")
    chance = random.Random(1)
    short = [row.text[: chance.randint(SHORT // 2, SHORT)] for row in SpliceGenerator(corpus.train).rows(lines)]
    (bucket / "lines.txt").write_text("".join(f"{text}\n" for text in short))
    for number, text in enumerate(short[:files]):
        (bucket / "files" / f"{number:06d}.txt").write_text(text)
    server = _open(folder)
    request = {"DocumentClassifierName": "news", "DataAccessRoleArn": ROLE, "LanguageCode": "en"}
    source = {"InputDataConfig": {"S3Uri": f"s3://{BUCKET}/train.csv"}}
    with measured():
        model = server.call("CreateDocumentClassifier", {**request, **source})["DocumentClassifierArn"]
        server.run_due()
    endpoint = server.call("CreateEndpoint", {"EndpointName": "live", "ModelArn": model, "DesiredInferenceUnits": 1})
    server.run_due()
    server.close()
    return {"model": model, "endpoint": endpoint["EndpointArn"], "texts": [row.text for row in corpus.test[:1000]]}


def prepare_recognizer(folder: str, documents: int) -> dict[str, Any]:
    """A trained recognizer with an endpoint. Returns their ARNs."""
    bucket = Path(folder, "buckets", BUCKET)
    names = [name for group in MENTIONED.values() for name in group]
    chosen = [row.text for row in real().train if any(name in row.text for name in names)][:documents]
    (bucket / "mentions.txt").write_text("".join(f"{text}\n" for text in chosen))
    pairs = "".join(f"{name},{kind}\n" for kind, group in MENTIONED.items() for name in group)
    (bucket / "mentions.csv").write_text(f"Text,Type\n{pairs}")
    server = _open(folder)
    config = {
        "EntityTypes": [{"Type": kind} for kind in MENTIONED],
        "Documents": {"S3Uri": f"s3://{BUCKET}/mentions.txt"},
        "EntityList": {"S3Uri": f"s3://{BUCKET}/mentions.csv"},
    }
    request = {"RecognizerName": "names", "DataAccessRoleArn": ROLE, "LanguageCode": "en", "InputDataConfig": config}
    with measured():
        model = server.call("CreateEntityRecognizer", request)["EntityRecognizerArn"]
        server.run_due()
    endpoint = server.call("CreateEndpoint", {"EndpointName": "live", "ModelArn": model, "DesiredInferenceUnits": 1})
    server.run_due()
    server.close()
    return {"recognizer": model, "recognizer_endpoint": endpoint["EndpointArn"]}


def engine(folder: str, model: str, endpoint: str, texts: list[str], calls: int) -> dict[str, Any]:
    """One document in the engine alone, and in a call without a socket."""
    server = _open(folder)
    stored = server._store.blob(f"model#{model}").partition(b"\n")[2]
    learned = learner_for("MULTI_CLASS").load(stored)
    with measured():
        alone = timed(lambda text: learned.classify([text]), texts, calls)
    inside = timed(lambda text: server.call("ClassifyDocument", {"EndpointArn": endpoint, "Text": text}), texts, calls)
    server.close()
    rows = [["the engine", *percentiles(alone)], ["a call in the same process", *percentiles(inside)]]
    return {"rows": rows}


def wire(
    folder: str,
    model: str,
    endpoint: str,
    texts: list[str],
    recognizer: str,
    recognizer_endpoint: str,
    calls: int,
    seconds: float,
) -> dict[str, Any]:
    """One document over the wire, alone and while the server trains; then many clients."""
    with running(folder) as url:
        client, connection = boto3_client(url), Wire(url)

        def through_boto3(text: str) -> None:
            client.classify_document(EndpointArn=endpoint, Text=text)

        def through_http(text: str) -> None:
            connection.call("ClassifyDocument", EndpointArn=endpoint, Text=text)

        def entities(text: str) -> None:
            connection.call("DetectEntities", EndpointArn=recognizer_endpoint, Text=text)

        with measured():
            plain = timed(through_http, texts, calls)
        found = timed(entities, texts, calls // 3)
        sdk = timed(through_boto3, texts, calls)
        rows = [["the wire, kept connection", *percentiles(plain)], ["the wire, boto3", *percentiles(sdk)]]
        many = []
        for clients in (1, 8):
            rate, taken = together(url, endpoint, texts, clients, seconds)
            many.append([clients, rate, *percentiles(taken)])
        busy = _while_training(boto3_client(url, "test"), through_http, texts)
        rows.append(["the wire, kept connection, while a model is trained", *percentiles(busy)])
        rows.append(["the wire, kept connection, DetectEntities", *percentiles(found)])
    return {"rows": rows, "together": many}


def _while_training(client: Any, ask: Any, texts: list[str]) -> list[float]:
    arn = client.create_document_classifier(
        DocumentClassifierName="another",
        DataAccessRoleArn=ROLE,
        LanguageCode="en",
        InputDataConfig={"S3Uri": f"s3://{BUCKET}/train.csv"},
    )["DocumentClassifierArn"]
    taken: list[float] = []
    while True:
        found = client.describe_document_classifier(DocumentClassifierArn=arn)["DocumentClassifierProperties"]
        if found["Status"] not in ("SUBMITTED", "TRAINING"):
            break
        for text in texts[:20]:
            started = time.perf_counter()
            ask(text)
            taken.append((time.perf_counter() - started) * 1000)
    return taken or [0.0]


def job(folder: str, model: str, source: str, documents: int) -> dict[str, Any]:
    """One job from start to end."""
    server = _open(folder)
    config = {
        "S3Uri": f"s3://{BUCKET}/{source}",
        "InputFormat": "ONE_DOC_PER_FILE" if source.endswith("/") else "ONE_DOC_PER_LINE",
    }
    request = {
        "InputDataConfig": config,
        "OutputDataConfig": {"S3Uri": f"s3://{BUCKET}/out"},
        "DataAccessRoleArn": ROLE,
    }
    if ":entity-recognizer/" in model:
        noun, inner, mode = "EntitiesDetectionJob", "output", "ENTITIES"
        request |= {"EntityRecognizerArn": model, "LanguageCode": "en"}
    else:
        noun, inner, mode = "DocumentClassificationJob", "predictions.jsonl", "MULTI_CLASS"
        request |= {"DocumentClassifierArn": model}
    learner_for(cast(Mode, mode))
    with measured():
        started = server.call(f"Start{noun}", request)
        server.run_due()
    told = server.call(f"Describe{noun}", {"JobId": started["JobId"]})[f"{noun}Properties"]
    server.close()
    if told["JobStatus"] != "COMPLETED":
        raise RuntimeError(told)
    with tarfile.open(Path(folder, "buckets", told["OutputDataConfig"]["S3Uri"].removeprefix("s3://"))) as archive:
        content = archive.extractfile(inner)
        assert content is not None
        count = sum(1 for _ in content)
    if count != documents:
        raise RuntimeError(f"{count} answers to {documents} documents")
    return {"answers": count}


def _open(folder: str) -> Comprehend:
    """A server without threads: what is due is done by `run_due`."""
    return Comprehend(Settings(time_factor=0), DirectoryObjects(Path(folder, "buckets")), state=Path(folder, "state"))
