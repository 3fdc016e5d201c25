"""State `CheckAnalysis`: looks how far the job is.

Gets the step and the number of the look; answers COMPLETED, or WAIT with seconds.
May end with AnalysisFailedError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import CheckAnalysisInput, parse
from governor.usecases.check_analysis import check_analysis

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(CheckAnalysisInput, event)
    logger.append_keys(flywheel=step.flywheel, analysis_run=step.number)
    output = check_analysis(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
