"""Writes the report of a verdict: a page and the same as JSON, named by the decision that they are about."""

import dataclasses
import json

from governor.contracts import WriteReportInput, WriteReportOutput
from governor.domain.decision import DecisionRecord, UploadFacts
from governor.domain.errors import UnexpectedReplyError
from governor.domain.outcome import Outcome
from governor.domain.report import Report, Source, document_of, flips_from_bytes, page_of, report_of
from governor.ports import Ports, VerdictRecord
from governor.usecases.batch_in_work import batch_in_work
from governor.usecases.decisions import read_decision_record
from governor.usecases.report_files import key_of, report_uris


def write_report(ports: Ports, step: WriteReportInput) -> WriteReportOutput:
    """Write both files and note where they are; written again they say the same."""
    work = batch_in_work(ports, step)
    verdict = ports.batches.read_verdict(step.flywheel, work.batch.id, work.batch.baseline)
    if verdict is None:
        raise UnexpectedReplyError(f"Batch {work.batch.id} of flywheel {step.flywheel} has no verdict to report.")
    report = report_of_verdict(ports, verdict, Outcome(step.word, step.hold))
    page, document = report_uris(verdict.decision_uri, verdict.decision_sha256)
    ports.records.put(key_of(document), document_of(report))
    ports.records.put(key_of(page), page_of(report), "text/html; charset=utf-8")
    ports.batches.record_report(step.flywheel, step.execution, verdict, page)
    return WriteReportOutput(report=page)


def report_of_verdict(ports: Ports, verdict: VerdictRecord, outcome: Outcome) -> Report:
    """Return the report of a verdict, from its decision record. `outcome`: what followed it."""
    record = read_decision_record(ports.records, verdict.decision_uri, verdict.decision_sha256)
    record = _completed(ports, record, verdict)
    flips = None
    if record.flips_uri is not None:
        flips = flips_from_bytes(ports.records.get(record.flips_uri), ports.inbox.bucket)
    return report_of(record, outcome, Source(verdict.decision_uri, verdict.decision_sha256), flips)


def _completed(ports: Ports, record: DecisionRecord, verdict: VerdictRecord) -> DecisionRecord:
    """Return the record with what records of the first form do not say, and other rows and files do."""
    if record.reached_at is not None:
        return record
    manifest = json.loads(ports.records.get(record.manifest_uri))
    uploads = (
        UploadFacts(each["key"], each["version"], each["kind"], each["documents"]) for each in manifest["uploads"]
    )
    return dataclasses.replace(record, reached_at=verdict.reached_at, uploads=tuple(uploads))
