from collections.abc import Callable
from typing import Any

import pytest

from comprehend_local import Settings
from comprehend_local.engine.formats import stored

from .lab import ACCOUNT, WORDS, Lab, code_of, rows


@pytest.fixture
def flywheel(lab: Lab) -> str:
    return lab.create_flywheel()


def test_a_dataset_is_copied_into_the_lake(lab: Lab, flywheel: str) -> None:
    arn = lab.create_dataset(flywheel, "train-1", rows(20), Description="first: 60 rows")

    found = lab.dataset(arn)

    assert arn == f"{flywheel}/dataset/train-1"
    assert found == {
        "DatasetArn": arn,
        "DatasetName": "train-1",
        "DatasetType": "TRAIN",
        "DatasetS3Uri": "s3://lake/lakes/news/schemaVersion=1/20231114T221320Z/datasets/train-1/20231114T221320Z/",
        "Description": "first: 60 rows",
        "Status": "COMPLETED",
        "NumberOfDocuments": 60,
        "CreationTime": found["CreationTime"],
        "EndTime": found["EndTime"],
    }
    copy = stored.read(lab.read(f"{found['DatasetS3Uri']}documents-00000.jsonl"))
    assert "".join(f"{document.labels[0]},{document.text}\n" for document in copy).encode() == rows(20)


def test_while_it_is_created_nothing_is_known_of_its_outcome(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(dataset_ingestion_seconds=30))
    flywheel = lab.create_flywheel()
    good, bad = lab.create_dataset(flywheel, "good", rows(20)), lab.create_dataset(flywheel, "bad", b"\xff")

    for arn in (good, bad):
        found = lab.dataset(arn)
        assert found["Status"] == "CREATING"
        assert {"NumberOfDocuments", "EndTime", "Message"}.isdisjoint(found)
    lab.clock.advance(30)
    assert [lab.dataset(arn)["Status"] for arn in (good, bad)] == ["COMPLETED", "FAILED"]


def test_all_files_of_a_prefix_are_read(lab: Lab, flywheel: str) -> None:
    lab.put("many/part", b"")
    lab.put("many/part-1.csv", rows(20))
    lab.put("many/part-2/x.csv", rows(20, first=50))
    lab.put("many/other.csv", rows(20))
    lab.put("many/part-folder/", b"")

    arn = lab.create_dataset_from(flywheel, "parts", "s3://lake/many/part-")

    assert lab.dataset(arn)["NumberOfDocuments"] == 120


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (rows(20) + b"\xff\n", "INVALID_INPUT_ENCODING: Line 61 of s3://lake/in/news/d.csv is not UTF-8 text."),
        (rows(20) + b"pets,a,b\n", "INVALID_INPUT_DATA: Line 61 of s3://lake/in/news/d.csv has 3 columns"),
        (b"", "DOCUMENT_CORPUS_SIZE_LESS_THAN_MINIMUM: The corpus has 0 documents in 0 bytes"),
        (rows(1), "DOCUMENT_CORPUS_SIZE_LESS_THAN_MINIMUM: "),
        (rows(9), "INSUFFICIENT_DATA: Every label needs at least 10 documents; too few for: cars (9), food (9), pets"),
        (rows(200, labels={"unlisted": "x"}), "INSUFFICIENT_DATA: No document has one of the flywheel's labels."),
        (b'pets,"' + b"x" * 600, "INVALID_INPUT_DATA: Line 1 of s3://lake/in/news/d.csv is not valid CSV"),
        (b"\x00" * 600, "INVALID_INPUT_DATA: Line 1 of s3://lake/in/news/d.csv contains a NUL character."),
    ],
)
def test_bad_data_ends_failed_and_the_server_lives(lab: Lab, flywheel: str, content: bytes, message: str) -> None:
    found = lab.dataset(lab.create_dataset(flywheel, "d", content))

    assert found["Status"] == "FAILED"
    assert found["Message"].startswith(message)
    assert "NumberOfDocuments" not in found
    assert found["EndTime"] >= found["CreationTime"]
    assert code_of(lambda: lab.start(flywheel)) == "InvalidRequestException", "a failed dataset trains nothing"


@pytest.mark.parametrize(
    ("uri", "part"),
    [
        ("s3://lake/none.csv", "NO_INPUT_DATA: There is no object at s3://lake/none.csv."),
        ("s3://lake/folder/", "NO_INPUT_DATA: There is no object at s3://lake/folder/."),
        ("s3://no-such-bucket/a.csv", "NO_READ_ACCESS_TO_INPUT: s3://no-such-bucket/a.csv cannot be read"),
    ],
)
def test_data_that_is_not_there(lab: Lab, flywheel: str, uri: str, part: str) -> None:
    lab.put("folder/", b"")
    found = lab.dataset(lab.create_dataset_from(flywheel, "d", uri))

    assert (found["Status"], found["Message"].startswith(part)) == ("FAILED", True)


def test_sizes_are_limited_before_anything_is_read(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(maximum_file_bytes=2000, maximum_dataset_bytes=3000, maximum_train_documents=61))
    flywheel = lab.create_flywheel()
    lab.put("two/a.csv", rows(20))
    lab.put("two/b.csv", rows(20))

    file = lab.dataset(lab.create_dataset(flywheel, "file", rows(30)))
    together = lab.dataset(lab.create_dataset_from(flywheel, "together", "s3://lake/two/"))

    assert file["Message"].startswith("INPUT_FILE_TOO_LARGE: s3://lake/in/news/file.csv has")
    assert together["Message"].startswith("INPUT_TOO_LARGE: s3://lake/two/ has")


def test_too_many_documents(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(maximum_train_documents=59))

    found = lab.dataset(lab.create_dataset(lab.create_flywheel(), "d", rows(20)))

    assert found["Message"].startswith("TOO_MANY_DOCUMENTS: There are more than 59 documents, the maximum.")


def test_test_data_needs_no_minimum_per_label_unless_it_is_asked_for(build: Callable[..., Lab]) -> None:
    few = rows(25, labels={"pets": WORDS["pets"]})
    lab = build()
    assert lab.dataset(lab.create_dataset(lab.create_flywheel(), "t", few, "TEST"))["Status"] == "COMPLETED"
    strict = build(Settings.instant(test_must_cover_labels=True))
    found = strict.dataset(strict.create_dataset(strict.create_flywheel(), "t", few, "TEST"))
    assert found["Message"] == "INSUFFICIENT_DATA: Test data needs an example of every label; missing: cars."


def test_a_name_is_taken_once_and_a_token_says_that_it_is_the_same_call(lab: Lab, flywheel: str) -> None:
    arn = lab.create_dataset(flywheel, "d", rows(20), ClientRequestToken="t1")

    assert lab.create_dataset(flywheel, "d", rows(20), ClientRequestToken="t1") == arn
    assert code_of(lambda: lab.create_dataset(flywheel, "d", rows(20))) == "ResourceInUseException"
    assert code_of(lambda: lab.create_dataset(flywheel, "e", rows(20), ClientRequestToken="t1")) == (
        "InvalidRequestException"
    )


def test_slots_are_a_lifetime_budget(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(maximum_train_datasets=2, maximum_test_datasets=1))
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", b"bad")
    lab.create_dataset(flywheel, "train-2", rows(20))
    lab.create_dataset(flywheel, "test-1", rows(20), "TEST")

    assert code_of(lambda: lab.create_dataset(flywheel, "train-3", rows(20))) == "ResourceLimitExceededException"
    assert code_of(lambda: lab.create_dataset(flywheel, "test-2", rows(20), "TEST")) == "ResourceLimitExceededException"


def test_datasets_created_at_once_are_limited(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(dataset_ingestion_seconds=10, maximum_datasets_creating=1))
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(20))

    assert code_of(lambda: lab.create_dataset(flywheel, "train-2", rows(20))) == "ResourceLimitExceededException"


A = {"S3Uri": "s3://lake/a"}
MANIFEST = {**A, "AttributeNames": ["a"]}
NATIVE = "SEMI_STRUCTURED_DOCUMENT"


@pytest.mark.parametrize(
    "config",
    [
        {"DataFormat": "AUGMENTED_MANIFEST"},
        {"DataFormat": "COMPREHEND_CSV", "AugmentedManifests": [MANIFEST]},
        {"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": [{**MANIFEST, "DocumentType": NATIVE}]},
        {"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": [MANIFEST], "DocumentClassifierInputDataConfig": A},
        {"DataFormat": "COMPREHEND_CSV"},
        {"DocumentClassifierInputDataConfig": {**A, "LabelDelimiter": "|"}},
        {"EntityRecognizerInputDataConfig": {"Documents": A, "EntityList": A}},
    ],
)
def test_data_that_do_not_fit_the_flywheel_are_refused(lab: Lab, flywheel: str, config: dict[str, Any]) -> None:
    assert code_of(lambda: lab.create_dataset_from(flywheel, "d", "", InputDataConfig=config)) == (
        "InvalidRequestException"
    )


def test_unknown_things(lab: Lab, flywheel: str) -> None:
    missing = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:flywheel/none"
    assert code_of(lambda: lab.create_dataset(missing, "d", rows(20))) == "ResourceNotFoundException"
    assert code_of(lambda: lab.dataset(f"{flywheel}/dataset/none")) == "ResourceNotFoundException"
    assert code_of(lambda: lab.flywheel(missing)) == "ResourceNotFoundException"
    assert code_of(lambda: lab.start(missing)) == "ResourceNotFoundException"
    assert code_of(lambda: lab.iteration(flywheel, "20200101T000000Z")) == "ResourceNotFoundException"
    assert code_of(lambda: lab.client.list_flywheel_iteration_history(FlywheelArn=missing)) == (
        "ResourceNotFoundException"
    )


def test_lists_are_filtered(lab: Lab, flywheel: str) -> None:
    other = lab.create_flywheel("other")
    lab.create_dataset(flywheel, "train-1", rows(20))
    lab.create_dataset(flywheel, "train-2", b"bad")
    lab.create_dataset(flywheel, "test-1", rows(20), "TEST")
    lab.create_dataset(other, "train-1", rows(20))

    def listed(**request: Any) -> list[str]:
        found = lab.client.list_datasets(**request)["DatasetPropertiesList"]
        return [item["DatasetArn"].split("flywheel/")[1].replace("/dataset/", ":") for item in found]

    assert listed(FlywheelArn=flywheel) == ["news:test-1", "news:train-2", "news:train-1"]
    assert listed(FlywheelArn=flywheel, Filter={"DatasetType": "TEST"}) == ["news:test-1"]
    assert listed(FlywheelArn=flywheel, Filter={"Status": "FAILED"}) == ["news:train-2"]
    assert listed()[0] == "other:train-1"
    assert len(listed()) == 4
