"""The approval page as HTML: escaped, readable by people and by screen readers, and kept to itself by its headers."""

import base64
import dataclasses
import hashlib
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain.approval import Approval
from governor.usecases.approval_form import FormFaults
from governor.usecases.approval_page import (
    HEADERS,
    Reply,
    busy_page,
    closed_page,
    method_page,
    not_found_page,
    question_page,
    thanks_page,
    too_large_page,
)
from governor.usecases.approval_style import STYLE

NOW = datetime(2026, 11, 23, 3, 46, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "verdict": "PASS",
    "reason": "f1 0.8712 against 0.8534: met.",
    "gates": [{"word": "met", "words": "f1 0.8712 against 0.8534: met."}],
    "metrics": [
        {"metric": "f1", "candidate": 0.8712, "active": 0.8534, "difference": 0.0178},
        {"metric": "precision", "candidate": 0.8744, "active": 0.8744, "difference": 0.0},
        {"metric": "recall", "candidate": None, "active": 0.8423, "difference": None},
        {"metric": "accuracy", "candidate": 0.8801, "active": 0.8850, "difference": -0.0049},
    ],
    "has_active": True,
    "has_test_data": True,
    "frozen": False,
    "added": [{"kind": "TRAIN", "files": 2, "documents": 3200}, {"kind": "TEST", "files": 1, "documents": 800}],
    "report": "s3://records/reports/reviews/000000002-fedcba987654.html",
}
ROW = Approval(
    id="a" * 64,
    state="OPEN",
    flywheel="reviews",
    batch=2,
    candidate="arn:candidate",
    baseline="arn:baseline",
    verdict_digest="d" * 64,
    policy_version=3,
    expires=NOW + timedelta(days=2, hours=5, minutes=7),
    code_hash="c0de" * 16,
    token="sealed-task-token",
    turn=5,
    facts=FACTS,
    mailed_at=NOW,
)
DECIDED: dict[str, Any] = {"by": "Ada", "reason": "Better.", "decided_at": NOW}


def every_page(row: Approval, faults: FormFaults | None = None) -> list[Reply]:
    closed = [
        dataclasses.replace(row, state=state, by=row.by or "Ada", decided_at=NOW, ended_at=NOW)
        for state in ("APPROVED", "REJECTED", "EXPIRED", "CANCELLED", "SUPERSEDED")
    ]
    return [
        question_page(row, NOW),
        question_page(row, NOW, status=422, faults=faults or FormFaults({}, {"code": "Type it."})),
        *(thanks_page(each) for each in closed[:2]),
        *(closed_page(each, NOW) for each in closed),
        *(closed_page(each, NOW, answering=True) for each in closed),
        not_found_page(),
        method_page(),
        too_large_page(),
        busy_page(),
    ]


def test_every_page_is_kept_to_itself() -> None:
    for reply in every_page(ROW):
        assert HEADERS.items() <= reply.headers.items()
    assert HEADERS["Cache-Control"] == "no-store"
    assert HEADERS["Referrer-Policy"] == "no-referrer"
    assert HEADERS["X-Frame-Options"] == "DENY"
    assert HEADERS["X-Content-Type-Options"] == "nosniff"
    assert "noindex" in HEADERS["X-Robots-Tag"]


def test_the_content_security_policy_allows_the_style_sheet_and_nothing_else() -> None:
    policy = HEADERS["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", question_page(ROW, NOW).body, re.DOTALL)
    assert style is not None
    assert style[1] == STYLE
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    for part in ("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy


def test_no_page_runs_or_loads_anything() -> None:
    for reply in every_page(ROW):
        seen = Tags(reply.body)
        assert not seen.names & {"script", "link", "img", "iframe", "object", "embed", "base", "a", "svg"}
        assert not {
            name for name in seen.attributes if name.startswith("on") or name in {"style", "src", "href", "action"}
        }


def test_every_tag_is_closed_and_every_field_labelled() -> None:
    for reply in every_page(ROW):
        seen = Tags(reply.body)
        assert seen.open == []
        assert seen.labels == seen.fields
        assert seen.described <= seen.ids
        assert seen.names >= {"html", "title", "main", "h1"}
        assert len(seen.id_list) == len(seen.ids)


HOSTILE = """"><script>alert(1)</script>'&<b onclick=x>{0}%s${x}"""


def test_whatever_a_row_or_a_form_says_is_shown_as_text() -> None:
    facts = FACTS | {"reason": HOSTILE, "gates": [{"word": HOSTILE, "words": HOSTILE}], "verdict": HOSTILE}
    facts["metrics"] = [FACTS["metrics"][0] | {"metric": HOSTILE}]
    facts["added"] = [{"kind": HOSTILE, "files": 1, "documents": 1}]
    facts["report"] = HOSTILE
    facts["remarks"] = [HOSTILE]
    row = dataclasses.replace(
        ROW,
        flywheel=HOSTILE,
        candidate=HOSTILE,
        baseline=HOSTILE,
        by=HOSTILE,
        reason=HOSTILE,
        end_reason=HOSTILE,
        facts=facts,
    )
    without_gates = dataclasses.replace(row, facts=facts | {"gates": []})
    faults = FormFaults({"name": HOSTILE, "reason": HOSTILE}, {"code": HOSTILE, "name": HOSTILE, "reason": HOSTILE})
    clean, hostile = (
        Tags("".join(page.body for page in every_page(ROW))),
        Tags("".join(page.body for page in every_page(row, faults))),
    )
    assert hostile.names == clean.names
    assert hostile.attributes == clean.attributes
    assert Tags("".join(page.body for page in every_page(without_gates, faults))).names <= clean.names
    assert HOSTILE in unescape(question_page(row, NOW, faults=faults).body)


def test_remarks_stand_below_the_gates() -> None:
    row = dataclasses.replace(ROW, facts=FACTS | {"remarks": ["This exam has decided 5 promotions."]})
    body = question_page(row, NOW).body
    assert "</ul><p>This exam has decided 5 promotions.</p>" in body


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_survives_as_text(name: str, reason: str) -> None:
    seen = Tags(
        question_page(ROW, NOW, status=422, faults=FormFaults({"name": name, "reason": reason}, {"code": "x"})).body
    )
    assert seen.open == []
    assert "script" not in seen.names


@pytest.mark.parametrize("state", ["OPEN", "APPROVED", "REJECTED", "EXPIRED", "CANCELLED", "SUPERSEDED"])
def test_no_page_shows_secrets(state: Any) -> None:
    row = dataclasses.replace(ROW, state=state, **DECIDED)
    for reply in (question_page(row, NOW), closed_page(row, NOW), thanks_page(row)):
        for secret in (ROW.token, ROW.code_hash, ROW.id):
            assert secret not in reply.body


def test_the_question_shows_both_models_side_by_side() -> None:
    text = words_of(question_page(ROW, NOW))
    assert "Make the candidate the active model of reviews?" in text
    assert "Answer within 2 days and 5 hours, until Wednesday 25 November 2026, 08:53 UTC." in text
    assert "F1 0.8712 0.8534 \u25b2 +0.0178" in text
    assert "Precision 0.8744 0.8744 0.0000" in text
    assert "Recall - 0.8423 -" in text
    assert "Accuracy 0.8801 0.8850 \u25bc \u22120.0049" in text
    assert "PASS Every gate of the policy is met." in text
    assert "TRAIN 2 files with 3,200 documents TEST 1 file with 800 documents" in text
    assert "If nobody answers by then, the active model stays" in text


def test_the_question_names_the_report_and_an_older_row_has_none() -> None:
    text = words_of(question_page(ROW, NOW))
    assert f"governor report reviews 2 --open : {FACTS['report']}" in text
    older = {name: value for name, value in FACTS.items() if name != "report"}
    for facts in (older, FACTS | {"report": None}):
        assert "report" not in words_of(question_page(dataclasses.replace(ROW, facts=facts), NOW))


def test_the_question_after_a_rollback_says_what_approval_also_does() -> None:
    assert "since a rollback" not in words_of(question_page(ROW, NOW))
    frozen = dataclasses.replace(ROW, facts=FACTS | {"frozen": True})
    assert "Automatic promotion is switched off since a rollback" in words_of(question_page(frozen, NOW))


def test_the_question_without_gates_without_data_without_exam() -> None:
    facts = FACTS | {
        "gates": [],
        "verdict": "INCONCLUSIVE",
        "reason": "There is no TEST dataset.",
        "added": [],
        "has_test_data": False,
    }
    text = words_of(question_page(dataclasses.replace(ROW, facts=facts), NOW))
    assert "There is no TEST dataset." in text
    assert "Numbers from documents picked at random" in text
    assert "None: the iteration ran on what the flywheel already had." in text


def test_a_fault_is_told_at_its_field_and_the_field_has_the_focus() -> None:
    reply = question_page(
        ROW, NOW, status=403, faults=FormFaults({"name": "Ada", "reason": "r"}, {"code": "Not the code."})
    )
    assert reply.status == 403
    assert 'aria-describedby="code-fault code-hint" aria-invalid="true" autofocus' in reply.body
    assert reply.body.count("autofocus") == 1
    assert 'value="Ada"' in reply.body
    assert 'role="alert"' in reply.body


def test_enter_in_a_field_presses_no_button() -> None:
    """A form's first button is the one that Enter presses, and a disabled one presses nothing."""
    buttons = re.findall(r"<button[^>]*>", question_page(ROW, NOW).body)
    assert len(buttons) == 3
    assert "disabled" in buttons[0]
    assert 'value="approve"' in buttons[1]
    assert 'value="reject"' in buttons[2]


@pytest.mark.parametrize(
    ("state", "looking", "answering", "title"),
    [
        ("APPROVED", 200, 409, "This was approved"),
        ("REJECTED", 200, 409, "This was rejected"),
        ("EXPIRED", 410, 410, "The time to answer is over"),
        ("CANCELLED", 410, 410, "This link is closed"),
        ("SUPERSEDED", 410, 410, "This question was withdrawn"),
    ],
)
def test_a_closed_question_says_what_became_of_it(state: Any, looking: int, answering: int, title: str) -> None:
    row = dataclasses.replace(ROW, state=state, ended_at=NOW, end_reason="Somebody withdrew it.", **DECIDED)
    assert closed_page(row, NOW).status == looking
    assert closed_page(row, NOW, answering=True).status == answering
    text = words_of(closed_page(row, NOW))
    assert title in text
    assert (
        "By Ada (name as claimed on the approval page) When Monday 23 November 2026, 03:46 UTC Reason Better." in text
    )
    assert "<form" not in closed_page(row, NOW).body
    assert "recorded" not in text
    assert "not recorded" in words_of(closed_page(row, NOW, answering=True))


def test_a_page_without_a_body_keeps_its_headers() -> None:
    reply = question_page(ROW, NOW).without_body()
    assert reply.body == ""
    assert reply.headers == question_page(ROW, NOW).headers


def words_of(reply: Reply) -> str:
    body = re.sub(r"<(style|title)>.*?</\1>", "", reply.body, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


class Tags(HTMLParser):
    """What a parser makes of a page."""

    _VOID = frozenset({"meta", "input", "br", "!doctype"})

    def __init__(self, body: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.labels: set[str | None] = set()
        self.fields: set[str | None] = set()
        self.described: set[str] = set()
        self.id_list: list[str] = []
        self.feed(body)
        self.close()

    @property
    def ids(self) -> set[str]:
        return set(self.id_list)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.names.add(tag)
        self.attributes |= set(found)
        self.described |= set((found.get("aria-describedby") or "").split())
        if found.get("id"):
            self.id_list.append(found["id"] or "")
        if tag == "label":
            self.labels.add(found.get("for"))
        if tag in {"input", "textarea"}:
            self.fields.add(found.get("id"))
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag
