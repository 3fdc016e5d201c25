"""Looks whether Comprehend has taken in the batch's datasets, and settles their uploads."""

from governor.contracts import CheckDatasetsOutput, LookInput
from governor.domain.batch import NO_BASELINE, ManifestRow, Settled
from governor.domain.errors import DatasetsRefusedError, FlywheelUnavailableError
from governor.domain.measures import UPLOADS_REFUSED
from governor.domain.polling import next_wait
from governor.ports import DatasetFacts, DatasetRecord, Ports
from governor.usecases.batch_in_work import BatchInWork, batch_in_work, dataset_kinds, manifest_rows, pinned_policy
from governor.usecases.notices import announce, dataset_refused


def check_datasets(ports: Ports, step: LookInput) -> CheckDatasetsOutput:
    """Say whether all datasets are through.

    Uploads of a COMPLETED dataset become REGISTERED, those of a FAILED one REFUSED with the service's message
    (its slot is used, and there is no retry). TEST uploads for a golden exam are in no dataset and become REGISTERED
    with the batch. Raises DatasetsRefusedError if there is nothing left to train or to score.
    """
    work = batch_in_work(ports, step)
    found = {kind: _facts(ports, dataset) for kind, dataset in work.record.datasets.items()}
    if any(facts.status not in {"COMPLETED", "FAILED"} for facts in found.values()):
        wait = next_wait(step.look + 1, pinned_policy(ports, step.flywheel, work).polling)
        return CheckDatasetsOutput(word="WAIT", wait_seconds=wait)
    rows = manifest_rows(ports, work.record)
    policy = pinned_policy(ports, step.flywheel, work)
    kept = [row for row in rows if row["kind"] not in dataset_kinds(policy)]
    ports.uploads.register(step.flywheel, step.execution, work.head.generation, work.batch.id, kept)
    for kind, facts in found.items():
        _settle(ports, step, work, facts, [row for row in rows if row["kind"] == kind], work.record.datasets[kind])
    trains = _trains(work, found)
    if found and not trains and not (kept and work.batch.baseline != NO_BASELINE):
        messages = " ".join(sorted({facts.message for facts in found.values() if facts.status == "FAILED"}))
        raise DatasetsRefusedError(
            f"Comprehend refused the batch's data: {messages} Correct the files and upload them again."
        )
    ports.heads.set_phase(step.flywheel, step.execution, work.batch.id, "REGISTERED" if trains else "TRAINED")
    return CheckDatasetsOutput(word="READY" if trains else "NOTHING_TO_TRAIN")


def _facts(ports: Ports, dataset: DatasetRecord) -> DatasetFacts:
    facts = ports.comprehend.describe_dataset(dataset.arn)
    if facts is None:
        raise FlywheelUnavailableError(
            f"Dataset {dataset.name} has vanished from Comprehend. Was the flywheel deleted and made again?"
        )
    return facts


def _trains(work: BatchInWork, found: dict[str, DatasetFacts]) -> bool:
    """Tell whether there is something to train or to score; TEST data of a golden exam need no iteration."""
    if not found:
        return work.record.trains
    completed = {kind for kind, facts in found.items() if facts.status == "COMPLETED"}
    return "train" in completed or (bool(completed) and work.batch.baseline != NO_BASELINE)


def _settle(
    ports: Ports,
    step: LookInput,
    work: BatchInWork,
    facts: DatasetFacts,
    rows: list[ManifestRow],
    dataset: DatasetRecord,
) -> None:
    if facts.status == "COMPLETED":
        done = DatasetRecord(dataset.kind, dataset.name, dataset.arn, facts.documents, facts.ended or ports.clock.now())
        ports.batches.record_dataset(step.flywheel, step.execution, work.batch.id, done)
        ports.uploads.register(step.flywheel, step.execution, work.head.generation, work.batch.id, rows)
        return
    reason = f"Comprehend refused the dataset: {facts.message}"
    ports.uploads.settle(step.flywheel, step.execution, [Settled(row["upload"], "REFUSED", reason) for row in rows])
    ports.meter.record({UPLOADS_REFUSED: len(rows)}, flywheel=step.flywheel)
    keys = [row["key"] for row in rows]
    announce(ports, step.flywheel, dataset_refused(step.flywheel, work.record, dataset.kind, keys, facts.message))
