"""State `PromoteModel`: makes the candidate the active model; the only function that calls UpdateFlywheel.

Gets the step; answers PROMOTED, or JUDGE_AGAIN if another model is active by now. People invoke it with an order
instead (`governor rollback`, `governor promote`); answers CHANGED or ALREADY.
May end with PromotionRefusedError, FlywheelUnavailableError or TurnLostError.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import OrderInput, OrderOutput, PromoteModelOutput, Step, parse
from governor.usecases.carry_out_order import carry_out_order
from governor.usecases.promote_model import promote_model

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the step, or carry out the order."""
    output: PromoteModelOutput | OrderOutput
    if "order" in event:
        order = parse(OrderInput, event)
        logger.append_keys(flywheel=order.flywheel, order=order.order, id=order.id, by=order.by)
        output = carry_out_order(ports(), order)
    else:
        step = parse(Step, event)
        logger.append_keys(flywheel=step.flywheel, turn=step.turn)
        output = promote_model(ports(), step)
    logger.info(output.word)
    return output.model_dump(mode="json")
