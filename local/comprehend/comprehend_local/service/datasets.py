"""Datasets: CreateDataset, DescribeDataset, ListDatasets, and the copying of data into the lake."""

from __future__ import annotations

from comprehend_local import arns
from comprehend_local.arns import Scope
from comprehend_local.service import lake
from comprehend_local.service.context import Answer, Context, Operation, Request, Step, Writes, present
from comprehend_local.service.data_access import DataError
from comprehend_local.service.errors import in_use, limit_exceeded, not_found
from comprehend_local.service.flywheels import require_active, require_flywheel
from comprehend_local.service.ingestion import Census, check_size, check_test, check_training, take_in
from comprehend_local.service.paging import created_between, page
from comprehend_local.service.sources import of_dataset
from comprehend_local.service.tags import put_tags
from comprehend_local.service.tasks import task_mode
from comprehend_local.store.records import Dataset, Flywheel


class Datasets:
    """The dataset operations."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> dict[str, Operation]:
        """By the API's names."""
        return {"CreateDataset": self.create, "DescribeDataset": self.describe, "ListDatasets": self.every}

    def steps(self) -> dict[str, Step]:
        """By name."""
        return {
            "ingest_dataset": Step(self._ingest, self._fail),
            "end_dataset": Step(self._end, self._fail, ends="dataset"),
        }

    def create(self, scope: Scope, request: Request) -> Answer:
        """CreateDataset: takes a slot for good, and copies the data in the background."""
        flywheel = require_flywheel(self._context, request["FlywheelArn"])
        arn = flywheel.arn
        return self._context.once("CreateDataset", arn, arn, request, lambda: self._create(flywheel, request))

    def _create(self, flywheel: Flywheel, request: Request) -> Answer:
        context, settings = self._context, self._context.settings
        arn = arns.dataset(flywheel.arn, request["DatasetName"])
        require_active(context, flywheel)
        if context.store.find(Dataset, arn) is not None:
            raise in_use(f"The flywheel already has a dataset named {request['DatasetName']}.")
        kind = request.get("DatasetType", settings.default_dataset_type)
        sources = of_dataset(request["InputDataConfig"], task_mode(flywheel.task), kind)
        siblings = [item for item in context.store.every(Dataset, flywheel.arn) if item.type == kind]
        most = settings.maximum_train_datasets if kind == "TRAIN" else settings.maximum_test_datasets
        if len(siblings) >= most:
            raise limit_exceeded(f"The flywheel has {len(siblings)} {kind} datasets; the maximum is {most}.")
        scope = arns.scope_of(flywheel.arn)
        everywhere = [item for item in context.store.every(Dataset) if item.status == "CREATING"]
        creating = [item for item in everywhere if arns.scope_of(item.arn) == scope]
        if len(creating) >= settings.maximum_datasets_creating:
            raise limit_exceeded(f"{len(creating)} datasets are being created, which is the maximum at once.")
        now = context.clock.now()
        dataset = Dataset(
            arn=arn,
            flywheel=flywheel.arn,
            name=request["DatasetName"],
            type=kind,
            status="CREATING",
            created=now,
            lake_uri=lake.dataset(flywheel.lake, request["DatasetName"], now),
            sources=sources,
            description=request.get("Description"),
        )
        put_tags(context, arn, request.get("Tags", []))
        context.store.put(dataset)
        context.later("ingest_dataset", arn, now)
        return {"DatasetArn": arn}

    def describe(self, scope: Scope, request: Request) -> Answer:
        """DescribeDataset."""
        dataset = self._context.store.find(Dataset, request["DatasetArn"])
        if dataset is None:
            raise not_found(request["DatasetArn"])
        return {"DatasetProperties": properties(dataset)}

    def every(self, scope: Scope, request: Request) -> Answer:
        """ListDatasets: of one flywheel, or of all in the account and region; the newest first."""
        wanted = request.get("Filter", {})
        if (arn := request.get("FlywheelArn")) is not None:
            require_flywheel(self._context, arn)
        found = [
            item
            for item in self._context.store.every(Dataset, arn)
            if arns.scope_of(item.arn) == scope
            and wanted.get("Status", item.status) == item.status
            and wanted.get("DatasetType", item.type) == item.type
            and created_between(item.created, wanted)
        ]
        place = self._context.store.places(Dataset)
        chosen, more = page("ListDatasets", scope, request, found, lambda item: place[item.key])
        return present(DatasetPropertiesList=[properties(item) for item in chosen], NextToken=more)

    def _ingest(self, arn: str) -> Writes:
        context = self._context
        dataset = context.store.find(Dataset, arn)
        flywheel = context.store.find(Flywheel, dataset.flywheel) if dataset else None
        if dataset is None or flywheel is None:
            return lambda: None
        access = context.data_access(flywheel.role, flywheel.arn)
        mode = task_mode(flywheel.task)

        def check(census: Census) -> None:
            check_size(census, context.settings)
            (check_training if dataset.type == "TRAIN" else check_test)(census, flywheel.labels, context.settings)

        documents, message = None, None
        try:
            documents = take_in(context, access, dataset, mode, check).documents
        except DataError as error:
            message = str(error)

        def write() -> None:
            current = context.store.find(Dataset, arn)
            if current is None:
                context.learned.forget_documents(arn)
                return
            current.message, current.documents = message, documents
            context.store.put(current)
            context.later("end_dataset", arn, current.created + context.settings.durations.dataset_ingestion)

        return write

    def _end(self, arn: str) -> Writes:
        def write() -> None:
            dataset = self._context.store.find(Dataset, arn)
            if dataset is not None:
                dataset.status = "COMPLETED" if dataset.message is None else "FAILED"
                dataset.ended = self._context.clock.now()
                self._context.store.put(dataset)

        return write

    def _fail(self, arn: str, message: str) -> None:
        dataset = self._context.store.find(Dataset, arn)
        if dataset is not None:
            dataset.status, dataset.message, dataset.ended = "FAILED", message, self._context.clock.now()
            dataset.documents = None
            self._context.store.put(dataset)
            self._context.learned.forget_documents(arn)


def properties(dataset: Dataset) -> Answer:
    """DatasetProperties; while it is CREATING nothing is known of its outcome."""
    done = dataset.status != "CREATING"
    return present(
        DatasetArn=dataset.arn,
        DatasetName=dataset.name,
        DatasetType=dataset.type,
        DatasetS3Uri=dataset.lake_uri,
        Description=dataset.description,
        Status=dataset.status,
        Message=dataset.message if done else None,
        NumberOfDocuments=dataset.documents if done else None,
        CreationTime=dataset.created,
        EndTime=dataset.ended if done else None,
    )
