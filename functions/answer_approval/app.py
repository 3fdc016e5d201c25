"""Function URL: the page behind the link of an approval mail. GET shows the question, POST answers it.

Gets a browser's request (payload format 2.0, https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html). Logs
neither path nor body: they carry nonce and code.
"""

import base64
import binascii
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from governor.bootstrap import ports
from governor.usecases.answer_approval import answer_approval

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    method = event["requestContext"]["http"]["method"]
    reply = answer_approval(ports(), method, event["rawPath"], _body(event))
    logger.info("answered", method=method, status=reply.status)
    return {"statusCode": reply.status, "headers": dict(reply.headers), "body": reply.body}


def _body(event: dict[str, Any]) -> bytes:
    text = event.get("body") or ""
    try:
        return base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
    except (binascii.Error, ValueError):
        return b""
