"""State `RegisterDatasets`: registers the batch's data, at most one TRAIN and one TEST dataset.

Gets the step; answers how many datasets there are to wait for.
May end with DatasetConflictError, QuotaFullError, AccessRefusedError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import Step, parse
from governor.usecases.register_datasets import register_datasets

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(Step, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = register_datasets(ports(), step)
    logger.info("%d datasets", output.datasets)
    return output.model_dump(mode="json")
