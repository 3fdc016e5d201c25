"""Looks how far the job is."""

from governor.contracts import CheckAnalysisInput, CheckAnalysisOutput
from governor.domain.errors import AnalysisFailedError
from governor.domain.polling import next_wait
from governor.ports import Ports
from governor.usecases.analysis_in_work import is_recognizer, open_analysis, rules
from governor.usecases.start_analysis import OVER_WITHOUT_RESULTS


def check_analysis(ports: Ports, step: CheckAnalysisInput) -> CheckAnalysisOutput:
    """Say whether it is over; a status that no rule here knows is waited for.

    Raises AnalysisFailedError with the service's message.
    """
    _, job, model = open_analysis(ports, ports.analyses.fence(step.flywheel, step.execution), step.flywheel)
    facts = ports.jobs.describe(job, recognizer=is_recognizer(model))
    if facts.status == "COMPLETED":
        return CheckAnalysisOutput(word="COMPLETED")
    if facts.status in OVER_WITHOUT_RESULTS:
        raise AnalysisFailedError(f"The job {job} ended {facts.status}: {facts.message or 'no reason is given'}.")
    _, polling = rules(ports, step.flywheel)
    return CheckAnalysisOutput(word="WAIT", wait_seconds=next_wait(step.look + 1, polling))
