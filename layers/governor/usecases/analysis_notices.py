"""What people are told of analyses. No document ever stands in a notice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from governor.domain.analysis import OpenAnalysis
from governor.domain.moments import OPEN_END, to_text
from governor.domain.turn import Hold
from governor.ports import Notice
from governor.usecases.notices import make

_MOST_NAMED = 20
_CURES = {
    "Failure": "It tries again by itself when the hold ends.",
    "NeedsYou": "It failed three times in a row. Correct the cause, then run: governor resume {flywheel}",
    "Aborted": "Somebody stopped the execution. To go on, run: governor resume {flywheel}",
    "NoActiveModel": "It goes on by itself within a minute after the first model was promoted.",
    "QuotaFull": "It tries again by itself when the hold ends; ask for a higher quota, or wait for other jobs.",
}


def documents_analysed(flywheel: str, analysis: int, summary: dict[str, Any], at: datetime) -> Notice:
    """Tell what was found, in numbers, and where it is."""
    documents, files = _many(summary["documents"], "document"), _many(len(summary["inputs"]), "file")
    found = summary.get("labels", summary.get("entities", {}))
    low = summary["low_confidence"]
    named = [f"  {name}: {each['count']} ({each['share']:.1%})" for name, each in list(found.items())[:_MOST_NAMED]]
    if len(found) > _MOST_NAMED:
        named.append(f"  and {len(found) - _MOST_NAMED} more, in summary.json")
    lines = [
        f"{documents} of flywheel {flywheel} from {files} were analysed by {summary['model']}.",
        "",
        *named,
        f"Low confidence (below {low['below']}): {low['count']} {low['of']} ({low['share']:.1%}).",
        *([f"Not answered, each with its error: {summary['errors']}."] if summary["errors"] else []),
        "",
        f"Results: {summary['results']['csv']}",
        f"and as JSON Lines: {summary['results']['json_lines']}",
    ]
    subject = f"[{flywheel}] Analysed: {documents}"
    body, told = "\n".join(lines), {name: summary[name] for name in ("analysis", "job", "model", "documents", "errors")}
    results = summary["results"]["json_lines"].rpartition("/")[0] + "/"
    return make("DocumentsAnalysed", at, subject, body, flywheel, str(analysis), **told, results=results)


def documents_refused(flywheel: str, analysis: OpenAnalysis, keys: Sequence[str], reason: str) -> Notice:
    """Tell that no job could answer these documents."""
    shown = [f"  {''.join(sign if sign.isprintable() else '?' for sign in key)}" for key in keys[:_MOST_NAMED]]
    if len(keys) > _MOST_NAMED:
        shown.append(f"  and {len(keys) - _MOST_NAMED} more; the manifest {analysis.manifest_uri} has all")
    lines = [reason, "", *shown, "", "The objects stay where they are. Correct them and upload them again."]
    subject = f"[{flywheel}] Upload refused: {_many(len(keys), 'file')} of analysis {analysis.id}, by Comprehend"
    at, occasion = analysis.began or OPEN_END, (flywheel, "analysis", str(analysis.id))
    told = {"upload": None, "batch": None, "files": len(keys)}
    return make("UploadRefused", at, subject, "\n".join(lines), *occasion, **told)


def analysis_failed(flywheel: str, number: int, error: str, cause: str, at: datetime) -> Notice:
    """Tell that an execution failed, and of what."""
    lines = [
        f"Analysis run {number} of flywheel {flywheel} failed with {error}:",
        cause,
        "",
        "No document is lost: they wait, and the next run goes on where this one ended.",
    ]
    subject = f"[{flywheel}] Analysis {number} failed: {error}"
    occasion = (flywheel, "analysis", str(number))
    return make("AnalysisFailed", at, subject, "\n".join(lines), *occasion, run=number, error=error)


def analysis_held(flywheel: str, hold: Hold, why: str, at: datetime, number: int) -> Notice:
    """Tell that documents wait, for what, and what cures it."""
    ends = "until a person or a new policy ends it" if hold.until >= OPEN_END else f"until {to_text(hold.until)[:19]}Z"
    lines = [
        f"Documents of flywheel {flywheel} wait {ends} ({hold.reason}).",
        why,
        "",
        _CURES.get(hold.reason, "").format(flywheel=flywheel),
        "Documents are still recorded and checked. Training is not held by this.",
    ]
    subject = f"[{flywheel}] Documents wait: {hold.reason}"
    until = None if hold.until >= OPEN_END else to_text(hold.until)
    occasion = (flywheel, "analysis", hold.reason, str(number))
    return make("AnalysisHeld", at, subject, "\n".join(lines), *occasion, reason=hold.reason, until=until)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
