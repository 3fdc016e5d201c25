"""The service: operations by name, checked requests, background work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from comprehend_local.arns import Scope, scope_of
from comprehend_local.clock import Clock, OffsetClock, SystemClock
from comprehend_local.control.faults import Faults
from comprehend_local.control.interface import Interface
from comprehend_local.service.callers import Authorizer, Credential, Everybody
from comprehend_local.service.context import Answer, Context, Operation, Step
from comprehend_local.service.creation import Creation
from comprehend_local.service.data_access import AnyRole, RoleAccess
from comprehend_local.service.datasets import Datasets
from comprehend_local.service.endpoints import Endpoints
from comprehend_local.service.errors import ServiceError, not_found, not_imitated
from comprehend_local.service.flywheels import Flywheels
from comprehend_local.service.iterations import Iterations
from comprehend_local.service.job_runs import JobRuns
from comprehend_local.service.jobs import CLASSIFICATION, ENTITIES, Jobs
from comprehend_local.service.learned import Learned
from comprehend_local.service.model import operation as operation_model
from comprehend_local.service.models import CLASSIFIER, RECOGNIZER, Models
from comprehend_local.service.plain_training import PlainTraining
from comprehend_local.service.realtime import Realtime
from comprehend_local.service.resource_policies import ResourcePolicies
from comprehend_local.service.serving import Serving
from comprehend_local.service.storage import Objects
from comprehend_local.service.tags import Tagging
from comprehend_local.service.training import Training
from comprehend_local.service.validation import accepted
from comprehend_local.service.worker import Worker
from comprehend_local.settings import Settings
from comprehend_local.store.database import Store
from comprehend_local.store.records import ClockOffset


class Comprehend:
    """One Comprehend, all accounts and regions. Close it after use.

    With `background=True` threads do the work; otherwise every call first does, itself, all work that is due by the
    clock: no threads, no waiting, the same result every time.
    """

    def __init__(
        self,
        settings: Settings,
        objects: Objects,
        *,
        clock: Clock | None = None,
        state: Path | None = None,
        roles: RoleAccess | None = None,
        authorizer: Authorizer | None = None,
        background: bool = False,
    ) -> None:
        self.settings = settings
        self._store = Store(state)
        moved = self._store.find(ClockOffset, "offset")
        self.clock = OffsetClock(clock or SystemClock(), moved.seconds if moved else 0.0)
        self.faults = Faults(self.clock)
        self.control = Interface(self)
        self._authorizer = authorizer or Everybody()
        self._background = background
        context = Context(
            settings=settings,
            clock=self.clock,
            store=self._store,
            objects=objects,
            roles=roles or AnyRole(),
            learned=Learned(self._store, settings.seed, settings.embedding),
            wake=self._wake,
        )
        self._operations: dict[str, Operation] = {}
        for part in (Flywheels, Datasets, Iterations, Endpoints, ResourcePolicies, Tagging):
            self._operations |= part(context).operations()
        for kind in (CLASSIFIER, RECOGNIZER):
            self._operations |= Models(context, kind).operations()
        for job in (CLASSIFICATION, ENTITIES):
            self._operations |= Jobs(context, job).operations()
        realtime = Realtime(context).operations()
        self._operations |= realtime
        self._without_transaction = frozenset(realtime)
        steps: dict[str, Step] = {}
        for work in (Creation, Datasets, Training, PlainTraining, Serving, JobRuns):
            steps |= work(context).steps()
        self._worker = Worker(self._store, self.clock, steps, self.faults.rules)
        if background:
            self._worker.start(settings.workers)

    def _wake(self) -> None:
        self._worker.wake()

    def operations(self) -> list[str]:
        """The names of the operations that are imitated."""
        return sorted(self._operations)

    def call(self, name: str, request: dict[str, Any], credential: Credential | None = None) -> Answer:
        """One call. The answer has the API's names; times are seconds since 1970.

        Raises ServiceError, and Unanswered where a rule of the control API wants that.
        """
        credential = credential or Credential()
        return self.faults.around(
            name,
            credential.access_key,
            credential.region or self.settings.region,
            lambda: self._call(name, request, credential, self._authorizer),
        )

    def act(self, name: str, request: dict[str, Any], region: str = "") -> Answer:
        """A call behind everybody's back: no rule counts it, and whoever makes it may do anything."""
        return self._call(name, request, Credential(region=region), Everybody())

    def _call(self, name: str, request: dict[str, Any], credential: Credential, authorizer: Authorizer) -> Answer:
        shape = operation_model(name)
        if shape is None:
            raise ServiceError("UnknownOperationException", f"Comprehend has no operation {name}.")
        if name not in self._operations:
            raise not_imitated(name)
        scope = Scope(account=self.settings.account, region=credential.region or self.settings.region)
        given = accepted(shape.input_shape, request, self.settings.constraint_error)
        authorizer.admit(credential, scope, name, given)
        _same_region(scope, given, self.settings.missing_endpoint_error if name in REAL_TIME else None)
        if not self._background:
            self._worker.run_due()
        if name in self._without_transaction:
            return self._operations[name](scope, given)
        with self._store.transaction():
            return self._operations[name](scope, given)

    def run_due(self) -> int:
        """Do all work that is due by the clock, now. Returns the number of steps taken."""
        return self._worker.run_due()

    def advance(self, seconds: float) -> None:
        """Move the server's clock forward; what is due then is done."""
        self.clock.advance(seconds)
        with self._store.transaction():
            self._store.put(ClockOffset(self.clock.offset))
        self.look_again()

    def look_again(self) -> None:
        """Rules were taken away, or the time has jumped: what waited may go on."""
        self.faults.changed()
        self._wake()

    def close(self) -> None:
        """Stop working and release the state; what is not finished goes on when the state is opened again."""
        self.faults.close()
        self._worker.stop()
        self._store.close()


REAL_TIME = ("ClassifyDocument", "DetectEntities")
"""They have an error of their own for what is not there."""


def _same_region(scope: Scope, given: dict[str, Any], code: str | None) -> None:
    """A region knows nothing of another one's resources."""
    for member, value in given.items():
        named = member.endswith("Arn") and isinstance(value, str) and ":comprehend:" in value
        if named and scope_of(value).region != scope.region:
            refusal = not_found(value)
            raise refusal if code is None else ServiceError(code, refusal.message)
