"""Asynchronous jobs with custom models: start, describe, list, stop. `job_runs` has what happens in the background."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from comprehend_local import arns
from comprehend_local.arns import Scope
from comprehend_local.service.context import Answer, Context, Operation, Request, present
from comprehend_local.service.endpoints import active_model
from comprehend_local.service.errors import ServiceError, invalid, not_imitated
from comprehend_local.service.models import require_usable_model
from comprehend_local.service.paging import created_between, only_one, page
from comprehend_local.service.serving import ACTIVE_JOB
from comprehend_local.service.tags import put_tags
from comprehend_local.store.records import Job

ECHOED = ("VolumeKmsKeyId", "VpcConfig")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job. `code` is in the path of the output; `noun` in the names of operations and shapes."""

    task: str
    noun: str
    code: str
    model_member: str
    model_type: str

    def arn(self, scope: Scope, job_id: str) -> str:
        """A job's ARN."""
        return scope.arn(f"{self.task}-job/{job_id}")


CLASSIFICATION = Kind(
    "document-classification", "DocumentClassificationJob", "CLN", "DocumentClassifierArn", "document-classifier"
)
ENTITIES = Kind("entities-detection", "EntitiesDetectionJob", "NER", "EntityRecognizerArn", "entity-recognizer")
KINDS = (CLASSIFICATION, ENTITIES)


class Jobs:
    """The operations of one kind of job."""

    def __init__(self, context: Context, kind: Kind) -> None:
        self._context = context
        self._kind = kind

    def operations(self) -> dict[str, Operation]:
        """By the API's names. Comprehend has no operation that stops a classification job."""
        noun = self._kind.noun
        stop: dict[str, Operation] = {f"Stop{noun}": self.stop} if self._kind is ENTITIES else {}
        return {f"Start{noun}": self.start, f"Describe{noun}": self.describe, f"List{noun}s": self.every, **stop}

    def start(self, scope: Scope, request: Request) -> Answer:
        """Start: the model, or the flywheel's active one, is fixed now."""
        where = f"{scope.account}#{scope.region}"
        return self._context.once(f"Start{self._kind.noun}", where, "", request, lambda: self._start(scope, request))

    def _start(self, scope: Scope, request: Request) -> Answer:
        context, kind = self._context, self._kind
        model = self._model(request)
        _check_input(request["InputDataConfig"])
        running = [item for item in self._own(scope) if item.status in ACTIVE_JOB]
        if len(running) >= context.settings.maximum_jobs:
            raise ServiceError("TooManyRequestsException", f"{len(running)} jobs are active, which is the maximum.")
        job_id, now = uuid.uuid4().hex, context.clock.now()
        output = request["OutputDataConfig"]
        target = f"{output['S3Uri'].rstrip('/')}/{scope.account}-{kind.code}-{job_id}/output/output.tar.gz"
        job = Job(
            arn=kind.arn(scope, job_id),
            id=job_id,
            task=kind.task,
            status="SUBMITTED",
            submitted=now,
            model=model,
            role=request["DataAccessRoleArn"],
            input=request["InputDataConfig"],
            output={**output, "S3Uri": target},
            name=request.get("JobName"),
            flywheel=request.get("FlywheelArn"),
            language=request.get("LanguageCode"),
            request={name: request[name] for name in ECHOED if name in request},
        )
        put_tags(context, job.arn, request.get("Tags", []))
        context.store.put(job)
        context.later("begin_job", job.arn, now + context.settings.durations.job / 4)
        return {"JobId": job_id, "JobArn": job.arn, "JobStatus": job.status, kind.model_member: model}

    def _model(self, request: Request) -> str:
        member, flywheel = self._kind.model_member, request.get("FlywheelArn")
        model: str | None = request.get(member)
        if model is None and flywheel is None:
            if self._kind is ENTITIES:
                raise not_imitated(f"the built-in entity types of StartEntitiesDetectionJob; give {member}")
            raise invalid(f"Either {member} or FlywheelArn is needed.")
        if model is not None and flywheel is not None:
            raise invalid(f"{member} and FlywheelArn exclude each other.")
        if model is None:
            model = active_model(self._context, str(flywheel))
            if f":{self._kind.model_type}/" not in model:
                raise invalid(f"The active model of {flywheel} is no {self._kind.model_type}.")
        return require_usable_model(self._context, model).arn

    def describe(self, scope: Scope, request: Request) -> Answer:
        """Describe: OutputDataConfig has the archive's own URI."""
        return {f"{self._kind.noun}Properties": self._properties(self._require(scope, request["JobId"]))}

    def every(self, scope: Scope, request: Request) -> Answer:
        """List: the newest first, or the oldest first with SubmitTimeBefore (as documented)."""
        wanted = only_one(request.get("Filter", {}))
        found = [
            item
            for item in self._own(scope)
            if wanted.get("JobStatus", item.status) == item.status
            and wanted.get("JobName", item.name) == item.name
            and created_between(item.submitted, wanted, "SubmitTime")
        ]
        place, oldest_first = self._context.store.places(Job), "SubmitTimeBefore" in wanted
        operation = f"List{self._kind.noun}s"
        chosen, more = page(operation, scope, request, found, lambda item: place[item.key], ascending=oldest_first)
        listed = [self._properties(item) for item in chosen]
        return present(**{f"{self._kind.noun}PropertiesList": listed}, NextToken=more)

    def stop(self, scope: Scope, request: Request) -> Answer:
        """Stop: what has been answered by then is written to the output. A job that has ended cannot be stopped."""
        context, job = self._context, self._require(scope, request["JobId"])
        if job.status in ("COMPLETED", "FAILED"):
            raise invalid(f"The job {job.id} is {job.status}; it cannot be stopped.")
        if job.status in ("SUBMITTED", "IN_PROGRESS"):
            job.status = "STOP_REQUESTED"
            context.store.put(job)
            context.later("stop_job", job.arn, context.clock.now())
        return {"JobId": job.id, "JobStatus": job.status}

    def _require(self, scope: Scope, job_id: str) -> Job:
        job = self._context.store.find(Job, self._kind.arn(scope, job_id))
        if job is None:
            raise ServiceError(
                "JobNotFoundException", "The specified job was not found. Check the job ID and try again."
            )
        return job

    def _own(self, scope: Scope) -> list[Job]:
        return [item for item in self._context.store.every(Job, self._kind.task) if arns.scope_of(item.arn) == scope]

    def _properties(self, job: Job) -> dict[str, Any]:
        """DocumentClassificationJobProperties or EntitiesDetectionJobProperties."""
        return present(
            JobId=job.id,
            JobArn=job.arn,
            JobName=job.name,
            JobStatus=job.status,
            Message=job.message,
            SubmitTime=job.submitted,
            EndTime=job.ended,
            InputDataConfig=job.input,
            OutputDataConfig=job.output,
            LanguageCode=job.language if self._kind is ENTITIES else None,
            DataAccessRoleArn=job.role,
            FlywheelArn=job.flywheel,
            **{self._kind.model_member: job.model},
            **job.request,
        )


def _check_input(config: dict[str, Any]) -> None:
    """A reader's configuration says how PDF and image files are read, and those are one document per file."""
    if "DocumentReaderConfig" in config and config.get("InputFormat", "ONE_DOC_PER_LINE") != "ONE_DOC_PER_FILE":
        raise invalid("DocumentReaderConfig needs the InputFormat ONE_DOC_PER_FILE.")
