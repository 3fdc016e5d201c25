"""Jobs in which models sit an exam: whether one may still answer."""

from governor.domain.errors import AnalysisFailedError
from governor.ports import Ports, Sitting
from governor.usecases.analysis_in_work import is_recognizer
from governor.usecases.start_analysis import OVER_WITHOUT_RESULTS


def may_still_answer(ports: Ports, sitting: Sitting) -> bool:
    """Tell whether the sitting's job works or has answered: it did not fail, was not stopped and is not forgotten."""
    if sitting.job is None:
        return False
    try:
        facts = ports.jobs.describe(sitting.job, recognizer=is_recognizer(sitting.model))
    except AnalysisFailedError:
        return False
    return facts.status not in OVER_WITHOUT_RESULTS
