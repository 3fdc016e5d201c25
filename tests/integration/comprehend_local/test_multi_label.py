"""Multi-label classifiers, and training data as augmented manifests."""

import json

import pytest

from comprehend_local.engine.documents import Document
from comprehend_local.engine.formats import manifest

from .kinds import MULTI_LABEL, labelled
from .lab import ROLE, WORDS, Lab


def manifest_data(lab: Lab, name: str, content: bytes) -> dict[str, object]:
    uri = lab.put(f"in/{name}.manifest", content)
    return {"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": [{"S3Uri": uri, "AttributeNames": ["topic"]}]}


@pytest.mark.parametrize("delimiter", ["|", "+"])
def test_a_multi_label_iteration(lab: Lab, delimiter: str) -> None:
    flywheel = lab.create_flywheel(TaskConfig=MULTI_LABEL)
    for name, kind, content in (
        ("train-1", "TRAIN", labelled(12, delimiter=delimiter)),
        ("test-1", "TEST", labelled(4, 100, delimiter)),
    ):
        uri = lab.put(f"in/{name}.csv", content)
        given = {"S3Uri": uri, "LabelDelimiter": delimiter} if delimiter != "|" else {"S3Uri": uri}
        config = {"DataFormat": "COMPREHEND_CSV", "DocumentClassifierInputDataConfig": given}
        lab.create_dataset_from(flywheel, name, uri, kind, InputDataConfig=config)

    found = lab.iterate(flywheel)

    assert found["TrainedModelMetrics"]["AverageF1Score"] > 0.95
    model = lab.model(found["TrainedModelArn"])
    assert model["Mode"] == "MULTI_LABEL"
    metrics = model["ClassifierMetadata"]["EvaluationMetrics"]
    assert metrics["HammingLoss"] == pytest.approx(1 - metrics["Accuracy"], abs=1e-4)
    matrix = json.loads(lab.read(f"{model['OutputDataConfig']['FlywheelStatsS3Prefix']}confusion_matrix.json"))
    assert matrix["type"] == "multi_label"
    assert matrix["labels"] == sorted(WORDS)
    assert [sum(map(sum, each)) for each in matrix["confusion_matrix"]] == [24, 24, 24]
    assert [sum(each[1]) for each in matrix["confusion_matrix"]] == [12, 12, 12], "rows are the actual labels"


def test_labels_outside_the_frozen_list_are_ignored(lab: Lab) -> None:
    flywheel = lab.create_flywheel(TaskConfig=MULTI_LABEL)
    strange = labelled(12).replace(b"pets|", b"stray|pets|").replace(b"\nfood,", b"\nstray,")
    uri = lab.put("in/t.csv", strange)
    assert lab.dataset(lab.create_dataset_from(flywheel, "t", uri))["Status"] == "COMPLETED"

    model = lab.model(lab.iterate(flywheel)["TrainedModelArn"])

    assert model["ClassifierMetadata"]["NumberOfLabels"] == 3


def test_the_wrong_delimiter_makes_merged_labels(lab: Lab) -> None:
    """The guide's trap: no error, but labels that nobody meant, which a frozen list then ignores."""
    flywheel = lab.create_flywheel(TaskConfig=MULTI_LABEL)

    found = lab.dataset(lab.create_dataset(flywheel, "t", labelled(12, delimiter="+")))

    assert found["Status"] == "COMPLETED"
    model = lab.model(lab.iterate(flywheel)["TrainedModelArn"])["ClassifierMetadata"]
    assert model["NumberOfTrainedDocuments"] + model["NumberOfTestDocuments"] == 36


@pytest.mark.parametrize("mode", ["MULTI_CLASS", "MULTI_LABEL"])
def test_augmented_manifests(lab: Lab, mode: str) -> None:
    task = {"LanguageCode": "en", "DocumentClassificationConfig": {"Mode": mode, "Labels": list(WORDS)}}
    flywheel = lab.create_flywheel(TaskConfig=task)
    documents = [Document(f"{words} {n}", (label,)) for n in range(20) for label, words in WORDS.items()]
    content = manifest.write_classifier(documents, "topic", mode)  # type: ignore[arg-type]

    arn = lab.create_dataset_from(flywheel, "m", "", InputDataConfig=manifest_data(lab, "m", content))

    assert lab.dataset(arn)["NumberOfDocuments"] == 60
    assert lab.iterate(flywheel)["TrainedModelMetrics"]["AverageF1Score"] == 1.0


def test_a_manifest_without_labels_ends_failed(lab: Lab) -> None:
    flywheel = lab.create_flywheel()
    content = b'{"source": "cat"}\n' * 100

    found = lab.dataset(lab.create_dataset_from(flywheel, "m", "", InputDataConfig=manifest_data(lab, "m", content)))

    assert found["Message"].startswith("INVALID_INPUT_DATA: Line 1 of s3://lake/in/m.manifest ")


def test_a_plain_model_of_manifests_with_a_split(lab: Lab) -> None:
    documents = [Document(f"{words} {n}", (label,)) for n in range(20) for label, words in WORDS.items()]
    uri = lab.put("in/a.manifest", manifest.write_classifier(documents, "topic", "MULTI_LABEL"))
    parts = [{"S3Uri": uri, "AttributeNames": ["topic"], "Split": split} for split in ("TRAIN", "TEST")]

    arn = lab.client.create_document_classifier(
        DocumentClassifierName="split",
        DataAccessRoleArn=ROLE,
        LanguageCode="fr",
        Mode="MULTI_LABEL",
        InputDataConfig={"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": parts},
    )["DocumentClassifierArn"]

    found = lab.model(arn)
    assert found["Status"] == "TRAINED"
    assert found["ClassifierMetadata"]["NumberOfTrainedDocuments"] == 60
    assert found["ClassifierMetadata"]["NumberOfTestDocuments"] == 60
    flywheel = lab.create_flywheel("on", ActiveModelArn=arn)
    config = lab.flywheel(flywheel)["TaskConfig"]["DocumentClassificationConfig"]
    assert config == {"Mode": "MULTI_LABEL", "Labels": sorted(WORDS)}
    copies = lab.client.list_datasets(FlywheelArn=flywheel)["DatasetPropertiesList"]
    assert {(copy["DatasetType"], copy["NumberOfDocuments"]) for copy in copies} == {("TRAIN", 60), ("TEST", 60)}
