"""Sends a boto3 client's calls straight to a Comprehend in the same process: no socket, no threads, for tests."""

from __future__ import annotations

from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.handlers import BUILTIN_HANDLERS

from comprehend_local.control.faults import Unanswered
from comprehend_local.service import wire
from comprehend_local.service.api import Comprehend


class _Raw:
    """What botocore wants of a urllib3 response."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self._content

    def read(self, *_: Any) -> bytes:
        content, self._content = self._content, b""
        return content


def connect(client: Any, comprehend: Comprehend) -> None:
    """From now on the client's requests, built and signed as ever, are answered by `comprehend`.

    Hooks that stand in for the network of every client, as moto's does, are taken off this one: botocore asks all
    hooks, and moto breaks on what it does not know. The other services' clients keep theirs.
    """
    for event, hook, *_ in BUILTIN_HANDLERS:
        if event == "before-send":
            client.meta.events.unregister(event, hook)

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        headers = {name: _text(value) for name, value in request.headers.items()}
        body: Any = request.body or b""
        try:
            reply = wire.answer(comprehend, headers, body.encode() if isinstance(body, str) else body)
        except Unanswered as lost:  # as botocore says it of a wire; a call that hangs is given up at once
            raised = ReadTimeoutError if lost.hung else ConnectionClosedError
            raise raised(endpoint_url=request.url) from lost
        received: Any = reply.headers
        return AWSResponse(request.url, reply.status, received, _Raw(reply.body))

    client.meta.events.register("before-send.comprehend", answer)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
