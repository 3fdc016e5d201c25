"""State `EndAnalysis`: tells people of a failure, releases the row, and looks for more work.

Gets the step and how it ended; answers the same and whether this execution still held the row.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import EndAnalysisInput, parse
from governor.usecases.end_analysis import end_analysis

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(EndAnalysisInput, event)
    logger.append_keys(flywheel=step.flywheel, analysis_run=step.number)
    output = end_analysis(ports(), step)
    logger.info(output.ending)
    return output.model_dump(mode="json")
