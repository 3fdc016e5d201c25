"""State `EndTurn`: closes what is concluded, releases the flywheel, tells people, and looks for more work.

Gets how the turn ended; answers the same in words.
May end with ServiceBusyError, which the machine tries again.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import EndTurnInput, parse
from governor.usecases.end_turn import end_turn

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(EndTurnInput, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = end_turn(ports(), step)
    logger.info(output.ending)
    return output.model_dump(mode="json")
