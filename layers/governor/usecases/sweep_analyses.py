"""What sweep does for analyses: frees rows of dead executions, has documents inspected again, looks for work."""

from governor.domain.turn import STALE_ADMISSION, may_free
from governor.ports import Ports
from governor.usecases.end_analysis import count_analysis, failed
from governor.usecases.request_analysis import request_analysis


def sweep_analyses(ports: Ports, flywheel: str, look_closely: bool) -> None:
    """Do everything that time or a crash may ask for, then ask for an execution where there is work."""
    free_dead_analysis(ports, flywheel)
    if look_closely:
        for upload in ports.documents.admitted_before(flywheel, ports.clock.now() - STALE_ADMISSION):
            ports.inspect_queue.send(flywheel, upload.id, documents=True)
    request_analysis(ports, flywheel)


def sweep_ended_analysis(ports: Ports, flywheel: str, execution: str) -> None:
    """Free the row that an execution held when it ended badly; nothing to do if it had released it."""
    head = ports.analyses.read(flywheel)
    if head is not None and head.holder == execution:
        free_dead_analysis(ports, flywheel)
        request_analysis(ports, flywheel)


def free_dead_analysis(ports: Ports, flywheel: str) -> None:
    """Release a row whose holder can no longer do anything; one that a person aborted waits for a person."""
    head = ports.analyses.read(flywheel)
    if head is None or head.state != "RUNNING" or head.holder is None:
        return
    execution = ports.analysis_machine.describe(head.holder)
    status, stopped = (None, None) if execution is None else (execution.status, execution.stopped)
    if not may_free(head, status=status, stopped=stopped, now=ports.clock.now()):
        return
    error = "Aborted" if status == "ABORTED" else "AnalysisDied"
    cause = f"The execution {head.holder} is {status or 'not known to Step Functions'} and had not released the row."
    failures, hold, notices = failed(ports, flywheel, head, head.number, error, cause)
    for notice in notices:
        ports.notices.put(flywheel, notice)
    if ports.analyses.free(flywheel, head.number, head.holder, failures=failures, hold=hold):
        count_analysis(ports, flywheel, error, failed=True)
