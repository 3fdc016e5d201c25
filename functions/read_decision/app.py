"""State `ReadDecision`: reads what people answered, after the callback as after the timeout.

Gets the step; answers APPROVED, REJECTED, EXPIRED, ASK_AGAIN (nobody has answered) or JUDGE_AGAIN (what was asked has
moved). May end with TurnLostError or ServiceBusyError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import Step, parse
from governor.usecases.read_decision import read_decision

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take one step."""
    step = parse(Step, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = read_decision(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
