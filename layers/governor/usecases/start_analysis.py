"""Resumes the open analysis, or makes one of the documents that wait now, and starts its job."""

import dataclasses

from governor.contracts import AnalysisStep, StartAnalysisOutput
from governor.domain.analysis import (
    MOST_ATTEMPTS,
    AnalysisHead,
    OpenAnalysis,
    choose,
    job_name,
    job_token,
    manifest_of,
)
from governor.domain.batch import Settled, digest_of, left_behind
from governor.domain.errors import AnalysisFailedError, NoActiveModelError
from governor.domain.polling import next_wait
from governor.ports import FlywheelFacts, Ports
from governor.usecases.analysis_in_work import analysed_rows, is_recognizer, rules

OVER_WITHOUT_RESULTS = frozenset({"FAILED", "STOPPED"})


def start_analysis(ports: Ports, step: AnalysisStep) -> StartAnalysisOutput:
    """Say which job to wait for.

    What is analysed is written before anything is done about it, and names and token of the job derive from that, so
    a repeated start means the same job. The attempt grows only after the last job was seen FAILED or STOPPED.
    Raises NoActiveModelError, and AnalysisFailedError after the last attempt.
    """
    head = ports.analyses.fence(step.flywheel, step.execution)
    facts, model = _active(ports, step.flywheel)
    analysis = head.open or _plan(ports, step, head)
    if analysis is None:
        return StartAnalysisOutput(word="NOTHING")
    ports.log.know(analysis=analysis.id)
    _, polling = rules(ports, step.flywheel)
    if analysis.job is not None and analysis.model is not None:
        ended = _ended_without_results(ports, analysis.job, analysis.model)
        if ended is None:
            return _started(analysis, next_wait(0, polling))
        if analysis.attempt >= MOST_ATTEMPTS:
            raise ended
        analysis = dataclasses.replace(analysis, attempt=analysis.attempt + 1, job=None, model=None, began=None)
        ports.analyses.record_attempt(step.flywheel, step.execution, analysis)
    rows = analysed_rows(ports, analysis)
    name = job_name(step.flywheel, analysis)
    started = ports.jobs.start(
        facts.arn,
        recognizer=is_recognizer(model),
        language=facts.language or "en",
        shape=analysis.shape,
        source=ports.lake.gather(
            step.flywheel, name, [row["staged"] for row in rows], sum(row["size"] for row in rows)
        ),
        target=ports.lake.output_of(step.flywheel),
        name=name,
        token=job_token(facts.arn, analysis),
    )
    analysis = dataclasses.replace(analysis, job=started.id, model=started.model or model, began=ports.clock.now())
    ports.analyses.record_attempt(step.flywheel, step.execution, analysis)
    return _started(analysis, next_wait(0, polling))


def _ended_without_results(ports: Ports, job: str, model: str) -> AnalysisFailedError | None:
    """Return how the job ended in vain, which one that Comprehend no longer knows has, too."""
    try:
        facts = ports.jobs.describe(job, recognizer=is_recognizer(model))
    except AnalysisFailedError as gone:
        return gone
    if facts.status not in OVER_WITHOUT_RESULTS:
        return None
    return AnalysisFailedError(f"The job {job} ended {facts.status}: {facts.message or 'no reason is given'}.")


def _started(analysis: OpenAnalysis, wait: int) -> StartAnalysisOutput:
    return StartAnalysisOutput(word="STARTED", analysis=analysis.id, job=analysis.job, wait_seconds=wait)


def _active(ports: Ports, flywheel: str) -> tuple[FlywheelFacts, str]:
    turns = ports.heads.read(flywheel)
    arn = (turns.flywheel_arn if turns is not None else None) or ports.comprehend.flywheel_arn(flywheel)
    facts = ports.comprehend.describe_flywheel(arn)
    if facts is None or facts.active_model is None:
        there = "has no active model yet" if facts is not None else "is not there yet"
        raise NoActiveModelError(
            f"Flywheel {flywheel} {there}, so nothing can answer the documents. They wait until its first model is "
            "promoted: drop training and test files, or name a model in its policy (flywheel.active_model_arn)."
        )
    return facts, facts.active_model


def _plan(ports: Ports, step: AnalysisStep, head: AnalysisHead) -> OpenAnalysis | None:
    pending = ports.documents.pending(step.flywheel)
    newest = ports.inbox.newest_of([upload.key for upload in pending]) if pending else {}
    gone = {
        upload.id: Settled(upload.id, *behind)
        for upload in pending
        if (behind := left_behind(upload, newest.get(upload.key))) is not None
    }
    ports.documents.settle(step.flywheel, step.execution, list(gone.values()))
    shape, chosen = choose(upload for upload in pending if upload.id not in gone)
    if not chosen:
        return None
    number = head.last + 1
    manifest = manifest_of(step.flywheel, number, shape, chosen)
    digest = digest_of(manifest)
    uri = ports.records.put(f"manifests/{step.flywheel}/analysis-{number:09}-{digest[:12]}.json", manifest)
    analysis = OpenAnalysis(id=number, shape=shape, manifest_uri=uri, digest=digest)
    ports.analyses.open(step.flywheel, step.execution, analysis)
    return analysis
