"""State `CollectResults`: unpacks what the job answered into the results that people fetch.

Gets the step; answers where they are, and MORE if other documents wait already.
May end with UnexpectedReplyError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import AnalysisStep, parse
from governor.usecases.collect_results import collect_results

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(AnalysisStep, event)
    logger.append_keys(flywheel=step.flywheel, analysis_run=step.number)
    output = collect_results(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
