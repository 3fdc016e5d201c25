"""Calling AWS: one way to make a call, and one translation of its errors."""

from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError

from governor.domain.errors import (
    AccessRefusedError,
    GovernorError,
    QuotaFullError,
    ServiceBusyError,
    UnexpectedReplyError,
)

STANDARD = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=8)
"""Timeouts well below every function's own: a slow service ends as ServiceBusyError and not as a dead Lambda."""
ONE_TRY = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=10)
"""For UpdateFlywheel: a lost reply is answered by reading, not by sending again."""

_BUSY = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "InternalError",
        "KMSInternalException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ResourceUnavailableException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_REFUSED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "UnrecognizedClientException",
        "KMSAccessDeniedException",
    }
)


def code_of(error: ClientError) -> str:
    """Return the error code of a reply, `""` if it has none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """Return the service's own message."""
    return str(error.response.get("Error", {}).get("Message", ""))


def domain_error(error: ClientError) -> GovernorError:
    """Return the domain error that `error` means."""
    code, operation = code_of(error), error.operation_name
    if code in _BUSY or code.startswith("5"):
        return ServiceBusyError(f"{operation}: {code}.")
    if code in _REFUSED:
        return AccessRefusedError(f"{operation} was refused: {message_of(error)}")
    if code == "ResourceLimitExceededException":
        return QuotaFullError(
            f"{operation}: {message_of(error)} Ask for a higher quota in the Service Quotas console, "
            "or delete what is not needed."
        )
    return UnexpectedReplyError(f"{operation} answered {code}: {message_of(error)}")


class KnownReply(Exception):
    """An error reply that the calling adapter has its own meaning for."""

    def __init__(self, error: ClientError) -> None:
        super().__init__(str(error))
        self.code = code_of(error)
        self.message = message_of(error)
        self.response: dict[str, Any] = dict(error.response)


def call(operation: Callable[..., Any], *, known: frozenset[str] = frozenset(), **arguments: Any) -> Any:
    """Make one call and return its reply.

    Raises KnownReply if the service answers with a code in `known`, else a domain error.
    """
    try:
        return operation(**arguments)
    except ClientError as error:
        if code_of(error) in known:
            raise KnownReply(error) from error
        raise domain_error(error) from error
    except (BotoConnectionError, HTTPClientError) as error:
        raise ServiceBusyError(f"No answer: {type(error).__name__}.") from error
    except BotoCoreError as error:
        raise UnexpectedReplyError(f"{type(error).__name__}: {error}") from error
