"""Who calls, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from comprehend_local.arns import Scope


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request's signature names. Both are empty in a request that is not signed."""

    access_key: str = ""
    region: str = ""


class Authorizer(Protocol):
    """Decides about calls."""

    def admit(self, credential: Credential, scope: Scope, operation: str, request: dict[str, Any]) -> None:
        """Return when the caller may; raise ServiceError (AccessDeniedException ...) when not."""
        ...


class Everybody:
    """Lets every call pass: for use without an IAM."""

    def admit(self, credential: Credential, scope: Scope, operation: str, request: dict[str, Any]) -> None:
        """Always allowed."""
