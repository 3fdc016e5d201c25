"""Errors that a caller sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ServiceError(Exception):
    """One error answer: the code of the service's model (or of AWS's front end), a sentence, an HTTP status.

    `members` are what else the error's shape has (Reason and Detail of InvalidRequestException).
    """

    def __init__(self, code: str, message: str, status: int = 400, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = dict(members or {})


def invalid(message: str) -> ServiceError:
    """The request makes no sense as a whole, though each value is well formed."""
    return ServiceError("InvalidRequestException", message)


def not_found(arn: str) -> ServiceError:
    """There is no such resource."""
    return ServiceError("ResourceNotFoundException", f"RESOURCE_NOT_FOUND: Could not find specified resource {arn}.")


def in_use(message: str) -> ServiceError:
    """The name is taken, or something is running on the resource."""
    return ServiceError("ResourceInUseException", message)


def unavailable(message: str) -> ServiceError:
    """The resource is not in a state in which this can be done."""
    return ServiceError("ResourceUnavailableException", message)


def limit_exceeded(message: str) -> ServiceError:
    """A quota is used up."""
    return ServiceError("ResourceLimitExceededException", message)


def not_imitated(what: str) -> ServiceError:
    """Comprehend has it, this server does not."""
    return ServiceError("UnknownOperationException", f"comprehend_local does not imitate {what}.")
