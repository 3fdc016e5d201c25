"""Resource-based policies of models: put, describe, delete. They would let other accounts import the model."""

from __future__ import annotations

import json
import uuid
from typing import Any

from comprehend_local.arns import Scope
from comprehend_local.service.context import Answer, Context, Operation, Request
from comprehend_local.service.errors import invalid, not_found
from comprehend_local.store.records import Model, ResourcePolicy

ACTION = "comprehend:importmodel"


class ResourcePolicies:
    """The policy operations."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> dict[str, Operation]:
        """By the API's names."""
        return {
            "PutResourcePolicy": self.put,
            "DescribeResourcePolicy": self.describe,
            "DeleteResourcePolicy": self.delete,
        }

    def put(self, scope: Scope, request: Request) -> Answer:
        """PutResourcePolicy: a new policy, or another one in the place of the revision that is named."""
        arn = request["ResourceArn"]
        self._require_model(arn)
        before = self._context.store.find(ResourcePolicy, arn)
        revision = request.get("PolicyRevisionId")
        if before is None and revision is not None:
            raise invalid(f"{arn} has no policy: PolicyRevisionId is for a policy that is replaced.")
        _check_revision(before, revision)
        return {"PolicyRevisionId": put_policy(self._context, arn, request["ResourcePolicy"])}

    def describe(self, scope: Scope, request: Request) -> Answer:
        """DescribeResourcePolicy: the text as it was put."""
        found = self._require(request["ResourceArn"])
        return {
            "ResourcePolicy": found.policy,
            "CreationTime": found.created,
            "LastModifiedTime": found.modified,
            "PolicyRevisionId": found.revision,
        }

    def delete(self, scope: Scope, request: Request) -> Answer:
        """DeleteResourcePolicy."""
        found = self._require(request["ResourceArn"])
        _check_revision(found, request.get("PolicyRevisionId"))
        self._context.store.delete(ResourcePolicy, found.resource)
        return {}

    def _require_model(self, arn: str) -> None:
        if self._context.store.find(Model, arn) is None:
            raise not_found(arn)

    def _require(self, arn: str) -> ResourcePolicy:
        self._require_model(arn)
        found = self._context.store.find(ResourcePolicy, arn)
        if found is None:
            raise not_found(f"policy of {arn}")
        return found


def put_policy(context: Context, arn: str, policy: str) -> str:
    """Give a model a policy, also the ModelPolicy of the call that creates it. Returns the revision.

    Raises InvalidRequestException for what is no policy, or allows another action than comprehend:ImportModel.
    """
    _check_policy(policy)
    now = context.clock.now()
    before = context.store.find(ResourcePolicy, arn)
    created = now if before is None else before.created
    revision = uuid.uuid4().hex
    context.store.put(ResourcePolicy(arn, policy, revision, created, now))
    return revision


def forget_policy(context: Context, arn: str) -> None:
    """Delete the policy of a model that is gone."""
    context.store.delete(ResourcePolicy, arn)


def _check_revision(current: ResourcePolicy | None, revision: str | None) -> None:
    """Who names a revision must name the last one; who names none takes the policy as it is."""
    if current is not None and revision is not None and revision.lower() != current.revision:
        raise invalid("PolicyRevisionId is not that of the current policy; describe it and try again.")


def _check_policy(policy: str) -> None:
    try:
        document = json.loads(policy)
    except (ValueError, RecursionError) as error:
        raise invalid("ResourcePolicy is not JSON.") from error
    statements = document.get("Statement") if isinstance(document, dict) else None
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        raise invalid("ResourcePolicy needs a Statement.")
    for statement in statements:
        _check_statement(statement)


def _check_statement(statement: Any) -> None:
    if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
        raise invalid("Every statement of ResourcePolicy needs the Effect Allow or Deny.")
    if "Principal" not in statement:
        raise invalid("Every statement of ResourcePolicy needs a Principal.")
    actions = statement.get("Action")
    listed = actions if isinstance(actions, list) else [actions]
    if not listed or any(not isinstance(action, str) or action.lower() != ACTION for action in listed):
        raise invalid("comprehend:ImportModel is the only action that the policy of a model can have.")
