"""JSON 1.1: one HTTP request into one HTTP answer, with no socket in sight."""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from comprehend_local.control.faults import Unanswered
from comprehend_local.service.api import Comprehend
from comprehend_local.service.callers import Credential
from comprehend_local.service.errors import ServiceError
from comprehend_local.service.model import TARGET_PREFIX

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/x-amz-json-1.1"
LARGEST_REQUEST = 5 * 1024 * 1024
_CREDENTIAL = re.compile(r"Credential=([^/\s,]+)/\d{8}/([^/\s,]+)/comprehend/aws4_request")


class HttpAnswer(NamedTuple):
    """Status, headers, body."""

    status: int
    headers: dict[str, str]
    body: bytes


def answer(comprehend: Comprehend, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
    """The answer to a POST. Header names may have any case. Raises Unanswered where a rule wants that."""
    lowered = {name.lower(): value for name, value in headers.items()}
    try:
        return _respond(200, comprehend.call(*_request(lowered, body), _credential(lowered)))
    except ServiceError as error:
        return failure(error)
    except Unanswered:
        raise
    except Exception:
        logger.exception("a call broke down")
        return failure(ServiceError("InternalServerException", "comprehend_local broke down; its log says how.", 500))


def failure(error: ServiceError) -> HttpAnswer:
    """An error as AWS's JSON services send it."""
    reply = _respond(
        error.status, {"__type": error.code, "Message": error.message, "message": error.message, **error.members}
    )
    return reply._replace(headers={**reply.headers, "x-amzn-ErrorType": error.code})


def _request(headers: dict[str, str], body: bytes) -> tuple[str, dict[str, Any]]:
    prefix, _, name = headers.get("x-amz-target", "").partition(".")
    if prefix != TARGET_PREFIX or not name:
        raise ServiceError("UnknownOperationException", f"X-Amz-Target must be {TARGET_PREFIX}.<operation>.")
    try:
        parsed = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise ServiceError("SerializationException", "The request is not JSON.") from error
    if not isinstance(parsed, dict):
        raise ServiceError("SerializationException", "The request must be a JSON object.")
    return name, parsed


def _credential(headers: dict[str, str]) -> Credential:
    found = _CREDENTIAL.search(headers.get("authorization", ""))
    return Credential(found[1], found[2]) if found else Credential()


def _respond(status: int, content: dict[str, Any]) -> HttpAnswer:
    body = json.dumps(content, default=_as_number).encode()
    headers = {
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "x-amzn-RequestId": str(uuid.uuid4()),
    }
    return HttpAnswer(status, headers, body)


def _as_number(value: Any) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} in an answer")
