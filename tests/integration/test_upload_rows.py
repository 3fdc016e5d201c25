"""What an upload's row keeps of a file's labels, and what the manifest says of them."""

import json

from tests.doubles.data import FLYWHEEL, labelled, policy, train
from tests.doubles.stack import Stack


def test_the_manifest_says_how_many_documents_each_label_has(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train(), labelled(1, per_label=12))
    stack.run()
    row = next(row for row in stack.rows() if "manifest_uri" in row)
    (upload,) = json.loads(stack.ports.records.get(row["manifest_uri"]))["uploads"]
    assert upload["counts"] == {"compute": 12, "queue": 12, "storage": 12}


def test_counts_of_very_many_labels_are_not_kept_in_the_row(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    content = "".join(f"{number}-{'x' * 100},text number {number}\n" for number in range(200)).encode()
    stack.upload(train("wide"), content)
    (upload,) = stack.ports.uploads.all(FLYWHEEL)
    assert (upload.labels, upload.counts) == (200, {})
