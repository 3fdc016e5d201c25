"""Takes the flywheel's row `ANALYSIS` for one execution, so that one at a time analyses its documents."""

from governor.contracts import AnalysisExecutionInput, TakeAnalysisOutput, TakeTurnInput, parse
from governor.domain.errors import InvalidInputError, UnknownFlywheelError
from governor.domain.upload import LAYOUT
from governor.ports import Ports


def take_analysis(ports: Ports, step: TakeTurnInput) -> TakeAnalysisOutput:
    """Take the number that the input names, or, by hand, the next one whatever the hold.

    Raises InvalidInputError for malformed input and UnknownFlywheelError for a name that nothing is known of,
    before anything is written.
    """
    request = _request(step.request)
    flywheel, me = request.flywheel, step.execution
    head = ports.analyses.read(flywheel)
    if head is None and not _is_known(ports, flywheel):
        raise UnknownFlywheelError(
            f"There is no flywheel {flywheel}: it has no policy, no documents and no turns. Check the name, or drop "
            f"a file as {LAYOUT}."
        )
    next_number = 1 if head is None else head.number + (head.holder != me)
    number = request.number or next_number
    if ports.analyses.take(flywheel, number, me, ports.clock.now()):
        return TakeAnalysisOutput(word="TAKEN", flywheel=flywheel, number=number, holder=me)
    held = ports.analyses.read(flywheel)
    holder = held.holder if held is not None and held.holder is not None else "nobody any more"
    return TakeAnalysisOutput(word="HELD", flywheel=flywheel, number=number, holder=holder)


def _is_known(ports: Ports, flywheel: str) -> bool:
    return (
        ports.documents.anything_known(flywheel)
        or ports.heads.read(flywheel) is not None
        or ports.policies.version(flywheel) > 0
    )


def _request(given: object) -> AnalysisExecutionInput:
    try:
        return parse(AnalysisExecutionInput, given)
    except InvalidInputError as fault:
        raise InvalidInputError(f'{fault} An execution is started with {{"flywheel": "<name>"}}.') from fault
