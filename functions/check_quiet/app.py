"""State `CheckQuiet`: looks whether the burst of uploads is over.

Gets the step; answers QUIET, WAIT with seconds, or NOTHING.
May end with TurnLostError or PolicyMissingError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import CheckQuietInput, parse
from governor.usecases.check_quiet import check_quiet

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(CheckQuietInput, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = check_quiet(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
