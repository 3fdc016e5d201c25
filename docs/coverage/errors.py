"""The errors that the server may answer with though the service's model does not list them for an operation."""

from __future__ import annotations

from typing import NamedTuple


class Outside(NamedTuple):
    """An error's HTTP status, and why it may come."""

    status: int
    why: str


OUTSIDE_THE_MODEL = {
    "ValidationException": Outside(
        400, "a value outside what the model says of its member; one of AWS's common errors"
    ),
    "SerializationException": Outside(400, "the request is no JSON, or a value has another type; AWS's JSON protocol"),
    "UnknownOperationException": Outside(
        400, "no operation of Comprehend, or none that is imitated; AWS's JSON protocol"
    ),
    "AccessDeniedException": Outside(
        400, "the caller may not do this; one of AWS's common errors; 403 to pages in a browser"
    ),
    "UnrecognizedClientException": Outside(400, "the access key is unknown; one of AWS's common errors"),
    "MissingAuthenticationTokenException": Outside(400, "the request is not signed, with `--authorize on`"),
    "ThrottlingException": Outside(400, "operations whose list lacks TooManyRequestsException, on request of a test"),
    "BadRequestException": Outside(400, "the request is not HTTP as this server reads it"),
    "RequestTimeoutException": Outside(408, "the request did not arrive in time"),
    "LengthRequiredException": Outside(411, "the request has no Content-Length"),
    "RequestEntityTooLargeException": Outside(413, "the request is larger than 5 MB"),
    "ServiceUnavailableException": Outside(503, "too many connections are open"),
    "InternalServerException": Outside(500, "in every operation's list; also for what is no operation"),
}
