"""Asynchronous jobs: their life, what they read, what they write, how they fail."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from comprehend_local import Settings
from comprehend_local.service import job_runs
from comprehend_local.service.data_access import RoleRefused
from comprehend_local.store.records import Job

from .kinds import MULTI_LABEL, labelled, recognizer_with_model
from .lab import ACCOUNT, BUCKET, ROLE, WORDS, Lab, code_of, rows
from .serving import (
    classification,
    detection,
    job_request,
    output,
    predictions,
    start_classification,
    start_detection,
)

LINES = b"".join(f"{words}\n".encode() for _ in range(20) for words in WORDS.values())
PEOPLE = "Ada travelled to Lima by train\nnobody here\n" + "Grace travelled to Oslo by train\n" * 20


def test_a_classification_job(lab: Lab) -> None:
    flywheel, model = lab.flywheel_with_model()

    started = start_classification(lab, lab.put("texts/day.txt", LINES), FlywheelArn=flywheel, JobName="day 1")

    job_id = started["JobId"]
    assert len(job_id) == 32
    assert started == {
        "JobId": job_id,
        "JobArn": f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classification-job/{job_id}",
        "JobStatus": "SUBMITTED",
        "DocumentClassifierArn": model,
        "ResponseMetadata": started["ResponseMetadata"],
    }
    found = classification(lab, job_id)
    target = f"s3://{BUCKET}/answers/{ACCOUNT}-CLN-{job_id}/output/output.tar.gz"
    assert found["JobStatus"] == "COMPLETED"
    assert (found["JobName"], found["FlywheelArn"], found["DocumentClassifierArn"]) == ("day 1", flywheel, model)
    assert found["InputDataConfig"] == {"S3Uri": f"s3://{BUCKET}/texts/day.txt"}
    assert found["OutputDataConfig"] == {"S3Uri": target}
    assert {"Message", "LanguageCode"}.isdisjoint(found)
    lines = predictions(lab, found)
    assert [(line["File"], line["Line"]) for line in lines] == [("day.txt", str(number)) for number in range(60)]
    assert [line["Classes"][0]["Name"] for line in lines] == list(WORDS) * 20


def test_the_bytes_of_the_output(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    flywheel, _ = lab.flywheel_with_model()
    source = lab.put("texts/day.txt", LINES)
    first, second = (start_classification(lab, source, FlywheelArn=flywheel)["JobId"] for _ in range(2))

    name, text = output(lab, classification(lab, first))

    assert name == "predictions.jsonl"
    line = text.splitlines()[0]
    scores = [item["Score"] for item in json.loads(line)["Classes"]]
    assert line.startswith('{"File": "day.txt", "Line": "0", "Classes": [{"Name": "pets", "Score": ')
    assert all(score == round(score, 4) for score in scores)
    assert line.endswith("}]}")
    assert text.endswith("}\n")
    archives = [lab.read(classification(lab, job)["OutputDataConfig"]["S3Uri"]) for job in (first, second)]
    assert archives[0] == archives[1]
    assert archives[0][:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", "no name and no time in the gzip header"
    monkeypatch.setattr(job_runs, "BATCH_DOCUMENTS", 7)
    third = start_classification(lab, source, FlywheelArn=flywheel)["JobId"]
    assert lab.read(classification(lab, third)["OutputDataConfig"]["S3Uri"]) == archives[0], "batches do not show"


def test_the_answers_are_those_of_the_model_at_the_start(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(job_seconds=60))
    flywheel, first = lab.flywheel_with_model()
    lab.create_dataset(flywheel, "train-2", rows(30, first=1000))
    second = lab.iterate(flywheel)["TrainedModelArn"]
    job = start_classification(lab, lab.put("texts/day.txt", LINES), FlywheelArn=flywheel)["JobId"]

    lab.promote(flywheel, second)

    assert classification(lab, job)["DocumentClassifierArn"] == first
    lab.clock.advance(60)
    assert classification(lab, job)["DocumentClassifierArn"] == first


def test_states_follow_the_clock(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(job_seconds=60))
    _, model = lab.flywheel_with_model()
    job = start_classification(lab, lab.put("texts/day.txt", LINES), DocumentClassifierArn=model)["JobId"]

    found = classification(lab, job)
    assert found["JobStatus"] == "SUBMITTED"
    lab.clock.advance(15)
    found = classification(lab, job)
    assert found["JobStatus"] == "IN_PROGRESS"
    assert "EndTime" not in found
    assert lab.keys("answers/") == [], "the output is there when the job is complete"
    lab.clock.advance(45)
    found = classification(lab, job)
    assert found["JobStatus"] == "COMPLETED"
    assert found["EndTime"] - found["SubmitTime"] == timedelta(seconds=60)
    assert lab.keys("answers/") != []


def test_one_document_per_file(lab: Lab) -> None:
    _, model = lab.flywheel_with_model()
    for number in range(250):
        lab.put(f"many/part-{number % 2}/{number:03d}.txt", f"{list(WORDS.values())[number % 3]}\nand more\n".encode())
    lab.put("many/", b"")
    config = {
        "S3Uri": f"s3://{BUCKET}/many/",
        "InputFormat": "ONE_DOC_PER_FILE",
        "DocumentReaderConfig": {"DocumentReadAction": "TEXTRACT_DETECT_DOCUMENT_TEXT"},
    }

    job = start_classification(lab, "", InputDataConfig=config, DocumentClassifierArn=model)["JobId"]

    found = classification(lab, job)
    assert found["InputDataConfig"] == config
    lines = predictions(lab, found)
    assert len(lines) == 250
    assert all({*line} == {"File", "Classes"} for line in lines), "a file has no Line"
    assert [line["File"] for line in lines][:2] == ["000.txt", "002.txt"], "in the order of their keys"
    expected = {f"{number:03d}.txt": list(WORDS)[number % 3] for number in range(250)}
    assert {line["File"]: line["Classes"][0]["Name"] for line in lines} == expected


def test_file_can_be_the_whole_key(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(job_file_member="key"))
    _, model = lab.flywheel_with_model()
    job = start_classification(lab, lab.put("texts/day.txt", LINES), DocumentClassifierArn=model)["JobId"]

    assert predictions(lab, classification(lab, job))[0]["File"] == "texts/day.txt"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_what_ends_a_line(lab: Lab, end: str) -> None:
    _, model = lab.flywheel_with_model()
    texts = ["cat dog", "", "wheel\u2028motor \x0b\x0c\x1c\x85 brake", "bread"] * 20
    content = ("\ufeff" + end.join(texts)).encode()

    job = start_classification(lab, lab.put("texts/day.txt", content), DocumentClassifierArn=model)["JobId"]

    lines = predictions(lab, classification(lab, job))
    assert [line["Line"] for line in lines] == [str(number) for number in range(80)]
    assert lines[2]["Classes"][0]["Name"] == "cars"
    assert lines[79]["Classes"][0]["Name"] == "food"


def test_labels_of_a_multi_label_model(lab: Lab) -> None:
    flywheel = lab.create_flywheel(TaskConfig=MULTI_LABEL)
    lab.create_dataset(flywheel, "train-1", labelled(20))
    model = lab.iterate(flywheel)["TrainedModelArn"]

    job = start_classification(lab, lab.put("texts/day.txt", LINES), DocumentClassifierArn=model)["JobId"]

    line = predictions(lab, classification(lab, job))[0]
    assert list(line) == ["File", "Line", "Labels"]
    assert line["Labels"][0]["Name"] == "pets"


def test_an_entities_job(lab: Lab) -> None:
    flywheel, model = recognizer_with_model(lab)

    started = start_detection(lab, lab.put("texts/people.txt", PEOPLE.encode()), FlywheelArn=flywheel)

    assert started["JobArn"].endswith(f":entities-detection-job/{started['JobId']}")
    assert started["EntityRecognizerArn"] == model
    found = detection(lab, started["JobId"])
    assert (found["JobStatus"], found["LanguageCode"], found["FlywheelArn"]) == ("COMPLETED", "en", flywheel)
    assert f"/{ACCOUNT}-NER-{started['JobId']}/output/output.tar.gz" in found["OutputDataConfig"]["S3Uri"]
    name, text = output(lab, found)
    assert name == "output"
    first, second = text.splitlines()[:2]
    assert first.startswith('{"Entities": [{"BeginOffset": 0, "EndOffset": 3, "Score": ')
    assert '"Text": "Ada", "Type": "PERSON"}, {"BeginOffset": 17, ' in first
    assert first.endswith('}], "File": "people.txt", "Line": 0}')
    assert second.endswith('"File": "people.txt", "Line": 1}')


def test_the_inner_name_of_entities_is_a_setting(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(entities_output_name="output.txt"))
    _, model = recognizer_with_model(lab)
    job = start_detection(lab, lab.put("texts/people.txt", PEOPLE.encode()), EntityRecognizerArn=model)["JobId"]

    assert output(lab, detection(lab, job))[0] == "output.txt"


def test_a_token_gives_the_same_job_again(lab: Lab) -> None:
    _, model = lab.flywheel_with_model()
    source = lab.put("texts/day.txt", LINES)
    request = {"DocumentClassifierArn": model, "ClientRequestToken": "once"}

    first, again = (start_classification(lab, source, **request)["JobId"] for _ in range(2))

    assert first == again
    assert start_classification(lab, source, DocumentClassifierArn=model)["JobId"] != first
    assert code_of(lambda: start_classification(lab, source, JobName="x", **request)) == "InvalidRequestException"


def test_a_quota_for_each_type(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(job_seconds=60, maximum_jobs=2))
    _, model = lab.flywheel_with_model()
    source = lab.put("texts/day.txt", LINES)

    def start() -> Any:
        return start_classification(lab, source, DocumentClassifierArn=model)

    start()
    start()
    assert code_of(start) == "TooManyRequestsException"
    lab.clock.advance(60)
    assert code_of(start) == "(no error)"


def test_filters_and_pages(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(job_seconds=25))
    _, model = lab.flywheel_with_model()
    source = lab.put("texts/day.txt", LINES)
    for name in ("a", "b", "c"):
        lab.clock.advance(10)
        start_classification(lab, source, DocumentClassifierArn=model, JobName=name)
    start = lab.clock.now()
    lab.clock.advance(10)

    def listed(**request: Any) -> list[str]:
        found = lab.client.list_document_classification_jobs(**request)["DocumentClassificationJobPropertiesList"]
        return [item["JobName"] for item in found]

    assert listed() == ["c", "b", "a"]
    assert listed(Filter={"JobName": "b"}) == ["b"]
    assert listed(Filter={"JobStatus": "COMPLETED"}) == ["a"]
    assert listed(Filter={"SubmitTimeAfter": start - 15}) == ["c", "b"]
    assert listed(Filter={"SubmitTimeBefore": start - 5}) == ["a", "b"], "the oldest first"
    both = {"JobName": "b", "JobStatus": "COMPLETED"}
    refused = code_of(lambda: lab.client.list_document_classification_jobs(Filter=both))
    assert refused == "InvalidFilterException"
    page = lab.client.list_document_classification_jobs(MaxResults=2)
    assert listed(MaxResults=2, NextToken=page["NextToken"]) == ["a"]
    assert lab.client.list_entities_detection_jobs()["EntitiesDetectionJobPropertiesList"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "InvalidRequestException"),
        ({"DocumentClassifierArn": "model", "FlywheelArn": "flywheel"}, "InvalidRequestException"),
        ({"FlywheelArn": "recognizer"}, "InvalidRequestException"),
        ({"FlywheelArn": "empty"}, "ResourceUnavailableException"),
        ({"FlywheelArn": f"arn:aws:comprehend:us-east-1:{ACCOUNT}:flywheel/gone"}, "ResourceNotFoundException"),
        (
            {"DocumentClassifierArn": f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classifier/gone"},
            "ResourceNotFoundException",
        ),
        (
            {
                "DocumentClassifierArn": "model",
                "InputDataConfig": {
                    "S3Uri": "s3://lake/x",
                    "DocumentReaderConfig": {"DocumentReadAction": "TEXTRACT_DETECT_DOCUMENT_TEXT"},
                },
            },
            "InvalidRequestException",
        ),
        ({"DocumentClassifierArn": "model", "JobName": "no|pipes"}, "ValidationException"),
    ],
)
def test_jobs_that_are_refused(lab: Lab, changes: dict[str, Any], code: str) -> None:
    flywheel, model = lab.flywheel_with_model()
    known = {"flywheel": flywheel, "model": model}
    if "recognizer" in changes.values():
        known["recognizer"] = recognizer_with_model(lab)[0]
    if "empty" in changes.values():
        known["empty"] = lab.create_flywheel("empty")
    request = {name: known.get(value, value) if isinstance(value, str) else value for name, value in changes.items()}

    assert code_of(lambda: start_classification(lab, "s3://lake/texts", **request)) == code
    listed = lab.client.list_document_classification_jobs()
    assert listed["DocumentClassificationJobPropertiesList"] == []


def test_a_job_that_does_not_exist(lab: Lab) -> None:
    assert code_of(lambda: classification(lab, "0" * 32)) == "JobNotFoundException"
    assert code_of(lambda: detection(lab, "0" * 32)) == "JobNotFoundException"
    assert code_of(lambda: lab.client.stop_entities_detection_job(JobId="0" * 32)) == "JobNotFoundException"


def test_built_in_entity_types_are_out_of_scope(lab: Lab) -> None:
    assert code_of(lambda: start_detection(lab, "s3://lake/texts")) == "UnknownOperationException"


@pytest.mark.parametrize(
    ("content", "settings", "message"),
    [
        (None, {}, "NO_INPUT_DATA: "),
        (b"short\n", {}, "DOCUMENT_CORPUS_SIZE_LESS_THAN_MINIMUM: "),
        (LINES, {"maximum_job_bytes": 100}, "INPUT_TOO_LARGE: "),
        (LINES, {"maximum_job_documents": 59}, "TOO_MANY_DOCUMENTS: "),
        (LINES, {"maximum_classification_document_bytes": 15}, "DOCUMENT_SIZE_EXCEEDED: A line of "),
        (LINES + b"caf\xe9\n", {}, "INVALID_INPUT_ENCODING: Line 61 of s3://lake/texts/day.txt "),
        (LINES + b"a\x00b\n", {}, "INVALID_INPUT_DATA: Line 61 of s3://lake/texts/day.txt "),
    ],
)
def test_input_that_cannot_be_answered(
    build: Callable[..., Lab], content: bytes | None, settings: dict[str, Any], message: str
) -> None:
    lab = build(Settings.instant(**settings))
    _, model = lab.flywheel_with_model()
    source = f"s3://{BUCKET}/nothing/" if content is None else lab.put("texts/day.txt", content)

    job = start_classification(lab, source, DocumentClassifierArn=model)["JobId"]

    found = classification(lab, job)
    assert found["JobStatus"] == "FAILED"
    assert found["Message"].startswith(message)
    assert "EndTime" in found
    assert lab.keys("answers/") == []


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("s3://no-such-bucket/texts", f"s3://{BUCKET}/answers", "NO_READ_ACCESS_TO_INPUT: "),
        (f"s3://{BUCKET}/texts", "s3://no-such-bucket/answers", "NO_WRITE_ACCESS_TO_OUTPUT: "),
    ],
)
def test_places_that_are_not_there(lab: Lab, source: str, target: str, message: str) -> None:
    _, model = lab.flywheel_with_model()
    lab.put("texts/day.txt", LINES)

    request = job_request(source, DocumentClassifierArn=model, OutputDataConfig={"S3Uri": target})
    job = lab.client.start_document_classification_job(**request)["JobId"]

    found = classification(lab, job)
    assert (found["JobStatus"], found["Message"].startswith(message)) == ("FAILED", True)


class Role:
    """A data-access role without one permission; tells what it was asked for."""

    def __init__(self, refused: str = "") -> None:
        self.refused = refused
        self.asked: list[tuple[str, str]] = []

    def require(self, role: str, source_arn: str, action: str, resource: str) -> None:
        self.asked.append((source_arn, action))
        if action == self.refused and "job" in source_arn:
            raise RoleRefused(f"The role {role} has no permission {action} on {resource}.")


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        ("s3:ListBucket", "NO_READ_ACCESS_TO_INPUT: "),
        ("s3:GetObject", "NO_READ_ACCESS_TO_INPUT: "),
        ("s3:PutObject", "NO_WRITE_ACCESS_TO_OUTPUT: "),
    ],
)
def test_the_role_is_asked_for_the_job(build: Callable[..., Lab], refused: str, message: str) -> None:
    role = Role(refused)
    lab = build(roles=role)
    _, model = lab.flywheel_with_model()

    started = start_classification(lab, lab.put("texts/day.txt", LINES), DocumentClassifierArn=model)

    found = classification(lab, started["JobId"])
    assert (found["JobStatus"], found["Message"].startswith(message)) == ("FAILED", True)
    assert role.asked[-1] == (started["JobArn"], refused)


def test_stopping(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(job_seconds=60))
    _, model = recognizer_with_model(lab)
    source = lab.put("texts/people.txt", PEOPLE.encode())
    waiting = start_detection(lab, source, EntityRecognizerArn=model)["JobId"]
    lab.clock.advance(20)
    assert detection(lab, waiting)["JobStatus"] == "IN_PROGRESS"

    answer = lab.client.stop_entities_detection_job(JobId=waiting)

    assert (answer["JobId"], answer["JobStatus"]) == (waiting, "STOP_REQUESTED")
    found = detection(lab, waiting)
    assert found["JobStatus"] == "STOPPED"
    assert found["EndTime"] - found["SubmitTime"] == timedelta(seconds=20)
    lab.clock.advance(60)
    assert detection(lab, waiting)["JobStatus"] == "STOPPED"
    assert lab.keys("answers/") == []
    assert lab.client.stop_entities_detection_job(JobId=waiting)["JobStatus"] == "STOPPED"
    ended = start_detection(lab, source, EntityRecognizerArn=model)["JobId"]
    lab.clock.advance(60)
    assert code_of(lambda: lab.client.stop_entities_detection_job(JobId=ended)) == "InvalidRequestException"


def test_what_was_answered_before_the_stop_is_written(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    _, model = lab.flywheel_with_model()
    source = lab.put("texts/day.txt", LINES)
    job_id = start_classification(lab, source, DocumentClassifierArn=model)["JobId"]
    store, plain = lab.server._store, job_runs.lines

    def lines(*arguments: Any) -> Iterator[str]:
        yield from plain(*arguments)
        (job,) = store.every(Job)
        job.status = "STOP_REQUESTED"
        store.put(job)

    monkeypatch.setattr(job_runs, "BATCH_DOCUMENTS", 10)
    monkeypatch.setattr(job_runs, "lines", lines)

    found = classification(lab, job_id)

    assert found["JobStatus"] == "STOPPED"
    assert len(predictions(lab, found)) == 10


def test_there_is_no_way_to_stop_a_classification_job(lab: Lab) -> None:
    assert "StopDocumentClassificationJob" not in lab.server.operations()
    assert "StopEntitiesDetectionJob" in lab.server.operations()


def test_tags_and_what_is_echoed(lab: Lab) -> None:
    _, model = lab.flywheel_with_model()
    vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    started = start_classification(
        lab,
        lab.put("texts/day.txt", LINES),
        DocumentClassifierArn=model,
        Tags=[{"Key": "team", "Value": "search"}],
        VolumeKmsKeyId="volume",
        VpcConfig=vpc,
        OutputDataConfig={"S3Uri": "s3://lake/answers", "KmsKeyId": "output"},
    )

    found = classification(lab, started["JobId"])
    tags = lab.client.list_tags_for_resource(ResourceArn=started["JobArn"])["Tags"]

    assert tags == [{"Key": "team", "Value": "search"}]
    assert (found["VolumeKmsKeyId"], found["VpcConfig"]) == ("volume", vpc)
    assert found["OutputDataConfig"]["KmsKeyId"] == "output"
    assert found["DataAccessRoleArn"] == ROLE


def test_the_archive_is_a_plain_gzip_of_a_tar(lab: Lab) -> None:
    _, model = lab.flywheel_with_model()
    job = start_classification(lab, lab.put("texts/day.txt", LINES), DocumentClassifierArn=model)["JobId"]

    content = gzip.decompress(lab.read(classification(lab, job)["OutputDataConfig"]["S3Uri"]))

    assert content[257:262] == b"ustar"
    assert content.startswith(b"predictions.jsonl\0")
