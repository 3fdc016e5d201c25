"""What happens in the background of CreateDocumentClassifier and CreateEntityRecognizer."""

from __future__ import annotations

import hashlib
import io
from typing import cast

from comprehend_local.engine.learner import Mode, Part
from comprehend_local.engine.metrics import Scores
from comprehend_local.engine.split import hold_out
from comprehend_local.service import lake
from comprehend_local.service.context import Context, Step, Writes
from comprehend_local.service.data_access import DataAccess, DataError
from comprehend_local.service.ingestion import Census, Reading, check_size, check_test, check_training
from comprehend_local.service.outputs import archive
from comprehend_local.service.scores import confusion_document, fit, hold_out_share, listed, metadata, score, size_of
from comprehend_local.store.records import Model


class PlainTraining:
    """The steps of a model that no flywheel trains."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def steps(self) -> dict[str, Step]:
        """By name, in the order in which they are taken."""
        return {
            "begin_training": Step(self._begin, self._fail),
            "train_model": Step(self._train, self._fail, long=True),
            "end_training": Step(self._end, self._fail, ends="model", stop=self._stop_now),
        }

    def _begin(self, arn: str) -> Writes:
        def write() -> None:
            model = self._context.store.find(Model, arn)
            if model is None or self._stopped(model):
                return
            model.status, model.training_began = "TRAINING", self._context.clock.now()
            self._context.store.put(model)
            self._context.later("train_model", arn, 0)

        return write

    def _train(self, arn: str) -> Writes:
        context, settings = self._context, self._context.settings
        model = context.store.find(Model, arn)
        if model is None:
            return lambda: None
        access = context.data_access(model.role, arn)
        mode = cast(Mode, model.mode)
        labels = model.labels or None
        try:
            learn = self._read(model, access, "TRAIN", labels)
            test = self._read(model, access, "TEST", labels)
            if not size_of(test):
                learn, test = hold_out(learn, hold_out_share(mode, settings), settings.seed)
            trained = fit(context.learned, learn, mode, labels)
            scores = score(trained, test, labels)
            if scores is not None:
                _write_output(access, model, scores)
        except DataError as error:
            problem = str(error)
            return lambda: self._fail(arn, problem)
        described = metadata(trained, mode, learn, scores)

        def write() -> None:
            current = context.store.find(Model, arn)
            if current is None:
                return
            context.learned.put_model(arn, mode, trained)
            current.labels, current.metadata = list(trained.labels), described
            context.store.put(current)
            context.later("end_training", arn, (current.training_began or 0) + settings.durations.training)

        return write

    def _read(self, model: Model, access: DataAccess, kind: str, labels: list[str] | None) -> list[Part]:
        """The documents of one kind, ready; none of one kind of data. Raises DataError."""
        settings, mode = self._context.settings, cast(Mode, model.mode)
        sources = [source for source in model.sources if source["type"] == kind]
        if not sources:
            return []
        reading = Reading(access, settings, Census(mode))
        learner = self._context.learned.learner(mode)
        prepared = [ready for chunk in reading.chunks(sources) for ready in learner.prepare([chunk])]
        check_size(reading.census, settings)
        (check_training if kind == "TRAIN" else check_test)(reading.census, labels, settings)
        return listed(prepared, mode, labels)

    def _end(self, arn: str) -> Writes:
        def write() -> None:
            model, now = self._context.store.find(Model, arn), self._context.clock.now()
            if model is not None and not self._stopped(model):
                model.status, model.training_ended, model.ended = "TRAINED", now, now
                self._context.store.put(model)

        return write

    def _stopped(self, model: Model) -> bool:
        """Whether somebody asked to stop; then it stops now."""
        if model.status != "STOP_REQUESTED":
            return False
        model.status, model.ended = "STOPPED", self._context.clock.now()
        model.training_ended = model.ended if model.training_began else None
        self._context.store.put(model)
        return True

    def _stop_now(self, arn: str) -> None:
        model = self._context.store.find(Model, arn)
        if model is not None:
            model.status = "STOP_REQUESTED"
            self._stopped(model)

    def _fail(self, arn: str, message: str) -> None:
        model = self._context.store.find(Model, arn)
        if model is not None:
            now = self._context.clock.now()
            model.status, model.message, model.ended, model.training_ended = "IN_ERROR", message, now, now
            self._context.store.put(model)


def _write_output(access: DataAccess, model: Model, scores: Scores) -> None:
    """`<S3Uri>/<account>-CLR-<hash>/output/output.tar.gz` with confusion_matrix.json, when an S3Uri was given."""
    target = (model.output or {}).get("S3Uri")
    if target is None:
        return
    content = lake.as_file(confusion_document(scores))
    document = io.BytesIO()
    document.write(content)
    account = model.arn.split(":")[4]
    digest = hashlib.sha256(f"{model.arn}#{model.submitted}".encode()).hexdigest()[:32]
    with archive("output/confusion_matrix.json", document) as packed:
        access.write(f"{target.rstrip('/')}/{account}-CLR-{digest}/output/output.tar.gz", packed.read())
