"""State `CheckDocuments`: looks whether the burst of documents is over.

Gets the step; answers QUIET, NOTHING, or WAIT with seconds. May end with TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import AnalysisStep, parse
from governor.usecases.check_documents import check_documents

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(AnalysisStep, event)
    logger.append_keys(flywheel=step.flywheel, analysis_run=step.number)
    output = check_documents(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
