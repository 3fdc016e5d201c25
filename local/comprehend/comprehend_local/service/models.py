"""Document classifiers and entity recognizers: create, describe, list, stop, delete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from comprehend_local import arns
from comprehend_local.arns import Scope
from comprehend_local.engine.learner import Mode
from comprehend_local.service.context import Answer, Context, Operation, Request, present
from comprehend_local.service.errors import ServiceError, in_use, invalid, limit_exceeded, not_found, unavailable
from comprehend_local.service.paging import created_between, only_one, page
from comprehend_local.service.resource_policies import forget_policy, put_policy
from comprehend_local.service.serving import require_unused
from comprehend_local.service.sources import Source, of_classifier, of_recognizer
from comprehend_local.service.tags import put_tags
from comprehend_local.service.tasks import entity_types, require_language
from comprehend_local.store.records import Flywheel, Iteration, Model, Tags

IN_TRAINING = ("SUBMITTED", "TRAINING", "STOP_REQUESTED")
USABLE = ("TRAINED", "TRAINED_WITH_WARNING")
ECHOED = ("VolumeKmsKeyId", "VpcConfig", "ModelKmsKeyId")


@dataclass(frozen=True, slots=True)
class Kind:
    """The API's words for one of the two kinds of model; with which filter its list begins with the oldest."""

    noun: str
    name: str
    metadata: str
    resource: str
    oldest_first: str

    @property
    def arn(self) -> str:
        """The member that names a model."""
        return f"{self.noun}Arn"

    def holds(self, model_arn: str) -> bool:
        """Whether an ARN is one of this kind's."""
        return f":{self.resource}/" in model_arn


CLASSIFIER = Kind(
    "DocumentClassifier", "DocumentClassifierName", "ClassifierMetadata", "document-classifier", "SubmitTimeBefore"
)
RECOGNIZER = Kind("EntityRecognizer", "RecognizerName", "RecognizerMetadata", "entity-recognizer", "SubmitTimeAfter")


class Models:
    """The model operations of one kind; `plain_training` has what happens in the background."""

    def __init__(self, context: Context, kind: Kind) -> None:
        self._context = context
        self._kind = kind

    def operations(self) -> dict[str, Operation]:
        """By the API's names."""
        noun = self._kind.noun
        return {
            f"Create{noun}": self.create,
            f"Describe{noun}": self.describe,
            f"List{noun}s": self.every,
            f"List{noun}Summaries": self.summaries,
            f"StopTraining{noun}": self.stop,
            f"Delete{noun}": self.delete,
        }

    def create(self, scope: Scope, request: Request) -> Answer:
        """CreateDocumentClassifier, CreateEntityRecognizer: training from files, without a flywheel."""
        kind = self._kind
        where = f"{scope.account}#{scope.region}"
        owner = scope.model(kind.resource, request[kind.name], request.get("VersionName"))
        return self._context.once(f"Create{kind.noun}", where, owner, request, partial(self._create, request, owner))

    def _create(self, request: Request, arn: str) -> Answer:
        context, kind = self._context, self._kind
        require_language(request["LanguageCode"])
        mode, sources, labels = _wanted(kind, request)
        if not any(source["type"] == "TRAIN" for source in sources):
            raise invalid("There is no training data; at least one manifest needs Split TRAIN.")
        if context.store.find(Model, arn) is not None:
            raise in_use(f"{arn} exists already.")
        own = self._own(arns.scope_of(arn))
        training = [item for item in own if item.flywheel is None and item.status in IN_TRAINING]
        if len(training) >= context.settings.maximum_trainings:
            raise limit_exceeded(f"{len(training)} models are in training, the maximum at once.")
        now = context.clock.now()
        model = Model(
            arn=arn,
            name=request[kind.name],
            version=request.get("VersionName"),
            role=request["DataAccessRoleArn"],
            language=request["LanguageCode"],
            mode=mode,
            status="SUBMITTED",
            submitted=now,
            input=request["InputDataConfig"],
            output=request.get("OutputDataConfig"),
            request={name: request[name] for name in ECHOED if name in request},
            labels=labels,
            sources=sources,
        )
        put_tags(context, arn, request.get("Tags", []))
        if "ModelPolicy" in request:
            put_policy(context, arn, request["ModelPolicy"])
        context.store.put(model)
        context.later("begin_training", arn, now)
        return {kind.arn: arn}

    def describe(self, scope: Scope, request: Request) -> Answer:
        """DescribeDocumentClassifier, DescribeEntityRecognizer, also for versions that flywheels trained."""
        model = self._require(request[self._kind.arn])
        return {f"{self._kind.noun}Properties": properties(model, self._kind)}

    def every(self, scope: Scope, request: Request) -> Answer:
        """ListDocumentClassifiers, ListEntityRecognizers: the newest first.

        The documents say oldest first for classifiers with SubmitTimeBefore and for recognizers with SubmitTimeAfter.
        """
        kind, wanted = self._kind, only_one(request.get("Filter", {}))
        found = [
            item
            for item in self._own(scope)
            if wanted.get("Status", item.status) == item.status
            and wanted.get(kind.name, item.name) == item.name
            and created_between(item.submitted, wanted, "SubmitTime")
        ]
        place, oldest_first = self._context.store.places(Model), kind.oldest_first in wanted
        operation = f"List{kind.noun}s"
        chosen, more = page(operation, scope, request, found, lambda item: place[item.key], ascending=oldest_first)
        listed = [properties(item, kind) for item in chosen]
        return present(**{f"{kind.noun}PropertiesList": listed}, NextToken=more)

    def summaries(self, scope: Scope, request: Request) -> Answer:
        """ListDocumentClassifierSummaries, ListEntityRecognizerSummaries: one entry a name, by name."""
        latest: dict[str, list[Model]] = {}
        for item in self._own(scope):
            latest.setdefault(item.name, []).append(item)
        operation = f"List{self._kind.noun}Summaries"
        found = latest.values()
        chosen, more = page(operation, scope, request, found, lambda item: item[0].name, ascending=True)
        listed = [
            present(
                **{self._kind.name: versions[-1].name},
                NumberOfVersions=len(versions),
                LatestVersionCreatedAt=versions[-1].submitted,
                LatestVersionName=versions[-1].version,
                LatestVersionStatus=versions[-1].status,
            )
            for versions in chosen
        ]
        return present(**{f"{self._kind.noun}SummariesList": listed}, NextToken=more)

    def stop(self, scope: Scope, request: Request) -> Answer:
        """StopTrainingDocumentClassifier, StopTrainingEntityRecognizer.

        Of a model that is not in training it changes nothing. Stopping the version that a flywheel's iteration trains
        stops the iteration.
        """
        context, model = self._context, self._require(request[self._kind.arn])
        if model.status in ("SUBMITTED", "TRAINING"):
            model.status = "STOP_REQUESTED"
            context.store.put(model)
            iteration = context.store.find(Iteration, model.iteration or "")
            if iteration is not None and iteration.status == "TRAINING":
                iteration.status = "STOP_REQUESTED"
                context.store.put(iteration)
        return {}

    def delete(self, scope: Scope, request: Request) -> Answer:
        """DeleteDocumentClassifier, DeleteEntityRecognizer: not while it is trained or in use."""
        context, model = self._context, self._require(request[self._kind.arn])
        if model.status in IN_TRAINING:
            raise unavailable(f"{model.arn} is {model.status}; stop its training first.")
        users = [item.arn for item in context.store.every(Flywheel) if item.active_model == model.arn]
        if users:
            raise in_use(f"{model.arn} is the active model of {users[0]}.")
        running = (item for item in context.store.every(Iteration) if item.ended is None)
        if any(model.arn in (item.baseline, item.candidate) for item in running):
            raise in_use(f"{model.arn} is being evaluated.")
        require_unused(context, model.arn)
        context.store.delete(Model, model.arn)
        context.store.delete(Tags, model.arn)
        context.learned.forget_model(model.arn)
        context.forget_tokens(model.arn)
        forget_policy(context, model.arn)
        return {}

    def _require(self, arn: str) -> Model:
        model = self._context.store.find(Model, arn)
        if model is None:
            raise not_found(arn)
        return model

    def _own(self, scope: Scope) -> list[Model]:
        every = self._context.store.every(Model)
        return [item for item in every if arns.scope_of(item.arn) == scope and self._kind.holds(item.arn)]


def require_usable_model(context: Context, arn: str, refusal: Callable[[str], ServiceError] = unavailable) -> Model:
    """A model whose training has ended well. `refusal` makes the error for one that cannot be used."""
    model = context.store.find(Model, arn)
    if model is None:
        raise not_found(arn)
    if model.status not in USABLE:
        raise refusal(f"{arn} is {model.status}; it must be TRAINED.")
    return model


def _wanted(kind: Kind, request: Request) -> tuple[Mode, list[Source], list[str]]:
    """(mode, data, listed entity types) of a new model."""
    config = request["InputDataConfig"]
    if kind is RECOGNIZER:
        return "ENTITIES", of_recognizer(config), entity_types(config["EntityTypes"])
    mode = cast(Mode, request.get("Mode", "MULTI_CLASS"))
    return mode, of_classifier(config, mode), []


def properties(model: Model, kind: Kind) -> dict[str, Any]:
    """DocumentClassifierProperties, EntityRecognizerProperties; training times and metadata once it is TRAINED."""
    trained = model.status in USABLE
    own = {"Mode": model.mode} if kind is CLASSIFIER else {}
    return present(
        **{kind.arn: model.arn, kind.metadata: model.metadata if trained else None},
        LanguageCode=model.language,
        Status=model.status,
        Message=model.message,
        SubmitTime=model.submitted,
        EndTime=model.ended,
        TrainingStartTime=model.training_began if trained else None,
        TrainingEndTime=model.training_ended,
        InputDataConfig=model.input,
        OutputDataConfig=model.output,
        DataAccessRoleArn=model.role,
        VersionName=model.version,
        FlywheelArn=model.flywheel,
        **own,
        **model.request,
    )
