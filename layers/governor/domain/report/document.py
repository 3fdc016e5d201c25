"""The report as JSON, see docs/report.schema.json."""

import json
from dataclasses import asdict

from governor.domain.report.content import Report


def document_of(report: Report) -> bytes:
    """Return the JSON in UTF-8: the same bytes for the same report."""
    document = asdict(report)
    return json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"
