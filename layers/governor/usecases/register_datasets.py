"""Registers the batch's data with Comprehend.

At most one TRAIN and one TEST dataset, because a flywheel has few slots for a lifetime; for a golden exam no TEST
dataset at all.
"""

from governor.contracts import RegisterDatasetsOutput, Step
from governor.domain.batch import ManifestRow, dataset_description, dataset_name, token
from governor.domain.errors import DatasetConflictError
from governor.domain.labelled_data import Wanted, wanted_by
from governor.domain.polling import next_wait
from governor.domain.upload import Kind
from governor.ports import DatasetRecord, Ports, StagedData
from governor.usecases.batch_in_work import BatchInWork, batch_in_work, dataset_kinds, manifest_rows, pinned_policy


def register_datasets(ports: Ports, step: Step) -> RegisterDatasetsOutput:
    """Describe or create each dataset. Raises DatasetConflictError if the name exists with other content."""
    work = batch_in_work(ports, step)
    rows = manifest_rows(ports, work.record)
    policy = pinned_policy(ports, step.flywheel, work)
    datasets = [
        _register(ports, step, work, kind, own, wanted_by(policy))
        for kind in dataset_kinds(policy)
        if (own := [row for row in rows if row["kind"] == kind])
    ]
    wait = next_wait(0, policy.polling)
    return RegisterDatasetsOutput(datasets=len(datasets), wait_seconds=wait if datasets else 0)


def _register(
    ports: Ports, step: Step, work: BatchInWork, kind: Kind, rows: list[ManifestRow], wanted: Wanted
) -> DatasetRecord:
    record = work.record
    name = dataset_name(work.batch.id, kind, record.digest)
    arn = ports.comprehend.dataset_arn(work.arn, name)
    description = dataset_description(record.manifest_uri, record.digest)
    dataset = DatasetRecord(kind, name, arn)
    ports.batches.record_dataset(step.flywheel, step.execution, record.id, dataset)
    known = ports.comprehend.describe_dataset(arn)
    if known is None:
        shards = f"{step.flywheel}/batches/{record.id}-{record.digest[:12]}/{kind}"
        data = StagedData(wanted, ports.staging.build_shards(shards, [row["staged"] for row in rows], wanted.form))
        ports.comprehend.create_dataset(work.arn, name, kind, data, description, token(work.arn, name, record.digest))
        known = ports.comprehend.describe_dataset(arn)
    if known is not None and known.description != description:
        raise DatasetConflictError(
            f"Dataset {name} exists already and was not made from this batch's manifest. Nothing was registered."
        )
    return dataset
