"""Where a verdict's report is. Its name follows from the decision's, so it is known before the report is written."""

from governor.domain.errors import UnexpectedReplyError

_DECISIONS, _REPORTS = "/decisions/", "/reports/"


def report_uris(decision_uri: str, decision_sha256: str) -> tuple[str, str]:
    """Return the S3 URIs of the page and of the JSON.

    `s3://<records>/reports/<flywheel>/<batch>-<first digits of the decision record's sha256>.html` and `.json`.
    Raises UnexpectedReplyError if `decision_uri` names no decision.
    """
    bucket, found, name = decision_uri.partition(_DECISIONS)
    flywheel, _, file = name.partition("/")
    if not found or not file:
        raise UnexpectedReplyError(f"{decision_uri} is not where decision records are.")
    stem = f"{bucket}{_REPORTS}{flywheel}/{file.partition('-')[0]}-{decision_sha256[:12]}"
    return f"{stem}.html", f"{stem}.json"


def key_of(uri: str) -> str:
    """Return the key in a URI."""
    return uri.removeprefix("s3://").partition("/")[2]
