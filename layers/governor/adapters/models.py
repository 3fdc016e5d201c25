"""Model versions: which there are, what uses them, and deleting one.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_ListDocumentClassifiers.html and the pages beside
it. The lists take one filter at most.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from governor.adapters.aws import KnownReply, call
from governor.domain.policy import DataMode
from governor.domain.retention import ModelVersion

_PAGE = 100
_GONE = frozenset({"ResourceNotFoundException"})
_IN_USE = frozenset({"ResourceInUseException", "ResourceUnavailableException"})
_RUNNING = ("SUBMITTED", "IN_PROGRESS", "STOP_REQUESTED")


class AwsModels:
    """Implements `ports.Models`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def versions(self, mode: DataMode) -> list[ModelVersion]:
        if mode == "ENTITIES":
            listed = self._pages("list_entity_recognizers", "EntityRecognizerPropertiesList")
            return [_version(facts, "EntityRecognizerArn") for facts in listed]
        listed = self._pages("list_document_classifiers", "DocumentClassifierPropertiesList")
        return [_version(facts, "DocumentClassifierArn") for facts in listed]

    def users(self) -> Mapping[str, Sequence[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for flywheel in self._pages("list_flywheels", "FlywheelSummaryList"):
            found[flywheel.get("ActiveModelArn", "")].append(flywheel["FlywheelArn"])
        for endpoint in self._pages("list_endpoints", "EndpointPropertiesList"):
            for model in {endpoint.get("ModelArn", ""), endpoint.get("DesiredModelArn", "")}:
                found[model].append(endpoint["EndpointArn"])
        for operation, members, model in (
            (
                "list_document_classification_jobs",
                "DocumentClassificationJobPropertiesList",
                "DocumentClassifierArn",
            ),
            ("list_entities_detection_jobs", "EntitiesDetectionJobPropertiesList", "EntityRecognizerArn"),
        ):
            # A job is never deleted, so of all that there ever were only those that run are asked for.
            for status in _RUNNING:
                for job in self._pages(operation, members, Filter={"JobStatus": status}):
                    found[job.get(model, "")].append(job.get("JobArn", job["JobId"]))
        found.pop("", None)
        return found

    def delete(self, model: str) -> Literal["DELETED", "GONE", "IN_USE"]:
        try:
            if ":entity-recognizer/" in model:
                call(self._client.delete_entity_recognizer, known=_GONE | _IN_USE, EntityRecognizerArn=model)
            else:
                call(self._client.delete_document_classifier, known=_GONE | _IN_USE, DocumentClassifierArn=model)
        except KnownReply as reply:
            return "GONE" if reply.code in _GONE else "IN_USE"
        return "DELETED"

    def _pages(self, operation: str, members: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        while True:
            reply = call(getattr(self._client, operation), MaxResults=_PAGE, **arguments)
            yield from reply.get(members, [])
            if not reply.get("NextToken"):
                return
            arguments["NextToken"] = reply["NextToken"]


def _version(facts: Mapping[str, Any], arn: str) -> ModelVersion:
    return ModelVersion(facts[arn], facts["Status"], facts["SubmitTime"], facts.get("FlywheelArn"))
