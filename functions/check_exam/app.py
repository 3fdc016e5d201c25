"""State `CheckExam`: looks how far the jobs are.

Gets the step and how many looks came before; answers COMPLETED, or WAIT with seconds.
May end with ExamFailedError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import LookInput, parse
from governor.usecases.check_exam import check_exam

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(LookInput, event)
    logger.append_keys(flywheel=step.flywheel, turn=step.turn)
    output = check_exam(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
