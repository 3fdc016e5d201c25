"""The approval mail: plain text, the link and the code apart from each other.

Whoever can read it can answer, which is why it goes to a topic of its own.
"""

import textwrap
from datetime import datetime
from typing import Any

from governor.domain.approval import MOST_CODES, Approval
from governor.usecases.approval_facts import counted, shown_moment, shown_number, shown_span

LONGEST_SUBJECT = 99
"""SNS wants less than 100 characters (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html)."""
_WIDTH = 72


def approval_subject(row: Approval) -> str:
    """Return the subject: ASCII, one line, less than 100 characters for every flywheel's name."""
    short = f"Approve a new model for {row.flywheel}?"
    full = f"{short} Batch {row.batch}: {row.facts['verdict']}"
    return full if len(full) <= LONGEST_SUBJECT else short


def approval_body(row: Approval, link: str, code: str, now: datetime) -> str:
    """Return the mail's text."""
    facts = row.facts
    parts = [
        _wrapped(_question(row)),
        _metrics(facts),
        _wrapped(f"Verdict: {facts['verdict']}. {facts['reason']}"),
        *map(_wrapped, facts.get("remarks", ())),
        *([_wrapped(FROZEN)] if facts["frozen"] else []),
        "Data added by this batch:\n" + _added(facts),
        f"Candidate:    {row.candidate}\nActive model: {row.baseline if facts['has_active'] else 'none yet'}",
        *_report(row),
        "To see it again and to answer, open this page. Opening it changes nothing.\n\n" + link,
        f"Answer by {shown_moment(row.expires)}, {shown_span(row.expires - now)} from now.\n"
        + _wrapped(silence(facts)),
        _wrapped(
            "To answer, the page asks for your name, a reason, and the code below. "
            "Whoever has this mail can answer: do not forward it."
        )
        + f"\n\nCode: {code}",
        _wrapped(f"After {counted(MOST_CODES, 'wrong code')} the page closes and a new mail is sent."),
        "Whoever has rights in the AWS account can answer without page and code:\n\n" + _commands(row),
    ]
    return "\n\n".join(parts) + "\n"


FROZEN = "Automatic promotion is switched off since a rollback. Approval activates the candidate and ends that."


def silence(facts: Any) -> str:
    """Return what happens if nobody answers."""
    if facts["has_active"]:
        return "If nobody answers by then, the active model stays and the candidate is not used."
    return "If nobody answers by then, the candidate is not used and no model becomes active."


def _report(row: Approval) -> list[str]:
    if row.facts.get("report") is None:
        return []
    return [
        _wrapped("The report has every gate, label and mistake; who may read the records bucket sees it with:")
        + f"\n\n  governor report {row.flywheel} {row.batch} --open\n\n{row.facts['report']}"
    ]


def _commands(row: Approval) -> str:
    return "\n".join(f"  governor {word} {row.flywheel} {row.batch} --because TEXT" for word in ("approve", "reject"))


def _question(row: Approval) -> str:
    if row.facts["has_active"]:
        return f"May the model that batch {row.batch} trained replace the active model of flywheel {row.flywheel}?"
    return f"May the model that batch {row.batch} trained become the first active model of flywheel {row.flywheel}?"


def _metrics(facts: Any) -> str:
    lines = [f"  {'':10}{'candidate':>12}{'active':>12}{'difference':>12}"]
    for row in facts["metrics"]:
        numbers = (
            shown_number(row["candidate"]),
            shown_number(row["active"]),
            shown_number(row["difference"], signed=True),
        )
        lines.append(f"  {row['metric']:10}" + "".join(f"{number:>12}" for number in numbers))
    return "\n".join(lines)


def _added(facts: Any) -> str:
    if not facts["added"]:
        return "  none: an iteration was run on the data that the flywheel already has"
    return "\n".join(
        f"  {each['kind']:6} {counted(each['files'], 'file')} with {counted(each['documents'], 'document')}"
        for each in facts["added"]
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
