"""Stores what models answered in an exam, by paper and model, so that nobody has to sit it twice."""

from collections.abc import Iterator
from dataclasses import replace

from governor.contracts import CollectAnswersOutput, Step
from governor.domain.answers import in_order
from governor.domain.errors import UnexpectedReplyError
from governor.domain.moments import seconds_between
from governor.domain.predictions import Prediction, answer_lines, prediction_of
from governor.ports import JobFacts, Ports, Sitting
from governor.usecases.analysis_in_work import is_recognizer
from governor.usecases.batch_in_work import batch_in_work


def collect_answers(ports: Ports, step: Step) -> CollectAnswersOutput:
    """Unpack the jobs' archives; what is done again writes the same again.

    Raises UnexpectedReplyError if an archive cannot be read.
    """
    work = batch_in_work(ports, step)
    waiting = [sitting for sitting in work.record.sittings if not sitting.answered]
    for sitting in waiting:
        facts = ports.jobs.describe(sitting.job or "", recognizer=is_recognizer(sitting.model))
        _store(ports, step.flywheel, sitting, facts)
        seconds = _seconds(facts)
        done = replace(sitting, answered=True, seconds=seconds)
        ports.batches.record_sitting(step.flywheel, step.execution, work.batch.id, done)
    return CollectAnswersOutput(models=len(waiting))


def _store(ports: Ports, flywheel: str, sitting: Sitting, facts: JobFacts) -> None:
    paper = ports.exams.paper(flywheel, sitting.paper)
    if paper is None:
        raise UnexpectedReplyError(f"The exam {sitting.paper[:12]} is not in the lake bucket any more.")
    lines = in_order(_predictions(ports, facts), paper.documents, paper.mode)
    ports.exams.write_answers(flywheel, sitting.paper, sitting.model, lines)


def _predictions(ports: Ports, facts: JobFacts) -> Iterator[Prediction]:
    try:
        for line in answer_lines(ports.lake.chunks(facts.output)):
            prediction = prediction_of(line, [facts.id])
            if prediction is not None:
                yield prediction
    except LookupError as gone:
        raise UnexpectedReplyError(f"The output of job {facts.id} is gone: {gone}") from gone


def _seconds(facts: JobFacts) -> float | None:
    if facts.submitted is None or facts.ended is None:
        return None
    return seconds_between(facts.submitted, facts.ended)
