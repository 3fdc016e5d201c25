"""What happens to endpoints in the background: they begin to answer, change their model, follow a flywheel, go."""

from __future__ import annotations

from comprehend_local import arns
from comprehend_local.service.context import Context, Step, Writes
from comprehend_local.service.data_access import RoleRefused
from comprehend_local.service.errors import in_use
from comprehend_local.store.records import Endpoint, Job, Model, Tags

CHANGING = ("CREATING", "UPDATING")
ANSWERING = ("IN_SERVICE", "UPDATING")
ACTIVE_JOB = ("SUBMITTED", "IN_PROGRESS", "STOP_REQUESTED")


class Serving:
    """The steps of endpoints."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def steps(self) -> dict[str, Step]:
        """By name."""
        return {
            "serve_endpoint": Step(self._serve, self._fail, ends="endpoint"),
            "remove_endpoint": Step(self._remove, self._fail),
        }

    def _serve(self, arn: str) -> Writes:
        """Load the model that is wanted; from then on it answers. Until then the one before does."""
        context = self._context
        endpoint = context.store.find(Endpoint, arn)
        if endpoint is None or endpoint.status not in CHANGING or context.clock.now() < endpoint.ready:
            return _nothing
        problem = self._problem(endpoint)
        if problem is not None:
            return lambda: self._fail(arn, problem)

        def write() -> None:
            current = context.store.find(Endpoint, arn)
            if current is None or current.status not in CHANGING:
                return
            if current.desired_model != endpoint.desired_model:
                return  # it was told to change again meanwhile; the step of that change is due later
            current.model, current.units, current.role = (
                current.desired_model,
                current.desired_units,
                current.desired_role,
            )
            current.status, current.message = "IN_SERVICE", None
            _put(context, current)

        return write

    def _problem(self, endpoint: Endpoint) -> str | None:
        """Why the model that is wanted cannot answer, as `CODE: sentence`."""
        context = self._context
        model = context.store.find(Model, endpoint.desired_model)
        if model is None:
            return f"MODEL_NOT_FOUND: {endpoint.desired_model} does not exist."
        key = model.request.get("ModelKmsKeyId")
        if key is not None and endpoint.desired_role is not None:
            scope = arns.scope_of(endpoint.arn)
            key_arn = key if key.startswith("arn:") else f"arn:aws:kms:{scope.region}:{scope.account}:key/{key}"
            try:
                context.roles.require(endpoint.desired_role, endpoint.arn, "kms:Decrypt", key_arn)
            except RoleRefused as error:
                return f"NO_ACCESS_TO_KMS_KEY: {error}"
        context.learned.model(endpoint.desired_model)
        return None

    def _remove(self, arn: str) -> Writes:
        context = self._context

        def write() -> None:
            context.store.delete(Endpoint, arn)
            context.store.delete(Tags, arn)
            context.routes.forget(arn)
            scope = arns.scope_of(arn)
            context.forget_tokens(token_owner(f"{scope.account}#{scope.region}", arns.resource_name(arn)))

        return write

    def _fail(self, arn: str, message: str) -> None:
        endpoint = self._context.store.find(Endpoint, arn)
        if endpoint is not None and endpoint.status in (*CHANGING, "DELETING"):
            endpoint.status, endpoint.message = "FAILED", message
            _put(self._context, endpoint)


def change(context: Context, endpoint: Endpoint, status: str, seconds: float) -> None:
    """Write what an endpoint is to be, and have it become that."""
    now = context.clock.now()
    endpoint.status, endpoint.ready = status, now + seconds
    _put(context, endpoint)
    context.later("remove_endpoint" if status == "DELETING" else "serve_endpoint", endpoint.arn, endpoint.ready)


def follow(context: Context, flywheel_arn: str, model_arn: str) -> None:
    """The endpoints that are bound to a flywheel go over to its new active model, through UPDATING.

    One that is being created begins with it; one that is being updated begins its update again.
    """
    for endpoint in context.store.every(Endpoint, flywheel_arn):
        if endpoint.status not in (*CHANGING, "IN_SERVICE") or endpoint.desired_model == model_arn:
            continue
        endpoint.desired_model = model_arn
        if endpoint.status == "CREATING":
            endpoint.model = model_arn
            _put(context, endpoint)
        else:
            change(context, endpoint, "UPDATING", context.settings.durations.endpoint_update)


def require_unused(context: Context, model_arn: str) -> None:
    """A model that an endpoint or a running job needs cannot be deleted. Raises ResourceInUseException."""
    for endpoint in context.store.every(Endpoint):
        if model_arn in (endpoint.model, endpoint.desired_model):
            raise in_use(f"{model_arn} is used by {endpoint.arn}.")
    for job in context.store.every(Job):
        if job.model == model_arn and job.status in ACTIVE_JOB:
            raise in_use(f"{model_arn} is used by {job.arn}.")


def release_flywheel(context: Context, flywheel_arn: str) -> None:
    """What becomes of a flywheel's endpoints when it is deleted; ResourceInUseException if they forbid it."""
    for endpoint in context.store.every(Endpoint, flywheel_arn):
        if context.settings.flywheel_with_endpoints == "refuse":
            raise in_use(f"{endpoint.arn} follows {flywheel_arn}; delete the endpoint first.")
        endpoint.flywheel = None
        _put(context, endpoint)


def token_owner(where: str, name: str) -> str:
    """What a token of CreateEndpoint belongs to: the name, for the type of the ARN is not known before the model."""
    return f"endpoint#{where}#{name}"


def _put(context: Context, endpoint: Endpoint) -> None:
    endpoint.modified = context.clock.now()
    context.store.put(endpoint)
    context.routes.forget(endpoint.arn)


def _nothing() -> None:
    """No writes."""
