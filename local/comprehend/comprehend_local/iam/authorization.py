"""Admits callers, and data-access roles, by the policies of the emulator's IAM."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from comprehend_local.arns import Scope, scope_of
from comprehend_local.iam.identities import FunctionKeys, is_root_key
from comprehend_local.iam.permissions import needed
from comprehend_local.iam.policies import Policies
from comprehend_local.iam.trust import SERVICE, trusts
from comprehend_local.service.callers import Credential
from comprehend_local.service.data_access import RoleRefused
from comprehend_local.service.errors import ServiceError


class IamAuthorizer:
    """Callers are the emulator's root or functions; what a function may do, its role's policies say."""

    def __init__(self, keys: FunctionKeys, policies: Policies) -> None:
        self._keys = keys
        self._policies = policies

    def admit(self, credential: Credential, scope: Scope, operation: str, request: dict[str, Any]) -> None:
        """Raises MissingAuthenticationToken, UnrecognizedClient, AccessDenied; InternalServer when IAM is away."""
        if not credential.access_key:
            raise ServiceError("MissingAuthenticationTokenException", "The request is not signed.")
        if is_root_key(credential.access_key):
            return
        try:
            self._admit_function(credential, scope, operation, request)
        except (ClientError, BotoCoreError) as error:
            raise ServiceError(
                "InternalServerException", f"The caller's permissions cannot be read: {error}", 500
            ) from error

    def _admit_function(self, credential: Credential, scope: Scope, operation: str, request: dict[str, Any]) -> None:
        principal = self._keys.find(credential.access_key)
        if principal is None:
            raise ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.")
        for action, resource, others in needed(operation, request, scope):
            if action == "iam:PassRole":
                allowed = self._policies.allow_pass_role(principal.role_arn, resource, SERVICE)
            else:
                allowed = any(self._policies.allow(principal.role_arn, action, arn) for arn in (resource, *others))
            if not allowed:
                raise ServiceError(
                    "AccessDeniedException",
                    f"User: {principal.session_arn} is not authorized to perform: {action} on resource: {resource} "
                    f"because no identity-based policy allows the {action} action",
                )


class IamRoles:
    """Data-access roles: their trust policy is evaluated here, their permissions are simulated."""

    def __init__(self, iam_client: Any, policies: Policies) -> None:
        self._iam = iam_client
        self._policies = policies

    def require(self, role: str, source_arn: str, action: str, resource: str) -> None:
        """Raise RoleRefused unless Comprehend, working for `source_arn`, can assume the role and it may do this."""
        try:
            # A job with many files asks for each of them; its role's trust need not be read as often.
            key = (role, "sts:AssumeRole", source_arn)
            if not self._policies.remembered(key, lambda: self._trusted(role, source_arn)):
                raise RoleRefused(f"The role {role} does not trust {SERVICE} working for {source_arn}.")
            if not self._policies.allow(role, action, resource):
                raise RoleRefused(f"The role {role} has no permission {action} on {resource}.")
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchEntity", "NoSuchEntityException"):
                raise RoleRefused(f"The role {role} does not exist.") from error
            raise RoleRefused(f"The role {role} cannot be read: {error}") from error
        except BotoCoreError as error:
            raise RoleRefused(f"The role {role} cannot be read: {error}") from error

    def _trusted(self, role: str, source_arn: str) -> bool:
        found = self._iam.get_role(RoleName=role.rsplit("/", 1)[-1])["Role"]
        if found["Arn"] != role:
            raise RoleRefused(f"The role {role} does not exist.")
        document = found["AssumeRolePolicyDocument"]
        document = json.loads(document) if isinstance(document, str) else document
        return trusts(document, scope_of(source_arn).account, source_arn)
