"""State `RecheckPolicy`: asks a stricter policy, if one came meanwhile, before the candidate becomes active.

Gets the step; answers PROMOTE, ASK or KEEP.
May end with UnexpectedReplyError, PolicyMissingError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import Step, parse
from governor.usecases.recheck_policy import recheck_policy

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(Step, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = recheck_policy(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
