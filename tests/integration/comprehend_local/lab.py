"""A Comprehend in this process on moto's S3, a boto3 client for it, and words for what the tests do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from comprehend_local import Comprehend, ManualClock, S3Objects, Settings, connect
from comprehend_local.service.model import operation
from comprehend_local.service.validation import violations

SESSION = boto3.Session("testing", "testing", region_name="us-east-1")
"""One for all tests: it keeps the service models that clients are made from."""
ACCOUNT = "000000000000"
BUCKET = "lake"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/data-access"
WORDS = {"pets": "cat dog fur paw", "cars": "wheel motor brake road", "food": "bread butter salt soup"}
TASK = {
    "LanguageCode": "en",
    "DocumentClassificationConfig": {"Mode": "MULTI_CLASS", "Labels": list(WORDS)},
}


def rows(each: int, first: int = 0, labels: Mapping[str, str] = WORDS) -> bytes:
    """A CSV file with `each` documents of every label; `labels` maps what is written to the words of the text."""
    lines = (f"{label},{words} {n} {n % 7}" for n in range(first, first + each) for label, words in labels.items())
    return "".join(f"{line}\n" for line in lines).encode()


CUSTOM_TYPE = re.compile(r"at 'entities\.\d+\.member\.type' failed to satisfy constraint: Member must satisfy enum")
"""The model lists the built-in entity types only; custom recognizers have their own."""
MISLABELLED = {"pets": WORDS["cars"], "cars": WORDS["food"], "food": WORDS["pets"]}


class Lab:
    """One server, its S3 and a client. Every answer is checked against the service model's output shape."""

    def __init__(self, settings: Settings | None = None, **options: Any) -> None:
        self.s3 = SESSION.client("s3")
        if not self.s3.list_buckets()["Buckets"]:
            self.s3.create_bucket(Bucket=BUCKET)
        self.clock = ManualClock()
        options.setdefault("clock", self.clock)
        self.server = Comprehend(settings or Settings.instant(), S3Objects(self.s3), **options)
        self.client: Any = SESSION.client("comprehend")
        connect(self.client, self.server)
        self.client.meta.events.register("after-call.comprehend", self._check_answer)
        self.wrong_answers: list[str] = []

    def _check_answer(self, parsed: dict[str, Any], model: Any, http_response: Any, **_: Any) -> None:
        if http_response.status_code == 200:
            shape = operation(model.name)
            assert shape is not None
            answer = json.loads(http_response.content)
            found = violations(shape.output_shape, answer)
            self.wrong_answers += [each for each in found if not CUSTOM_TYPE.search(each)]
            self.wrong_answers += unknown_members(shape.output_shape, answer)

    def close(self) -> None:
        self.server.close()
        assert not self.wrong_answers

    def put(self, key: str, content: bytes) -> str:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content)
        return f"s3://{BUCKET}/{key}"

    def keys(self, prefix: str = "") -> list[str]:
        return [item["Key"] for item in self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]

    def read(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        content: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def create_flywheel(self, name: str = "news", **changes: Any) -> str:
        request = {
            "FlywheelName": name,
            "DataAccessRoleArn": ROLE,
            "DataLakeS3Uri": f"s3://{BUCKET}/lakes",
            **({"ModelType": "DOCUMENT_CLASSIFIER", "TaskConfig": TASK} if "ActiveModelArn" not in changes else {}),
            **changes,
        }
        arn: str = self.client.create_flywheel(**request)["FlywheelArn"]
        return arn

    def flywheel(self, arn: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.describe_flywheel(FlywheelArn=arn)["FlywheelProperties"]
        return found

    def create_dataset(self, flywheel: str, name: str, content: bytes, kind: str = "TRAIN", **changes: Any) -> str:
        uri = self.put(f"in/{flywheel.rsplit('/', 1)[-1]}/{name}.csv", content)
        return self.create_dataset_from(flywheel, name, uri, kind, **changes)

    def create_dataset_from(self, flywheel: str, name: str, uri: str, kind: str = "TRAIN", **changes: Any) -> str:
        request = {
            "FlywheelArn": flywheel,
            "DatasetName": name,
            "DatasetType": kind,
            "InputDataConfig": {
                "DataFormat": "COMPREHEND_CSV",
                "DocumentClassifierInputDataConfig": {"S3Uri": uri},
            },
            **changes,
        }
        arn: str = self.client.create_dataset(**request)["DatasetArn"]
        return arn

    def dataset(self, arn: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.describe_dataset(DatasetArn=arn)["DatasetProperties"]
        return found

    def start(self, flywheel: str, **more: Any) -> str:
        iteration: str = self.client.start_flywheel_iteration(FlywheelArn=flywheel, **more)["FlywheelIterationId"]
        return iteration

    def iteration(self, flywheel: str, iteration: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.describe_flywheel_iteration(
            FlywheelArn=flywheel, FlywheelIterationId=iteration
        )["FlywheelIterationProperties"]
        return found

    def iterate(self, flywheel: str) -> dict[str, Any]:
        return self.iteration(flywheel, self.start(flywheel))

    def promote(self, flywheel: str, model: str) -> None:
        self.client.update_flywheel(FlywheelArn=flywheel, ActiveModelArn=model)

    def model(self, arn: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.describe_document_classifier(DocumentClassifierArn=arn)[
            "DocumentClassifierProperties"
        ]
        return found

    def flywheel_with_model(self, name: str = "news") -> tuple[str, str]:
        """A flywheel whose first model, trained on 3 x 30 documents and scored on TEST data, is active."""
        flywheel = self.create_flywheel(name)
        self.create_dataset(flywheel, "train-1", rows(30))
        self.create_dataset(flywheel, "test-1", rows(10, first=500), "TEST")
        model = self.iterate(flywheel)["TrainedModelArn"]
        self.promote(flywheel, model)
        return flywheel, model


def unknown_members(shape: Any, value: Any) -> list[str]:
    """What an answer has and the service's model has not."""
    if shape.type_name == "list":
        return [name for item in value for name in unknown_members(shape.member, item)]
    if shape.type_name != "structure":
        return []
    found = [f"{shape.name}.{name}" for name in value if name not in shape.members]
    known = [(shape.members[name], part) for name, part in value.items() if name in shape.members]
    return found + [name for member, part in known for name in unknown_members(member, part)]


def code_of(call: Callable[[], Any]) -> str:
    """The error code with which a call is refused."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "(no error)"
