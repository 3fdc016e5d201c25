"""What happens in the background when a flywheel is created or deleted."""

from __future__ import annotations

from comprehend_local import arns
from comprehend_local.service import lake
from comprehend_local.service.context import Context, Step, Writes
from comprehend_local.service.data_access import DataError
from comprehend_local.service.ingestion import take_in
from comprehend_local.service.sources import Source
from comprehend_local.service.tasks import task_mode
from comprehend_local.store.records import Dataset, Flywheel, Iteration, Model, Tags


class Creation:
    """The steps of a flywheel's own life."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def steps(self) -> dict[str, Step]:
        """By name."""
        return {
            "prepare_flywheel": Step(self._prepare, self._fail),
            "end_creation": Step(self._end, self._fail, ends="flywheel"),
            "delete_flywheel": Step(self._delete, self._fail),
        }

    def _prepare(self, arn: str) -> Writes:
        """See that the lake can be used; copy the existing model's data into it."""
        context = self._context
        flywheel = context.store.find(Flywheel, arn)
        if flywheel is None:
            return lambda: None
        access = context.data_access(flywheel.role, flywheel.arn)
        copies: list[Dataset] = []
        message = None
        try:
            access.check_writable(flywheel.lake)
            model = context.store.find(Model, flywheel.active_model or "")
            for kind in ("TRAIN", "TEST"):
                sources = [source for source in (model.sources if model else []) if source["type"] == kind]
                if sources:
                    copy = _copied(flywheel, kind, sources, context.clock.now())
                    mode = task_mode(flywheel.task)
                    copy.documents = take_in(context, access, copy, mode, lambda census: None).documents
                    copies.append(copy)
        except DataError as error:
            message = str(error)

        def write() -> None:
            current = context.store.find(Flywheel, arn)
            if current is None:
                return
            current.message = message
            for copy in copies if message is None else []:
                context.store.put(copy)
            context.store.put(current)
            times = context.settings.durations
            takes = times.flywheel_creation if current.active_model is None else times.flywheel_copy
            context.later("end_creation", arn, current.created + takes)

        return write

    def _end(self, arn: str) -> Writes:
        def write() -> None:
            flywheel = self._context.store.find(Flywheel, arn)
            if flywheel is not None:
                flywheel.status = "ACTIVE" if flywheel.message is None else "FAILED"
                flywheel.modified = self._context.clock.now()
                self._context.store.put(flywheel)

        return write

    def _delete(self, arn: str) -> Writes:
        def write() -> None:
            store = self._context.store
            for dataset in store.every(Dataset, arn):
                store.delete(Dataset, dataset.key)
                store.delete(Tags, dataset.key)
                self._context.learned.forget_documents(dataset.arn)
            for iteration in store.every(Iteration, arn):
                store.delete(Iteration, iteration.key)
            store.delete(Flywheel, arn)
            store.delete(Tags, arn)
            self._context.forget_tokens(arn)

        return write

    def _fail(self, arn: str, message: str) -> None:
        flywheel = self._context.store.find(Flywheel, arn)
        if flywheel is not None:
            flywheel.status, flywheel.message = "FAILED", message
            self._context.store.put(flywheel)


def _copied(flywheel: Flywheel, kind: str, sources: list[Source], now: float) -> Dataset:
    """The dataset as which the model's data shows up; its description is the service's."""
    name = f"flywheel-creation-{kind.lower()}"
    return Dataset(
        arn=arns.dataset(flywheel.arn, name),
        flywheel=flywheel.arn,
        name=name,
        type=kind,
        status="COMPLETED",
        created=now,
        ended=now,
        lake_uri=lake.dataset(flywheel.lake, name, now),
        sources=sources,
        description=f"{kind} Dataset created by Flywheel creation.",
        consumed=True,
    )
