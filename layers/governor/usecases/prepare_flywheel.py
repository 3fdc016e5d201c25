"""Makes sure that Comprehend has the flywheel, and that the ledger knows which model is active."""

from governor.contracts import (
    CreateFlywheelInput,
    CreateFlywheelOutput,
    PrepareFlywheelInput,
    PrepareFlywheelOutput,
)
from governor.domain.batch import NO_BASELINE, token
from governor.domain.errors import FlywheelUnavailableError
from governor.domain.measures import OUTSIDE_CHANGES
from governor.domain.policy import FlywheelDefinition, Policy
from governor.domain.polling import next_wait
from governor.domain.turn import Head
from governor.ports import FlywheelFacts, Ports, ServingChange
from governor.usecases.notices import active_model_changed, announce


def prepare_flywheel(ports: Ports, step: PrepareFlywheelInput) -> PrepareFlywheelOutput:
    """Describe or create.

    Raises FlywheelUnavailableError if it failed, is being deleted, or is another one than the policy defines.
    """
    head = ports.heads.fence(step.flywheel, step.execution)
    require_not_torn_down(step.flywheel, head)
    policy = ports.policies.current(step.flywheel).policy
    facts = _describe_or_create(ports, step.flywheel, head, policy)
    if facts is None:
        return PrepareFlywheelOutput(word="WAIT", wait_seconds=next_wait(step.look, policy.polling))
    if head.flywheel_arn is None:
        ports.heads.set_flywheel_arn(step.flywheel, step.execution, facts.arn)
    note_active_model(ports, step.flywheel, facts)
    return PrepareFlywheelOutput(word="READY")


def create_flywheel_now(ports: Ports, order: CreateFlywheelInput) -> CreateFlywheelOutput:
    """Do the same for a person who does not want to wait for the first batch: no turn is needed for it.

    Making it twice, or while a turn makes it, means the same call with the same token. Raises as prepare_flywheel.
    """
    head = ports.heads.read(order.flywheel)
    require_not_torn_down(order.flywheel, head)
    policy = ports.policies.current(order.flywheel).policy
    facts = _describe_or_create(ports, order.flywheel, head or Head(), policy)
    if facts is None:
        return CreateFlywheelOutput(word="WAIT", arn="", wait_seconds=next_wait(order.look, policy.polling))
    ports.teardowns.adopt(order.flywheel, facts.arn)
    note_active_model(ports, order.flywheel, facts)
    return CreateFlywheelOutput(word="READY", arn=facts.arn, model=facts.active_model)


def _describe_or_create(ports: Ports, name: str, head: Head, policy: Policy) -> FlywheelFacts | None:
    """Return the flywheel once it is ACTIVE and as the policy defines it, None while that takes time."""
    arn = head.flywheel_arn or ports.comprehend.flywheel_arn(name)
    facts = ports.comprehend.describe_flywheel(arn)
    if facts is None:
        intent = token(arn, str(head.generation), policy.flywheel.model_dump_json())
        ports.comprehend.create_flywheel(name, policy.flywheel, intent)
        return None
    if facts.status in {"CREATING", "UPDATING"}:
        return None
    if facts.status != "ACTIVE":
        raise FlywheelUnavailableError(
            f"Flywheel {name} is {facts.status}: {facts.message or 'Comprehend gives no reason'}."
        )
    _same_as_defined(name, facts, policy.flywheel)
    return facts


def require_not_torn_down(name: str, head: Head | None) -> None:
    """Raise FlywheelUnavailableError if a person tore the flywheel down: a turn by hand must not bring it back."""
    if head is not None and head.hold is not None and head.hold.reason == "TornDown":
        raise FlywheelUnavailableError(
            f"Flywheel {name} was torn down, or is being torn down. To begin it anew by its policy, run: governor "
            f"resume {name}"
        )


def note_active_model(ports: Ports, flywheel: str, facts: FlywheelFacts) -> bool:
    """Put the ACTIVE row when the flywheel is first seen; record a change that somebody made past this application.

    Returns whether there was such a change. A change of our own that is under way is left alone.
    """
    active = facts.active_model or NO_BASELINE
    serving = ports.serving.read(flywheel)
    if serving is None:
        ports.serving.put_first(flywheel, active)
        return False
    if serving.phase != "SETTLED" or serving.active == active:
        return False
    change = ServingChange(
        op=f"outside:{serving.seq + 1}",
        who="somebody outside of Flywheel Governor",
        why="Comprehend names another active model than the ledger.",
        source=serving.active,
        target=active,
        batch=None,
        at=ports.clock.now(),
    )
    notice = active_model_changed(flywheel, change, promoted=False)
    if ports.serving.adopt(flywheel, serving, change, notice):
        ports.meter.record({OUTSIDE_CHANGES: 1}, flywheel=flywheel)
        announce(ports, flywheel, notice)
        return True
    return False


def differences_from(facts: FlywheelFacts, definition: FlywheelDefinition) -> list[str]:
    """Return in which fields of its definition the flywheel in Comprehend is another one."""
    from_model = definition.active_model_arn is not None
    is_recognizer = definition.data_mode == "ENTITIES"
    names, listed = ("entity_types", definition.entity_types) if is_recognizer else ("labels", definition.labels)
    return [
        field
        for field, exists, wanted in (
            ("model_type", facts.model_type, "ENTITY_RECOGNIZER" if is_recognizer else "DOCUMENT_CLASSIFIER"),
            ("mode", facts.mode, None if is_recognizer else definition.data_mode),
            ("language", facts.language, facts.language if from_model else definition.language),
            (names, tuple(sorted(facts.labels)), tuple(sorted(facts.labels if from_model else listed or ()))),
        )
        if exists and exists != wanted
    ]


def _same_as_defined(name: str, facts: FlywheelFacts, definition: FlywheelDefinition) -> None:
    """What CreateFlywheel froze cannot be changed by editing the policy, so a difference is said instead of ignored."""
    differences = differences_from(facts, definition)
    if differences:
        raise FlywheelUnavailableError(
            f"Flywheel {name} exists in Comprehend with another {', '.join(differences)} than its policy defines, "
            "and Comprehend cannot change that. Write the policy as the flywheel is, or use another flywheel name."
        )
