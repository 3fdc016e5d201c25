"""State `PrepareExam`: decides what the batch's models sit, and who of them has not sat it yet.

Gets the step; answers READY, SIT, or BUDGET with the reason.
May end with ExamUnavailableError, PolicyMissingError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import Step, parse
from governor.usecases.prepare_exam import prepare_exam

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(Step, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = prepare_exam(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
