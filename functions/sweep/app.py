"""Schedule and ended-executions queue: heals what crashes, lost events and the passing of time leave behind.

Gets the minute's schedule event, `{"look_closely": true}` by hand, or messages about executions that ended badly.
Answers what was swept, or which messages failed.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import ExecutionEnded, parse
from governor.usecases.sweep import is_close_look_due, sweep, sweep_ended_execution

logger = Logger()


def _take(record: SQSRecord) -> None:
    sweep_ended_execution(ports(), parse(ExecutionEnded, record.json_body).detail.execution_arn)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Sweep everything, or the flywheels of the executions that ended."""
    if "Records" in event:
        processor = BatchProcessor(event_type=EventType.SQS)
        return process_partial_response(event=event, record_handler=_take, processor=processor, context=context)
    closely = bool(event.get("look_closely")) or is_close_look_due(ports().clock.now())
    swept = sweep(ports(), look_closely=closely)
    for fault in swept.faults:
        logger.error(fault.sentence, flywheel=fault.subject)
    return {"flywheels": swept.flywheels, "faults": [str(fault) for fault in swept.faults]}
