"""State `StartAnalysis`: resumes the open analysis or makes one of what waits, and starts its job.

Gets the step; answers STARTED with the job, or NOTHING.
May end with NoActiveModelError, AnalysisFailedError, QuotaFullError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import AnalysisStep, parse
from governor.usecases.start_analysis import start_analysis

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(AnalysisStep, event)
    logger.append_keys(flywheel=step.flywheel, analysis_run=step.number)
    output = start_analysis(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
