"""What happens in the background of a job: read, answer in batches, pack, write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from comprehend_local.engine.learner import Model as Learned
from comprehend_local.service.answers import classes, entities
from comprehend_local.service.context import Context, Step, Writes
from comprehend_local.service.data_access import DataError
from comprehend_local.service.inputs import Item, documents, limits
from comprehend_local.service.outputs import archive, spool, write_lines
from comprehend_local.service.serving import ACTIVE_JOB
from comprehend_local.settings import Settings
from comprehend_local.store.records import Job, Model

BATCH_DOCUMENTS, BATCH_CHARACTERS = 2_000, 2_000_000
"""So much is answered at once: enough to make good use of the engine, little enough to stop soon and stay small."""


class JobRuns:
    """The steps of a job."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def steps(self) -> dict[str, Step]:
        """By name, in the order in which they are taken."""
        return {
            "begin_job": Step(self._begin, self._fail),
            "run_job": Step(self._run, self._fail, ends="job", long=True),
            "stop_job": Step(self._stop, self._fail),
        }

    def _begin(self, arn: str) -> Writes:
        context = self._context

        def write() -> None:
            job = context.store.find(Job, arn)
            if job is None or job.status != "SUBMITTED":
                return
            job.status = "IN_PROGRESS"
            context.store.put(job)
            context.later("run_job", arn, job.submitted + context.settings.durations.job)

        return write

    def _run(self, arn: str) -> Writes:
        """The output is written when the job's time is over, not before: people take it for the sign of the end."""
        job = self._context.store.find(Job, arn)
        if job is None or job.status != "IN_PROGRESS":
            return lambda: None
        try:
            complete = self._answer(job)
        except DataError as error:
            problem = str(error)
            return lambda: self._fail(arn, problem)
        return lambda: self._end(arn, "COMPLETED" if complete else "STOPPED")

    def _answer(self, job: Job) -> bool:
        """Write the output; whether all documents are in it. Raises DataError."""
        context = self._context
        model = context.store.find(Model, job.model)
        if model is None:
            raise DataError(f"MODEL_NOT_FOUND: {job.model} does not exist.")
        access = context.data_access(job.role, job.arn)
        per_file = job.input.get("InputFormat") == "ONE_DOC_PER_FILE"
        found = documents(access, job.input["S3Uri"], per_file=per_file, limits=limits(job.task, context.settings))
        learned = context.learned.model(job.model)
        complete = True
        with spool() as content:
            for batch in batches(found):
                write_lines(lines(batch, learned, model.mode, context.settings), content)
                if self._is_to_stop(job.arn):
                    complete = False
                    break
            with archive(_inner_name(job, context.settings), content) as packed:
                access.write(job.output["S3Uri"], packed)
        return complete

    def _is_to_stop(self, arn: str) -> bool:
        job = self._context.store.find(Job, arn)
        return job is None or job.status == "STOP_REQUESTED"

    def _stop(self, arn: str) -> Writes:
        """A job that nobody works on stops at once."""
        return lambda: self._end(arn, "STOPPED", only="STOP_REQUESTED")

    def _end(self, arn: str, status: str, only: str | None = None) -> None:
        job = self._context.store.find(Job, arn)
        if job is not None and job.status in ACTIVE_JOB and only in (None, job.status):
            job.status, job.ended = status, self._context.clock.now()
            self._context.store.put(job)

    def _fail(self, arn: str, message: str) -> None:
        job = self._context.store.find(Job, arn)
        if job is not None and job.status in ACTIVE_JOB:
            job.status, job.message, job.ended = "FAILED", message, self._context.clock.now()
            self._context.store.put(job)


def batches(found: Iterable[Item]) -> Iterator[list[Item]]:
    """The documents in pieces that are answered at once."""
    batch: list[Item] = []
    size = 0
    for item in found:
        batch.append(item)
        size += len(item.text)
        if len(batch) >= BATCH_DOCUMENTS or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def lines(batch: list[Item], model: Learned, mode: str, settings: Settings) -> Iterator[str]:
    """One JSON line a document, with the members in the order and the spaces of AWS's samples.

    Classifiers: File, Line (a string), Classes or Labels. Recognizers: Entities, File, Line (a number). A document
    that is a file has no Line.
    """
    texts = [item.text for item in batch]
    if mode == "ENTITIES":
        for item, mentions in zip(batch, model.detect(texts), strict=True):
            line: dict[str, Any] = {} if item.line is None else {"Line": item.line}
            yield json.dumps({"Entities": entities(item.text, mentions), "File": _file(item, settings), **line})
        return
    member = "Labels" if mode == "MULTI_LABEL" else "Classes"
    for item, scored in zip(batch, model.classify(texts, settings.most_classes), strict=True):
        line = {} if item.line is None else {"Line": str(item.line)}
        yield json.dumps({"File": _file(item, settings), **line, member: classes(scored, settings)})


def _file(item: Item, settings: Settings) -> str:
    return item.key if settings.job_file_member == "key" else item.key.rsplit("/", 1)[-1]


def _inner_name(job: Job, settings: Settings) -> str:
    return settings.entities_output_name if job.task == "entities-detection" else settings.classification_output_name
