"""Entity recognizers: of flywheels and plain ones, from every format."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from comprehend_local import Settings
from comprehend_local.engine.formats import manifest

from .kinds import (
    CITIES,
    PEOPLE,
    create_recognizer,
    create_recognizer_flywheel,
    mentioning,
    put_mentions,
    recognizer_data,
    recognizer_with_model,
)
from .lab import ACCOUNT, ROLE, Lab, code_of


def recognizer(lab: Lab, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = lab.client.describe_entity_recognizer(EntityRecognizerArn=arn)["EntityRecognizerProperties"]
    return found


def test_an_iteration_of_a_recognizer(lab: Lab) -> None:
    flywheel, first = recognizer_with_model(lab)
    more = recognizer_data(lab, "more", mentioning(30, first=300))
    lab.create_dataset_from(flywheel, "train-2", "", InputDataConfig=more)

    found = lab.iterate(flywheel)

    assert first.startswith(f"arn:aws:comprehend:us-east-1:{ACCOUNT}:entity-recognizer/names/version/Comprehend-Gen")
    assert found["EvaluatedModelArn"] == first
    assert found["TrainedModelMetrics"]["AverageF1Score"] == pytest.approx(1, abs=0.1)
    assert lab.flywheel(flywheel)["ModelType"] == "ENTITY_RECOGNIZER"
    model = recognizer(lab, found["TrainedModelArn"])
    assert model["FlywheelArn"] == flywheel
    assert "SourceModelArn" not in model, "that is for models imported from another account"
    assert model["RecognizerMetadata"]["NumberOfTrainedDocuments"] == 90
    assert model["RecognizerMetadata"]["NumberOfTestDocuments"] == 20
    assert 90 < model["RecognizerMetadata"]["EvaluationMetrics"]["F1Score"] <= 100
    types = {each["Type"]: each for each in model["RecognizerMetadata"]["EntityTypes"]}
    assert {name: each["NumberOfTrainMentions"] for name, each in types.items()} == {"CITY": 90, "PERSON": 90}
    counts = json.loads(lab.read(f"{model['OutputDataConfig']['FlywheelStatsS3Prefix']}confusion_matrix.json"))
    city = counts["entities"]["CITY"]
    assert city["true_positives"] + city["false_negatives"] == 20


def test_iteration_metrics_can_be_percentages(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(entity_iteration_scale=100))
    flywheel, _ = recognizer_with_model(lab)

    assert lab.iterate(flywheel)["EvaluatedModelMetrics"]["AverageF1Score"] > 50


def test_a_plain_recognizer(lab: Lab) -> None:
    arn = create_recognizer(lab)

    found = recognizer(lab, arn)

    assert arn == f"arn:aws:comprehend:us-east-1:{ACCOUNT}:entity-recognizer/plain"
    assert found["Status"] == "TRAINED"
    assert "Mode" not in found
    assert found["RecognizerMetadata"]["NumberOfTrainedDocuments"] == 48
    assert found["RecognizerMetadata"]["NumberOfTestDocuments"] == 12
    listed = lab.client.list_entity_recognizers()["EntityRecognizerPropertiesList"]
    assert [each["EntityRecognizerArn"] for each in listed] == [arn]
    assert lab.client.list_document_classifiers()["DocumentClassifierPropertiesList"] == []
    (summary,) = lab.client.list_entity_recognizer_summaries()["EntityRecognizerSummariesList"]
    assert (summary["RecognizerName"], summary["NumberOfVersions"]) == ("plain", 1)
    lab.client.delete_entity_recognizer(EntityRecognizerArn=arn)
    assert code_of(lambda: recognizer(lab, arn)) == "ResourceNotFoundException"


def test_test_data_and_a_flywheel_from_a_plain_recognizer(lab: Lab) -> None:
    where, marked = put_mentions(lab, "plain", mentioning(60))
    test, test_marked = put_mentions(lab, "exam", mentioning(10, first=100))
    arn = create_recognizer(
        lab,
        InputDataConfig={
            "EntityTypes": [{"Type": "PERSON"}],
            "Documents": {"S3Uri": where, "TestS3Uri": test},
            "Annotations": {"S3Uri": marked, "TestS3Uri": test_marked},
        },
    )
    assert recognizer(lab, arn)["RecognizerMetadata"]["NumberOfTestDocuments"] == 10

    flywheel = lab.create_flywheel("on", ActiveModelArn=arn)

    found = lab.flywheel(flywheel)
    assert found["ModelType"] == "ENTITY_RECOGNIZER"
    assert found["TaskConfig"]["EntityRecognitionConfig"] == {"EntityTypes": [{"Type": "PERSON"}]}
    copies = lab.client.list_datasets(FlywheelArn=flywheel)["DatasetPropertiesList"]
    assert {(copy["DatasetType"], copy["NumberOfDocuments"]) for copy in copies} == {("TRAIN", 60), ("TEST", 10)}


def test_one_document_a_file(lab: Lab) -> None:
    documents = mentioning(30)
    marked = ["File,Begin Offset,End Offset,Type"]
    for number, document in enumerate(documents):
        lab.put(f"in/many/{number:02d}.txt", document.text.encode())
        marked += [f"{number:02d}.txt,{span.begin},{span.end},{span.type}" for span in document.spans]
    config = {
        "Documents": {"S3Uri": "s3://lake/in/many/", "InputFormat": "ONE_DOC_PER_FILE"},
        "Annotations": {"S3Uri": lab.put("in/many.csv", "\n".join(marked).encode())},
    }
    flywheel = create_recognizer_flywheel(lab)

    arn = lab.create_dataset_from(flywheel, "d", "", InputDataConfig={"EntityRecognizerInputDataConfig": config})

    assert lab.dataset(arn)["NumberOfDocuments"] == 30


def test_an_entity_list(lab: Lab) -> None:
    text = "".join(f"{document.text}\n" for document in mentioning(60)).encode()
    names = [("PERSON", name) for name in PEOPLE] + [("CITY", name) for name in CITIES]
    listed = "\n".join(["Text,Type", *(f"{name},{type_}" for type_, name in names)]).encode()
    config = {
        "Documents": {"S3Uri": lab.put("in/d.txt", text)},
        "EntityList": {"S3Uri": lab.put("in/list.csv", listed)},
    }
    flywheel = create_recognizer_flywheel(lab)
    lab.create_dataset_from(flywheel, "d", "", InputDataConfig={"EntityRecognizerInputDataConfig": config})

    assert lab.iterate(flywheel)["TrainedModelMetrics"]["AverageF1Score"] > 0.9


def test_an_augmented_manifest(lab: Lab) -> None:
    uri = lab.put("in/m.manifest", manifest.write_recognizer(mentioning(60), "names"))
    config = {"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": [{"S3Uri": uri, "AttributeNames": ["names"]}]}
    flywheel = create_recognizer_flywheel(lab)

    arn = lab.create_dataset_from(flywheel, "m", "", InputDataConfig=config)

    assert lab.dataset(arn)["NumberOfDocuments"] == 60


@pytest.mark.parametrize(
    ("number", "change", "message"),
    [
        (
            20,
            None,
            "INSUFFICIENT_DATA: Every entity type needs at least 25 mentions; too few for: CITY (20), PERSON (20)",
        ),
        (30, (",PERSON", ",ALIEN"), "Status COMPLETED"),
        (30, (",0,", ",99,"), "INVALID_INPUT_DATA: Line "),
        (30, ("train.txt", "other.txt"), "INVALID_INPUT_DATA: Line 2 of s3://lake/in/train.csv "),
    ],
)
def test_the_limits_of_recognizers_data(lab: Lab, number: int, change: tuple[str, str] | None, message: str) -> None:
    config = recognizer_data(lab, "train", mentioning(number))
    if change is not None:
        uri = "s3://lake/in/train.csv"
        lab.put("in/train.csv", lab.read(uri).decode().replace(*change).encode())

    found = lab.dataset(lab.create_dataset_from(create_recognizer_flywheel(lab), "d", "", InputDataConfig=config))

    assert found.get("Message", f"Status {found['Status']}").startswith(message)


def test_documents_of_recognizers_are_short(lab: Lab) -> None:
    documents = mentioning(30)
    documents[3] = type(documents[3])(documents[3].text + " x" * 2600, spans=documents[3].spans)
    config = recognizer_data(lab, "train", documents)

    found = lab.dataset(lab.create_dataset_from(create_recognizer_flywheel(lab), "d", "", InputDataConfig=config))

    assert found["Message"].startswith("DOCUMENT_TOO_LARGE: A document has 52")


@pytest.mark.parametrize(
    "changes",
    [
        {"Annotations": None},
        {"EntityList": {"S3Uri": "s3://lake/a"}},
        {"Documents": None},
        {"AugmentedManifests": [{"S3Uri": "s3://lake/a", "AttributeNames": ["a"]}]},
        {"DataFormat": "AUGMENTED_MANIFEST"},
        {"Documents": {"S3Uri": "s3://lake/a", "TestS3Uri": "s3://lake/b"}},
    ],
)
def test_data_that_make_no_sense_are_refused(lab: Lab, changes: dict[str, Any]) -> None:
    config = {
        "EntityTypes": [{"Type": "PERSON"}],
        "Documents": {"S3Uri": "s3://lake/a"},
        "Annotations": {"S3Uri": "s3://lake/b"},
        **changes,
    }
    config = {name: value for name, value in config.items() if value is not None}
    request = {"RecognizerName": "r", "DataAccessRoleArn": ROLE, "LanguageCode": "en", "InputDataConfig": config}

    assert code_of(lambda: lab.client.create_entity_recognizer(**request)) == "InvalidRequestException"


def test_kinds_do_not_mix(lab: Lab) -> None:
    _, classifier = lab.flywheel_with_model()
    flywheel, model = recognizer_with_model(lab)

    assert code_of(lambda: lab.promote(flywheel, classifier)) == "InvalidRequestException"
    assert code_of(lambda: lab.client.delete_entity_recognizer(EntityRecognizerArn=model)) == "ResourceInUseException"
    assert code_of(lambda: lab.create_dataset(flywheel, "d", b"a,b\n")) == "InvalidRequestException"


def test_stopping_a_recognizer_stops_its_iteration(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=30))
    flywheel = create_recognizer_flywheel(lab)
    config = recognizer_data(lab, "train", mentioning(60))
    lab.create_dataset_from(flywheel, "train-1", "", InputDataConfig=config)
    iteration = lab.start(flywheel)
    (model,) = lab.client.list_entity_recognizers()["EntityRecognizerPropertiesList"]

    lab.client.stop_training_entity_recognizer(EntityRecognizerArn=model["EntityRecognizerArn"])

    lab.clock.advance(30)
    assert lab.iteration(flywheel, iteration)["Status"] == "STOPPED"
