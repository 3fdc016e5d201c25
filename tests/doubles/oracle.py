"""Looks at Comprehend itself and compares it with what the ledger says and with what should be."""

import csv
import io
from collections import Counter
from typing import Any

from comprehend_local.engine.formats import stored
from tests.doubles.data import FLYWHEEL
from tests.doubles.stack import Stack


class Observed:
    """What Comprehend has of a flywheel: its datasets with their documents, its iterations, its active model."""

    def __init__(self, stack: Stack, flywheel: str = FLYWHEEL) -> None:
        client, arn = stack.comprehend, stack.ports.comprehend.flywheel_arn(flywheel)
        self.exists = stack.ports.comprehend.describe_flywheel(arn) is not None
        self.datasets: list[dict[str, Any]] = []
        self.iterations: list[dict[str, Any]] = []
        self.active: str | None = None
        self.texts: dict[str, list[str]] = {}
        """The documents of each dataset that Comprehend took in, by its name."""
        if not self.exists:
            return
        self.active = client.describe_flywheel(FlywheelArn=arn)["FlywheelProperties"].get("ActiveModelArn")
        self.datasets = client.list_datasets(FlywheelArn=arn)["DatasetPropertiesList"]
        history = client.list_flywheel_iteration_history(FlywheelArn=arn)
        self.iterations = history["FlywheelIterationPropertiesList"]
        for dataset in self.datasets:
            if dataset["Status"] == "COMPLETED" and "Dataset created by" not in dataset.get("Description", ""):
                self.texts[dataset["DatasetName"]] = _documents(stack, dataset["DatasetS3Uri"])

    def in_how_many(self) -> Counter[str]:
        """Count how often each document is in the flywheel's datasets."""
        return Counter(text for texts in self.texts.values() for text in texts)


def texts_of(content: bytes) -> list[str]:
    """Return the documents of a labelled file."""
    return [row[1] for row in csv.reader(io.StringIO(content.decode(), newline=""))]


def check_no_document_is_registered_twice(observed: Observed) -> None:
    """Invariant 1, as Comprehend sees it. Every document of the tests is another one."""
    twice = [text for text, times in observed.in_how_many().items() if times > 1]
    assert not twice, f"{len(twice)} documents are registered more than once, as {twice[0]}"


def check_everything_is_known(stack: Stack, observed: Observed, *, foreign: int = 0) -> None:
    """Invariant 5: every dataset and iteration is named by a batch, and no batch that was registered stays unjudged.

    `foreign`: how many iterations a person started.
    """
    batches = [row for row in stack.rows() if row["pk"] == f"F#{FLYWHEEL}" and "manifest_uri" in row]
    named = {dataset["name"] for row in batches for dataset in row["datasets"].values()}
    unknown = {dataset["DatasetName"] for dataset in observed.datasets} - named
    assert not unknown, f"datasets that the ledger does not know: {unknown}"
    recorded = {iteration for row in batches for iteration in row["iterations"].values()}
    strange = {iteration["FlywheelIterationId"] for iteration in observed.iterations} - recorded
    assert len(strange) <= foreign, f"iterations that the ledger does not know: {strange}"
    completed = {dataset["DatasetName"] for dataset in observed.datasets if dataset["Status"] == "COMPLETED"}
    for row in batches:
        assert "outcome" in row, f"{row['sk']} is still open"
        names = {dataset["name"] for dataset in row["datasets"].values()}
        if row["outcome"] != "DATASETS_REFUSED":
            assert "verdict" in row, f"{row['sk']} was never judged"
        elif names & completed:
            assert all("-test-" in name for name in names & completed), f"{row['sk']} was registered and not judged"
        assert names <= {dataset["DatasetName"] for dataset in observed.datasets}, (
            f"{row['sk']} names what is not there"
        )


def _documents(stack: Stack, uri: str) -> list[str]:
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    listed = stack.s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    bodies = [stack.s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed]
    return [document.text for body in bodies for document in stored.read(body)]
