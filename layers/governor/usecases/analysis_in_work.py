"""What the steps of an analysis begin with: the rules, the open analysis, and what it consists of."""

import json

from governor.domain.analysis import AnalysisHead, AnalysisRow, OpenAnalysis
from governor.domain.batch import digest_of
from governor.domain.errors import DatasetConflictError, PolicyMissingError, TurnLostError
from governor.domain.policy import AnalysisRules, PollingRules
from governor.ports import Ports


def rules(ports: Ports, flywheel: str) -> tuple[AnalysisRules, PollingRules]:
    """Return the policy's rules, or the defaults: an analysis changes no model and waits for no policy."""
    try:
        policy = ports.policies.current(flywheel).policy
    except PolicyMissingError:
        return AnalysisRules(), PollingRules()
    return policy.analysis, policy.polling


def open_analysis(ports: Ports, head: AnalysisHead, flywheel: str) -> tuple[OpenAnalysis, str, str]:
    """Return the open analysis with its job and model; raises TurnLostError if there is none that was started."""
    analysis = head.open
    if analysis is None or analysis.job is None or analysis.model is None:
        raise TurnLostError(f"Flywheel {flywheel} has no analysis in work: it was closed meanwhile.")
    ports.log.know(analysis=analysis.id)
    return analysis, analysis.job, analysis.model


def is_recognizer(model: str) -> bool:
    """Tell whether a model's ARN is that of an entity recognizer."""
    return ":entity-recognizer/" in model


def analysed_rows(ports: Ports, analysis: OpenAnalysis) -> list[AnalysisRow]:
    """Return the manifest's uploads; raises DatasetConflictError if the object is not the one that was planned."""
    content = ports.records.get(analysis.manifest_uri)
    if digest_of(content) != analysis.digest:
        raise DatasetConflictError(f"The manifest {analysis.manifest_uri} was changed after the analysis was planned.")
    found: list[AnalysisRow] = json.loads(content)["uploads"]
    return found
