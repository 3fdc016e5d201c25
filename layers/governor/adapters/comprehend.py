"""Comprehend's flywheel calls.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/ (API version 2017-11-27). Comprehend has no
waiters and no events for flywheels, so every look is a Describe call.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from governor.adapters.aws import KnownReply, call
from governor.domain.errors import FlywheelUnavailableError, ServiceBusyError
from governor.domain.labelled_manifest import ATTRIBUTE
from governor.domain.policy import FlywheelDefinition
from governor.domain.upload import Kind
from governor.domain.verdict import Exam, Metrics
from governor.ports import DatasetFacts, FlywheelFacts, IterationFacts, ScoredDataset, StagedData

_NOT_FOUND = frozenset({"ResourceNotFoundException"})
_TAKEN = frozenset({"ResourceInUseException"})
_AWAY = frozenset({"ResourceUnavailableException"})
_PAGE = 100


class AwsComprehend:
    """Implements `ports.Comprehend`.

    `promoter` is a client that tries once, for UpdateFlywheel. `security`: the DataSecurityConfig of new flywheels.
    """

    def __init__(
        self,
        client: Any,
        promoter: Any,
        *,
        arn_prefix: str,
        data_access_role: str,
        lake_uri: str,
        security: Mapping[str, Any] | None = None,
    ) -> None:
        self._client = client
        self._promoter = promoter
        self._arn_prefix = arn_prefix
        self._data_access_role = data_access_role
        self._lake_uri = lake_uri
        self._security = security or {}

    def flywheel_arn(self, name: str) -> str:
        return f"{self._arn_prefix}:flywheel/{name}"

    def dataset_arn(self, flywheel_arn: str, name: str) -> str:
        return f"{flywheel_arn}/dataset/{name}"

    def describe_flywheel(self, arn: str) -> FlywheelFacts | None:
        try:
            reply = call(self._client.describe_flywheel, known=_NOT_FOUND, FlywheelArn=arn)
        except KnownReply:
            return None
        facts = reply["FlywheelProperties"]
        task = facts.get("TaskConfig", {})
        classification = task.get("DocumentClassificationConfig", {})
        types = task.get("EntityRecognitionConfig", {}).get("EntityTypes", ())
        return FlywheelFacts(
            arn=facts["FlywheelArn"],
            status=facts["Status"],
            message=facts.get("Message", ""),
            active_model=facts.get("ActiveModelArn"),
            model_type=facts.get("ModelType"),
            language=task.get("LanguageCode"),
            mode=classification.get("Mode"),
            labels=tuple(classification.get("Labels", ())) or tuple(each["Type"] for each in types),
            lake_uri=facts.get("DataLakeS3Uri", ""),
            role=facts.get("DataAccessRoleArn", ""),
        )

    def create_flywheel(self, name: str, definition: FlywheelDefinition, token: str) -> None:
        arguments: dict[str, Any] = {
            "FlywheelName": name,
            "DataAccessRoleArn": self._data_access_role,
            "DataLakeS3Uri": self._lake_uri,
            "ClientRequestToken": token,
        }
        if self._security:
            arguments["DataSecurityConfig"] = self._security
        if definition.active_model_arn is not None:
            arguments["ActiveModelArn"] = definition.active_model_arn
        else:
            arguments["ModelType"] = definition.model_type
            arguments["TaskConfig"] = {"LanguageCode": definition.language, **_task(definition)}
        try:
            call(self._client.create_flywheel, known=_TAKEN | _NOT_FOUND, **arguments)
        except KnownReply as reply:
            if reply.code in _NOT_FOUND:
                raise FlywheelUnavailableError(
                    f"Flywheel {name} cannot be created: {reply.message} Check flywheel.active_model_arn in its policy."
                ) from reply

    def delete_flywheel(self, arn: str) -> bool:
        try:
            call(self._client.delete_flywheel, known=_NOT_FOUND | _TAKEN | _AWAY, FlywheelArn=arn)
        except KnownReply as reply:
            if reply.code in _NOT_FOUND:
                return False
            raise ServiceBusyError(f"Comprehend does not delete the flywheel yet: {reply.message}") from reply
        return True

    def describe_dataset(self, arn: str) -> DatasetFacts | None:
        try:
            reply = call(self._client.describe_dataset, known=_NOT_FOUND, DatasetArn=arn)
        except KnownReply:
            return None
        facts = reply["DatasetProperties"]
        return DatasetFacts(
            arn=facts["DatasetArn"],
            status=facts["Status"],
            message=facts.get("Message", ""),
            description=facts.get("Description", ""),
            documents=int(facts.get("NumberOfDocuments", 0)),
            ended=facts.get("EndTime"),
        )

    def create_dataset(
        self, flywheel_arn: str, name: str, kind: Kind, data: StagedData, description: str, token: str
    ) -> None:
        try:
            call(
                self._client.create_dataset,
                known=_TAKEN,
                FlywheelArn=flywheel_arn,
                DatasetName=name,
                DatasetType=kind.upper(),
                Description=description,
                InputDataConfig=_input(data),
                ClientRequestToken=token,
            )
        except KnownReply:
            return

    def test_datasets(self, flywheel_arn: str, before: datetime) -> list[ScoredDataset]:
        pages = self._pages(
            self._client.list_datasets,
            "DatasetPropertiesList",
            FlywheelArn=flywheel_arn,
            # One criterion: other lists of Comprehend refuse more, and of this one nothing is said.
            Filter={"DatasetType": "TEST"},
        )
        completed = (dataset for dataset in pages if dataset["Status"] == "COMPLETED")
        return [
            ScoredDataset(dataset["DatasetName"], int(dataset.get("NumberOfDocuments", 0)))
            for dataset in completed
            if "EndTime" not in dataset or dataset["EndTime"] <= before
        ]

    def start_iteration(self, flywheel_arn: str, token: str) -> str | None:
        try:
            reply = call(
                self._client.start_flywheel_iteration, known=_TAKEN, FlywheelArn=flywheel_arn, ClientRequestToken=token
            )
        except KnownReply:
            return None
        return str(reply["FlywheelIterationId"])

    def describe_iteration(self, flywheel_arn: str, iteration: str) -> IterationFacts:
        reply = call(self._client.describe_flywheel_iteration, FlywheelArn=flywheel_arn, FlywheelIterationId=iteration)
        return _iteration(reply["FlywheelIterationProperties"])

    def latest_iterations(self, flywheel_arn: str) -> list[IterationFacts]:
        reply = call(self._client.list_flywheel_iteration_history, FlywheelArn=flywheel_arn, MaxResults=_PAGE)
        found = [_iteration(facts) for facts in reply["FlywheelIterationPropertiesList"]]
        return sorted(found, key=lambda each: each.created, reverse=True)

    def set_active_model(self, flywheel_arn: str, model: str) -> None:
        try:
            call(self._promoter.update_flywheel, FlywheelArn=flywheel_arn, ActiveModelArn=model)
        except ServiceBusyError:
            return

    def _pages(self, operation: Any, member: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Follow NextToken: botocore ships no paginator for Comprehend's flywheel lists."""
        while True:
            reply = call(operation, MaxResults=_PAGE, **arguments)
            yield from reply[member]
            if not reply.get("NextToken"):
                return
            arguments["NextToken"] = reply["NextToken"]


def data_security(settings: Mapping[str, str]) -> dict[str, Any]:
    """Return the DataSecurityConfig that the template's settings make; what is empty is left out.

    Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DataSecurityConfig.html
    """
    keys = {
        "ModelKmsKeyId": settings.get("MODEL_KMS_KEY_ID"),
        "VolumeKmsKeyId": settings.get("VOLUME_KMS_KEY_ID"),
        "DataLakeKmsKeyId": settings.get("DATA_LAKE_KMS_KEY_ID"),
    }
    config: dict[str, Any] = {name: key for name, key in keys.items() if key}
    groups, subnets = (
        [each for each in settings.get(name, "").split(",") if each]
        for name in ("VPC_SECURITY_GROUP_IDS", "VPC_SUBNET_IDS")
    )
    if groups and subnets:
        config["VpcConfig"] = {"SecurityGroupIds": groups, "Subnets": subnets}
    return config


def _task(definition: FlywheelDefinition) -> dict[str, Any]:
    if definition.data_mode == "ENTITIES":
        return {"EntityRecognitionConfig": {"EntityTypes": [{"Type": name} for name in definition.entity_types or ()]}}
    return {"DocumentClassificationConfig": {"Mode": definition.mode, "Labels": list(definition.labels or ())}}


def _input(data: StagedData) -> dict[str, Any]:
    if data.wanted.mode == "ENTITIES":
        manifests = [{"S3Uri": uri, "AttributeNames": [ATTRIBUTE]} for uri in data.uris]
        return {"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": manifests}
    classifier = {"S3Uri": data.uris[0]}
    if data.wanted.mode == "MULTI_LABEL":
        classifier["LabelDelimiter"] = data.wanted.delimiter
    return {"DataFormat": "COMPREHEND_CSV", "DocumentClassifierInputDataConfig": classifier}


def _iteration(facts: dict[str, Any]) -> IterationFacts:
    scale = _scale(facts)
    return IterationFacts(
        id=facts["FlywheelIterationId"],
        status=facts["Status"],
        message=facts.get("Message", ""),
        created=facts["CreationTime"],
        ended=facts.get("EndTime"),
        exam=Exam(
            candidate=facts.get("TrainedModelArn"),
            candidate_metrics=_metrics(facts.get("TrainedModelMetrics"), scale),
            scored_baseline=facts.get("EvaluatedModelArn"),
            baseline_metrics=_metrics(facts.get("EvaluatedModelMetrics"), scale),
            has_test_data=False,
        ),
    )


def _scale(facts: dict[str, Any]) -> float:
    """The largest value that the iteration's metrics can have.

    Whether an iteration gives a recognizer's as fractions or as percentages, as DescribeEntityRecognizer does, is not
    documented. A fraction is never above 1; that both models of an iteration are below 1 % is taken to be impossible.
    """
    models = (facts.get("TrainedModelArn", ""), facts.get("EvaluatedModelArn", ""))
    both = (facts.get("TrainedModelMetrics") or {}, facts.get("EvaluatedModelMetrics") or {})
    is_recognizer = any(":entity-recognizer/" in model for model in models)
    return 100.0 if is_recognizer and any(value > 1 for metrics in both for value in metrics.values()) else 1.0


def _metrics(facts: dict[str, float] | None, scale: float) -> Metrics | None:
    """Return the metrics that are numbers; NaN and infinity are left out, as no record and no table can hold them."""
    if facts is None:
        return None
    scaled = {name: value / scale for name, value in facts.items() if isfinite(value)}
    return Metrics(
        f1=scaled.get("AverageF1Score"),
        precision=scaled.get("AveragePrecision"),
        recall=scaled.get("AverageRecall"),
        accuracy=scaled.get("AverageAccuracy"),
    )
