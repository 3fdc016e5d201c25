"""The approval mail and the facts in it."""

import dataclasses
import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain.verdict import Exam, GateResult, Metrics, Verdict
from governor.ports import BatchRecord, VerdictRecord
from governor.usecases.approval_facts import approval_facts, counted, shown_moment, shown_number, shown_span
from governor.usecases.approval_mail import LONGEST_SUBJECT, approval_body, approval_subject
from tests.unit.test_approval_page import FACTS, NOW, ROW

LINK = "https://abc.lambda-url.eu-west-1.on.aws/" + "n" * 43
BATCH = BatchRecord("reviews", 2, "s3://r/m", "d", 3, NOW, {"test": 1, "train": 2}, {"train": 3200, "test": 800})
GATE = GateResult("f1", 0.8712, 0.8534, "met", regression=False, words="f1 0.8712 against 0.8534: met.")
VERDICT = VerdictRecord(
    batch=2,
    candidate="arn:candidate",
    baseline="arn:baseline",
    verdict=Verdict("PASS", GATE.words, gates=(GATE,)),
    exam=Exam(
        "arn:candidate",
        Metrics(0.8712, 0.8744, math.nan, 0.8801),
        "arn:baseline",
        Metrics(0.8534, 0.8744, 0.8423, None),
        True,
    ),
    policy_version=3,
    reached_at=NOW,
    decision_uri="s3://r/d",
    decision_sha256="e",
)


def test_the_mail_as_a_whole() -> None:
    assert (
        approval_body(ROW, LINK, "012345", NOW)
        == f"""\
May the model that batch 2 trained replace the active model of flywheel
reviews?

               candidate      active  difference
  f1              0.8712      0.8534     +0.0178
  precision       0.8744      0.8744      0.0000
  recall               -      0.8423           -
  accuracy        0.8801      0.8850     -0.0049

Verdict: PASS. f1 0.8712 against 0.8534: met.

Data added by this batch:
  TRAIN  2 files with 3,200 documents
  TEST   1 file with 800 documents

Candidate:    arn:candidate
Active model: arn:baseline

The report has every gate, label and mistake; who may read the records
bucket sees it with:

  governor report reviews 2 --open

s3://records/reports/reviews/000000002-fedcba987654.html

To see it again and to answer, open this page. Opening it changes nothing.

{LINK}

Answer by Wednesday 25 November 2026, 08:53 UTC, 2 days and 5 hours from now.
If nobody answers by then, the active model stays and the candidate is
not used.

To answer, the page asks for your name, a reason, and the code below.
Whoever has this mail can answer: do not forward it.

Code: 012345

After 5 wrong codes the page closes and a new mail is sent.

Whoever has rights in the AWS account can answer without page and code:

  governor approve reviews 2 --because TEXT
  governor reject reviews 2 --because TEXT
"""
    )


def test_link_and_code_stand_apart() -> None:
    paragraphs = approval_body(ROW, LINK, "012345", NOW).split("\n\n")
    (with_link,) = [part for part in paragraphs if LINK in part]
    (with_code,) = [part for part in paragraphs if "012345" in part]
    assert with_link == LINK
    assert with_code == "Code: 012345"


@given(
    st.from_regex(r"\A[a-zA-Z0-9](-*[a-zA-Z0-9])*\Z").map(lambda name: name[:63]),
    st.integers(1, 10**9),
    st.sampled_from(["PASS", "INCONCLUSIVE"]),
)
def test_a_subject_is_one_short_ascii_line_without_secrets(flywheel: str, batch: int, verdict: str) -> None:
    subject = approval_subject(
        dataclasses.replace(ROW, flywheel=flywheel, batch=batch, facts=FACTS | {"verdict": verdict})
    )
    assert subject.isascii()
    assert subject.isprintable()
    assert len(subject) <= LONGEST_SUBJECT
    assert flywheel in subject


def test_facts_have_no_number_that_is_none() -> None:
    facts = approval_facts(BATCH, VERDICT, frozen=False, now=NOW)
    assert [row["metric"] for row in facts["metrics"]] == ["f1", "precision", "recall", "accuracy"]
    assert facts["metrics"][2] == {"metric": "recall", "candidate": None, "active": 0.8423, "difference": None}
    assert facts["metrics"][3]["active"] is None
    assert facts["added"] == FACTS["added"]
    json.dumps(facts, allow_nan=False)
    assert facts["report"] is None
    written = dataclasses.replace(VERDICT, report_uri="s3://r/reports/x.html")
    assert approval_facts(BATCH, written, frozen=False, now=NOW)["report"] == "s3://r/reports/x.html"


def test_what_people_should_know_besides_is_in_mail_and_facts_and_shadow_gates_are_no_gates() -> None:
    shadow = dataclasses.replace(GATE, mode="shadow", word="missed")
    told = "This exam has decided 5 promotions."
    verdict = dataclasses.replace(VERDICT.verdict, gates=(GATE, shadow), remarks=(told,))
    facts = approval_facts(BATCH, dataclasses.replace(VERDICT, verdict=verdict), frozen=False, now=NOW)
    assert facts["gates"] == [{"word": "met", "words": GATE.words}]
    assert facts["remarks"] == [told]
    body = approval_body(dataclasses.replace(ROW, facts=facts), LINK, "012345", NOW)
    assert f"{GATE.words}\n\n{told}\n\n" in body


def test_facts_leave_out_numbers_of_a_model_that_is_not_active() -> None:
    moved = dataclasses.replace(VERDICT, baseline="arn:other")
    facts = approval_facts(BATCH, moved, frozen=True, now=NOW)
    assert facts["has_active"]
    assert facts["frozen"]
    assert all(row["active"] is None and row["difference"] is None for row in facts["metrics"])


def test_facts_of_a_first_model() -> None:
    first = dataclasses.replace(VERDICT, baseline="NONE")
    facts = approval_facts(BATCH, first, frozen=False, now=NOW)
    assert not facts["has_active"]
    body = approval_body(dataclasses.replace(ROW, facts=facts), LINK, "012345", NOW)
    assert "become the first active model" in body
    assert "Active model: none yet" in body
    assert "no model becomes active" in " ".join(body.split())


def test_a_mail_after_a_rollback_says_so() -> None:
    assert "rollback" in approval_body(dataclasses.replace(ROW, facts=FACTS | {"frozen": True}), LINK, "012345", NOW)


def test_a_mail_for_an_iteration_without_new_data_says_so() -> None:
    assert "none: an iteration was run" in approval_body(
        dataclasses.replace(ROW, facts=FACTS | {"added": []}), LINK, "012345", NOW
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (-5, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (3600, "1 hour"),
        (3661, "1 hour and 1 minute"),
        (90_000, "1 day and 1 hour"),
        (86_400 + 120, "1 day and 2 minutes"),
        (72 * 3600, "3 days"),
        (72 * 3600 + 3600 * 5 + 60, "3 days and 5 hours"),
    ],
)
def test_spans_in_words(seconds: int, words: str) -> None:
    assert shown_span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("value", "signed", "words"),
    [
        (None, True, "-"),
        (0.5, False, "0.5000"),
        (0.0178, True, "+0.0178"),
        (-0.00001, True, "0.0000"),
        (0.0, True, "0.0000"),
        (-0.5, True, "-0.5000"),
    ],
)
def test_numbers_in_words(value: float | None, signed: bool, words: str) -> None:
    assert shown_number(value, signed=signed) == words


def test_moments_and_counts_in_words() -> None:
    assert shown_moment(datetime(2026, 2, 3, 4, 5, tzinfo=UTC)) == "Tuesday 3 February 2026, 04:05 UTC"
    assert [counted(number, "file") for number in (0, 1, 2, 3200)] == ["0 files", "1 file", "2 files", "3,200 files"]
