"""Requests of endpoints and jobs, for the tests."""

import io
import json
import tarfile
from typing import Any

from .lab import BUCKET, ROLE, Lab


def create_endpoint(lab: Lab, name: str = "live", **request: Any) -> str:
    """With ModelArn or FlywheelArn."""
    arn: str = lab.client.create_endpoint(**{"EndpointName": name, "DesiredInferenceUnits": 1, **request})[
        "EndpointArn"
    ]
    return arn


def endpoint(lab: Lab, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = lab.client.describe_endpoint(EndpointArn=arn)["EndpointProperties"]
    return found


def status(lab: Lab, arn: str) -> str:
    return str(endpoint(lab, arn)["Status"])


def top_class(lab: Lab, arn: str, text: str) -> str:
    return str(lab.client.classify_document(EndpointArn=arn, Text=text)["Classes"][0]["Name"])


def job_request(source: str, **changes: Any) -> dict[str, Any]:
    return {
        "InputDataConfig": {"S3Uri": source},
        "OutputDataConfig": {"S3Uri": f"s3://{BUCKET}/answers/"},
        "DataAccessRoleArn": ROLE,
        **changes,
    }


def start_classification(lab: Lab, source: str, **changes: Any) -> dict[str, Any]:
    started: dict[str, Any] = lab.client.start_document_classification_job(**job_request(source, **changes))
    return started


def classification(lab: Lab, job: str) -> dict[str, Any]:
    found: dict[str, Any] = lab.client.describe_document_classification_job(JobId=job)[
        "DocumentClassificationJobProperties"
    ]
    return found


def start_detection(lab: Lab, source: str, **changes: Any) -> dict[str, Any]:
    request = {"LanguageCode": "en", **job_request(source, **changes)}
    started: dict[str, Any] = lab.client.start_entities_detection_job(**request)
    return started


def detection(lab: Lab, job: str) -> dict[str, Any]:
    found: dict[str, Any] = lab.client.describe_entities_detection_job(JobId=job)["EntitiesDetectionJobProperties"]
    return found


def output(lab: Lab, job: dict[str, Any]) -> tuple[str, str]:
    """(name of the file in the archive, its text) of a job that has ended."""
    with tarfile.open(fileobj=io.BytesIO(lab.read(job["OutputDataConfig"]["S3Uri"]))) as archive:
        (name,) = archive.getnames()
        member = archive.extractfile(name)
        assert member is not None
        return name, member.read().decode()


def predictions(lab: Lab, job: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output(lab, job)[1].splitlines()]
