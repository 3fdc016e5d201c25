"""State `CheckDatasets`: looks whether Comprehend has taken in the batch's datasets, and settles their uploads.

Gets the step and how many looks came before; answers READY, NOTHING_TO_TRAIN, or WAIT with seconds.
May end with DatasetsRefusedError, FlywheelUnavailableError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import LookInput, parse
from governor.usecases.check_datasets import check_datasets

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(LookInput, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = check_datasets(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
