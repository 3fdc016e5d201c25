"""What every part of the service works with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from comprehend_local.arns import Scope
from comprehend_local.clock import Clock
from comprehend_local.service.data_access import DataAccess, RoleAccess
from comprehend_local.service.errors import invalid
from comprehend_local.service.learned import Learned
from comprehend_local.service.routes import Routes
from comprehend_local.service.storage import Objects
from comprehend_local.settings import Settings
from comprehend_local.store.database import Store, as_json
from comprehend_local.store.records import Token

Request = dict[str, Any]
Answer = dict[str, Any]
Operation = Callable[[Scope, Request], Answer]
Writes = Callable[[], None]
"""What a step found out, written when it is called; runs inside a transaction and must look at the records anew."""


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of background work on one record.

    `compute(key)` does the slow part outside of any transaction and returns the writes; `fail(key, message)` writes
    that it broke down. Steps are taken again after a restart, so `compute` must be repeatable.

    `ends` names the kind of work (control/rules.py, KINDS) that ends with this step, for the rules that make it end
    otherwise or not yet; `stop(key)` writes that it ended STOPPED. A `long` step trains or predicts: it
    can take minutes, and those that are not long do not wait for it.
    """

    compute: Callable[[str], Writes]
    fail: Callable[[str, str], None]
    ends: str = ""
    stop: Callable[[str], None] | None = None
    long: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """The server's parts. `wake` tells the workers that there is work."""

    settings: Settings
    clock: Clock
    store: Store
    objects: Objects
    roles: RoleAccess
    learned: Learned
    wake: Callable[[], None]
    routes: Routes = field(default_factory=Routes)

    def data_access(self, role: str, source_arn: str) -> DataAccess:
        """S3 as the role sees it when Comprehend acts for a resource."""
        return DataAccess(self.objects, self.roles, role, source_arn)

    def later(self, step: str, key: str, due: float) -> None:
        """Have a step taken at a time, or at once when that has passed."""
        self.store.add_work(step, key, max(due, self.clock.now()))
        self.wake()

    def once(self, operation: str, among: str, owner: str, request: Request, act: Callable[[], Answer]) -> Answer:
        """Act, unless the request's ClientRequestToken was used for this before: then give the same answer again.

        A token is unique for an operation `among` something (an account and region, a flywheel) and is forgotten with
        the resource that owns it.
        """
        token = request.get("ClientRequestToken")
        if token is None:
            return act()
        plain = {name: value for name, value in request.items() if name != "ClientRequestToken"}
        digest = hashlib.sha256(as_json(plain).encode()).hexdigest()
        key = f"{operation}#{among}#{token}"
        seen = self.store.find(Token, key)
        if seen is None:
            answer = act()
            self.store.put(Token(key, owner, digest, answer))
            return answer
        if seen.digest != digest:
            raise invalid(f"ClientRequestToken {token} was used before, with other parameters.")
        return seen.answer

    def forget_tokens(self, resource: str) -> None:
        """Forget the tokens used for a resource that is gone."""
        for token in self.store.every(Token, resource):
            self.store.delete(Token, token.key)


def present(**values: Any) -> Answer:
    """An answer without the members that are not known."""
    return {name: value for name, value in values.items() if value is not None}
