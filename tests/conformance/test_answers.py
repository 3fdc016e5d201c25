"""Answers that the stories do not bring: multi-label models, documents as bytes, data in other forms."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from comprehend_local import ManualClock, Settings
from tests.conformance.drivers import Driver, InProcess
from tests.conformance.files import uri
from tests.conformance.script import ACCOUNT, REGION, ROLE

ARN = f"arn:aws:comprehend:{REGION}:{ACCOUNT}:"


def endpoint(driver: Driver, model: str) -> str:
    """An endpoint of a model."""
    request = {"EndpointName": "e", "ModelArn": model, "DesiredInferenceUnits": 1}
    arn = str(driver.call("CreateEndpoint", request)["EndpointArn"])
    found = driver.call("DescribeEndpoint", {"EndpointArn": arn})["EndpointProperties"]
    assert found["Status"] == "IN_SERVICE", found
    return arn


def classifier(driver: Driver, mode: str, file: str) -> dict[str, Any]:
    """A trained classifier."""
    request = {"DocumentClassifierName": "c", "DataAccessRoleArn": ROLE, "LanguageCode": "en", "Mode": mode}
    arn = driver.call("CreateDocumentClassifier", {**request, "InputDataConfig": {"S3Uri": uri(file)}})
    found = driver.call("DescribeDocumentClassifier", arn)["DocumentClassifierProperties"]
    assert found["Status"] == "TRAINED", found
    return dict(found)


def recognizer(driver: Driver, **data: Any) -> dict[str, Any]:
    """A trained recognizer."""
    request = {"RecognizerName": "r", "DataAccessRoleArn": ROLE, "LanguageCode": "en"}
    config = {"EntityTypes": [{"Type": "PERSON"}, {"Type": "PLACE"}], "Documents": {"S3Uri": uri("people.txt")}, **data}
    arn = driver.call("CreateEntityRecognizer", {**request, "InputDataConfig": config})
    found = driver.call("DescribeEntityRecognizer", arn)["EntityRecognizerProperties"]
    assert found["Status"] == "TRAINED", found
    return dict(found)


def as_bytes(text: str) -> dict[str, str]:
    """A document as it is sent in bytes."""
    return {"Bytes": base64.b64encode(text.encode()).decode()}


def test_a_multi_label_model_answers_labels(server: InProcess) -> None:
    model = classifier(server, "MULTI_LABEL", "multi-train.csv")
    arn = endpoint(server, model["DocumentClassifierArn"])
    answer = server.call("ClassifyDocument", {"EndpointArn": arn, "Text": "dog with fur and a motor brake"})

    assert set(answer) == {"Labels"}
    assert {item["Name"] for item in answer["Labels"] if item["Score"] >= 0.5} == {"pets", "cars"}
    metrics = model["ClassifierMetadata"]["EvaluationMetrics"]
    assert metrics["HammingLoss"] == pytest.approx(1 - metrics["Accuracy"], abs=1e-4)


def test_a_multi_class_model_answers_classes_whose_scores_are_a_distribution(server: InProcess) -> None:
    arn = endpoint(server, classifier(server, "MULTI_CLASS", "train.csv")["DocumentClassifierArn"])
    answer = server.call("ClassifyDocument", {"EndpointArn": arn, "Text": "dog fur"})

    assert set(answer) == {"Classes"}
    scores = [item["Score"] for item in answer["Classes"]]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1, abs=1e-3)
    assert answer["Classes"][0]["Name"] == "pets"


def test_bytes_are_described_page_by_page(server: InProcess) -> None:
    arn = endpoint(server, classifier(server, "MULTI_CLASS", "train.csv")["DocumentClassifierArn"])
    text = "wörter: dog fur"
    answer = server.call("ClassifyDocument", {"EndpointArn": arn, **as_bytes(text)})

    assert answer["DocumentMetadata"] == {"Pages": 1, "ExtractedCharacters": [{"Page": 1, "Count": len(text)}]}
    assert answer["DocumentType"] == [{"Page": 1, "Type": "PLAIN_TEXT"}]
    assert {item["Page"] for item in answer["Classes"]} == {1}


@pytest.mark.parametrize(
    "labels", [{"Annotations": {"S3Uri": uri("people.csv")}}, {"EntityList": {"S3Uri": uri("entities.csv")}}]
)
def test_a_recognizer_answers_where_entities_are(server: InProcess, labels: dict[str, Any]) -> None:
    """Offsets count characters of the text, also behind letters that are longer than a byte, or than two."""
    arn = endpoint(server, recognizer(server, **labels)["EntityRecognizerArn"])
    text = "In year 7 \U0001f600 é Alan Turing moved to Kyoto and worked there for a long while."
    in_text = server.call("DetectEntities", {"EndpointArn": arn, "Text": text})
    in_bytes = server.call("DetectEntities", {"EndpointArn": arn, **as_bytes(text)})

    found = {(item["Type"], item["Text"]) for item in in_text["Entities"]}
    assert found == {("PERSON", "Alan Turing"), ("PLACE", "Kyoto")}
    for item in in_text["Entities"]:
        assert text[item["BeginOffset"] : item["EndOffset"]] == item["Text"]
        assert 0 < item["Score"] <= 1
    assert in_bytes["Entities"] == in_text["Entities"]
    assert set(in_bytes) == {"Entities", "DocumentMetadata", "DocumentType"}


def test_a_flywheel_s_version_names_its_flywheel(server: InProcess) -> None:
    request = {"FlywheelName": "people", "DataAccessRoleArn": ROLE, "DataLakeS3Uri": "s3://lake/lakes"}
    task = {"LanguageCode": "en", "EntityRecognitionConfig": {"EntityTypes": [{"Type": "PERSON"}, {"Type": "PLACE"}]}}
    made = {**request, "ModelType": "ENTITY_RECOGNIZER", "TaskConfig": task}
    flywheel = server.call("CreateFlywheel", made)["FlywheelArn"]
    people = {"Documents": {"S3Uri": uri("people.txt")}, "EntityList": {"S3Uri": uri("entities.csv")}}
    data = {"EntityRecognizerInputDataConfig": people}
    server.call("CreateDataset", {"FlywheelArn": flywheel, "DatasetName": "d", "InputDataConfig": data})
    started = server.call("StartFlywheelIteration", {"FlywheelArn": flywheel})
    iteration = server.call("DescribeFlywheelIteration", started)["FlywheelIterationProperties"]
    model = iteration["TrainedModelArn"]
    found = server.call("DescribeEntityRecognizer", {"EntityRecognizerArn": model})["EntityRecognizerProperties"]

    assert model.startswith(f"{ARN}entity-recognizer/people/version/Comprehend-Generated-v1-")
    assert found["FlywheelArn"] == flywheel
    assert found["OutputDataConfig"]["FlywheelStatsS3Prefix"].startswith("s3://lake/lakes/people/schemaVersion=1/")
    assert server.call("ListEntityRecognizers", {})["EntityRecognizerPropertiesList"] == [found]


def test_the_times_of_a_model(build: Callable[..., InProcess]) -> None:
    """As recorded: what failed or was stopped has no TrainingStartTime and no metadata."""
    clock = ManualClock(1_000_000.0)
    server = build(Settings.instant(training_seconds=100), clock=clock)

    def create(version: str, file: str) -> dict[str, Any]:
        request = {
            "DocumentClassifierName": "c",
            "VersionName": version,
            "DataAccessRoleArn": ROLE,
            "LanguageCode": "en",
        }
        return dict(server.call("CreateDocumentClassifier", {**request, "InputDataConfig": {"S3Uri": uri(file)}}))

    def described(arn: dict[str, Any]) -> dict[str, Any]:
        return dict(server.call("DescribeDocumentClassifier", arn)["DocumentClassifierProperties"])

    good, bad, stopped = create("good", "train.csv"), create("bad", "none.csv"), create("stopped", "train.csv")
    assert {described(arn)["Status"] for arn in (good, stopped)} == {"TRAINING"}
    clock.advance(50)
    server.call("StopTrainingDocumentClassifier", stopped)
    assert described(stopped)["Status"] == "STOP_REQUESTED"
    clock.advance(50)
    times = ("SubmitTime", "TrainingStartTime", "TrainingEndTime", "EndTime", "ClassifierMetadata")
    found = {name: described(arn) for name, arn in (("good", good), ("bad", bad), ("stopped", stopped))}

    assert {name: found[name]["Status"] for name in found} == {
        "good": "TRAINED",
        "bad": "IN_ERROR",
        "stopped": "STOPPED",
    }
    assert [found["good"][name] for name in times[:4]] == [1_000_000.0, 1_000_000.0, 1_000_100.0, 1_000_100.0]
    for name in ("bad", "stopped"):
        assert [time in found[name] for time in times] == [True, False, True, True, False]
    assert found["bad"]["Message"].partition(": ")[0] == "NO_INPUT_DATA"
