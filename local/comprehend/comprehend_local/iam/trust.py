"""Whether a role lets Comprehend assume it.

Its trust policy is evaluated here, because an emulator's STS serves accounts and not services.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comprehend_local.iam.matching import condition_holds, like, listed

SERVICE = "comprehend.amazonaws.com"


def trusts(document: Mapping[str, Any], account: str, source_arn: str) -> bool:
    """Whether Comprehend may assume the role when it works for `source_arn`, a resource of `account`.

    Conditions on aws:SourceAccount and aws:SourceArn are known. A condition on anything else never allows and, in a
    Deny, always denies: what cannot be told is closed.
    """
    known = {"aws:sourceaccount": account, "aws:sourcearn": source_arn}
    allowed = False
    for statement in listed(document.get("Statement")):
        if not _names_comprehend(statement) or not _assumes(statement):
            continue
        holds = condition_holds(statement.get("Condition", {}), known)
        if statement.get("Effect") == "Deny" and holds is not False:
            return False
        allowed = allowed or (statement.get("Effect") == "Allow" and holds is True)
    return allowed


def _names_comprehend(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        return any(name in (SERVICE, "*") for name in listed(principal.get("Service")))
    return bool(principal == "*")


def _assumes(statement: Mapping[str, Any]) -> bool:
    return any(like("sts:assumerole", str(action).lower()) for action in listed(statement.get("Action")))
