"""State `CompareModels`: judges the candidate against the active model under the batch's pinned policy.

Gets the step; answers PROMOTE, ASK or KEEP with the verdict and its reason, or SIT if there is none yet.
May end with TurnLostError, PolicyMissingError or AccessRefusedError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import Step, parse
from governor.usecases.compare_models import compare_models

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(Step, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = compare_models(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
