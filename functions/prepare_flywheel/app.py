"""State `PrepareFlywheel`: describes the flywheel in Comprehend or creates it from its policy's definition.

Gets the step and how many looks came before; answers READY, or WAIT with seconds. People invoke it with an order
instead (`governor flywheel create`); the answer is the same.
May end with FlywheelUnavailableError, PolicyMissingError, QuotaFullError, AccessRefusedError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import (
    CreateFlywheelInput,
    CreateFlywheelOutput,
    PrepareFlywheelInput,
    PrepareFlywheelOutput,
    parse,
)
from governor.usecases.prepare_flywheel import create_flywheel_now, prepare_flywheel

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step, or carry out the order."""
    output: PrepareFlywheelOutput | CreateFlywheelOutput
    if "order" in event:
        order = parse(CreateFlywheelInput, event)
        logger.append_keys(flywheel=order.flywheel, order=order.order)
        output = create_flywheel_now(ports(), order)
    else:
        step = parse(PrepareFlywheelInput, event)
        logger.append_keys(flywheel=step.flywheel, turn=step.turn)
        output = prepare_flywheel(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
