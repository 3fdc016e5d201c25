"""What a role's policies allow, asked of iam:SimulatePrincipalPolicy."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from comprehend_local.clock import Clock
from comprehend_local.iam.matching import condition_holds, listed

PASSED_TO = "iam:passedtoservice"


class Policies:
    """Decisions about roles. What is allowed is remembered for a few seconds; what is refused is asked anew."""

    def __init__(self, iam_client: Any, clock: Clock, remember_seconds: float) -> None:
        self._iam = iam_client
        self._clock = clock
        self._remember = remember_seconds
        self._allowed: dict[tuple[str, str, str], float] = {}
        self._lock = threading.Lock()

    def allow(self, role_arn: str, action: str, resource: str) -> bool:
        """Whether the role may do it to this resource (one a call: MiniStack looks at the first only)."""
        return self.remembered(
            (role_arn, action, resource),
            lambda: _all_allowed(
                self._iam.simulate_principal_policy(
                    PolicySourceArn=role_arn, ActionNames=[action], ResourceArns=[resource]
                )
            ),
        )

    def allow_pass_role(self, role_arn: str, passed_role_arn: str, service: str) -> bool:
        """Whether the role may pass another one to a service.

        MiniStack's simulation knows no context keys, so it refuses every statement with a condition on
        iam:PassedToService. Here the role's policies are read, that one condition is settled, and the result is
        simulated as a set of custom policies. Permissions boundaries are not looked at.
        """

        def ask() -> bool:
            documents = [json.dumps(settle(document, service)) for document in self._documents(role_arn)]
            return _all_allowed(
                self._iam.simulate_custom_policy(
                    PolicyInputList=documents, ActionNames=["iam:PassRole"], ResourceArns=[passed_role_arn]
                )
            )

        return self.remembered((role_arn, f"iam:PassRole to {service}", passed_role_arn), ask)

    def remembered(self, key: tuple[str, str, str], ask: Callable[[], bool]) -> bool:
        """What was allowed a moment ago; otherwise what `ask` says. The key is a role, an action and a resource."""
        now = self._clock.now()
        with self._lock:
            if self._allowed.get(key, 0) > now:
                return True
        allowed = ask()
        if allowed:
            with self._lock:
                self._allowed = {known: until for known, until in self._allowed.items() if until > now}
                self._allowed[key] = now + self._remember
        return allowed

    def _documents(self, role_arn: str) -> Iterator[dict[str, Any]]:
        name = role_arn.rsplit("/", 1)[-1]
        for page in self._iam.get_paginator("list_role_policies").paginate(RoleName=name):
            for policy in page["PolicyNames"]:
                yield _document(self._iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
        for page in self._iam.get_paginator("list_attached_role_policies").paginate(RoleName=name):
            for attached in page["AttachedPolicies"]:
                arn = attached["PolicyArn"]
                version = self._iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
                found = self._iam.get_policy_version(PolicyArn=arn, VersionId=version)
                yield _document(found["PolicyVersion"]["Document"])


def _all_allowed(simulated: Any) -> bool:
    return all(result["EvalDecision"] == "allowed" for result in simulated["EvaluationResults"])


def settle(document: dict[str, Any], service: str) -> dict[str, Any]:
    """The policy with its conditions on iam:PassedToService decided.

    A condition that holds is gone; one that does not takes its statement with it. What else a statement asks for stays.
    """
    statements = []
    for statement in listed(document.get("Statement")):
        rest: dict[str, Any] = {}
        kept = True
        for operator, tests in statement.get("Condition", {}).items():
            for key, patterns in tests.items():
                holds = condition_holds({operator: {key: patterns}}, {PASSED_TO: service})
                if holds is None:
                    rest.setdefault(operator, {})[key] = patterns
                kept = kept and holds is not False
        if kept:
            plain = {name: value for name, value in statement.items() if name != "Condition"}
            statements.append({**plain, "Condition": rest} if rest else plain)
    return {"Version": document.get("Version", "2012-10-17"), "Statement": statements}


def _document(found: Any) -> dict[str, Any]:
    """boto3 decodes policy documents, unless the emulator sends them in another form."""
    parsed: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    return parsed
