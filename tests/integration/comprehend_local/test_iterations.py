"""What an iteration does, by what data is new: nothing, TEST only, TRAIN only, both; and the first run."""

import json
from collections.abc import Callable
from datetime import UTC

import pytest

from comprehend_local import Settings

from .lab import MISLABELLED, WORDS, Lab, code_of, rows

TRAINED, EVALUATED = "TrainedModelMetrics", "EvaluatedModelMetrics"


def test_the_first_run_trains_and_evaluates_nothing(lab: Lab) -> None:
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(30))
    lab.create_dataset(flywheel, "test-1", rows(10, first=500), "TEST")

    found = lab.iterate(flywheel)

    assert found["Status"] == "COMPLETED"
    assert found[TRAINED] == pytest.approx(dict.fromkeys(found[TRAINED], 1.0))
    assert set(found[TRAINED]) == {"AverageF1Score", "AveragePrecision", "AverageRecall", "AverageAccuracy"}
    assert "EvaluatedModelArn" not in found
    assert EVALUATED not in found
    described = lab.flywheel(flywheel)
    assert "ActiveModelArn" not in described, "the first model is not activated by itself"
    assert described["LatestFlywheelIteration"] == found["FlywheelIterationId"]


def test_train_and_test_data_train_one_model_and_score_two_on_all_test_data(lab: Lab) -> None:
    flywheel, model = lab.flywheel_with_model()
    lab.create_dataset(flywheel, "train-2", rows(30, first=100))
    lab.create_dataset(flywheel, "test-2", rows(9, first=600), "TEST")

    found = lab.iterate(flywheel)

    assert found["Message"] == "FULL_ITERATION: Flywheel iteration performed all functions successfully."
    assert found["EvaluatedModelArn"] == model
    assert found["TrainedModelArn"] not in (model, None)
    candidate = lab.model(found["TrainedModelArn"])
    assert candidate["ClassifierMetadata"]["NumberOfTrainedDocuments"] == 180, "training is cumulative"
    assert candidate["ClassifierMetadata"]["NumberOfTestDocuments"] == 57, "the exam is all TEST data so far"
    assert "SourceModelArn" not in candidate, "that is for models imported from another account"


def test_train_data_alone_trains_and_evaluates_the_active_model_on_the_earlier_test_data(lab: Lab) -> None:
    flywheel, model = lab.flywheel_with_model()
    lab.create_dataset(flywheel, "train-2", rows(30, first=100))

    found = lab.iterate(flywheel)

    assert found["EvaluatedModelArn"] == model
    assert {TRAINED, EVALUATED} <= set(found)


def test_test_data_alone_evaluates_and_trains_nothing(lab: Lab) -> None:
    flywheel, model = lab.flywheel_with_model()
    lab.create_dataset(flywheel, "test-2", rows(9, first=600), "TEST")

    found = lab.iterate(flywheel)

    assert found["Status"] == "COMPLETED"
    assert found["EvaluatedModelArn"] == model
    assert "TrainedModelArn" not in found
    assert TRAINED not in found


def test_nothing_new_ends_without_a_new_model(lab: Lab) -> None:
    flywheel, model = lab.flywheel_with_model()

    found = lab.iterate(flywheel)

    assert found["Status"] == "COMPLETED"
    assert "TrainedModelArn" not in found
    assert found["EvaluatedModelArn"] == model
    assert lab.flywheel(flywheel)["ActiveModelArn"] == model


def test_mislabelled_training_data_makes_a_worse_candidate(lab: Lab) -> None:
    flywheel, _ = lab.flywheel_with_model()
    lab.create_dataset(flywheel, "train-2", rows(60, first=100, labels=MISLABELLED))

    found = lab.iterate(flywheel)

    assert found[TRAINED]["AverageF1Score"] < found[EVALUATED]["AverageF1Score"] - 0.3


def test_without_test_data_a_tenth_of_the_training_data_is_held_out(lab: Lab) -> None:
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(31))

    metadata = lab.model(lab.iterate(flywheel)["TrainedModelArn"])["ClassifierMetadata"]

    assert (metadata["NumberOfTrainedDocuments"], metadata["NumberOfTestDocuments"]) == (84, 9)


def test_an_open_list_of_labels_is_frozen_by_the_first_iteration_that_completes(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=10))
    task = {"LanguageCode": "en", "DocumentClassificationConfig": {"Mode": "MULTI_CLASS"}}
    flywheel = lab.create_flywheel(TaskConfig=task)
    lab.create_dataset(flywheel, "train-1", rows(20))
    stopped = lab.start(flywheel)
    (model,) = lab.client.list_document_classifiers()["DocumentClassifierPropertiesList"]
    lab.client.stop_training_document_classifier(DocumentClassifierArn=model["DocumentClassifierArn"])
    lab.clock.advance(10)
    assert lab.iteration(flywheel, stopped)["Status"] == "STOPPED"
    lab.create_dataset(flywheel, "train-2", rows(20, first=100, labels={"boats": "sail mast", "trains": "rail coach"}))
    second = lab.start(flywheel)
    lab.clock.advance(10)

    labels = lab.model(lab.iteration(flywheel, second)["TrainedModelArn"])["ClassifierMetadata"]["NumberOfLabels"]
    assert labels == 5


def test_labels_outside_the_frozen_list_are_ignored(lab: Lab) -> None:
    flywheel = lab.create_flywheel()
    dataset = lab.create_dataset(flywheel, "train-1", rows(20, labels={**WORDS, "unlisted": "strange words"}))

    found = lab.iterate(flywheel)

    assert lab.dataset(dataset)["NumberOfDocuments"] == 80
    metadata = lab.model(found["TrainedModelArn"])["ClassifierMetadata"]
    assert metadata["NumberOfLabels"] == 3
    assert metadata["NumberOfTrainedDocuments"] + metadata["NumberOfTestDocuments"] == 60


def test_metadata_is_rounded_and_iteration_metrics_are_not(lab: Lab) -> None:
    flywheel = lab.create_flywheel()
    mixed = rows(20) + rows(13, first=50, labels=MISLABELLED)
    lab.create_dataset(flywheel, "train-1", mixed)
    lab.create_dataset(flywheel, "test-1", rows(11, first=500) + rows(3, first=700, labels=MISLABELLED), "TEST")

    found = lab.iterate(flywheel)

    metrics = lab.model(found["TrainedModelArn"])["ClassifierMetadata"]["EvaluationMetrics"]
    accuracy = found[TRAINED]["AverageAccuracy"]
    assert metrics["Accuracy"] == round(accuracy, 4) != accuracy
    assert metrics["F1Score"] == round(found[TRAINED]["AverageF1Score"], 4)
    assert metrics["MicroPrecision"] == metrics["MicroRecall"] == metrics["MicroF1Score"] == metrics["Accuracy"]
    assert metrics["HammingLoss"] == round(1 - accuracy, 4)


def test_the_confusion_matrix_and_the_evaluation_lie_in_the_lake(lab: Lab) -> None:
    flywheel, model = lab.flywheel_with_model()
    lab.create_dataset(flywheel, "train-2", rows(30, first=100))

    found = lab.iterate(flywheel)

    root = lab.flywheel(flywheel)["DataLakeS3Uri"]
    assert found["EvaluationManifestS3Prefix"] == f"{root}evaluation/{found['FlywheelIterationId']}/"
    manifest = json.loads(lab.read(f"{found['EvaluationManifestS3Prefix']}manifest.json"))
    assert manifest["EvaluatedModel"]["ModelArn"] == model
    assert manifest["EvaluatedModel"]["Metrics"] == found[EVALUATED]
    statistics = lab.model(found["TrainedModelArn"])["OutputDataConfig"]["FlywheelStatsS3Prefix"]
    assert statistics.startswith(root)
    matrix = json.loads(lab.read(f"{statistics}confusion_matrix.json"))
    assert matrix["type"] == "multi_class"
    assert matrix["labels"] == matrix["all_labels"] == sorted(WORDS)
    assert matrix["confusion_matrix"] == [[10, 0, 0], [0, 10, 0], [0, 0, 10]]


def test_states_follow_the_clock(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=60, evaluation_seconds=30))
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(20))
    iteration = lab.start(flywheel)
    model = lab.client.list_document_classifiers()["DocumentClassifierPropertiesList"][0]

    assert lab.iteration(flywheel, iteration)["Status"] == "TRAINING"
    assert model["Status"] == "TRAINING"
    assert "ClassifierMetadata" not in model
    lab.clock.advance(59)
    assert lab.iteration(flywheel, iteration)["Status"] == "TRAINING"
    lab.clock.advance(1)
    evaluating = lab.iteration(flywheel, iteration)
    assert evaluating["Status"] == "EVALUATING"
    assert {"EndTime", "Message", "TrainedModelArn", TRAINED}.isdisjoint(evaluating)
    assert lab.model(model["DocumentClassifierArn"])["Status"] == "TRAINED"
    lab.clock.advance(30)
    ended = lab.iteration(flywheel, iteration)
    assert ended["Status"] == "COMPLETED"
    assert (ended["EndTime"] - ended["CreationTime"]).total_seconds() == 90


def test_one_iteration_at_a_time(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=60))
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(20))
    iteration = lab.start(flywheel, ClientRequestToken="once")

    assert code_of(lambda: lab.start(flywheel)) == "ResourceInUseException"
    assert code_of(lambda: lab.client.delete_flywheel(FlywheelArn=flywheel)) == "ResourceInUseException"
    assert lab.start(flywheel, ClientRequestToken="once") == iteration, "the same token is the same iteration"
    lab.clock.advance(60)
    assert lab.iteration(flywheel, iteration)["Status"] == "COMPLETED"
    assert lab.start(flywheel) != iteration


def test_iterations_running_in_the_account_are_limited(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=60, maximum_iterations=1))
    first, second = lab.create_flywheel("one"), lab.create_flywheel("two")
    for flywheel in (first, second):
        lab.create_dataset(flywheel, "train-1", rows(20))
    lab.start(first)

    assert code_of(lambda: lab.start(second)) == "TooManyRequestsException"


def test_ids_are_creation_times_and_differ_within_a_second(lab: Lab) -> None:
    flywheel, _ = lab.flywheel_with_model()
    for _ in range(3):
        lab.iterate(flywheel)

    history = lab.client.list_flywheel_iteration_history(FlywheelArn=flywheel)["FlywheelIterationPropertiesList"]

    ids = [item["FlywheelIterationId"] for item in history]
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) == 4
    assert ids == [item["CreationTime"].astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") for item in history]
    assert all(item["EndTime"] >= item["CreationTime"] for item in history)


def test_stopping_the_version_that_is_trained_stops_the_iteration(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(training_seconds=60))
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(20))
    iteration = lab.start(flywheel)
    model = lab.client.list_document_classifiers()["DocumentClassifierPropertiesList"][0]["DocumentClassifierArn"]

    assert code_of(lambda: lab.client.delete_document_classifier(DocumentClassifierArn=model)) == (
        "ResourceUnavailableException"
    )
    lab.client.stop_training_document_classifier(DocumentClassifierArn=model)
    assert lab.iteration(flywheel, iteration)["Status"] == "STOP_REQUESTED"
    lab.clock.advance(60)

    assert lab.iteration(flywheel, iteration)["Status"] == "STOPPED"
    assert lab.model(model)["Status"] == "STOPPED"
    again = lab.iteration(flywheel, lab.start(flywheel))
    assert again["Status"] == "TRAINING", "the data of a stopped iteration is still new"


def test_training_that_cannot_work_ends_failed(lab: Lab) -> None:
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(100, labels={"pets": WORDS["pets"]}))

    found = lab.iterate(flywheel)

    assert found["Status"] == "FAILED"
    assert found["Message"].startswith("INSUFFICIENT_DATA: No model can be trained: at least two labels")
    model = lab.client.list_document_classifiers()["DocumentClassifierPropertiesList"][0]
    assert model["Status"] == "IN_ERROR"
    assert model["Message"] == found["Message"]


@pytest.mark.parametrize("kind", ["nothing", "test data only"])
def test_without_model_and_training_data_there_is_nothing_to_do(lab: Lab, kind: str) -> None:
    flywheel = lab.create_flywheel()
    if kind == "test data only":
        lab.create_dataset(flywheel, "test-1", rows(10), "TEST")

    assert code_of(lambda: lab.start(flywheel)) == "InvalidRequestException"


class TestSettings:
    """The choices that the service's documents leave open."""

    def test_nothing_to_train_may_end_failed(self, build: Callable[..., Lab]) -> None:
        lab = build(Settings.instant(nothing_to_train="fail"))

        assert lab.iterate(lab.create_flywheel())["Status"] == "FAILED"

    def test_training_on_new_data_only(self, build: Callable[..., Lab]) -> None:
        lab = build(Settings.instant(cumulative_training=False))
        flywheel, _ = lab.flywheel_with_model()
        lab.create_dataset(flywheel, "train-2", rows(15, first=100))

        metadata = lab.model(lab.iterate(flywheel)["TrainedModelArn"])["ClassifierMetadata"]

        assert metadata["NumberOfTrainedDocuments"] == 45

    def test_an_exam_of_new_test_data_only(self, build: Callable[..., Lab]) -> None:
        lab = build(Settings.instant(exam="new"))
        flywheel, _ = lab.flywheel_with_model()
        lab.create_dataset(flywheel, "train-2", rows(15, first=100))
        lab.create_dataset(flywheel, "test-2", rows(9, first=600), "TEST")

        metadata = lab.model(lab.iterate(flywheel)["TrainedModelArn"])["ClassifierMetadata"]

        assert metadata["NumberOfTestDocuments"] == 27

    @pytest.mark.parametrize(
        ("setting", "nothing", "train", "test"),
        [
            ("when_active", True, True, True),
            ("when_new_data", False, True, True),
            ("when_new_test_data", False, False, True),
        ],
    )
    def test_when_the_active_model_is_evaluated(
        self, build: Callable[..., Lab], setting: str, nothing: bool, train: bool, test: bool
    ) -> None:
        lab = build(Settings.instant(evaluated_model=setting))
        flywheel, _ = lab.flywheel_with_model()

        seen = [EVALUATED in lab.iterate(flywheel)]
        lab.create_dataset(flywheel, "train-2", rows(15, first=100))
        seen.append(EVALUATED in lab.iterate(flywheel))
        lab.create_dataset(flywheel, "test-2", rows(9, first=600), "TEST")
        seen.append(EVALUATED in lab.iterate(flywheel))

        assert seen == [nothing, train, test]

    def test_the_first_model_may_become_active_by_itself(self, build: Callable[..., Lab]) -> None:
        lab = build(Settings.instant(activate_first_model=True))
        flywheel = lab.create_flywheel()
        lab.create_dataset(flywheel, "train-1", rows(20))

        model = lab.iterate(flywheel)["TrainedModelArn"]

        assert lab.flywheel(flywheel)["ActiveModelArn"] == model
