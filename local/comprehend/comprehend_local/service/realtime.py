"""ClassifyDocument and DetectEntities with an endpoint. They read only, and wait for no transaction."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from comprehend_local.arns import Scope
from comprehend_local.service.answers import classes, entities
from comprehend_local.service.context import Answer, Context, Operation, Request
from comprehend_local.service.errors import ServiceError, invalid, not_imitated, unavailable
from comprehend_local.service.routes import Route
from comprehend_local.service.serving import ANSWERING
from comprehend_local.store.records import Endpoint, Model

NOT_PLAIN_TEXT = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"PK\x03\x04": "Word",
}


class Realtime:
    """The synchronous operations of custom models."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> dict[str, Operation]:
        """By the API's names."""
        return {
            "ClassifyDocument": self.classify,
            "DetectEntities": self.detect,
        }

    def classify(self, scope: Scope, request: Request) -> Answer:
        """ClassifyDocument: `Classes` of a multi-class model, `Labels` of a multi-label model."""
        settings, arn = self._context.settings, request["EndpointArn"]
        if arn.split(":")[4] == "aws":
            raise not_imitated("the prompt safety classifier")
        text, about = _document(request, settings.maximum_classify_bytes)
        route = self._route(arn)
        scored = classes(route.model.classify([text], settings.most_classes)[0], settings, single=True)
        if about:
            scored = [{**item, "Page": 1} for item in scored]
        return {"Labels" if route.mode == "MULTI_LABEL" else "Classes": scored, **about}

    def detect(self, scope: Scope, request: Request) -> Answer:
        """DetectEntities with the endpoint of a custom recognizer, whose language counts, not the request's."""
        if "EndpointArn" not in request:
            raise not_imitated("the built-in entity types of DetectEntities; give the EndpointArn of a recognizer")
        text, about = _document(request, self._context.settings.maximum_detect_bytes)
        route = self._route(request["EndpointArn"])
        return {"Entities": entities(text, route.model.detect([text])[0]), **about}

    def _route(self, arn: str) -> Route:
        return self._context.routes.get(arn, lambda: self._look_up(arn))

    def _look_up(self, arn: str) -> Route:
        endpoint = self._context.store.find(Endpoint, arn)
        if endpoint is None:
            code = self._context.settings.missing_endpoint_error
            raise ServiceError(code, f"RESOURCE_NOT_FOUND: Could not find specified resource {arn}.")
        model = self._context.store.find(Model, endpoint.model)
        if endpoint.status not in ANSWERING or model is None:
            raise unavailable(f"{arn} is {endpoint.status}; it must be IN_SERVICE.")
        return Route(self._context.learned.model(endpoint.model), model.mode)


def _document(request: Request, most: int) -> tuple[str, Answer]:
    """The text, and what is told of a document that came as bytes. `most` is its size in bytes of UTF-8."""
    if ("Text" in request) == ("Bytes" in request):
        raise invalid("Either Text or Bytes is needed, and not both.")
    if "Text" in request:
        if "DocumentReaderConfig" in request:
            raise invalid("DocumentReaderConfig is for documents that come as Bytes.")
        text: str = request["Text"]
        if len(text) * 4 > most and (size := len(text.encode(errors="replace"))) > most:
            raise ServiceError(
                "TextSizeLimitExceededException",
                f"Input text size exceeds limit. Max length of request text allowed is {most} bytes while in this "
                f"request the text size is {size} bytes",
            )
        return text, {}
    text = _plain_text(request["Bytes"], most)
    metadata = {"Pages": 1, "ExtractedCharacters": [{"Page": 1, "Count": len(text)}]}
    return text, {"DocumentMetadata": metadata, "DocumentType": [{"Page": 1, "Type": "PLAIN_TEXT"}]}


def _plain_text(encoded: str | bytes, most: int) -> str:
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ServiceError("SerializationException", "bytes must be base64.") from error
    if not content:
        raise invalid("Bytes is empty.")
    for signature, name in NOT_PLAIN_TEXT.items():
        if content.startswith(signature):
            raise _bad("UNSUPPORTED_DOC_TYPE", f"comprehend_local reads plain text; this document is {name}.")
    if len(content) > most:
        raise _bad("DOCUMENT_SIZE_EXCEEDED", f"The document has {len(content)} bytes; the maximum is {most} bytes.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad("UNSUPPORTED_DOC_TYPE", "The document is not UTF-8 text.") from error


def _bad(reason: str, sentence: str) -> ServiceError:
    detail: dict[str, Any] = {"Reason": "INVALID_DOCUMENT", "Detail": {"Reason": reason}}
    return ServiceError("InvalidRequestException", sentence, members=detail)
