"""Takes the flywheel's turn for one execution: only the execution itself, in its first state, moves IDLE to RUNNING."""

from governor.contracts import ExecutionInput, TakeTurnInput, TakeTurnOutput, parse
from governor.domain.errors import InvalidInputError, UnknownFlywheelError
from governor.domain.turn import Head
from governor.domain.upload import LAYOUT
from governor.ports import Ports


def take_turn(ports: Ports, step: TakeTurnInput) -> TakeTurnOutput:
    """Take the turn that the input names, or, by hand, the next one whatever the hold.

    Raises InvalidInputError for malformed input and UnknownFlywheelError for a name that nothing is known of,
    before anything is written.
    """
    request = _request(step.request)
    flywheel = request.flywheel
    head = ports.heads.read(flywheel)
    if head is None and ports.policies.version(flywheel) == 0 and not ports.uploads.anything_known(flywheel):
        raise UnknownFlywheelError(
            f"There is no flywheel {flywheel}: it has no policy, no uploads and no turns. Check the name, "
            f"write a policy with `governor policy apply FILE`, or drop a file as {LAYOUT}."
        )
    turn = request.turn or _next_turn(head, step.execution)
    now = ports.clock.now()
    if ports.heads.take(flywheel, turn, step.execution, now):
        ports.turns.began(flywheel, turn, step.execution, now)
        return TakeTurnOutput(
            word="TAKEN", flywheel=flywheel, turn=turn, iterate=request.iterate, holder=step.execution
        )
    held = ports.heads.read(flywheel)
    holder = held.holder if held is not None and held.holder is not None else "nobody any more"
    return TakeTurnOutput(word="HELD", flywheel=flywheel, turn=turn, iterate=request.iterate, holder=holder)


def _next_turn(head: Head | None, me: str) -> int:
    """Return the turn that an execution by hand may take; the one it has if an attempt took it and died."""
    if head is None:
        return 1
    return head.turn if head.holder == me else head.turn + 1


def _request(given: object) -> ExecutionInput:
    try:
        return parse(ExecutionInput, given)
    except InvalidInputError as fault:
        raise InvalidInputError(
            f'{fault} An execution is started with {{"flywheel": "<name>"}}, and with "iterate": true to run an '
            "iteration on what the flywheel already has."
        ) from fault
