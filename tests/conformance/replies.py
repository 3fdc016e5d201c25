"""What a server answered, and whether it may answer so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docs.coverage.errors import OUTSIDE_THE_MODEL
from tests.conformance.shapes import document, errors_of, mismatches, shape, wrong_answer


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    operation: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        """The JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """The error's code, or None when the call went well."""
        return None if self.status == 200 else str(self.content["__type"])

    @property
    def message(self) -> str:
        """The error's sentence."""
        return str(self.content["Message"])


def wrong_reply(reply: Reply) -> list[str]:
    """What is wrong with it; nothing, for a right answer or a right error."""
    name = reply.operation
    headers = {key.lower(): value for key, value in reply.headers.items()}
    found = []
    if headers.get("content-type") != "application/x-amz-json-1.1":
        found.append(f"{name}: Content-Type {headers.get('content-type')}")
    if len(headers.get("x-amzn-requestid", "")) != 36:
        found.append(f"{name}: x-amzn-RequestId {headers.get('x-amzn-requestid')}")
    if int(headers.get("content-length", -1)) != len(reply.body):
        found.append(f"{name}: Content-Length {headers.get('content-length')} of {len(reply.body)}")
    return found + (wrong_answer(name, reply.content) if reply.status == 200 else _wrong_error(reply, headers))


def _wrong_error(reply: Reply, headers: Mapping[str, str]) -> list[str]:
    name, content = reply.operation, reply.content
    found = []
    code = content.get("__type")
    if headers.get("x-amzn-errortype") != code:
        found.append(f"{name}: x-amzn-ErrorType {headers.get('x-amzn-errortype')} of {code}")
    if (
        not isinstance(content.get("Message"), str)
        or not content["Message"]
        or content.get("message") != content["Message"]
    ):
        found.append(f"{name}: {code} without Message")
    if unknown := set(content) - {"__type", "Message", "message", "Reason", "Detail"}:
        found.append(f"{name}: {code} with {sorted(unknown)}")
    if name in document()["operations"] and code in errors_of(name):
        members = {key: value for key, value in content.items() if key not in ("__type", "message")}
        found += mismatches(code, members, f"{name}: {code}")
        status = 500 if shape(code).get("fault") else 400
    elif code in OUTSIDE_THE_MODEL:
        status = OUTSIDE_THE_MODEL[code].status
    else:
        return [*found, f"{name}: {code} is no error of its model ({content.get('Message')})"]
    return found if status == reply.status else [*found, f"{name}: {code} with status {reply.status}, not {status}"]
