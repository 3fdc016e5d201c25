"""Reads the report of a verdict for people; where none was written, it is made from the decision record."""

from dataclasses import dataclass

from governor.domain.outcome import outcome_of
from governor.ports import Ports, VerdictRecord
from governor.usecases.report_files import report_uris


@dataclass(frozen=True)
class StoredReport:
    """Both forms of a report. `uri`: where the page is; None if it was made just now and is nowhere else."""

    page: bytes
    document: bytes
    uri: str | None


def newest_verdict(ports: Ports, flywheel: str, batch: int | None = None) -> VerdictRecord | None:
    """Return the flywheel's newest verdict, or the one that stands for a batch; None if there is none."""
    verdicts = [
        verdict
        for record, verdicts in ports.batches.history(flywheel)
        for verdict in verdicts
        if batch in {None, record.id}
    ]
    return max(verdicts, key=lambda verdict: verdict.reached_at, default=None)


def read_report(ports: Ports, verdict: VerdictRecord) -> StoredReport:
    """Return the verdict's report. Raises UnexpectedReplyError if what it needs is gone or was changed."""
    if verdict.report_uri is not None:
        page, document = report_uris(verdict.decision_uri, verdict.decision_sha256)
        return StoredReport(ports.records.get(page), ports.records.get(document), page)
    # numpy, and what it takes to make a report: only for verdicts of versions that wrote none.
    from governor.domain.batch import NO_BASELINE  # noqa: PLC0415
    from governor.domain.report import document_of, page_of  # noqa: PLC0415
    from governor.usecases.decisions import read_decision_record  # noqa: PLC0415
    from governor.usecases.write_report import report_of_verdict  # noqa: PLC0415

    record = read_decision_record(ports.records, verdict.decision_uri, verdict.decision_sha256)
    has_baseline = verdict.baseline != NO_BASELINE
    outcome = outcome_of(record.verdict, record.policy, has_baseline=has_baseline, frozen=False)
    report = report_of_verdict(ports, verdict, outcome)
    return StoredReport(page_of(report), document_of(report), None)
