"""What an iteration does in the background: train, evaluate, end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comprehend_local.engine.learner import Part
from comprehend_local.engine.metrics import Scores
from comprehend_local.engine.split import hold_out
from comprehend_local.service import lake
from comprehend_local.service.context import Context, Step, Writes
from comprehend_local.service.data_access import DataError
from comprehend_local.service.scores import (
    confusion_document,
    fit,
    flywheel_metrics,
    hold_out_share,
    listed,
    metadata,
    score,
)
from comprehend_local.service.sources import of_lake
from comprehend_local.service.tasks import task_mode
from comprehend_local.store.records import Dataset, Flywheel, Iteration, Model

MESSAGES = {
    (True, True): "FULL_ITERATION: Flywheel iteration performed all functions successfully.",
    (True, False): "TRAINING_ONLY: A new model was trained; there was no active model to evaluate.",
    (False, True): "EVALUATION_ONLY: There was no new training data; the active model was evaluated.",
    (False, False): "NO_NEW_DATA: There was nothing to train or to evaluate.",
}
"""By (trained, evaluated). Only the first is published; the others are this server's own, in its style."""


@dataclass(frozen=True, slots=True)
class Exam:
    """The documents to learn from and those to score on, labels outside the frozen list left out."""

    learn: list[Part]
    test: list[Part]


class Training:
    """The steps of an iteration."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def steps(self) -> dict[str, Step]:
        """By name, in the order in which they are taken; one without new TRAIN data begins with the third."""
        return {
            "train_iteration": Step(self._train, self._fail, long=True),
            "begin_evaluation": Step(self._begin_evaluation, self._fail, ends="iteration", stop=self._stop_now),
            "evaluate_iteration": Step(self._evaluate, self._fail, long=True),
            "end_iteration": Step(self._end, self._fail, ends="iteration", stop=self._stop_now),
        }

    def _train(self, key: str) -> Writes:
        """Train the candidate and score it."""
        context = self._context
        iteration, flywheel = self._load(key)
        candidate = context.store.find(Model, iteration.candidate or "")
        if candidate is None:
            raise LookupError(f"no model record for iteration {key}")
        exam = self._exam(flywheel, iteration)
        mode = task_mode(flywheel.task)
        try:
            trained = fit(context.learned, exam.learn, mode, flywheel.labels)
            scores = score(trained, exam.test, flywheel.labels)
            if candidate.output is not None and scores is not None:
                access = context.data_access(flywheel.role, candidate.arn)
                uri = f"{candidate.output['FlywheelStatsS3Prefix']}confusion_matrix.json"
                access.write(uri, lake.as_file(confusion_document(scores)))
        except DataError as error:
            problem = str(error)
            return lambda: self._fail(key, problem)
        described = metadata(trained, mode, exam.learn, scores)

        def write() -> None:
            iteration, _ = self._load(key)
            model = context.store.find(Model, candidate.arn)
            if model is None:
                self._fail(key, "MODEL_DELETED: The model was deleted while it was trained.")
                return
            context.learned.put_model(model.arn, mode, trained)
            model.labels = list(trained.labels)
            used = iteration.train if context.settings.cumulative_training else iteration.new_train
            model.sources = [of_lake(item.lake_uri, item.type) for item in self._datasets([*used, *iteration.test])]
            model.metadata = described
            context.store.put(model)
            iteration.trained_metrics = flywheel_metrics(scores, context.settings)
            context.store.put(iteration)
            context.later("begin_evaluation", key, iteration.stage_began + context.settings.durations.training)

        return write

    def _begin_evaluation(self, key: str) -> Writes:
        def write() -> None:
            context, now = self._context, self._context.clock.now()
            iteration, _ = self._load(key)
            model = context.store.find(Model, iteration.candidate or "")
            if iteration.status == "STOP_REQUESTED" or model is None:
                self._stop(iteration, model)
                return
            model.status, model.training_ended, model.ended = "TRAINED", now, now
            context.store.put(model)
            iteration.status, iteration.stage_began = "EVALUATING", now
            context.store.put(iteration)
            context.later("evaluate_iteration", key, now)

        return write

    def _evaluate(self, key: str) -> Writes:
        """Score the active model on the same documents as the candidate."""
        context = self._context
        iteration, flywheel = self._load(key)
        scores, manifest = None, None
        if self._scores_baseline(iteration):
            exam = self._exam(flywheel, iteration)
            scores = score(context.learned.model(iteration.baseline or ""), exam.test, flywheel.labels)
        metrics = flywheel_metrics(scores, context.settings)
        if scores is not None or iteration.candidate is not None:
            manifest = lake.evaluation(flywheel.lake, iteration.id)
            access = context.data_access(flywheel.role, iteration.candidate or iteration.baseline or flywheel.arn)
            try:
                access.write(f"{manifest}manifest.json", lake.as_file(_manifest(iteration, metrics, scores)))
            except DataError as error:
                problem = str(error)
                return lambda: self._fail(key, problem)

        def write() -> None:
            iteration, _ = self._load(key)
            iteration.evaluated_metrics, iteration.evaluation_uri = metrics, manifest
            context.store.put(iteration)
            context.later("end_iteration", key, iteration.stage_began + context.settings.durations.evaluation)

        return write

    def _end(self, key: str) -> Writes:
        def write() -> None:
            context = self._context
            iteration, flywheel = self._load(key)
            if iteration.status == "STOP_REQUESTED":
                self._stop(iteration, context.store.find(Model, iteration.candidate or ""))
                return
            now = max(context.clock.now(), iteration.created)
            done = (iteration.candidate is not None, iteration.evaluated_metrics is not None)
            iteration.status, iteration.ended, iteration.message = "COMPLETED", now, MESSAGES[done]
            context.store.put(iteration)
            for dataset in self._datasets([*iteration.new_train, *iteration.new_test]):
                dataset.consumed = True
                context.store.put(dataset)
            candidate = context.store.find(Model, iteration.candidate or "")
            if candidate is not None and flywheel.labels is None:
                flywheel.labels = list(candidate.labels)
                context.store.put(flywheel)
            if context.settings.activate_first_model and flywheel.active_model is None and iteration.candidate:
                flywheel.active_model, flywheel.modified = iteration.candidate, now
                context.store.put(flywheel)

        return write

    def _scores_baseline(self, iteration: Iteration) -> bool:
        if iteration.baseline is None:
            return False
        when = self._context.settings.evaluated_model
        return (
            when == "when_active" or bool(iteration.new_test) or (when == "when_new_data" and bool(iteration.new_train))
        )

    def _exam(self, flywheel: Flywheel, iteration: Iteration) -> Exam:
        """What both models sit: TEST data; a held-out part of the training data where there is none."""
        context, settings = self._context, self._context.settings
        wanted = iteration.train if settings.cumulative_training or not iteration.new_train else iteration.new_train
        test = iteration.new_test if settings.exam == "new" and iteration.new_test else iteration.test
        mode = task_mode(flywheel.task)
        learn = listed(context.learned.prepared(wanted, mode), mode, flywheel.labels)
        if test:
            return Exam(learn, listed(context.learned.prepared(test, mode), mode, flywheel.labels))
        return Exam(*hold_out(learn, hold_out_share(mode, settings), settings.seed))

    def _datasets(self, dataset_arns: Sequence[str]) -> list[Dataset]:
        found = (self._context.store.find(Dataset, arn) for arn in dataset_arns)
        return [dataset for dataset in found if dataset is not None]

    def _load(self, key: str) -> tuple[Iteration, Flywheel]:
        iteration = self._context.store.find(Iteration, key)
        flywheel = self._context.store.find(Flywheel, iteration.flywheel) if iteration else None
        if iteration is None or flywheel is None:
            raise LookupError(f"iteration {key} is gone")
        return iteration, flywheel

    def _stop(self, iteration: Iteration, model: Model | None) -> None:
        now = self._context.clock.now()
        iteration.status, iteration.ended = "STOPPED", max(now, iteration.created)
        iteration.message = "STOPPED: The training of the model was stopped."
        self._context.store.put(iteration)
        if model is not None:
            model.status, model.ended, model.training_ended = "STOPPED", now, now
            self._context.store.put(model)

    def _stop_now(self, key: str) -> None:
        iteration, _ = self._load(key)
        model = self._context.store.find(Model, iteration.candidate or "")
        self._stop(iteration, model if model is not None and model.status != "TRAINED" else None)

    def _fail(self, key: str, message: str) -> None:
        context = self._context
        iteration = context.store.find(Iteration, key)
        if iteration is None:
            return
        now = context.clock.now()
        iteration.status, iteration.message, iteration.ended = "FAILED", message, max(now, iteration.created)
        context.store.put(iteration)
        model = context.store.find(Model, iteration.candidate or "")
        if model is not None and model.status != "TRAINED":
            model.status, model.message, model.ended, model.training_ended = "IN_ERROR", message, now, now
            context.store.put(model)


def _manifest(iteration: Iteration, metrics: dict[str, float] | None, scores: Scores | None) -> dict[str, object]:
    """What the evaluation folder holds. The service's own manifest is not documented; this one is for people."""
    return {
        "FlywheelIterationId": iteration.id,
        "TrainDatasets": iteration.train,
        "TestDatasets": iteration.test,
        "TrainedModel": {"ModelArn": iteration.candidate, "Metrics": iteration.trained_metrics},
        "EvaluatedModel": {
            "ModelArn": iteration.baseline,
            "Metrics": metrics,
            "ConfusionMatrix": confusion_document(scores) if scores else None,
        },
    }
