"""State `RequestApproval`: mails the question whether the candidate may become active, and leaves the task waiting.

Gets the step and its task token; the answer MAILED, WAITING or DECIDED is for the log alone, because the state goes
on when the token comes back. May end with TurnLostError, PolicyMissingError or ServiceBusyError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import RequestApprovalInput, parse
from governor.usecases.request_approval import request_approval

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take one step."""
    step = parse(RequestApprovalInput, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = request_approval(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
