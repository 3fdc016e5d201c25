"""What every step between planning and the end begins with: the fence, the open batch, its row and its manifest."""

import json
from dataclasses import dataclass

from governor.contracts import Step
from governor.domain.batch import ManifestRow, digest_of
from governor.domain.errors import DatasetConflictError, TurnLostError
from governor.domain.policy import Policy
from governor.domain.turn import Head, OpenBatch
from governor.domain.upload import Kind
from governor.ports import BatchRecord, Ports


@dataclass(frozen=True)
class BatchInWork:
    """The turn's batch as the ledger knows it. `arn`: the flywheel's."""

    head: Head
    batch: OpenBatch
    record: BatchRecord
    arn: str


def batch_in_work(ports: Ports, step: Step) -> BatchInWork:
    """Read the fence and the open batch.

    Raises TurnLostError if the execution has no turn or there is no batch to work on.
    """
    head = ports.heads.fence(step.flywheel, step.execution)
    if head.batch is None or head.flywheel_arn is None:
        raise TurnLostError(f"Flywheel {step.flywheel} has no open batch: it was closed meanwhile.")
    ports.log.know(batch=head.batch.id)
    return BatchInWork(head, head.batch, ports.batches.read(step.flywheel, head.batch.id), head.flywheel_arn)


def pinned_policy(ports: Ports, flywheel: str, work: BatchInWork) -> Policy:
    """Return the policy under which the batch was planned."""
    return ports.policies.pinned(flywheel, work.batch.policy_version).policy


def dataset_kinds(policy: Policy) -> tuple[Kind, ...]:
    """Return of which data datasets are made: a golden exam needs no TEST slot of the flywheel."""
    return ("train",) if policy.exam.kind == "golden" else ("train", "test")


def manifest_rows(ports: Ports, record: BatchRecord) -> list[ManifestRow]:
    """Return the manifest's uploads; raises DatasetConflictError if the object is not the one that was planned."""
    content = ports.records.get(record.manifest_uri)
    if digest_of(content) != record.digest:
        raise DatasetConflictError(
            f"The manifest {record.manifest_uri} was changed after batch {record.id} was planned."
        )
    rows: list[ManifestRow] = json.loads(content)["uploads"]
    return rows
