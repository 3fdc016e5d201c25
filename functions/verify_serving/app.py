"""State `VerifyServing`: looks whether the endpoint serves the promoted model and answers what must be right.

Gets the step; answers NOTHING, SERVES, WAIT with seconds, or FAILED with the order that restores the previous model.
May end with EndpointUnavailableError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import ServingInput, parse
from governor.usecases.verify_serving import verify_serving

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(ServingInput, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = verify_serving(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
