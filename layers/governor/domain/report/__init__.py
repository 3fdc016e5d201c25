"""The report of a verdict: a decision record in; a value, a page and a JSON document out. Imports the judgement."""

from governor.domain.report.build import Source, report_of
from governor.domain.report.content import Report
from governor.domain.report.document import document_of
from governor.domain.report.flips import flips_from_bytes
from governor.domain.report.page import page_of

__all__ = ["Report", "Source", "document_of", "flips_from_bytes", "page_of", "report_of"]
