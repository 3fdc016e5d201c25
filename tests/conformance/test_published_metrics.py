"""AWS's own published figures, through the whole service: data in, iterations, and the same numbers out.

The texts say which answer a model gives: what it learned from decides what it says of a word. So the counts that were
recovered from AWS's published metrics can be made to happen.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from comprehend_local import Settings
from tests.conformance.drivers import InProcess
from tests.conformance.files import BUCKET, FILES, uri
from tests.conformance.script import ACCOUNT, ENTITIES, ROLE

Rows = Iterable[tuple[str, str]]
"""(labels, word)."""

HAM_AND_SPAM_ACTIVE = {
    "AverageF1Score": 0.7742663922375772,
    "AveragePrecision": 0.8287636394041166,
    "AverageRecall": 0.7427084833645399,
    "AverageAccuracy": 0.8795394154118689,
}
HAM_AND_SPAM_NEW = {
    "AverageF1Score": 0.9767700253081214,
    "AveragePrecision": 0.9767700253081214,
    "AverageRecall": 0.9767700253081214,
    "AverageAccuracy": 0.9858281665190434,
}
"""The AWS CLI's example of describe-flywheel-iteration: 1,129 documents, 212 of one class and 917 of the other."""

GUIDE_ACTIVE = {
    "AverageF1Score": (16 / 18 + 14 / 18) / 2,
    "AveragePrecision": 0.75,
    "AverageRecall": 0.9375,
    "AverageAccuracy": 0.8125,
}
GUIDE_NEW = {
    "AverageF1Score": (16 / 18 + 16 / 19) / 2,
    "AveragePrecision": (0.8 + 8 / 11) / 2,
    "AverageRecall": 1.0,
    "AverageAccuracy": 27 / 32,
}
"""The guide's sample: 16 documents, two labels; (TP, FP, FN) = (8,2,0) (7,3,1) and (8,2,0) (8,3,0)."""


def csv(rows: Rows, times: int = 1) -> str:
    """A file with every row so many times; a number makes each text another one."""
    lines = (
        f"{labels},{word} {word} n{number}x{n}" for n in range(times) for number, (labels, word) in enumerate(rows)
    )
    return "".join(f"{line}\n" for line in lines)


FIRST_LESSON = [("SPAM", "prize"), ("HAM", "lunch"), ("HAM", "invoice"), ("SPAM", "meeting")]
SECOND_LESSON = [("SPAM", "prize"), ("HAM", "lunch"), ("SPAM", "invoice"), ("HAM", "meeting")]
"""What the second one says of two words is the contrary of the first one, and louder."""
EXAM = (
    [("SPAM", "prize")] * 111
    + [("SPAM", "invoice")] * 93
    + [("SPAM", "lunch")] * 8
    + [("HAM", "lunch")] * 882
    + [("HAM", "meeting")] * 27
    + [("HAM", "prize")] * 8
)

FIRST_LABELS = [("A", "apple"), ("B", "bread"), ("A|B", "apple bread"), ("A", "cheese")]
SECOND_LABELS = [("A", "apple"), ("B", "bread"), ("A|B", "apple bread"), ("A|B", "cheese")]
LABELS_EXAM = (
    [("A", "apple")] * 5
    + [("B", "cheese")]
    + [("A", "apple bread")] * 3
    + [("B", "apple bread")]
    + [("B", "bread")] * 6
)


class Office:
    """A server, and words for what the tests do."""

    def __init__(self, server: InProcess, buckets: Path) -> None:
        self.call = server.call
        self._lake = buckets / BUCKET
        self._files = 0

    def put(self, content: str, name: str | None = None) -> str:
        """Store a file; its URI."""
        self._files += 1
        name = name or f"file-{self._files}.csv"
        (self._lake / name).write_text(content)
        return f"s3://{BUCKET}/{name}"

    def read(self, uri: str) -> bytes:
        """The content of a file."""
        return (self._lake / uri.removeprefix(f"s3://{BUCKET}/")).read_bytes()

    def flywheel(self, mode: str) -> str:
        """Create one for documents with labels that need not be listed."""
        request = {"FlywheelName": "f", "DataAccessRoleArn": ROLE, "DataLakeS3Uri": f"s3://{BUCKET}/lakes"}
        task = {"LanguageCode": "en", "DocumentClassificationConfig": {"Mode": mode}}
        kind = "ENTITY_RECOGNIZER" if mode == "ENTITIES" else "DOCUMENT_CLASSIFIER"
        task = ENTITIES if mode == "ENTITIES" else task
        made = self.call("CreateFlywheel", {**request, "ModelType": kind, "TaskConfig": task})
        return str(made["FlywheelArn"])

    def data(self, flywheel: str, name: str, kind: str, content: str) -> None:
        """Add a dataset."""
        config = {"DocumentClassifierInputDataConfig": {"S3Uri": self.put(content)}}
        request = {"FlywheelArn": flywheel, "DatasetName": name, "DatasetType": kind, "InputDataConfig": config}
        arn = self.call("CreateDataset", request)["DatasetArn"]
        found = self.call("DescribeDataset", {"DatasetArn": arn})["DatasetProperties"]
        assert found["Status"] == "COMPLETED", found

    def iterate(self, flywheel: str) -> dict[str, Any]:
        """Run an iteration."""
        started = self.call("StartFlywheelIteration", {"FlywheelArn": flywheel})
        found = self.call("DescribeFlywheelIteration", started)["FlywheelIterationProperties"]
        assert found["Status"] == "COMPLETED", found
        return dict(found)

    def two_iterations(self, mode: str, first: str, second: str, exam: str) -> dict[str, Any]:
        """Learn, promote, learn more: the second iteration, which scores both models."""
        flywheel = self.flywheel(mode)
        self.data(flywheel, "first", "TRAIN", first)
        self.data(flywheel, "exam", "TEST", exam)
        trained = self.iterate(flywheel)["TrainedModelArn"]
        self.call("UpdateFlywheel", {"FlywheelArn": flywheel, "ActiveModelArn": trained})
        self.data(flywheel, "second", "TRAIN", second)
        return self.iterate(flywheel)

    def classifier(self, arn: str) -> dict[str, Any]:
        """Describe a model."""
        found = self.call("DescribeDocumentClassifier", {"DocumentClassifierArn": arn})
        return dict(found["DocumentClassifierProperties"])

    def matrix_of(self, arn: str) -> dict[str, Any]:
        """The confusion matrix of a model that a flywheel trained."""
        prefix = self.classifier(arn)["OutputDataConfig"]["FlywheelStatsS3Prefix"]
        return dict(json.loads(self.read(f"{prefix}confusion_matrix.json")))


@pytest.fixture
def office(build: Callable[..., InProcess], buckets: Path) -> Office:
    """A server that takes small files."""
    return Office(build(Settings.instant(minimum_dataset_bytes=1)), buckets)


def test_the_cli_s_example_comes_out_of_an_iteration(office: Office) -> None:
    iteration = office.two_iterations("MULTI_CLASS", csv(FIRST_LESSON, 20), csv(SECOND_LESSON, 300), csv(EXAM))

    assert iteration["EvaluatedModelMetrics"] == pytest.approx(HAM_AND_SPAM_ACTIVE, abs=1e-12)
    assert iteration["TrainedModelMetrics"] == pytest.approx(HAM_AND_SPAM_NEW, abs=1e-12)
    document = office.matrix_of(iteration["TrainedModelArn"])
    assert document["type"] == "multi_class"
    assert document["labels"] == document["all_labels"]
    order = [document["labels"].index(label) for label in ("SPAM", "HAM")]
    assert [[document["confusion_matrix"][a][b] for b in order] for a in order] == [[204, 8], [8, 909]]
    described = office.classifier(iteration["EvaluatedModelArn"])["ClassifierMetadata"]
    assert (described["NumberOfLabels"], described["NumberOfTestDocuments"]) == (2, 1129)


def test_the_guide_s_multi_label_sample_comes_out_of_an_iteration(office: Office) -> None:
    iteration = office.two_iterations("MULTI_LABEL", csv(FIRST_LABELS, 30), csv(SECOND_LABELS, 600), csv(LABELS_EXAM))

    assert iteration["EvaluatedModelMetrics"] == pytest.approx(GUIDE_ACTIVE, abs=1e-12)
    assert iteration["TrainedModelMetrics"] == pytest.approx(GUIDE_NEW, abs=1e-12)
    document = office.matrix_of(iteration["TrainedModelArn"])
    assert document["type"] == "multi_label"
    by_label = dict(zip(document["labels"], document["confusion_matrix"], strict=True))
    assert by_label == {"A": [[6, 2], [0, 8]], "B": [[5, 3], [0, 8]]}


def test_a_classifier_s_figures_are_rounded_to_four_decimals(office: Office) -> None:
    request = {
        "DocumentClassifierName": "plain",
        "DataAccessRoleArn": ROLE,
        "InputDataConfig": {"S3Uri": office.put(csv(FIRST_LESSON, 20)), "TestS3Uri": office.put(csv(EXAM))},
        "OutputDataConfig": {"S3Uri": f"s3://{BUCKET}/out"},
        "LanguageCode": "en",
    }
    arn = office.call("CreateDocumentClassifier", request)["DocumentClassifierArn"]
    found = office.classifier(arn)

    assert found["Status"] == "TRAINED"
    accuracy = 993 / 1129
    assert found["ClassifierMetadata"] == {
        "NumberOfLabels": 2,
        "NumberOfTrainedDocuments": 80,
        "NumberOfTestDocuments": 1129,
        "EvaluationMetrics": {
            "Accuracy": round(accuracy, 4),
            "Precision": 0.8288,
            "Recall": 0.7427,
            "F1Score": 0.7743,
            "MicroPrecision": 0.8795,
            "MicroRecall": 0.8795,
            "MicroF1Score": 0.8795,
            "HammingLoss": round(1 - accuracy, 4),
        },
    }
    (archive,) = office._lake.glob(f"out/{ACCOUNT}-CLR-*/output/output.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as tar:
        (name,) = [name for name in tar.getnames() if name.endswith("confusion_matrix.json")]
        member = tar.extractfile(name)
        assert member is not None
        document = json.load(member)
    order = [document["labels"].index(label) for label in ("SPAM", "HAM")]
    assert [[document["confusion_matrix"][a][b] for b in order] for a in order] == [[111, 101], [35, 882]]


@pytest.mark.parametrize(("documents", "trained", "tested"), [(5573, 5016, 557), (9, 8, 1)])
def test_without_test_data_a_tenth_is_held_out_as_recorded(
    build: Callable[..., InProcess], buckets: Path, documents: int, trained: int, tested: int
) -> None:
    """AWS's recorded answers: 5,016 and 557 of 5,573 documents, 8 and 1 of 9."""
    small = Office(build(Settings.instant(minimum_dataset_bytes=1, minimum_documents_per_label=1)), buckets)
    rows = [(("pets", "cat"), ("cars", "wheel"), ("food", "bread"))[n % 3] for n in range(documents)]
    request = {"DocumentClassifierName": "plain", "DataAccessRoleArn": ROLE, "LanguageCode": "en"}
    uri = small.put(csv(rows))
    arn = small.call("CreateDocumentClassifier", {**request, "InputDataConfig": {"S3Uri": uri}})[
        "DocumentClassifierArn"
    ]
    found = small.classifier(arn)["ClassifierMetadata"]

    assert (found["NumberOfTrainedDocuments"], found["NumberOfTestDocuments"]) == (trained, tested)


def people(name: str, office: Office, *, missing: int = 0, wrong: int = 0) -> dict[str, Any]:
    """The data of `people-test`, without the PERSON of some documents, and with a PLACE in others that is none."""
    rows = FILES["people-test.csv"].splitlines()
    head, persons, places = rows[0], rows[1::2], rows[2::2]
    texts = FILES["people-test.txt"].splitlines()
    extra = [
        f"people-test.txt,{line},{text.index('year')},{text.index('year') + 4},PLACE" for line, text in enumerate(texts)
    ]
    annotations = office.put("\n".join([head, *persons[missing:], *places, *extra[:wrong]]) + "\n", f"{name}.csv")
    return {"Documents": {"S3Uri": uri("people-test.txt")}, "Annotations": {"S3Uri": annotations}}


def test_a_recognizer_s_figures_are_of_all_decisions_together_and_from_0_to_100(office: Office) -> None:
    """40 documents with two entities each: 5 persons are not annotated, 3 places are that nobody finds."""
    data = people("exam", office, missing=5, wrong=3)
    request = {
        "RecognizerName": "people",
        "DataAccessRoleArn": ROLE,
        "LanguageCode": "en",
        "InputDataConfig": {
            "EntityTypes": [{"Type": "PERSON"}, {"Type": "PLACE"}],
            "Documents": {"S3Uri": uri("people.txt"), "TestS3Uri": data["Documents"]["S3Uri"]},
            "Annotations": {"S3Uri": uri("people.csv"), "TestS3Uri": data["Annotations"]["S3Uri"]},
        },
    }
    arn = office.call("CreateEntityRecognizer", request)["EntityRecognizerArn"]
    found = office.call("DescribeEntityRecognizer", {"EntityRecognizerArn": arn})["EntityRecognizerProperties"]

    assert found["Status"] == "TRAINED", found
    metadata = found["RecognizerMetadata"]
    assert (metadata["NumberOfTrainedDocuments"], metadata["NumberOfTestDocuments"]) == (120, 40)
    assert metadata["EvaluationMetrics"] == percent(75, 5, 3)
    types = {item["Type"]: item for item in metadata["EntityTypes"]}
    assert types["PERSON"] == {"Type": "PERSON", "NumberOfTrainMentions": 120, "EvaluationMetrics": percent(35, 5, 0)}
    assert types["PLACE"] == {"Type": "PLACE", "NumberOfTrainMentions": 120, "EvaluationMetrics": percent(40, 0, 3)}


def percent(right: int, too_many: int, missed: int) -> dict[str, float]:
    """Precision, recall and F1 of (TP, FP, FN), from 0 to 100."""
    precision, recall = right / (right + too_many), right / (right + missed)
    harmonic = 2 * precision * recall / (precision + recall)
    figures = {"Precision": precision, "Recall": recall, "F1Score": harmonic}
    return {name: round(value * 100, 4) for name, value in figures.items()}


@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_the_scale_of_a_recognizer_s_iterations_is_a_setting(
    build: Callable[..., InProcess], buckets: Path, scale: float
) -> None:
    office = Office(build(Settings.instant(minimum_dataset_bytes=1, entity_iteration_scale=scale)), buckets)
    flywheel = office.flywheel("ENTITIES")
    train = {"Documents": {"S3Uri": uri("people.txt")}, "Annotations": {"S3Uri": uri("people.csv")}}
    for kind, data in (("TRAIN", train), ("TEST", people("exam", office, missing=5, wrong=3))):
        request = {"FlywheelArn": flywheel, "DatasetName": kind.lower(), "DatasetType": kind}
        office.call("CreateDataset", {**request, "InputDataConfig": {"EntityRecognizerInputDataConfig": data}})
    metrics = office.iterate(flywheel)["TrainedModelMetrics"]

    expected = percent(75, 5, 3)
    for name in ("Precision", "Recall"):
        assert metrics[f"Average{name}"] * 100 / scale == pytest.approx(expected[name], abs=1e-4)
    assert metrics["AverageF1Score"] * 100 / scale == pytest.approx(expected["F1Score"], abs=1e-4)
