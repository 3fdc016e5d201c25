"""Looks whether the endpoint serves the model that was promoted, and whether it answers what must be right."""

import math
from collections.abc import Sequence

from governor.contracts import ServingInput, SmokeProgress, VerifyServingOutput
from governor.domain.batch import NO_BASELINE, token
from governor.domain.errors import EndpointUnavailableError, PolicyMissingError, ServiceBusyError
from governor.domain.labelled_data import Wanted, wanted_by
from governor.domain.policy import Policy, ServingRules
from governor.domain.polling import next_wait
from governor.domain.serving import previous_good, restoring
from governor.domain.smoke import MOST_DOCUMENTS, Answer, SmokeDocument, busy_seconds, portion, smoke_documents, wrong
from governor.domain.text_lines import BadData
from governor.ports import EndpointFacts, Ports
from governor.usecases.batch_in_work import BatchInWork, batch_in_work, pinned_policy

BY = "Flywheel Governor (VerifyServing)"
_MOST_TOLD = 5


def verify_serving(ports: Ports, step: ServingInput) -> VerifyServingOutput:
    """Take one look; make the endpoint if the policy wants one and it is not there.

    When it serves the model, a look asks as many smoke documents as it answers in seconds. The next look goes on from
    there, as it does when the endpoint is too busy with what others ask.

    Raises EndpointUnavailableError if it failed, or serves something else than this flywheel.
    """
    work = batch_in_work(ports, step)
    policy = pinned_policy(ports, step.flywheel, work)
    serving = ports.serving.read(step.flywheel)
    if policy.serving is None or serving is None or serving.active == NO_BASELINE:
        return VerifyServingOutput(word="NOTHING")
    promoted = ports.batches.read_verdict(step.flywheel, work.batch.id, work.batch.baseline)
    if promoted is None or promoted.candidate != serving.active:
        # Somebody made another model active meanwhile. That is theirs to answer for, and not this batch's to undo.
        return VerifyServingOutput(word="NOTHING")
    name = policy.serving.endpoint_of(step.flywheel)
    arn = ports.endpoints.arn(name, policy.flywheel.data_mode)
    facts = ports.endpoints.describe(arn)
    if facts is None:
        units = _units(ports, step.flywheel, policy.serving)
        ports.endpoints.create(name, work.arn, units, token(arn, str(work.batch.id), str(units)))
    if facts is None or not _serves(facts, work, serving.active):
        return VerifyServingOutput(word="WAIT", wait_seconds=next_wait(step.look + 1, policy.polling))
    documents, of = _documents(ports, step.flywheel, policy, policy.serving)
    of = token(of, facts.arn, serving.active)
    before = step.smoke.answered if step.smoke is not None and step.smoke.of == of else 0
    asked = portion(documents, before, facts.units)
    answered, faults = _ask(ports, arn, asked, wanted_by(policy))
    if faults:
        told = "; ".join(faults[:_MOST_TOLD])
        told += f"; and {len(faults) - _MOST_TOLD} more" if faults[_MOST_TOLD:] else ""
        reason = f"The endpoint {name} gave wrong answers: {told}."
        return _failed(ports, step, work, serving.active, reason)
    if before + answered == len(documents):
        return VerifyServingOutput(word="SERVES", reason=f"The endpoint {name} serves it.")
    through = math.ceil(busy_seconds(asked, facts.units))
    throttled = answered < len(asked)
    wait = max(through, next_wait(step.look + 1, policy.polling)) if throttled else through
    return VerifyServingOutput(word="WAIT", wait_seconds=wait, smoke=SmokeProgress(answered=before + answered, of=of))


def _units(ports: Ports, flywheel: str, pinned: ServingRules) -> int:
    """Return how many units to create it with: what it may cost the newest policy says, not the batch's."""
    try:
        current = ports.policies.current(flywheel).policy.serving
    except PolicyMissingError:
        current = None
    same = current is not None and current.endpoint_of(flywheel) == pinned.endpoint_of(flywheel)
    return current.inference_units if current is not None and same else pinned.inference_units


def _serves(facts: EndpointFacts, work: BatchInWork, model: str) -> bool:
    """Tell whether the endpoint answers with the model by now."""
    if facts.status == "FAILED":
        raise EndpointUnavailableError(f"The endpoint {facts.arn} FAILED: {facts.message or 'no reason is given'}.")
    if facts.flywheel_arn != work.arn:
        other = facts.flywheel_arn or "no flywheel, but to a model of its own"
        raise EndpointUnavailableError(
            f"The endpoint {facts.arn} is bound to {other}. Name another one in serving.endpoint, or delete it."
        )
    return facts.status == "IN_SERVICE" and facts.model == model


def _failed(ports: Ports, step: ServingInput, work: BatchInWork, active: str, reason: str) -> VerifyServingOutput:
    previous = previous_good(ports.serving.history(step.flywheel), active)
    if previous is None:
        return VerifyServingOutput(word="FAILED", reason=f"{reason} There is no earlier model to go back to.")
    ports.batches.record_serving_failed(step.flywheel, step.execution, work.batch.id, reason)
    order = {
        "order": "rollback",
        "id": restoring(work.batch.id, active),
        "flywheel": step.flywheel,
        "model": previous,
        "by": BY,
        "because": reason[:1000],
    }
    return VerifyServingOutput(word="FAILED", reason=f"{reason} So it is active no longer.", order=order)


def _ask(ports: Ports, arn: str, documents: Sequence[SmokeDocument], wanted: Wanted) -> tuple[int, list[str]]:
    """Return how many were answered before the endpoint was too busy, and what was wrong with the answers."""
    faults: list[str] = []
    for number, document in enumerate(documents):
        try:
            answers = _answers(ports, arn, document.text, wanted)
        except ServiceBusyError:
            return number, faults
        fault = wrong(document, answers, wanted)
        if fault is not None:
            faults.append(fault)
    return len(documents), faults


def _documents(ports: Ports, flywheel: str, policy: Policy, rules: ServingRules) -> tuple[list[SmokeDocument], str]:
    """Return the smoke documents with a digest of which versions of which files they are from."""
    try:
        files = [_read(ports, flywheel, name, wanted_by(policy)) for name in rules.smoke]
    except BadData as fault:
        raise EndpointUnavailableError(f"The smoke documents cannot be used: {fault}") from fault
    documents = [each for found, _ in files for each in found]
    if len(documents) > MOST_DOCUMENTS:
        raise EndpointUnavailableError(
            f"There are {len(documents)} smoke documents; at most {MOST_DOCUMENTS} are sent."
        )
    return documents, token(
        *(part for name, (_, version) in zip(rules.smoke, files, strict=True) for part in (name, version))
    )


def _read(ports: Ports, flywheel: str, name: str, wanted: Wanted) -> tuple[list[SmokeDocument], str]:
    """Return a file's documents and its version."""
    key = f"{flywheel}/smoke/{name}"
    newest = ports.inbox.newest_of([key]).get(key)
    if newest is None or newest.is_delete_marker:
        raise BadData(f"{key} is not in the inbox bucket.")
    try:
        return list(smoke_documents(ports.inbox.chunks(key, newest.version), name, wanted)), newest.version
    except BadData as fault:
        raise BadData(f"{key}: {fault}") from fault
    except LookupError as gone:
        raise BadData(f"{key} was deleted meanwhile.") from gone


def _answers(ports: Ports, arn: str, text: str, wanted: Wanted) -> list[Answer]:
    if wanted.mode == "ENTITIES":
        return [Answer(f"{each.name}={each.words}", each.score) for each in ports.endpoints.detect(arn, text)]
    return [Answer(each.name, each.score) for each in ports.endpoints.classify(arn, text)]
