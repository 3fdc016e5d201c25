"""Changes the active model because a person says so: a rollback, or an override. Past the gates, never past the record.

The way is promote_model's own: claim the ACTIVE row, read the service, call once, verify, settle.
"""

from governor.contracts import OrderInput, OrderOutput
from governor.domain.batch import NO_BASELINE
from governor.domain.errors import (
    FlywheelUnavailableError,
    PermanentError,
    PromotionRefusedError,
    ServiceBusyError,
    UnknownFlywheelError,
)
from governor.domain.measures import OVERRIDES, ROLLBACKS
from governor.domain.serving import is_for_another, previous_good
from governor.ports import Ports, Serving, ServingChange
from governor.usecases.notices import announce, order_carried_out
from governor.usecases.prepare_flywheel import note_active_model


def carry_out_order(ports: Ports, order: OrderInput) -> OrderOutput:
    """Make the ordered model active.

    Idempotent by the order's id. Raises UnknownFlywheelError, PromotionRefusedError if there is no such way back or
    Comprehend refuses the model, and ServiceBusyError while another change is under way.
    """
    flywheel, op = order.flywheel, f"{order.order}:{order.id}"
    serving = ports.serving.read(flywheel)
    if serving is None:
        raise UnknownFlywheelError(
            f"Nothing is known of an active model of flywheel {flywheel}: it has taken no turn yet. "
            "Look for a slip in the name."
        )
    # Not the last change alone: an order that is sent again must not undo what somebody else did since.
    done = next((change for change in ports.serving.history(flywheel) if change.op == op), None)
    if done is not None:
        return OrderOutput(word="CHANGED", model=done.target, previous=done.source, frozen=serving.frozen)
    if is_for_another(order.id, serving.active):
        return OrderOutput(word="ALREADY", model=serving.active, previous=serving.active, frozen=serving.frozen)
    arn = _flywheel_arn(ports, flywheel)
    target = _target(ports, order, serving)
    if serving.phase == "SETTLED" and serving.active == target and _active_model(ports, arn) == target:
        return OrderOutput(word="ALREADY", model=target, previous=target, frozen=serving.frozen)
    claimed = ports.serving.claim(
        flywheel,
        op=op,
        baseline=serving.active,
        target=target,
        ignore_frozen=True,
        now=ports.clock.now(),
        who=order.by,
        why=order.because,
    )
    if not claimed:
        raise ServiceBusyError(
            f"Another change of the active model of flywheel {flywheel} is under way. It takes seconds, or two minutes "
            "if it was left half-way: run the command again then."
        )
    _call(ports, order, arn, source=serving.active, target=target)
    return _settle(ports, order, op, source=serving.active, target=target)


def _target(ports: Ports, order: OrderInput, serving: Serving) -> str:
    if order.model is not None:
        return order.model
    if serving.phase == "CHANGING" and serving.op == f"{order.order}:{order.id}" and serving.target is not None:
        return serving.target
    previous = previous_good(ports.serving.history(order.flywheel), serving.active)
    if previous is None:
        raise PromotionRefusedError(
            f"Flywheel {order.flywheel} has no earlier model to go back to. Name one with --to, or promote another one."
        )
    return previous


def _call(ports: Ports, order: OrderInput, arn: str, *, source: str, target: str) -> None:
    """Call UpdateFlywheel once. A refusal changes nothing and ends the claim; after a lost reply sweep settles it."""
    active = _active_model(ports, arn)
    if active == target:
        return
    if active != source:
        _release(ports, order)
        facts = ports.comprehend.describe_flywheel(arn)
        if facts is not None:
            note_active_model(ports, order.flywheel, facts)
        raise PromotionRefusedError(
            f"Somebody made another model active meanwhile: {active}. Nothing was changed; look and order again."
        )
    try:
        ports.comprehend.set_active_model(arn, target)
    except PermanentError as error:
        _release(ports, order)
        raise PromotionRefusedError(f"Comprehend refuses {target} as the active model: {error}") from error
    if (active := _active_model(ports, arn)) != target:
        raise ServiceBusyError(
            f"Comprehend still names {active} as the active model after UpdateFlywheel. Run the command again with the "
            "same id, or look in two minutes: what takes effect later is recorded then."
        )


def _settle(ports: Ports, order: OrderInput, op: str, *, source: str, target: str) -> OrderOutput:
    change = ServingChange(
        op=op, who=order.by, why=order.because, source=source, target=target, batch=None, at=ports.clock.now()
    )
    notice = order_carried_out(order.flywheel, change)
    freeze = order.order == "rollback"
    if ports.serving.settle(order.flywheel, change, notice, active=target, freeze=freeze):
        ports.meter.record({ROLLBACKS if freeze else OVERRIDES: 1}, flywheel=order.flywheel)
        announce(ports, order.flywheel, notice)
    serving = ports.serving.read(order.flywheel)
    return OrderOutput(
        word="CHANGED", model=target, previous=source, frozen=serving.frozen if serving is not None else freeze
    )


def _release(ports: Ports, order: OrderInput) -> None:
    serving = ports.serving.read(order.flywheel)
    if serving is not None and serving.op == f"{order.order}:{order.id}":
        ports.serving.release_claim(order.flywheel, serving)


def _flywheel_arn(ports: Ports, flywheel: str) -> str:
    head = ports.heads.read(flywheel)
    arn = head.flywheel_arn if head is not None else None
    return arn or ports.comprehend.flywheel_arn(flywheel)


def _active_model(ports: Ports, arn: str) -> str:
    facts = ports.comprehend.describe_flywheel(arn)
    if facts is None or facts.status not in {"ACTIVE", "UPDATING"}:
        raise FlywheelUnavailableError("The flywheel is not there, or not ACTIVE, so its model cannot be changed.")
    return facts.active_model or NO_BASELINE
