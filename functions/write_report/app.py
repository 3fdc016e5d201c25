"""State `WriteReport`: writes the report of the verdict, a page and JSON, before anything follows from it.

Gets the step with what follows; answers where the page is.
May end with TurnLostError, UnexpectedReplyError or AccessRefusedError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import WriteReportInput, parse
from governor.usecases.write_report import write_report

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(WriteReportInput, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = write_report(ports(), step)
    logger.info("written")
    return output.model_dump(mode="json")
