"""State `CheckIteration`: looks how far the iteration is.

Gets the step and the iteration's id; answers COMPLETED, WAIT with seconds, or START_AGAIN.
May end with IterationFailedError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import CheckIterationInput, parse
from governor.usecases.check_iteration import check_iteration

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(CheckIterationInput, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = check_iteration(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
