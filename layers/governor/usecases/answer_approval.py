"""The approval page: shows a question to whoever has its link, and records one answer from whoever also has its code.

Reads and writes the approval row, and nothing else. GET and HEAD change nothing, so that scanners and previews may
follow the link as often as they like. The row decides; waking the machine afterwards carries no decision, and sweep
repeats it if it is lost.
"""

import logging
from dataclasses import replace
from datetime import datetime

from governor.domain.approval import (
    MOST_CODES,
    TOO_MANY_CODES,
    Approval,
    approval_id,
    code_matches,
    could_be_nonce,
    shown_state,
)
from governor.domain.errors import GovernorError
from governor.ports import Ports
from governor.usecases.approval_form import AnswerForm, FormFaults, read_form
from governor.usecases.approval_page import (
    Reply,
    busy_page,
    closed_page,
    method_page,
    not_found_page,
    question_page,
    thanks_page,
    too_large_page,
)

MOST_BODY_BYTES = 8 * 1024
"""A form with every field at its longest, percent-encoded, is about half of it."""
_log = logging.getLogger(__name__)


def answer_approval(ports: Ports, method: str, path: str, body: bytes) -> Reply:
    """Answer one request of a browser. Never raises a domain error: somebody is waiting for a page."""
    if method not in {"GET", "HEAD", "POST"}:
        return method_page()
    try:
        reply = _reply(ports, method, path.removeprefix("/"), body)
    except GovernorError as error:
        _log.warning("The approval page could not answer: %s", type(error).__name__)
        reply = busy_page()
    return reply.without_body() if method == "HEAD" else reply


def _reply(ports: Ports, method: str, nonce: str, body: bytes) -> Reply:
    row = ports.approvals.read(approval_id(nonce)) if could_be_nonce(nonce) else None
    if row is None:
        return not_found_page()
    now = ports.clock.now()
    if method != "POST":
        return question_page(row, now) if shown_state(row, now) == "OPEN" else closed_page(row, now)
    if len(body) > MOST_BODY_BYTES:
        return too_large_page()
    return _answer(ports, row, nonce, body, now)


def _answer(ports: Ports, row: Approval, nonce: str, body: bytes, now: datetime) -> Reply:
    """Count the code before it is looked at: however many requests come at once, only five codes are ever compared."""
    if row.state != "OPEN" or row.expires <= now:
        return closed_page(row, now, answering=True)
    form = read_form(body)
    if isinstance(form, FormFaults):
        return question_page(row, now, status=422, faults=form)
    tried = ports.approvals.count_code(row.id, MOST_CODES)
    if tried is None:
        return _after_refusal(ports, row.id, now)
    if not code_matches(row, nonce, form.code):
        return _after_wrong_code(ports, row, form, tried, now)
    if not ports.approvals.decide(row.id, form.answer, by=form.name, reason=form.reason, now=now):
        return _after_refusal(ports, row.id, now)
    _wake(ports, row.id)
    answered = replace(row, state=form.answer, by=form.name, reason=form.reason, decided_at=now)
    return thanks_page(answered)


def _after_wrong_code(ports: Ports, row: Approval, form: AnswerForm, tried: int, now: datetime) -> Reply:
    if tried < MOST_CODES:
        faults = FormFaults(form.given, {"code": f"This is not the code of the mail. {_left(MOST_CODES - tried)}"})
        return question_page(row, now, status=403, faults=faults)
    return _close(ports, row.id, now)


def _after_refusal(ports: Ports, approval: str, now: datetime) -> Reply:
    """Somebody was faster, the row is over, or its codes are used up and whoever used the last one died."""
    row = ports.approvals.read(approval)
    if row is None:
        return not_found_page()
    if row.state == "OPEN" and row.codes_tried >= MOST_CODES:
        return _close(ports, approval, now)
    return closed_page(row, now, answering=True)


def _close(ports: Ports, approval: str, now: datetime) -> Reply:
    ports.approvals.end(approval, "CANCELLED", TOO_MANY_CODES, now)
    row = _wake(ports, approval)
    return not_found_page() if row is None else closed_page(row, now, answering=True)


def _wake(ports: Ports, approval: str) -> Approval | None:
    """Wake the task that waits now, and return the row. What fails here is repeated by sweep."""
    row = ports.approvals.read(approval)
    if row is not None:
        try:
            ports.machine.wake(ports.vault.open(row.id, row.token))
        except GovernorError as error:
            _log.warning("The machine was not woken, sweep will do it: %s", type(error).__name__)
    return row


def _left(count: int) -> str:
    return "One try is left." if count == 1 else f"{count} tries are left."
