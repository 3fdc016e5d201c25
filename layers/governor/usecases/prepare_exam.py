"""Decides what the batch's models sit, and which of them have not sat it yet."""

from collections.abc import Iterator
from dataclasses import replace

from governor.contracts import PrepareExamOutput, Step
from governor.domain.batch import NO_BASELINE
from governor.domain.budget import over_budget
from governor.domain.errors import PolicyMissingError, UnexpectedReplyError
from governor.domain.policy import Policy
from governor.domain.pricing import job_cost
from governor.ports import ExamRecord, Ports, Sitting
from governor.usecases.baseline import baseline_of
from governor.usecases.batch_in_work import BatchInWork, batch_in_work, pinned_policy
from governor.usecases.exam_jobs import may_still_answer
from governor.usecases.set_exam import set_exam
from governor.usecases.spending import spent_this_month


def prepare_exam(ports: Ports, step: Step) -> PrepareExamOutput:
    """Say whether models have to sit the exam, and write down which; the exam itself is decided once per batch.

    Answers that a model gave before, for whatever batch, are not asked for again. BUDGET: the jobs, those that take the
    place of failed ones among them, would cost more than is left of the month's budget. Raises ExamUnavailableError.
    """
    work = batch_in_work(ports, step)
    policy = pinned_policy(ports, step.flywheel, work)
    baseline = _baseline(ports, step, work)
    exam = work.record.exam
    if exam is None:
        attempted = work.record.iterations.get(work.batch.attempt)
        iteration = None if attempted is None else ports.comprehend.describe_iteration(work.arn, attempted)
        exam = set_exam(ports, step.flywheel, work, policy, iteration)
    missing = list(_missing(ports, step.flywheel, exam, baseline))
    known = {(sitting.paper, sitting.model): sitting for sitting in work.record.sittings}
    new = [sitting for sitting in missing if (sitting.paper, sitting.model) not in known]
    asked = [sitting for sitting in known.values() if not sitting.answered]
    unpaid = [*new, *(sitting for sitting in asked if not may_still_answer(ports, sitting))]
    cost = job_cost(sum(sitting.units for sitting in unpaid))
    exam = _priced(exam, cost, work)
    if exam != work.record.exam:
        ports.batches.record_exam(step.flywheel, step.execution, work.batch.id, exam)
    if not missing:
        return PrepareExamOutput(word="READY", documents=exam.documents)
    budget = _budget(ports, step.flywheel, policy)
    reason = (
        over_budget(budget, spent_this_month(ports, step.flywheel), cost, "the exam") if budget and unpaid else None
    )
    if reason is not None:
        return PrepareExamOutput(word="BUDGET", documents=exam.documents, cost_usd=cost, reason=reason)
    for sitting in new:
        ports.batches.record_sitting(step.flywheel, step.execution, work.batch.id, sitting)
    return PrepareExamOutput(word="SIT", documents=exam.documents, cost_usd=cost)


def _baseline(ports: Ports, step: Step, work: BatchInWork) -> str:
    serving = ports.serving.read(step.flywheel)
    if serving is None:
        raise UnexpectedReplyError(f"Flywheel {step.flywheel} has a batch but no row that says which model is active.")
    baseline = baseline_of(ports, step.flywheel, serving, work)
    if baseline != work.batch.baseline:
        ports.heads.set_baseline(step.flywheel, step.execution, work.batch.id, baseline)
    return baseline


def _budget(ports: Ports, flywheel: str, pinned: Policy) -> float | None:
    """Return the budget in force: it judges nobody, and a higher one is what a held batch waits for."""
    try:
        return ports.policies.current(flywheel).policy.budget_usd_per_month
    except PolicyMissingError:
        return pinned.budget_usd_per_month


def _missing(ports: Ports, flywheel: str, exam: ExamRecord, baseline: str) -> Iterator[Sitting]:
    """Yield who has to sit what; the must-pass documents are the candidate's alone."""
    models = [model for model in (exam.candidate, baseline) if model is not None and model != NO_BASELINE]
    wanted = [(exam.digest, model) for model in models if exam.kind == "golden"]
    wanted += [(exam.must_pass, exam.candidate)] if exam.candidate is not None else []
    for paper, model in wanted:
        if paper is not None and not ports.exams.is_answered(flywheel, paper, model):
            units = exam.units if paper == exam.digest else _units(ports, flywheel, paper)
            yield Sitting(paper, model, units)


def _units(ports: Ports, flywheel: str, digest: str) -> int:
    paper = ports.exams.paper(flywheel, digest)
    return paper.units if paper is not None else 0


def _priced(exam: ExamRecord, unpaid: float, work: BatchInWork) -> ExamRecord:
    """Return the exam with what it costs this batch: what was paid for by now, and what is still to come."""
    paid = sum(cost.usd for cost in work.record.costs if cost.kind == "exam")
    return replace(exam, cost_usd=round(paid + unpaid, 6))
