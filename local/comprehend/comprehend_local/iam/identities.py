"""Whose access key is it? The one place that knows how MiniStack names the callers of its cloud.

With AUTH=true MiniStack (1.5.33) gives every Lambda function keys of its own, made from the function's and the role's
ARN (`execution_credentials` in its lambda_runtime); the key is in the signature of each call that the function makes,
also of those that go to another server. A contract test holds this module against the installed MiniStack.
"""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass
from typing import Any

_ACCOUNT_ID = re.compile(r"\d{12}")


def is_root_key(access_key: str) -> bool:
    """Whether the key is the emulator's root: `test`, or an account id."""
    return access_key == "test" or _ACCOUNT_ID.fullmatch(access_key) is not None


def function_access_key(function_arn: str, role_arn: str) -> str:
    """The access key with which a function signs."""
    digest = hashlib.sha256(f"{function_arn}:{role_arn}".encode()).hexdigest()
    return f"ASIA{digest[:16].upper()}"


@dataclass(frozen=True, slots=True)
class Principal:
    """A function that calls: its role, and the session under whose name AWS would show it."""

    role_arn: str
    session_arn: str

    @classmethod
    def of_function(cls, name: str, role_arn: str) -> Principal:
        """The principal that a function's calls have."""
        account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
        return cls(role_arn, f"arn:aws:sts::{account}:assumed-role/{role}/{name[:64]}")


class FunctionKeys:
    """The table of access keys of all functions; read again when a key is not in it."""

    def __init__(self, lambda_client: Any) -> None:
        self._lambda = lambda_client
        self._table: dict[str, Principal] = {}
        self._lock = threading.Lock()

    def find(self, access_key: str) -> Principal | None:
        """Who has this key; None when no function has."""
        with self._lock:
            if access_key not in self._table:
                self._table = self._read()
            return self._table.get(access_key)

    def _read(self) -> dict[str, Principal]:
        """Every function, and every published version of it: a version signs with keys of its own."""
        table: dict[str, Principal] = {}
        for page in self._lambda.get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                table |= self._keys_of(function["FunctionName"], [function])
                versions = self._lambda.get_paginator("list_versions_by_function")
                for more in versions.paginate(FunctionName=function["FunctionName"]):
                    table |= self._keys_of(function["FunctionName"], more["Versions"])
        return table

    @staticmethod
    def _keys_of(name: str, configurations: list[dict[str, Any]]) -> dict[str, Principal]:
        return {
            function_access_key(item["FunctionArn"], item["Role"]): Principal.of_function(name, item["Role"])
            for item in configurations
        }
