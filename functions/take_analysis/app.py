"""State `TakeAnalysis`: takes the right to analyse a flywheel's documents, for one execution at a time.

Gets the execution's own input and ARN; answers TAKEN, or HELD with the holder.
May end with InvalidInputError or UnknownFlywheelError, before anything is written.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import TakeTurnInput, parse
from governor.usecases.take_analysis import take_analysis

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step."""
    step = parse(TakeTurnInput, event)
    output = take_analysis(ports(), step)
    logger.append_keys(flywheel=output.flywheel, analysis_run=output.number)
    logger.info(output.word)
    return output.model_dump(mode="json")
