"""State `StartIteration`: starts the batch's iteration or finds the one that runs for it.

Gets the step; answers the iteration's id and whether it is ours.
May end with FlywheelUnavailableError, AccessRefusedError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import Step, parse
from governor.usecases.start_iteration import start_iteration

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(Step, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = start_iteration(ports(), step)
    logger.info(output.iteration)
    return output.model_dump(mode="json")
