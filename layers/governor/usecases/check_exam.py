"""Looks how far the jobs are in which models sit the exam."""

from governor.contracts import CheckExamOutput, LookInput
from governor.domain.errors import AnalysisFailedError, ExamFailedError
from governor.domain.polling import next_wait
from governor.ports import Ports, Sitting
from governor.usecases.analysis_in_work import is_recognizer
from governor.usecases.batch_in_work import batch_in_work, pinned_policy
from governor.usecases.start_analysis import OVER_WITHOUT_RESULTS


def check_exam(ports: Ports, step: LookInput) -> CheckExamOutput:
    """Say whether all are over; a status that no rule here knows is waited for.

    Raises ExamFailedError with the service's message.
    """
    work = batch_in_work(ports, step)
    found = [_status(ports, sitting) for sitting in work.record.sittings if not sitting.answered]
    if all(status == "COMPLETED" for status in found):
        return CheckExamOutput(word="COMPLETED")
    wait = next_wait(step.look + 1, pinned_policy(ports, step.flywheel, work).polling)
    return CheckExamOutput(word="WAIT", wait_seconds=wait)


def _status(ports: Ports, sitting: Sitting) -> str:
    if sitting.job is None:
        return "NOT_STARTED"
    try:
        facts = ports.jobs.describe(sitting.job, recognizer=is_recognizer(sitting.model))
    except AnalysisFailedError as gone:
        raise ExamFailedError(f"{gone} The next turn starts it anew.") from gone
    if facts.status in OVER_WITHOUT_RESULTS:
        raise ExamFailedError(
            f"The job {sitting.job}, in which {sitting.model} sat the exam, ended {facts.status}: "
            f"{facts.message or 'no reason is given'}."
        )
    return facts.status
