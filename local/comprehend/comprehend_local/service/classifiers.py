"""Document classifiers: create, describe, list, stop, delete."""

from __future__ import annotations

from functools import partial
from typing import Any

from comprehend_local import arns
from comprehend_local.arns import Scope
from comprehend_local.service.context import Answer, Context, Operation, Request, present
from comprehend_local.service.errors import in_use, invalid, limit_exceeded, not_found, unavailable
from comprehend_local.service.paging import created_between, only_one, page
from comprehend_local.service.tags import put_tags
from comprehend_local.service.tasks import require_language, require_mode
from comprehend_local.store.records import Flywheel, Iteration, Model, Tags

IN_TRAINING = ("SUBMITTED", "TRAINING", "STOP_REQUESTED")
ECHOED = ("VolumeKmsKeyId", "VpcConfig", "ModelKmsKeyId")


class Classifiers:
    """The model operations; `plain_training` has what happens in the background."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> dict[str, Operation]:
        """By the API's names."""
        return {
            "CreateDocumentClassifier": self.create,
            "DescribeDocumentClassifier": self.describe,
            "ListDocumentClassifiers": self.every,
            "ListDocumentClassifierSummaries": self.summaries,
            "StopTrainingDocumentClassifier": self.stop,
            "DeleteDocumentClassifier": self.delete,
        }

    def create(self, scope: Scope, request: Request) -> Answer:
        """CreateDocumentClassifier: training from files, without a flywheel."""
        where = f"{scope.account}#{scope.region}"
        owner = scope.classifier(request["DocumentClassifierName"], request.get("VersionName"))
        act = partial(self._create, scope, request)
        return self._context.once("CreateDocumentClassifier", where, owner, request, act)

    def _create(self, scope: Scope, request: Request) -> Answer:
        context, config = self._context, request["InputDataConfig"]
        require_language(request["LanguageCode"])
        mode = request.get("Mode", "MULTI_CLASS")
        require_mode(mode)
        if config.get("DataFormat", "COMPREHEND_CSV") != "COMPREHEND_CSV" or "S3Uri" not in config:
            raise invalid("comprehend_local trains from COMPREHEND_CSV files named by InputDataConfig.S3Uri.")
        name, version = request["DocumentClassifierName"], request.get("VersionName")
        arn = scope.classifier(name, version)
        if context.store.find(Model, arn) is not None:
            raise in_use(f"{arn} exists already.")
        training = [item for item in context.store.every(Model) if item.flywheel is None and item.status in IN_TRAINING]
        if len(training) >= context.settings.maximum_trainings:
            raise limit_exceeded(f"{len(training)} models are in training, the maximum at once.")
        test = [["TEST", config["TestS3Uri"]]] if "TestS3Uri" in config else []
        now = context.clock.now()
        model = Model(
            arn=arn,
            name=name,
            version=version,
            role=request["DataAccessRoleArn"],
            language=request["LanguageCode"],
            mode=mode,
            status="SUBMITTED",
            submitted=now,
            input=config,
            output=request.get("OutputDataConfig"),
            request={name: request[name] for name in ECHOED if name in request},
            sources=[["TRAIN", config["S3Uri"]], *test],
        )
        put_tags(context, arn, request.get("Tags", []))
        context.store.put(model)
        context.later("begin_classifier", arn, now)
        return {"DocumentClassifierArn": arn}

    def describe(self, scope: Scope, request: Request) -> Answer:
        """DescribeDocumentClassifier, also for versions that flywheels trained."""
        return {"DocumentClassifierProperties": properties(self._require(request["DocumentClassifierArn"]))}

    def every(self, scope: Scope, request: Request) -> Answer:
        """ListDocumentClassifiers: the newest first, or the oldest first with SubmitTimeBefore (as documented)."""
        wanted = only_one(request.get("Filter", {}))
        found = [
            (item.arn, item)
            for item in self._own(scope)
            if wanted.get("Status", item.status) == item.status
            and wanted.get("DocumentClassifierName", item.name) == item.name
            and created_between(item.submitted, wanted, "SubmitTime")
        ]
        if "SubmitTimeBefore" not in wanted:
            found.reverse()
        chosen, more = page(found, request)
        return present(DocumentClassifierPropertiesList=[properties(item) for item in chosen], NextToken=more)

    def summaries(self, scope: Scope, request: Request) -> Answer:
        """ListDocumentClassifierSummaries: one entry a name."""
        latest: dict[str, list[Model]] = {}
        for item in self._own(scope):
            latest.setdefault(item.name, []).append(item)
        chosen, more = page(list(latest.items()), request)
        listed = [
            present(
                DocumentClassifierName=versions[-1].name,
                NumberOfVersions=len(versions),
                LatestVersionCreatedAt=versions[-1].submitted,
                LatestVersionName=versions[-1].version,
                LatestVersionStatus=versions[-1].status,
            )
            for versions in chosen
        ]
        return present(DocumentClassifierSummariesList=listed, NextToken=more)

    def stop(self, scope: Scope, request: Request) -> Answer:
        """StopTrainingDocumentClassifier: of a model that is in training; of any other it changes nothing.

        Stopping the version that a flywheel's iteration trains stops the iteration.
        """
        context, model = self._context, self._require(request["DocumentClassifierArn"])
        if model.status in ("SUBMITTED", "TRAINING"):
            model.status = "STOP_REQUESTED"
            context.store.put(model)
            iteration = context.store.find(Iteration, model.iteration or "")
            if iteration is not None and iteration.status == "TRAINING":
                iteration.status = "STOP_REQUESTED"
                context.store.put(iteration)
        return {}

    def delete(self, scope: Scope, request: Request) -> Answer:
        """DeleteDocumentClassifier: not while it is trained, nor while it is a flywheel's active model."""
        context, model = self._context, self._require(request["DocumentClassifierArn"])
        if model.status in IN_TRAINING:
            raise unavailable(f"{model.arn} is {model.status}; stop its training first.")
        users = [item.arn for item in context.store.every(Flywheel) if item.active_model == model.arn]
        if users:
            raise in_use(f"{model.arn} is the active model of {users[0]}.")
        if any(item.baseline == model.arn for item in context.store.every(Iteration) if item.ended is None):
            raise in_use(f"{model.arn} is being evaluated.")
        context.store.delete(Model, model.arn)
        context.store.delete(Tags, model.arn)
        context.learned.forget_model(model.arn)
        context.forget_tokens(model.arn)
        return {}

    def _require(self, arn: str) -> Model:
        model = self._context.store.find(Model, arn)
        if model is None:
            raise not_found(arn)
        return model

    def _own(self, scope: Scope) -> list[Model]:
        return [item for item in self._context.store.every(Model) if arns.scope_of(item.arn) == scope]


def properties(model: Model) -> dict[str, Any]:
    """DocumentClassifierProperties; training times and metadata once it is TRAINED."""
    trained = model.status == "TRAINED"
    return present(
        DocumentClassifierArn=model.arn,
        LanguageCode=model.language,
        Status=model.status,
        Message=model.message,
        SubmitTime=model.submitted,
        EndTime=model.ended,
        TrainingStartTime=model.training_began if trained else None,
        TrainingEndTime=model.training_ended,
        InputDataConfig=model.input,
        OutputDataConfig=model.output,
        ClassifierMetadata=model.metadata if trained else None,
        DataAccessRoleArn=model.role,
        Mode=model.mode,
        VersionName=model.version,
        SourceModelArn=model.source_model,
        FlywheelArn=model.flywheel,
        **model.request,
    )
