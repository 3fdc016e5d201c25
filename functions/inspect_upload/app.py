"""Inspect queue: refuses an upload with a reason, or stages the checked version, marks it pending and asks for a turn.

Gets messages that name one upload each; answers which of them failed, so that only those come again.
What was refused is in the ledger and mailed; it is not a failure.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import InspectMessage, parse
from governor.usecases.inspect_upload import inspect_upload

logger = Logger()


def _take(record: SQSRecord) -> None:
    upload = inspect_upload(ports(), parse(InspectMessage, record.json_body))
    logger.info(upload.state, flywheel=upload.flywheel, upload=upload.id)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Take each message for itself."""
    return process_partial_response(
        event=event, record_handler=_take, processor=BatchProcessor(event_type=EventType.SQS), context=context
    )
