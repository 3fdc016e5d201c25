"""Unpacks what a job answered into files that people can use, and tells them.

The archive is read as a stream and the files are written piece by piece, so memory does not grow with the answers.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from governor.contracts import AnalysisStep, CollectResultsOutput
from governor.domain.analysis import AnalysisRow, OpenAnalysis, results_key
from governor.domain.batch import Settled
from governor.domain.errors import UnexpectedReplyError
from governor.domain.moments import to_text
from governor.domain.predictions import (
    Prediction,
    Tally,
    answer_lines,
    csv_header,
    csv_rows,
    json_line,
    prediction_of,
    version_of,
)
from governor.ports import Ports
from governor.usecases.analysis_in_work import analysed_rows, is_recognizer, open_analysis, rules
from governor.usecases.analysis_notices import documents_analysed
from governor.usecases.notices import deliver

JSON_LINES, CSV, SUMMARY = "predictions.jsonl", "predictions.csv", "summary.json"
"""The names of the files under the results' prefix."""


@dataclass(frozen=True)
class _Job:
    analysis: OpenAnalysis
    id: str
    model: str
    began: datetime
    rows: Sequence[AnalysisRow]

    @property
    def recognizer(self) -> bool:
        return is_recognizer(self.model)


def collect_results(ports: Ports, step: AnalysisStep) -> CollectResultsOutput:
    """Write the results, settle the documents and close the analysis; what is done again writes the same again.

    Raises UnexpectedReplyError if the output cannot be read.
    """
    head = ports.analyses.fence(step.flywheel, step.execution)
    if head.open is None:
        # Only its holder closes an analysis, so an earlier attempt of this state has done it all.
        return CollectResultsOutput(word=_what_follows(ports, step.flywheel), results="", documents=0)
    analysis, id_, model = open_analysis(ports, head, step.flywheel)
    job = _Job(analysis, id_, model, analysis.began or ports.clock.now(), analysed_rows(ports, analysis))
    prefix = results_key(step.flywheel, job.began, job.id)
    where = ports.lake.uri(prefix)
    tally = _unpack(ports, step.flywheel, job, prefix)
    summary = _summary(step.flywheel, job, tally, where)
    with ports.lake.writer(f"{prefix}{SUMMARY}", "application/json") as written:
        written.write(json.dumps(summary, ensure_ascii=False, indent=1).encode() + b"\n")
    notice = documents_analysed(step.flywheel, analysis.id, summary, job.began)
    # Written first: a document that is settled waits no longer, so no later attempt would find it to tell of it.
    unsent = ports.notices.put(step.flywheel, notice)
    settled = [Settled(row["upload"], "ANALYSED", where) for row in job.rows]
    ports.documents.settle(step.flywheel, step.execution, settled)
    if unsent:
        deliver(ports, step.flywheel, notice)
    ports.analyses.close(
        step.flywheel,
        step.execution,
        analysis,
        "ANALYSED",
        ports.clock.now(),
        documents=tally.documents,
        results=where,
    )
    return CollectResultsOutput(word=_what_follows(ports, step.flywheel), results=where, documents=tally.documents)


def _what_follows(ports: Ports, flywheel: str) -> Literal["WRITTEN", "MORE"]:
    return "MORE" if ports.documents.anything_pending(flywheel) else "WRITTEN"


def _unpack(ports: Ports, flywheel: str, job: _Job, prefix: str) -> Tally:
    below = rules(ports, flywheel)[0].low_confidence
    tally, version, recognizer = Tally(below, job.recognizer), version_of(job.model), job.recognizer
    with (
        ports.lake.writer(f"{prefix}{JSON_LINES}", "application/jsonl; charset=utf-8") as lines,
        ports.lake.writer(f"{prefix}{CSV}", "text/csv; charset=utf-8") as table,
    ):
        table.write(csv_header(recognizer=recognizer))
        for prediction in _predictions(ports, job):
            tally.add(prediction)
            lines.write(json_line(prediction, version, recognizer=recognizer))
            table.write(csv_rows(prediction, version, recognizer=recognizer))
    return tally


def _predictions(ports: Ports, job: _Job) -> Iterator[Prediction]:
    facts = ports.jobs.describe(job.id, recognizer=job.recognizer)
    inputs = [row["key"] for row in job.rows]
    try:
        for line in answer_lines(ports.lake.chunks(facts.output)):
            prediction = prediction_of(line, inputs)
            if prediction is not None:
                yield prediction
    except LookupError as gone:
        raise UnexpectedReplyError(f"The output of job {job.id} is gone: {gone}") from gone


def _summary(flywheel: str, job: _Job, tally: Tally, where: str) -> dict[str, Any]:
    return {
        "flywheel": flywheel,
        "analysis": job.analysis.id,
        "job": job.id,
        "model": job.model,
        "began": to_text(job.began),
        "results": {"json_lines": f"{where}{JSON_LINES}", "csv": f"{where}{CSV}"},
        **tally.summary(),
        "inputs": [{"input": row["key"], "documents": row["documents"]} for row in job.rows],
    }
