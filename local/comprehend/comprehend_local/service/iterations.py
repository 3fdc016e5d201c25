"""Iterations: StartFlywheelIteration, DescribeFlywheelIteration, ListFlywheelIterationHistory."""

from __future__ import annotations

import hashlib

from comprehend_local import arns
from comprehend_local.arns import Scope
from comprehend_local.clock import stamp
from comprehend_local.service import lake
from comprehend_local.service.context import Answer, Context, Operation, Request, present
from comprehend_local.service.errors import ServiceError, in_use, invalid, not_found
from comprehend_local.service.flywheels import RUNNING, require_active, require_flywheel
from comprehend_local.service.models import CLASSIFIER, ECHOED, RECOGNIZER
from comprehend_local.service.paging import created_between, page
from comprehend_local.service.tasks import task_mode
from comprehend_local.store.records import Dataset, Flywheel, Iteration, Model


class Iterations:
    """The iteration operations; `training` has what happens in the background."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> dict[str, Operation]:
        """By the API's names."""
        return {
            "StartFlywheelIteration": self.start,
            "DescribeFlywheelIteration": self.describe,
            "ListFlywheelIterationHistory": self.every,
        }

    def start(self, scope: Scope, request: Request) -> Answer:
        """StartFlywheelIteration: one at a time per flywheel, on the datasets that are COMPLETED now."""
        flywheel = require_flywheel(self._context, request["FlywheelArn"])
        arn = flywheel.arn
        return self._context.once("StartFlywheelIteration", arn, arn, request, lambda: self._start(flywheel))

    def _start(self, flywheel: Flywheel) -> Answer:
        context, settings = self._context, self._context.settings
        require_active(context, flywheel)
        scope = arns.scope_of(flywheel.arn)
        everywhere = [item for item in context.store.every(Iteration) if item.status in RUNNING]
        running = [item for item in everywhere if arns.scope_of(item.flywheel) == scope]
        if any(item.flywheel == flywheel.arn for item in running):
            raise in_use(f"An iteration of {flywheel.arn} is running.")
        if len(running) >= settings.maximum_iterations:
            raise ServiceError("TooManyRequestsException", f"{len(running)} iterations are running, the maximum.")
        iteration = self._new(flywheel)
        if not iteration.train and flywheel.active_model is None:
            if settings.nothing_to_train == "reject":
                raise invalid(f"{flywheel.arn} has no active model and no TRAIN dataset that is COMPLETED.")
            iteration.status, iteration.ended = "FAILED", iteration.created
            iteration.message = "INSUFFICIENT_DATA: There is no model to evaluate and no data to train one."
        elif iteration.new_train:
            model = _version(flywheel, iteration)
            iteration.candidate = model.arn
            context.store.put(model)
            context.later("train_iteration", iteration.key, iteration.stage_began)
        else:
            iteration.status = "EVALUATING"
            context.later("evaluate_iteration", iteration.key, iteration.stage_began)
        flywheel.latest_iteration = iteration.id
        context.store.put(iteration)
        context.store.put(flywheel)
        return {"FlywheelArn": flywheel.arn, "FlywheelIterationId": iteration.id}

    def _new(self, flywheel: Flywheel) -> Iteration:
        """An iteration with the datasets it is about.

        Its id is its creation time in whole seconds, so the second one of a second is given the next; it works at once.
        """
        store = self._context.store
        taken = {item.id for item in store.every(Iteration, flywheel.arn)}
        now = created = self._context.clock.now()
        while stamp(created) in taken:
            created = float(int(created) + 1)
        completed = [item for item in store.every(Dataset, flywheel.arn) if item.status == "COMPLETED"]
        return Iteration(
            flywheel=flywheel.arn,
            id=stamp(created),
            created=created,
            stage_began=now,
            status="TRAINING",
            train=[item.arn for item in completed if item.type == "TRAIN"],
            test=[item.arn for item in completed if item.type == "TEST"],
            new_train=[item.arn for item in completed if item.type == "TRAIN" and not item.consumed],
            new_test=[item.arn for item in completed if item.type == "TEST" and not item.consumed],
            baseline=flywheel.active_model,
        )

    def describe(self, scope: Scope, request: Request) -> Answer:
        """DescribeFlywheelIteration."""
        key = f"{request['FlywheelArn']}#{request['FlywheelIterationId']}"
        iteration = self._context.store.find(Iteration, key)
        if iteration is None:
            raise not_found(f"{request['FlywheelArn']} iteration {request['FlywheelIterationId']}")
        return {"FlywheelIterationProperties": properties(iteration)}

    def every(self, scope: Scope, request: Request) -> Answer:
        """ListFlywheelIterationHistory: the newest first."""
        flywheel = require_flywheel(self._context, request["FlywheelArn"])
        found = [
            item
            for item in self._context.store.every(Iteration, flywheel.arn)
            if created_between(item.created, request.get("Filter", {}))
        ]
        place = self._context.store.places(Iteration)
        chosen, more = page("ListFlywheelIterationHistory", scope, request, found, lambda item: place[item.key])
        return present(FlywheelIterationPropertiesList=[properties(item) for item in chosen], NextToken=more)


def properties(iteration: Iteration) -> Answer:
    """FlywheelIterationProperties. Models and their metrics are shown together, when the iteration is COMPLETED."""
    done = iteration.status == "COMPLETED"
    trained = done and iteration.candidate is not None
    evaluated = done and iteration.evaluated_metrics is not None
    return present(
        FlywheelArn=iteration.flywheel,
        FlywheelIterationId=iteration.id,
        CreationTime=iteration.created,
        EndTime=iteration.ended,
        Status=iteration.status,
        Message=iteration.message if iteration.status not in RUNNING else None,
        EvaluatedModelArn=iteration.baseline if evaluated else None,
        EvaluatedModelMetrics=iteration.evaluated_metrics if evaluated else None,
        TrainedModelArn=iteration.candidate if trained else None,
        TrainedModelMetrics=iteration.trained_metrics if trained else None,
        EvaluationManifestS3Prefix=iteration.evaluation_uri if done else None,
    )


def _version(flywheel: Flywheel, iteration: Iteration) -> Model:
    """The model version that an iteration trains, named as the service names them."""
    digest = hashlib.sha256(f"{flywheel.arn}#{flywheel.created}#{iteration.id}".encode()).hexdigest()[:8]
    version = f"Comprehend-Generated-v1-{digest}"
    mode = task_mode(flywheel.task)
    kind = RECOGNIZER if mode == "ENTITIES" else CLASSIFIER
    return Model(
        arn=arns.scope_of(flywheel.arn).model(kind.resource, flywheel.model_name, version),
        name=flywheel.model_name,
        version=version,
        role=flywheel.role,
        language=flywheel.task["LanguageCode"],
        mode=mode,
        status="TRAINING",
        submitted=iteration.created,
        training_began=iteration.created,
        flywheel=flywheel.arn,
        iteration=iteration.key,
        request={name: flywheel.security[name] for name in ECHOED if name in flywheel.security},
        output={"FlywheelStatsS3Prefix": lake.model_statistics(flywheel.lake, version)},
    )
