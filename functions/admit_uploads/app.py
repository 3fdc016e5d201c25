"""Uploads queue: records each object version that appears in the inbox, and nothing else.

Gets up to a batch of EventBridge `Object Created` events; answers which of them failed, so that only those come again.
Events of another bucket end in the dead-letter queue.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.contracts import ObjectCreated, parse
from governor.usecases.admit_uploads import admit_upload

logger = Logger()


def _take(record: SQSRecord) -> None:
    for upload in admit_upload(ports(), parse(ObjectCreated, record.json_body)):
        logger.info(upload.state, flywheel=upload.flywheel, upload=upload.id)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Take each message for itself."""
    return process_partial_response(
        event=event, record_handler=_take, processor=BatchProcessor(event_type=EventType.SQS), context=context
    )
