"""Endpoints: create, describe, update, list, delete. `serving` has what happens in the background."""

from __future__ import annotations

from typing import Any

from comprehend_local import arns
from comprehend_local.arns import Scope
from comprehend_local.service.context import Answer, Context, Operation, Request, present
from comprehend_local.service.errors import ServiceError, in_use, invalid, limit_exceeded, not_found, unavailable
from comprehend_local.service.flywheels import require_flywheel
from comprehend_local.service.models import require_usable_model
from comprehend_local.service.paging import created_between, only_one, page
from comprehend_local.service.serving import change, token_owner
from comprehend_local.service.tags import put_tags
from comprehend_local.store.records import Endpoint, Flywheel

NAMES_A_MODEL = ("ModelArn", "FlywheelArn")
NAMES_ANOTHER_MODEL = ("DesiredModelArn", "FlywheelArn")
CHANGES = (*NAMES_ANOTHER_MODEL, "DesiredInferenceUnits", "DesiredDataAccessRoleArn")


class Endpoints:
    """The endpoint operations."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> dict[str, Operation]:
        """By the API's names."""
        return {
            "CreateEndpoint": self.create,
            "DescribeEndpoint": self.describe,
            "UpdateEndpoint": self.update,
            "ListEndpoints": self.every,
            "DeleteEndpoint": self.delete,
        }

    def create(self, scope: Scope, request: Request) -> Answer:
        """CreateEndpoint: for a model, or for a flywheel, whose active model it then follows."""
        where = f"{scope.account}#{scope.region}"
        owner = token_owner(where, request["EndpointName"])
        return self._context.once("CreateEndpoint", where, owner, request, lambda: self._create(scope, request))

    def _create(self, scope: Scope, request: Request) -> Answer:
        context, now = self._context, self._context.clock.now()
        given = [name for name in NAMES_A_MODEL if name in request]
        if len(given) != 1:
            raise invalid("Either ModelArn or FlywheelArn is needed, and not both.")
        model = self._model(request.get("ModelArn"), request.get("FlywheelArn"))
        arn = endpoint_arn(scope, model, request["EndpointName"])
        if context.store.find(Endpoint, arn) is not None:
            raise in_use(f"{arn} exists already.")
        own = self._own(scope)
        if len(own) >= context.settings.maximum_endpoints:
            raise limit_exceeded(f"There are {len(own)} endpoints, which is the maximum.")
        self._check_units(own, request["DesiredInferenceUnits"])
        endpoint = Endpoint(
            arn=arn,
            status="CREATING",
            model=model,
            desired_model=model,
            desired_units=request["DesiredInferenceUnits"],
            created=now,
            modified=now,
            ready=now,
            role=request.get("DataAccessRoleArn"),
            desired_role=request.get("DataAccessRoleArn"),
            flywheel=request.get("FlywheelArn"),
        )
        put_tags(context, arn, request.get("Tags", []))
        change(context, endpoint, "CREATING", context.settings.durations.endpoint_creation)
        return {"EndpointArn": arn, "ModelArn": model}

    def describe(self, scope: Scope, request: Request) -> Answer:
        """DescribeEndpoint."""
        return {"EndpointProperties": properties(self._require(request["EndpointArn"]))}

    def update(self, scope: Scope, request: Request) -> Answer:
        """UpdateEndpoint: another model (which ends the following of a flywheel), a flywheel, units or role."""
        context, endpoint = self._context, self._require(request["EndpointArn"])
        if not any(name in request for name in CHANGES):
            raise invalid(f"One of {', '.join(CHANGES)} is needed.")
        if all(name in request for name in NAMES_ANOTHER_MODEL):
            raise invalid("DesiredModelArn and FlywheelArn exclude each other.")
        self._require_rest(endpoint)
        answer: Answer = {}
        if any(name in request for name in NAMES_ANOTHER_MODEL):
            model = self._model(request.get("DesiredModelArn"), request.get("FlywheelArn"))
            if _kind(model) != _kind(endpoint.model):
                raise invalid(f"{model} is of another type than {endpoint.arn}.")
            endpoint.desired_model, endpoint.flywheel = model, request.get("FlywheelArn")
            answer = {"DesiredModelArn": model}
        if (units := request.get("DesiredInferenceUnits")) is not None:
            others = [item for item in self._own(scope) if item.arn != endpoint.arn]
            self._check_units(others, units)
            endpoint.desired_units = units
        endpoint.desired_role = request.get("DesiredDataAccessRoleArn", endpoint.desired_role)
        change(context, endpoint, "UPDATING", context.settings.durations.endpoint_update)
        return answer

    def every(self, scope: Scope, request: Request) -> Answer:
        """ListEndpoints: the newest first."""
        wanted = only_one(request.get("Filter", {}), "InvalidRequestException")
        found = [
            item
            for item in self._own(scope)
            if wanted.get("Status", item.status) == item.status
            and wanted.get("ModelArn", item.model) == item.model
            and created_between(item.created, wanted)
        ]
        place = self._context.store.places(Endpoint)
        chosen, more = page("ListEndpoints", scope, request, found, lambda item: place[item.key])
        return present(EndpointPropertiesList=[properties(item) for item in chosen], NextToken=more)

    def delete(self, scope: Scope, request: Request) -> Answer:
        """DeleteEndpoint: not while it is created or updated."""
        context, endpoint = self._context, self._require(request["EndpointArn"])
        if endpoint.status == "DELETING":
            return {}
        if endpoint.status != "FAILED":
            self._require_rest(endpoint)
        change(context, endpoint, "DELETING", context.settings.durations.endpoint_deletion)
        return {}

    def _require(self, arn: str) -> Endpoint:
        endpoint = self._context.store.find(Endpoint, arn)
        if endpoint is None:
            raise not_found(arn)
        return endpoint

    def _require_rest(self, endpoint: Endpoint) -> None:
        """Changes are taken one at a time."""
        if endpoint.status in ("CREATING", "UPDATING"):
            code = self._context.settings.busy_endpoint_error
            raise ServiceError(code, f"{endpoint.arn} is {endpoint.status}; this needs it to be IN_SERVICE.")
        if endpoint.status != "IN_SERVICE":
            raise unavailable(f"{endpoint.arn} is {endpoint.status}; this needs it to be IN_SERVICE.")

    def _model(self, model: str | None, flywheel: str | None) -> str:
        """The ARN of the model that a request names, of the flywheel's active one if it names that."""
        if flywheel is not None:
            model = active_model(self._context, flywheel)
        assert model is not None
        return require_usable_model(self._context, model).arn

    def _check_units(self, others: list[Endpoint], units: int) -> None:
        settings = self._context.settings
        if units > settings.maximum_inference_units:
            raise limit_exceeded(f"An endpoint can have {settings.maximum_inference_units} inference units.")
        total = units + sum(item.desired_units for item in others if item.status != "DELETING")
        if total > settings.maximum_inference_units_in_all:
            most = settings.maximum_inference_units_in_all
            raise limit_exceeded(f"All endpoints together would have {total} inference units; the maximum is {most}.")

    def _own(self, scope: Scope) -> list[Endpoint]:
        return [item for item in self._context.store.every(Endpoint) if arns.scope_of(item.arn) == scope]


def active_model(context: Context, flywheel_arn: str) -> str:
    """The active model of a flywheel that can be used. Raises ServiceError when there is none."""
    flywheel: Flywheel = require_flywheel(context, flywheel_arn)
    if flywheel.status not in ("ACTIVE", "UPDATING"):
        raise unavailable(f"{flywheel_arn} is {flywheel.status}; this needs it to be ACTIVE.")
    if flywheel.active_model is None:
        raise ServiceError(context.settings.no_active_model_error, f"{flywheel_arn} has no active model.")
    return flywheel.active_model


def endpoint_arn(scope: Scope, model_arn: str, name: str) -> str:
    """An endpoint's ARN: `document-classifier-endpoint/NAME` or `entity-recognizer-endpoint/NAME`."""
    return scope.arn(f"{_kind(model_arn)}-endpoint/{name}")


def properties(endpoint: Endpoint) -> dict[str, Any]:
    """EndpointProperties."""
    return present(
        EndpointArn=endpoint.arn,
        Status=endpoint.status,
        Message=endpoint.message,
        ModelArn=endpoint.model,
        DesiredModelArn=endpoint.desired_model,
        DesiredInferenceUnits=endpoint.desired_units,
        CurrentInferenceUnits=endpoint.units,
        CreationTime=endpoint.created,
        LastModifiedTime=endpoint.modified,
        DataAccessRoleArn=endpoint.role,
        DesiredDataAccessRoleArn=endpoint.desired_role,
        FlywheelArn=endpoint.flywheel,
    )


def _kind(arn: str) -> str:
    """`document-classifier` or `entity-recognizer`, of a model's ARN."""
    return arn.split(":", 5)[5].split("/", maxsplit=1)[0]
