"""State `StartExam`: starts the jobs in which models sit the exam.

Gets the step; answers how many jobs are waited for, and the seconds until the first look.
May end with FlywheelUnavailableError, QuotaFullError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import Step, parse
from governor.usecases.start_exam import start_exam

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(Step, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = start_exam(ports(), step)
    logger.info(f"{output.jobs} jobs")
    return output.model_dump(mode="json")
