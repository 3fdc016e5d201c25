"""State `PlanBatch`: resumes the open batch or makes one of what is pending.

Gets the step; answers OPEN with the batch's phase, NOTHING, or TOO_FEW or BUDGET with the reason.
May end with ExamUnavailableError, PolicyMissingError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import PlanBatchInput, parse
from governor.usecases.plan_batch import plan_batch

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(PlanBatchInput, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = plan_batch(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
