"""The approval page's replies: pure, without scripts, and the same headers on each.

Nothing is cached, indexed, framed or told to another site, and nothing loads or runs but the page's own style sheet.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape

from governor.domain.approval import Approval, ApprovalState, shown_state
from governor.usecases.approval_facts import shown_moment, shown_span
from governor.usecases.approval_form import FormFaults
from governor.usecases.approval_mail import FROZEN
from governor.usecases.approval_parts import answer_section, fact_sections, form_section, note
from governor.usecases.approval_style import STYLE

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{_STYLE_HASH}'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@dataclass(frozen=True)
class Reply:
    """An HTTP reply."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=lambda: dict(HEADERS))

    def without_body(self) -> "Reply":
        return replace(self, body="")


# ---- replies about a question ----------------------------------------------------------------------------------------


def question_page(row: Approval, now: datetime, *, status: int = 200, faults: FormFaults | None = None) -> Reply:
    """Return the question with the facts and the form; with `faults`, what is to be corrected."""
    first = "" if row.facts["has_active"] else "first "
    question = f"Make the candidate the {first}active model of {row.flywheel}?"
    left = f"Answer within {shown_span(row.expires - now)}, until {shown_moment(row.expires)}."
    frozen = note(FROZEN) if row.facts["frozen"] else ""
    parts = frozen + fact_sections(row) + form_section(row, faults or FormFaults())
    return _page(
        status, question, f"Batch {row.batch} trained a candidate. {left}", parts, correcting=faults is not None
    )


def thanks_page(row: Approval) -> Reply:
    """Return the confirmation of an answer that was just recorded."""
    if row.state == "REJECTED":
        return _page(200, "Rejected. Thank you.", f"The candidate is not used. {_after_rejection(row)}", _record(row))
    words = (
        "The candidate becomes the active model within minutes, "
        "if nothing it was compared with has changed meanwhile. A notice says so when it is done."
    )
    return _page(200, "Approved. Thank you.", words, _record(row))


def closed_page(row: Approval, now: datetime, *, answering: bool = False) -> Reply:
    """Return what became of a question that is over. `answering`: the reader has just tried to answer it."""
    state = shown_state(row, now)
    decided = state in {"APPROVED", "REJECTED"}
    title, words = _ending(row, state)
    missed = ""
    if answering:
        missed = (
            "The first answer counts, so this one was not recorded." if decided else "Your answer was not recorded."
        )
    status = 410 if not decided else 409 if answering else 200
    return _page(status, title, words, (note(missed, alert=True) if missed else "") + _record(row))


def _ending(row: Approval, state: ApprovalState) -> tuple[str, str]:
    """Return the title and what it means for the reader."""
    match state:
        case "APPROVED":
            return "This was approved", "One answer is all that a question gets."
        case "REJECTED":
            return "This was rejected", _after_rejection(row)
        case "EXPIRED":
            stays = "The active model stays." if row.facts["has_active"] else "No model became active."
            return "The time to answer is over", f"It ended on {shown_moment(row.expires)}. {stays}"
        case "SUPERSEDED":
            newest = "If an answer is still needed, the newest mail has the link that counts."
            return "This question was withdrawn", f"{row.end_reason or ''} {newest}"
    why = row.end_reason or "It was closed before anybody answered."
    return "This link is closed", f"{why} If an answer is still needed, a new mail has a new link."


def _after_rejection(row: Approval) -> str:
    return f"The flywheel rests, and files wait, until somebody runs: governor resume {row.flywheel}"


def _record(row: Approval) -> str:
    return answer_section(row) + fact_sections(row)


# ---- other replies ---------------------------------------------------------------------------------------------------


def not_found_page() -> Reply:
    """Return the page for every link that leads nowhere: always the same, whatever is wrong with the link."""
    words = "No question belongs to this link. Open it once more from the mail, and see that it is complete."
    return _page(404, "Not found", words)


def method_page() -> Reply:
    """Return the page for methods that the page does not know."""
    reply = _page(405, "Not possible", "This page can be read, and answered with its form.")
    return replace(reply, headers={**HEADERS, "Allow": "GET, HEAD, POST"})


def too_large_page() -> Reply:
    """Return the page for a form that is larger than the real one can be."""
    return _page(413, "Too large", "The answer was not read, because it is too long. Nothing was recorded.")


def busy_page() -> Reply:
    """Return the page for a service that does not answer. An answer may have been recorded: looking shows it."""
    words = "A service did not answer. Open the link once more in a minute: it shows whether your answer was recorded."
    return replace(_page(503, "Please try again", words), headers={**HEADERS, "Retry-After": "60"})


def _page(status: int, title: str, lead: str, parts: str = "", *, correcting: bool = False) -> Reply:
    """Return a whole document; `title` and `lead` are text, `parts` is HTML."""
    shown = f"{'To correct: ' if correcting else ''}{title} - Flywheel Governor"
    body = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(shown)}</title>
<style>{STYLE}</style>
</head>
<body>
<div class="page">
<header><p>Flywheel Governor</p></header>
<main>
<h1>{escape(title)}</h1>
<p class="lead">{escape(lead)}</p>
{parts}
</main>
<footer>Opening this page changes nothing, however often.</footer>
</div>
</body>
</html>
"""
    return Reply(status, body)
