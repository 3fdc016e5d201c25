"""State `TakeTurn`: the first of an execution, and the only place where a flywheel's turn is taken.

Gets the execution's input and ARN; answers TAKEN or HELD (another execution has the turn).
May end with InvalidInputError or UnknownFlywheelError, before anything is written.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import TakeTurnInput, parse
from governor.usecases.take_turn import take_turn

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    output = take_turn(ports(), parse(TakeTurnInput, event))
    logger.append_keys(flywheel=output.flywheel, turn=output.turn)
    logger.info(output.word)
    return output.model_dump(mode="json")
