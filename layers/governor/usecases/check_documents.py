"""Looks whether the burst of documents is over, so that one job answers them all."""

from governor.contracts import AnalysisStep, CheckDocumentsOutput
from governor.domain.batch import quiet_wait
from governor.domain.moments import from_text
from governor.domain.policy import BatchRules
from governor.ports import Ports
from governor.usecases.analysis_in_work import rules

_LONGEST_WAIT = 900
"""Seconds after the first document: a burst without end must not keep the first from being answered."""


def check_documents(ports: Ports, step: AnalysisStep) -> CheckDocumentsOutput:
    """Say how long to wait; an open analysis does not wait."""
    head = ports.analyses.fence(step.flywheel, step.execution)
    if head.open is not None:
        return CheckDocumentsOutput(word="QUIET")
    pending = ports.documents.pending(step.flywheel)
    if not pending:
        return CheckDocumentsOutput(word="NOTHING")
    quiet, _ = rules(ports, step.flywheel)
    since = [from_text(upload.pending.partition("#")[0]) for upload in pending if upload.pending is not None]
    bounds = BatchRules(quiet_seconds=quiet.quiet_seconds, quiet_max_seconds=_LONGEST_WAIT)
    wait = quiet_wait(since, bounds, ports.clock.now())
    return CheckDocumentsOutput(word="WAIT", wait_seconds=wait) if wait else CheckDocumentsOutput(word="QUIET")
