"""Flywheels: create, describe, update, delete, list."""

from __future__ import annotations

from comprehend_local import arns
from comprehend_local.arns import Scope
from comprehend_local.service import lake
from comprehend_local.service.context import Answer, Context, Operation, Request, present
from comprehend_local.service.errors import ServiceError, in_use, invalid, limit_exceeded, not_found, unavailable
from comprehend_local.service.models import require_usable_model
from comprehend_local.service.paging import created_between, only_one, page
from comprehend_local.service.serving import follow, release_flywheel
from comprehend_local.service.tags import put_tags
from comprehend_local.service.tasks import model_task, model_type, new_task, same_task, task_mode
from comprehend_local.store.records import Dataset, Flywheel, Iteration

RUNNING = ("TRAINING", "EVALUATING", "STOP_REQUESTED")


class Flywheels:
    """The flywheel operations; `creation` has what happens in the background."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def operations(self) -> dict[str, Operation]:
        """By the API's names."""
        return {
            "CreateFlywheel": self.create,
            "DescribeFlywheel": self.describe,
            "UpdateFlywheel": self.update,
            "DeleteFlywheel": self.delete,
            "ListFlywheels": self.every,
        }

    def create(self, scope: Scope, request: Request) -> Answer:
        """CreateFlywheel: for a new model (ModelType and TaskConfig), or from an existing one (ActiveModelArn)."""
        where = f"{scope.account}#{scope.region}"
        owner = scope.flywheel(request["FlywheelName"])
        return self._context.once("CreateFlywheel", where, owner, request, lambda: self._create(scope, request))

    def _create(self, scope: Scope, request: Request) -> Answer:
        context, name = self._context, request["FlywheelName"]
        arn = scope.flywheel(name)
        active = request.get("ActiveModelArn")
        if active is not None:
            if "TaskConfig" in request or "ModelType" in request:
                raise invalid("With ActiveModelArn, TaskConfig and ModelType must not be given: the model has them.")
            model = require_usable_model(context, active)
            task, model_name = model_task(model), model.name
            labels: list[str] | None = list(model.labels)
        else:
            task, labels = new_task(request)
            model_name = name
        if context.store.find(Flywheel, arn) is not None:
            raise in_use(f"A flywheel named {name} exists already.")
        self._check_quotas(scope)
        now = context.clock.now()
        self._check_lake(lake.named_root(request["DataLakeS3Uri"], name))
        flywheel = Flywheel(
            arn=arn,
            role=request["DataAccessRoleArn"],
            lake=lake.root(request["DataLakeS3Uri"], name, now),
            model_type=model_type(task_mode(task)),
            task=task,
            model_name=model_name,
            status="CREATING",
            created=now,
            modified=now,
            labels=labels,
            security=request.get("DataSecurityConfig", {}),
            active_model=active,
        )
        put_tags(context, arn, request.get("Tags", []))
        context.store.put(flywheel)
        context.later("prepare_flywheel", arn, now)
        return present(FlywheelArn=arn, ActiveModelArn=active)

    def _check_quotas(self, scope: Scope) -> None:
        settings = self._context.settings
        own = [item for item in self._context.store.every(Flywheel) if arns.scope_of(item.arn) == scope]
        if len(own) >= settings.maximum_flywheels:
            raise limit_exceeded(f"There are {len(own)} flywheels, which is the maximum.")
        creating = sum(item.status == "CREATING" for item in own)
        if creating >= settings.maximum_flywheels_creating:
            raise limit_exceeded(f"{creating} flywheels are being created, which is the maximum at once.")

    def _check_lake(self, root: str) -> None:
        """The guide: do not nest one flywheel's data lake under another's."""
        for other in self._context.store.every(Flywheel):
            theirs = other.lake.rsplit("schemaVersion=", 1)[0]
            if theirs != root and (root.startswith(theirs) or theirs.startswith(root)):
                raise invalid(f"The data lake {root} and that of {other.arn} ({theirs}) lie one inside the other.")

    def describe(self, scope: Scope, request: Request) -> Answer:
        """DescribeFlywheel: the data lake is shown expanded; no ActiveModelArn before the first promotion."""
        return {"FlywheelProperties": properties(require_flywheel(self._context, request["FlywheelArn"]))}

    def update(self, scope: Scope, request: Request) -> Answer:
        """UpdateFlywheel: promotion, rollback, another role, other keys. What is left out stays as it is."""
        context = self._context
        flywheel = require_flywheel(context, request["FlywheelArn"])
        require_active(context, flywheel)
        if (active := request.get("ActiveModelArn")) is not None:
            # The operation's list has no error for what is unavailable.
            model = require_usable_model(context, active, invalid)
            if not same_task(flywheel, model):
                raise invalid(f"{active} has another type, language, mode or other labels than {flywheel.arn}.")
            flywheel.active_model = active
            follow(context, flywheel.arn, active)
        if (role := request.get("DataAccessRoleArn")) is not None:
            flywheel.role = role
        if (security := request.get("DataSecurityConfig")) is not None:
            kept = {"DataLakeKmsKeyId": flywheel.security.get("DataLakeKmsKeyId")}
            flywheel.security = {**present(**kept), **security}
        flywheel.modified = context.clock.now()
        context.store.put(flywheel)
        return {"FlywheelProperties": properties(flywheel)}

    def delete(self, scope: Scope, request: Request) -> Answer:
        """DeleteFlywheel: not while it works; models and the data lake stay."""
        context = self._context
        flywheel = require_flywheel(context, request["FlywheelArn"])
        if flywheel.status == "DELETING":
            return {}
        if flywheel.status == "CREATING":
            raise unavailable(f"{flywheel.arn} is being created.")
        if any(item.status in RUNNING for item in context.store.every(Iteration, flywheel.arn)):
            raise in_use(f"An iteration of {flywheel.arn} is running.")
        if any(item.status == "CREATING" for item in context.store.every(Dataset, flywheel.arn)):
            raise in_use(f"A dataset of {flywheel.arn} is being created.")
        release_flywheel(context, flywheel.arn)
        now = context.clock.now()
        flywheel.status, flywheel.modified = "DELETING", now
        context.store.put(flywheel)
        context.later("delete_flywheel", flywheel.arn, now + context.settings.durations.flywheel_deletion)
        return {}

    def every(self, scope: Scope, request: Request) -> Answer:
        """ListFlywheels: those of the account and region, the newest first; one filter at a time."""
        wanted = only_one(request.get("Filter", {}))
        found = [
            item
            for item in self._context.store.every(Flywheel)
            if arns.scope_of(item.arn) == scope
            and wanted.get("Status", item.status) == item.status
            and created_between(item.created, wanted)
        ]
        place = self._context.store.places(Flywheel)
        chosen, more = page("ListFlywheels", scope, request, found, lambda item: place[item.key])
        return present(FlywheelSummaryList=[summary(item) for item in chosen], NextToken=more)


def require_flywheel(context: Context, arn: str) -> Flywheel:
    """The flywheel, or ResourceNotFoundException."""
    flywheel = context.store.find(Flywheel, arn)
    if flywheel is None:
        raise not_found(arn)
    return flywheel


def require_active(context: Context, flywheel: Flywheel) -> None:
    """While a flywheel is not ACTIVE it can be read only."""
    if flywheel.status != "ACTIVE":
        raise ServiceError(
            context.settings.not_active_error, f"{flywheel.arn} is {flywheel.status}; this needs it to be ACTIVE."
        )


def properties(flywheel: Flywheel) -> Answer:
    """FlywheelProperties."""
    return present(
        **summary(flywheel),
        DataAccessRoleArn=flywheel.role,
        TaskConfig=flywheel.task,
        DataSecurityConfig=flywheel.security,
    )


def summary(flywheel: Flywheel) -> Answer:
    """FlywheelSummary."""
    return present(
        FlywheelArn=flywheel.arn,
        ActiveModelArn=flywheel.active_model,
        DataLakeS3Uri=flywheel.lake,
        Status=flywheel.status,
        ModelType=flywheel.model_type,
        Message=flywheel.message if flywheel.status != "CREATING" else None,
        CreationTime=flywheel.created,
        LastModifiedTime=flywheel.modified,
        LatestFlywheelIteration=flywheel.latest_iteration,
    )
