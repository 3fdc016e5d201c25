"""State `PromoteModel`: makes the candidate the active model; the only function that calls UpdateFlywheel.

Gets the step; answers PROMOTED, or JUDGE_AGAIN if another model is active by now.
May end with PromotionRefusedError, FlywheelUnavailableError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import Step, parse
from governor.usecases.promote_model import promote_model

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(Step, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = promote_model(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
