"""Resumes the open batch, or makes one of the uploads that are pending now; what arrives later is in the next one."""

from collections import Counter

from governor.contracts import PlanBatchInput, PlanBatchOutput
from governor.domain.batch import NO_BASELINE, Settled, digest_of, manifest_of, plan
from governor.domain.budget import likely_training, over_budget, spent_in_month
from governor.domain.errors import PolicyMissingError
from governor.domain.labelled_data import wanted_by
from governor.domain.measures import UPLOADS_REFUSED
from governor.domain.policy import Policy
from governor.domain.turn import Head, OpenBatch
from governor.domain.upload import Upload
from governor.ports import BatchRecord, Ports
from governor.usecases.exam_files import require_exam_files
from governor.usecases.notices import deliver, upload_refused
from governor.usecases.spending import Estimate, all_costs, likely_cost, spent_this_month

_NO_DATA = "There is neither a model to score nor data to train one: drop a TRAIN file."


def plan_batch(ports: Ports, step: PlanBatchInput) -> PlanBatchOutput:
    """Say which batch is open and in which phase.

    BUDGET: the batch, or a training in the place of one that failed, would cost more than is left of the month's
    budget. Raises PolicyMissingError, and
    ExamUnavailableError if a file that the policy names for the exam is missing, or must-pass documents are malformed.
    """
    head = ports.heads.fence(step.flywheel, step.execution)
    if head.batch is not None:
        ports.log.know(batch=head.batch.id)
        reason = _over_budget_again(ports, step.flywheel, head.batch)
        if reason is not None:
            return PlanBatchOutput(word="BUDGET", batch=head.batch.id, phase=head.batch.phase, reason=reason)
        return PlanBatchOutput(word="OPEN", batch=head.batch.id, phase=head.batch.phase)
    pinned = ports.policies.current(step.flywheel)
    serving = ports.serving.read(step.flywheel)
    baseline = serving.active if serving is not None else NO_BASELINE
    chosen, too_few, copies = _choose(ports, step, head, pinned.policy, can_test_alone=baseline != NO_BASELINE)
    if not chosen and not step.iterate:
        return PlanBatchOutput(word="TOO_FEW", reason=" ".join(too_few)) if too_few else PlanBatchOutput(word="NOTHING")
    if not chosen and baseline == NO_BASELINE and not ports.uploads.anything_to_train(step.flywheel, head.generation):
        # Comprehend would refuse the iteration for ever, and no upload could pass the open batch.
        return PlanBatchOutput(word="TOO_FEW", reason=" ".join([*too_few, _NO_DATA]))
    trains = step.iterate or pinned.policy.exam.kind != "golden" or any(upload.kind == "train" for upload in chosen)
    require_exam_files(ports, step.flywheel, head.flywheel_arn, pinned.policy)
    estimate = likely_cost(
        ports, step.flywheel, pinned.policy, chosen, trains=trains, has_active=baseline != NO_BASELINE
    )
    reason = _over_budget(ports, step.flywheel, pinned.policy, estimate)
    if reason is not None:
        return PlanBatchOutput(word="BUDGET", reason=reason)
    batch = OpenBatch(id=step.turn, phase="PLANNED", attempt=1, baseline=baseline, policy_version=pinned.version)
    record = _record(ports, step, chosen, pinned.version, trains=trains, exam_usd=estimate.exam)
    ports.batches.open(step.flywheel, step.execution, batch, record)
    ports.log.know(batch=batch.id)
    # Not before: had the turn died between, the first one could still be withdrawn, and nothing would be left of both.
    _settle(ports, step, copies)
    return PlanBatchOutput(word="OPEN", batch=batch.id, phase=batch.phase)


def _over_budget(ports: Ports, flywheel: str, policy: Policy, estimate: Estimate) -> str | None:
    if policy.budget_usd_per_month is None:
        return None
    spent = spent_this_month(ports, flywheel)
    return over_budget(policy.budget_usd_per_month, spent, estimate.usd, "the next batch (training and exam)")


def _over_budget_again(ports: Ports, flywheel: str, batch: OpenBatch) -> str | None:
    """Return why no training may take the place of the batch's last one, which failed; None if none did, or it may."""
    if batch.phase != "REGISTERED":
        return None
    failed = [cost for cost in ports.batches.read(flywheel, batch.id).costs if cost.kind == "training"]
    if len(failed) < batch.attempt:
        return None
    try:
        budget = ports.policies.current(flywheel).policy.budget_usd_per_month
    except PolicyMissingError:
        return None
    costs = all_costs(ports, flywheel)
    # One that failed after a minute does not tell what a whole one costs.
    needed = likely_training(cost for cost in costs if cost not in failed)
    spent = spent_in_month(costs, ports.clock.now())
    return over_budget(budget, spent, needed, "a training in the place of the one that failed")


def _choose(
    ports: Ports, step: PlanBatchInput, head: Head, policy: Policy, *, can_test_alone: bool
) -> tuple[tuple[Upload, ...], tuple[str, ...], list[tuple[Upload, Settled]]]:
    """Return what makes the batch, what there is too little of, and copies that are refused once the batch is open."""
    pending = ports.uploads.pending(step.flywheel)
    newest = ports.inbox.newest_of([upload.key for upload in pending])
    contents = [upload.sha256 for upload in pending if upload.sha256 is not None]
    registered = ports.uploads.registered_contents(step.flywheel, head.generation, contents)
    choice = plan(
        pending,
        newest,
        registered,
        can_test_alone=can_test_alone,
        form=wanted_by(policy).form,
        kept_tests=policy.exam.kind == "golden",
    )
    ports.uploads.return_to_inspection(step.flywheel, step.execution, choice.other_form)
    for upload in choice.other_form:
        ports.inspect_queue.send(step.flywheel, upload.id)
    by_id = {upload.id: upload for upload in pending}
    copies: list[tuple[Upload, Settled]] = []
    others: list[tuple[Upload, Settled]] = []
    for each in choice.settled:
        upload = by_id[each.upload]
        is_copy = each.state == "REFUSED" and upload.sha256 not in registered
        (copies if is_copy else others).append((upload, each))
    _settle(ports, step, others)
    return choice.chosen, choice.too_few, copies


def _settle(ports: Ports, step: PlanBatchInput, settled: list[tuple[Upload, Settled]]) -> None:
    refused = [upload_refused(upload, each.reason) for upload, each in settled if each.state == "REFUSED"]
    # Written first: what is settled is no longer pending, so no later attempt would find it to tell people of it.
    unsent = [notice for notice in refused if ports.notices.put(step.flywheel, notice)]
    ports.uploads.settle(step.flywheel, step.execution, [each for _, each in settled])
    if unsent:
        ports.meter.record({UPLOADS_REFUSED: len(unsent)}, flywheel=step.flywheel)
    for notice in unsent:
        deliver(ports, step.flywheel, notice)


def _record(
    ports: Ports,
    step: PlanBatchInput,
    chosen: tuple[Upload, ...],
    policy_version: int,
    *,
    trains: bool,
    exam_usd: float,
) -> BatchRecord:
    manifest = manifest_of(step.flywheel, step.turn, chosen)
    digest = digest_of(manifest)
    uri = ports.records.put(f"manifests/{step.flywheel}/{step.turn:09}-{digest[:12]}.json", manifest)
    documents: Counter[str] = Counter()
    for upload in chosen:
        documents[upload.kind or "train"] += upload.documents
    return BatchRecord(
        flywheel=step.flywheel,
        id=step.turn,
        manifest_uri=uri,
        digest=digest,
        policy_version=policy_version,
        planned_at=ports.clock.now(),
        uploads=Counter(upload.kind or "train" for upload in chosen),
        documents=documents,
        trains=trains,
        likely_exam_usd=round(exam_usd, 6),
    )
