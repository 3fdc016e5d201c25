import io
import json
import tarfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from comprehend_local import Settings

from .lab import ACCOUNT, ROLE, Lab, code_of, rows


def create(lab: Lab, name: str = "plain", content: bytes | None = None, **changes: Any) -> str:
    uri = lab.put(f"in/{name}.csv", rows(30) if content is None else content)
    request = {
        "DocumentClassifierName": name,
        "DataAccessRoleArn": ROLE,
        "LanguageCode": "en",
        "InputDataConfig": {"S3Uri": uri},
        **changes,
    }
    arn: str = lab.client.create_document_classifier(**request)["DocumentClassifierArn"]
    return arn


def test_plain_training(lab: Lab) -> None:
    arn = create(lab, OutputDataConfig={"S3Uri": "s3://lake/out/"})

    found = lab.model(arn)

    assert arn == f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classifier/plain"
    assert found["Status"] == "TRAINED"
    assert found["Mode"] == "MULTI_CLASS"
    assert "FlywheelArn" not in found
    metadata = found["ClassifierMetadata"]
    assert metadata["NumberOfLabels"] == 3
    assert (metadata["NumberOfTrainedDocuments"], metadata["NumberOfTestDocuments"]) == (81, 9)
    (key,) = lab.keys("out/")
    assert key.startswith(f"out/{ACCOUNT}-CLR-")
    assert key.endswith("/output/output.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(lab.read(f"s3://lake/{key}"))) as archive:
        member = archive.extractfile("output/confusion_matrix.json")
        assert member is not None
        assert json.load(member)["type"] == "multi_class"


def test_test_data_of_its_own(lab: Lab) -> None:
    test = lab.put("in/test.csv", rows(7, first=300))
    arn = create(lab, InputDataConfig={"S3Uri": lab.put("in/plain.csv", rows(30)), "TestS3Uri": test})

    assert lab.model(arn)["ClassifierMetadata"]["NumberOfTestDocuments"] == 21


def test_a_flywheel_from_a_plain_model(lab: Lab) -> None:
    arn = create(lab)

    flywheel = lab.create_flywheel("on", ActiveModelArn=arn)

    lab.create_dataset(flywheel, "more", rows(20, first=100))
    found = lab.iterate(flywheel)
    assert found["EvaluatedModelArn"] == arn
    assert found["TrainedModelArn"].startswith(f"{arn}/version/Comprehend-Generated-v1-")


def test_states_follow_the_clock(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=60))
    arn = create(lab)

    assert lab.model(arn)["Status"] == "TRAINING"
    assert {"EndTime", "ClassifierMetadata"}.isdisjoint(lab.model(arn))
    lab.clock.advance(60)
    found = lab.model(arn)
    assert found["Status"] == "TRAINED"
    assert found["TrainingEndTime"] - found["TrainingStartTime"] == timedelta(seconds=60)


def test_training_is_stopped(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=60))
    arn = create(lab)
    lab.model(arn)

    lab.client.stop_training_document_classifier(DocumentClassifierArn=arn)

    assert lab.model(arn)["Status"] == "STOP_REQUESTED"
    lab.clock.advance(60)
    assert lab.model(arn)["Status"] == "STOPPED"
    assert "ClassifierMetadata" not in lab.model(arn)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff", "INVALID_INPUT_ENCODING"), (rows(3), "DOCUMENT_CORPUS_SIZE"), (rows(8), "INSUFFICIENT_DATA")],
)
def test_bad_data_ends_in_error(lab: Lab, content: bytes, message: str) -> None:
    found = lab.model(create(lab, content=content))

    assert found["Status"] == "IN_ERROR"
    assert found["Message"].startswith(message)
    assert "EndTime" in found


def test_names_tokens_and_versions(lab: Lab) -> None:
    arn = create(lab, ClientRequestToken="t")

    assert create(lab, ClientRequestToken="t") == arn
    assert code_of(lambda: create(lab)) == "ResourceInUseException"
    assert create(lab, VersionName="v2") == f"{arn}/version/v2"
    lab.clock.advance(5)
    create(lab, "another")
    summaries = lab.client.list_document_classifier_summaries()["DocumentClassifierSummariesList"]
    assert [(item["DocumentClassifierName"], item["NumberOfVersions"]) for item in summaries] == [
        ("another", 1),
        ("plain", 2),
    ]
    assert summaries[1]["LatestVersionName"] == "v2"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"LanguageCode": "ja"}, "UnsupportedLanguageException"),
        ({"InputDataConfig": {"DataFormat": "AUGMENTED_MANIFEST"}}, "InvalidRequestException"),
        ({"LanguageCode": "xx"}, "ValidationException"),
    ],
)
def test_requests_that_are_refused(lab: Lab, changes: dict[str, Any], code: str) -> None:
    assert code_of(lambda: create(lab, **changes)) == code


def test_trainings_at_once_are_limited(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=60, maximum_trainings=1))
    create(lab)

    assert code_of(lambda: create(lab, "second")) == "ResourceLimitExceededException"


def test_an_active_model_is_not_deleted(lab: Lab) -> None:
    flywheel, first = lab.flywheel_with_model()
    lab.create_dataset(flywheel, "train-2", rows(20, first=100))
    second = lab.iterate(flywheel)["TrainedModelArn"]

    assert code_of(lambda: lab.client.delete_document_classifier(DocumentClassifierArn=first)) == (
        "ResourceInUseException"
    )
    lab.client.delete_document_classifier(DocumentClassifierArn=second)
    assert code_of(lambda: lab.model(second)) == "ResourceNotFoundException"


def test_the_token_of_a_deleted_model_makes_a_new_one(lab: Lab) -> None:
    arn = create(lab, ClientRequestToken="t")
    assert lab.model(arn)["Status"] == "TRAINED"
    lab.client.delete_document_classifier(DocumentClassifierArn=arn)

    assert lab.model(create(lab, ClientRequestToken="t"))["Status"] == "TRAINED"


def test_versions_that_flywheels_train_are_listed_too_and_one_filter_is_taken(lab: Lab) -> None:
    _, version = lab.flywheel_with_model()
    lab.clock.advance(5)
    plain = create(lab)

    def listed(**wanted: Any) -> list[str]:
        found = lab.client.list_document_classifiers(Filter=wanted)["DocumentClassifierPropertiesList"]
        return [item["DocumentClassifierArn"] for item in found]

    assert listed() == [plain, version]
    assert listed(DocumentClassifierName="news") == [version]
    assert listed(Status="TRAINED") == [plain, version]
    assert listed(Status="IN_ERROR") == []
    moment = lab.model(plain)["SubmitTime"]
    assert listed(SubmitTimeBefore=moment + timedelta(seconds=1)) == [version, plain], "oldest first"
    assert listed(SubmitTimeAfter=moment - timedelta(seconds=1)) == [plain]
    assert code_of(lambda: listed(Status="TRAINED", DocumentClassifierName="news")) == "InvalidFilterException"
