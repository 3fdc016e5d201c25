"""Ends an execution of the machine `analysis`, whatever became of it.

Tells people, releases the row, then looks for work.
"""

from governor.contracts import EndAnalysisInput, EndAnalysisOutput
from governor.domain.analysis import MOST_ATTEMPTS, AnalysisHead, OpenAnalysis, counts_as_failure, hold_after
from governor.domain.batch import Settled
from governor.domain.measures import ANALYSES_ENDED, ANALYSES_FAILED
from governor.domain.moments import OPEN_END
from governor.domain.turn import Hold
from governor.ports import Notice, Ports
from governor.usecases.analysis_in_work import analysed_rows
from governor.usecases.analysis_notices import analysis_failed, analysis_held, documents_refused
from governor.usecases.end_turn import backoff_base_seconds
from governor.usecases.notices import announce
from governor.usecases.request_analysis import has_model, request_analysis


def end_analysis(ports: Ports, step: EndAnalysisInput) -> EndAnalysisOutput:
    """Release the row and ask for the next execution, also if the release is refused."""
    head = ports.analyses.read(step.flywheel)
    released = False
    if head is not None and head.state == "RUNNING" and head.holder == step.execution:
        released = _release(ports, step, head)
    request_analysis(ports, step.flywheel)
    failure = step.failure
    return EndAnalysisOutput(
        ending=step.ending,
        flywheel=step.flywheel,
        number=step.number,
        reason=step.reason,
        error=failure.error if failure is not None else "",
        released=released,
    )


def _release(ports: Ports, step: EndAnalysisInput, head: AnalysisHead) -> bool:
    failures, hold, is_failure = 0, None, False
    notices: list[Notice] = []
    outcome: str = step.ending
    if step.failure is not None:
        outcome = error = step.failure.error
        cause = step.failure.cause
        refused = _refused_for_good(head.open) if error == "AnalysisFailedError" else None
        if refused is not None:
            notices, is_failure = [_refuse(ports, step, refused, cause)], True
        else:
            failures, hold, notices = failed(ports, step.flywheel, head, step.number, error, cause)
            is_failure = failures > head.failures
    elif step.ending == "NOTHING_TO_DO":
        failures, hold = head.failures, head.hold
    for notice in notices:
        ports.notices.put(step.flywheel, notice)
    released = ports.analyses.release(step.flywheel, step.execution, failures=failures, hold=hold)
    if released:
        count_analysis(ports, step.flywheel, outcome, failed=is_failure)
    for notice in notices:
        announce(ports, step.flywheel, notice)
    return released


def count_analysis(ports: Ports, flywheel: str, outcome: str, *, failed: bool) -> None:
    """Emit the end of an execution, by whoever released the row."""
    ports.meter.record({ANALYSES_ENDED: 1}, flywheel=flywheel, outcome=outcome)
    if failed:
        ports.meter.record({ANALYSES_FAILED: 1}, flywheel=flywheel)


def failed(
    ports: Ports, flywheel: str, head: AnalysisHead, number: int, error: str, cause: str
) -> tuple[int, Hold | None, list[Notice]]:
    """Return the failures in a row, the hold that follows, and what people are told of it."""
    now, at = ports.clock.now(), head.since or OPEN_END
    # A model that the ledger has and Comprehend does not: nothing would end a wait for the first one, or all would.
    away = error == "NoActiveModelError" and has_model(ports, flywheel)
    kind = "FlywheelUnavailableError" if away else error
    failures = head.failures + counts_as_failure(kind)
    hold = hold_after(
        kind,
        failures=failures,
        backoff_base_seconds=backoff_base_seconds(ports, flywheel),
        policy_version=ports.policies.version(flywheel),
        now=now,
    )
    if hold is not None and hold.reason in {"NoActiveModel", "QuotaFull"}:
        # People were told the first time; every look since has found the same.
        same = head.hold is not None and head.hold.reason == hold.reason
        return failures, hold, [] if same else [analysis_held(flywheel, hold, cause, at, number)]
    notices = [] if error == "TurnLostError" else [analysis_failed(flywheel, number, error, cause, at)]
    if hold is not None:
        notices.append(analysis_held(flywheel, hold, cause, at, number))
    return failures, hold, notices


def _refused_for_good(analysis: OpenAnalysis | None) -> OpenAnalysis | None:
    return analysis if analysis is not None and analysis.attempt >= MOST_ATTEMPTS else None


def _refuse(ports: Ports, step: EndAnalysisInput, analysis: OpenAnalysis, cause: str) -> Notice:
    """Refuse the documents that no job could answer, so that those behind them go on."""
    rows = analysed_rows(ports, analysis)
    reason = f"Comprehend failed {analysis.attempt} times on these documents. {cause}"
    notice = documents_refused(step.flywheel, analysis, [row["key"] for row in rows], reason)
    ports.notices.put(step.flywheel, notice)
    settled = [Settled(row["upload"], "REFUSED", reason) for row in rows]
    ports.documents.settle(step.flywheel, step.execution, settled)
    ports.analyses.close(
        step.flywheel, step.execution, analysis, "REFUSED", ports.clock.now(), documents=0, results=None
    )
    return notice
