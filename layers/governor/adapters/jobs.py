"""Comprehend's asynchronous jobs with a flywheel's active model, or with one that is named.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartDocumentClassificationJob.html and
https://docs.aws.amazon.com/comprehend/latest/APIReference/API_StartEntitiesDetectionJob.html
"""

from collections.abc import Mapping
from typing import Any

from governor.adapters.aws import KnownReply, call
from governor.domain.analysis import Shape
from governor.domain.errors import AnalysisFailedError, FlywheelUnavailableError, NoActiveModelError
from governor.ports import JobFacts, StartedJob

_FORMAT = {"lines": "ONE_DOC_PER_LINE", "files": "ONE_DOC_PER_FILE"}
_AWAY = frozenset({"ResourceNotFoundException", "ResourceUnavailableException"})
_GONE = frozenset({"JobNotFoundException"})
_OF_MACHINES = ("VolumeKmsKeyId", "VpcConfig")
"""What of a DataSecurityConfig is about the machines that work, which jobs have, too."""


class AwsJobs:
    """Implements `ports.Jobs`. `security`: the DataSecurityConfig of new flywheels."""

    def __init__(self, client: Any, data_access_role: str, security: Mapping[str, Any] | None = None) -> None:
        self._client = client
        self._data_access_role = data_access_role
        self._machines = {name: value for name, value in (security or {}).items() if name in _OF_MACHINES}

    def start(
        self,
        flywheel_arn: str,
        *,
        recognizer: bool,
        language: str,
        shape: Shape,
        source: str,
        target: str,
        name: str,
        token: str,
        model: str | None = None,
    ) -> StartedJob:
        member = _model_member(recognizer=recognizer)
        arguments: dict[str, Any] = {
            **({"FlywheelArn": flywheel_arn} if model is None else {member: model}),
            "InputDataConfig": {"S3Uri": source, "InputFormat": _FORMAT[shape]},
            "OutputDataConfig": {"S3Uri": target},
            "DataAccessRoleArn": self._data_access_role,
            "JobName": name,
            "ClientRequestToken": token,
            **self._machines,
        }
        if recognizer:
            arguments["LanguageCode"] = language
        client = self._client
        operation = client.start_entities_detection_job if recognizer else client.start_document_classification_job
        try:
            reply = call(operation, known=_AWAY, **arguments)
        except KnownReply as away:
            if model is not None:
                raise FlywheelUnavailableError(f"Comprehend cannot use the model {model}: {away.message}") from away
            raise NoActiveModelError(f"Comprehend cannot use the flywheel's active model: {away.message}") from away
        return StartedJob(reply["JobId"], reply.get(member))

    def describe(self, job: str, *, recognizer: bool) -> JobFacts:
        noun = "entities_detection" if recognizer else "document_classification"
        operation = getattr(self._client, f"describe_{noun}_job")
        try:
            reply = call(operation, known=_GONE, JobId=job)
        except KnownReply as gone:
            raise AnalysisFailedError(f"Comprehend does not know the job {job} any more.") from gone
        member = "EntitiesDetectionJobProperties" if recognizer else "DocumentClassificationJobProperties"
        facts = reply[member]
        return JobFacts(
            id=facts["JobId"],
            status=facts["JobStatus"],
            message=facts.get("Message", ""),
            model=facts.get(_model_member(recognizer=recognizer)),
            output=facts["OutputDataConfig"]["S3Uri"],
            submitted=facts.get("SubmitTime"),
            ended=facts.get("EndTime"),
        )


def _model_member(*, recognizer: bool) -> str:
    return "EntityRecognizerArn" if recognizer else "DocumentClassifierArn"
