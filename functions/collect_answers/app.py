"""State `CollectAnswers`: stores what the models answered, by exam and model.

Gets the step; answers how many models' answers were stored.
May end with UnexpectedReplyError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import Step, parse
from governor.usecases.collect_answers import collect_answers

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(Step, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = collect_answers(ports(), step)
    logger.info(f"{output.models} models")
    return output.model_dump(mode="json")
