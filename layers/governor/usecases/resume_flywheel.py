"""Ends a flywheel's hold on a person's word, then asks for a turn like everybody else."""

from dataclasses import dataclass

from governor.domain.errors import FlywheelUnavailableError, ServiceBusyError, UnknownFlywheelError
from governor.domain.moments import to_text
from governor.domain.resumption import Resumption, resumption_of
from governor.ports import Ports
from governor.usecases.request_turn import request_turn

_ATTEMPTS = 3


@dataclass(frozen=True)
class Resumed:
    """What was cleared, and what becomes of the flywheel: `running` is the turn that somebody has already, else 0."""

    cleared: Resumption
    running: int
    started: bool


def resume_flywheel(ports: Ports, flywheel: str, *, by: str) -> Resumed:
    """Clear hold, failures and freeze; nothing to clear is no error. `by`: the ARN of whoever asks, for the record.

    Raises UnknownFlywheelError if nothing is known of the name, FlywheelUnavailableError while it is being torn down,
    ServiceBusyError if the head changes too fast.
    """
    _require_known(ports, flywheel)
    _require_torn_down_to_the_end(ports, flywheel)
    serving = ports.serving.read(flywheel)
    frozen = serving is not None and serving.frozen and ports.serving.thaw(flywheel)
    # Sweep asks for the analysis within a minute: whoever resumes need not be able to start that machine.
    ports.analyses.resume(flywheel)
    for _ in range(_ATTEMPTS):
        head = ports.heads.read(flywheel)
        if (
            head is None
            or (head.hold is None and head.failures == 0)
            or ports.heads.resume(flywheel, head, by=by, now=ports.clock.now())
        ):
            running = head.turn if head is not None and head.state == "RUNNING" else 0
            started = request_turn(ports, flywheel) == "STARTED"
            return Resumed(resumption_of(head, frozen=frozen), running, started)
    raise ServiceBusyError(f"Flywheel {flywheel} changed while it was being resumed. Run the command again.")


def _require_torn_down_to_the_end(ports: Ports, flywheel: str) -> None:
    teardown = ports.teardowns.read(flywheel)
    head = ports.heads.read(flywheel)
    held = head is not None and head.hold is not None and head.hold.reason == "TornDown"
    if held and teardown is not None and teardown.ended is None:
        raise FlywheelUnavailableError(
            f"Flywheel {flywheel} is half torn down since {to_text(teardown.began)[:19]}Z, by {teardown.by}. "
            f"Bring that to its end first: governor teardown {flywheel}"
        )


def _require_known(ports: Ports, flywheel: str) -> None:
    known = (
        ports.heads.read(flywheel) is not None
        or ports.policies.version(flywheel) > 0
        or ports.uploads.anything_known(flywheel)
        or ports.documents.anything_known(flywheel)
    )
    if not known:
        raise UnknownFlywheelError(
            f"Nothing is known of a flywheel named {flywheel}: it has no policy, no uploads and no turns. "
            "Look for a slip in the name; a new flywheel begins with `governor policy apply FILE`."
        )
