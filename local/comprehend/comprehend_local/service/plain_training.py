"""What happens in the background of CreateDocumentClassifier."""

from __future__ import annotations

import hashlib
import io
import tarfile

from comprehend_local.engine.metrics import ConfusionMatrix
from comprehend_local.engine.split import hold_out
from comprehend_local.service import lake
from comprehend_local.service.context import Context, Step, Writes
from comprehend_local.service.data_access import DataAccess, DataError
from comprehend_local.service.ingestion import check_size, check_training, read_documents
from comprehend_local.service.scores import fit, metadata, score
from comprehend_local.store.records import Model


class PlainTraining:
    """The steps of a model that no flywheel trains."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def steps(self) -> dict[str, Step]:
        """By name, in the order in which they are taken."""
        return {
            "begin_classifier": Step(self._begin, self._fail),
            "train_classifier": Step(self._train, self._fail),
            "end_classifier": Step(self._end, self._fail),
        }

    def _begin(self, arn: str) -> Writes:
        def write() -> None:
            model = self._context.store.find(Model, arn)
            if model is None or self._stopped(model):
                return
            model.status, model.training_began = "TRAINING", self._context.clock.now()
            self._context.store.put(model)
            self._context.later("train_classifier", arn, 0)

        return write

    def _train(self, arn: str) -> Writes:
        context, settings = self._context, self._context.settings
        model = context.store.find(Model, arn)
        if model is None:
            return lambda: None
        access = context.data_access(model.role, arn)
        try:
            documents, size = read_documents(access, _uris(model, "TRAIN"), settings)
            check_size(documents, size, settings)
            check_training(documents, None, settings)
            test, _ = read_documents(access, _uris(model, "TEST"), settings)
            learn, test = (documents, test) if test else hold_out(documents, settings.hold_out_share, settings.seed)
            classifier = fit(context.learned, learn)
            matrix = score(classifier, test)
            if matrix is not None:
                _write_output(access, model, matrix)
        except DataError as error:
            problem = str(error)
            return lambda: self._fail(arn, problem)

        def write() -> None:
            current = context.store.find(Model, arn)
            if current is None:
                return
            context.learned.put_model(arn, classifier)
            current.labels = list(classifier.labels)
            current.metadata = metadata(classifier, len(learn), matrix)
            context.store.put(current)
            context.later("end_classifier", arn, (current.training_began or 0) + settings.training_seconds)

        return write

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

    def _fail(self, arn: str, message: str) -> None:
        model = self._context.store.find(Model, arn)
        if model is not None:
            now = self._context.clock.now()
            model.status, model.message, model.ended, model.training_ended = "IN_ERROR", message, now, now
            self._context.store.put(model)


def _uris(model: Model, kind: str) -> list[str]:
    return [uri for type_, uri in model.sources if type_ == kind]


def _write_output(access: DataAccess, model: Model, matrix: ConfusionMatrix) -> None:
    """`<S3Uri>/<account>-CLR-<hash>/output/output.tar.gz` with confusion_matrix.json, when an S3Uri was given."""
    target = (model.output or {}).get("S3Uri")
    if target is None:
        return
    content = lake.as_file(lake.confusion_document(matrix))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo("output/confusion_matrix.json")
        entry.size, entry.mtime = len(content), int(model.submitted)
        archive.addfile(entry, io.BytesIO(content))
    account = model.arn.split(":")[4]
    digest = hashlib.sha256(f"{model.arn}#{model.submitted}".encode()).hexdigest()[:32]
    access.write(f"{target.rstrip('/')}/{account}-CLR-{digest}/output/output.tar.gz", buffer.getvalue())
