"""Approval from the question to the answer: the mail, the page, the row, and what the machine reads."""

import html
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from governor.adapters.approvals import DynamoApprovals
from governor.domain.approval import MOST_CODES
from governor.domain.batch import NO_BASELINE
from governor.domain.errors import TurnLostError, UnexpectedReplyError
from tests.doubles.approvals import (
    ANSWER,
    BASELINE,
    CANDIDATE,
    FLYWHEEL,
    LONG_TOKEN,
    OTHER,
    Letter,
    WaitingFlywheel,
    waiting_flywheel,
)


@pytest.fixture
def flywheel() -> Iterator[WaitingFlywheel]:
    with waiting_flywheel() as flywheel:
        yield flywheel


def test_a_question_is_mailed_looked_at_and_approved(flywheel: WaitingFlywheel) -> None:
    assert flywheel.ask() == "MAILED"
    for _ in range(3):
        assert flywheel.get(flywheel.letter.link).status == 200
    assert flywheel.read().word == "ASK_AGAIN"

    reply = flywheel.answer()

    assert reply.status == 200
    assert "Approved. Thank you." in reply.text
    assert flywheel.woken == ["token-1"]
    decision = flywheel.read()
    assert (decision.word, decision.hold) == ("APPROVED", None)
    assert decision.reason == "Approved by Ada Lovelace (name as claimed on the approval page): Better recall."
    row = flywheel.row()
    assert (row.state, row.by, row.reason, row.decided_at) == (
        "APPROVED",
        "Ada Lovelace",
        "Better recall.",
        flywheel.clock.now(),
    )


def test_a_rejection_keeps_the_active_model_and_holds_the_flywheel(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    reply = flywheel.answer(decision="reject", reason="Recall is not worth it.")
    assert "governor resume reviews" in reply.text
    decision = flywheel.read()
    assert (decision.word, decision.hold) == ("REJECTED", "Rejected")


def test_the_mail_says_what_the_page_says(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    letter, page = flywheel.letter, flywheel.get(flywheel.letter.link).text
    assert letter.subject == "Approve a new model for reviews? Batch 1: PASS"
    for number in ("0.8712", "0.8534", "+0.0178"):
        assert number in letter.body
        assert number in page
    assert "-0.0049" in letter.body
    assert "\u22120.0049" in page
    for words in (
        "f1 0.8712 against 0.8534: met.",
        "2 files with 3,200 documents",
        "Thursday 26 November 2026, 03:46 UTC",
    ):
        assert words in letter.body
        assert words in html.unescape(page)


def test_a_first_model_has_nothing_to_be_compared_with() -> None:
    with waiting_flywheel(NO_BASELINE) as flywheel:
        flywheel.ask()
        page = flywheel.get(flywheel.letter.link).text
        assert "first active model of reviews" in page
        assert "Difference" not in page
        flywheel.answer()
        assert flywheel.read().word == "APPROVED"


def test_nobody_answers_and_the_active_model_stays(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    flywheel.clock.advance(days=3)
    assert flywheel.get(flywheel.letter.link).status == 410
    late = flywheel.answer()
    assert late.status == 410
    assert "The time to answer is over" in late.text
    assert flywheel.woken == []
    assert flywheel.read().word == "EXPIRED"
    assert flywheel.row().state == "EXPIRED"
    assert flywheel.ports.notice_mails.mails[0][0] == "[reviews] Approval expired: batch 1"
    assert flywheel.read().word == "EXPIRED"
    assert len(flywheel.ports.notice_mails.mails) == 1


def test_the_last_moment_counts_and_the_next_does_not(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    flywheel.clock.advance(days=3, microseconds=-1)
    assert flywheel.answer().status == 200
    flywheel.clock.advance(days=3)
    assert flywheel.read().word == "APPROVED"


# ---- looking changes nothing (catalogue 54, 55) ----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_scanners_change_nothing(flywheel: WaitingFlywheel, method: str) -> None:
    flywheel.ask()
    before = flywheel.items()
    for _ in range(30):
        reply = flywheel.request(method, flywheel.letter.link, None)
        assert reply.status == (200 if method in {"GET", "HEAD"} else 405)
        assert (reply.text == "") == (method == "HEAD")
    assert flywheel.items() == before
    assert flywheel.woken == []


def test_a_scanner_that_submits_the_form_as_it_is_loaded_decides_nothing(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    before = flywheel.items()
    for decision in ("approve", "reject"):
        assert flywheel.post(flywheel.letter.link, code="", name="", reason="", decision=decision).status == 422
    assert flywheel.items() == before


# ---- one answer (catalogue 56) ---------------------------------------------------------------------------------------


def test_a_second_answer_learns_who_was_first_and_when(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    flywheel.answer()
    flywheel.clock.advance(hours=1)
    again = flywheel.answer(decision="reject", name="Grace")
    assert again.status == 409
    assert "Ada Lovelace" in again.text
    assert "Monday 23 November 2026, 03:46 UTC" in again.text
    assert flywheel.get(flywheel.letter.link).status == 200
    assert flywheel.row().state == "APPROVED"
    assert flywheel.woken == ["token-1"]


@pytest.mark.parametrize("decisions", [("approve", "approve"), ("approve", "reject")])
def test_answers_at_the_same_time_have_one_effect(flywheel: WaitingFlywheel, decisions: tuple[str, str]) -> None:
    flywheel.ask()
    people = 4
    gate = Barrier(people)

    def click(number: int) -> tuple[int, str]:
        gate.wait()
        decision = decisions[number % 2]
        return flywheel.answer(decision=decision, name=f"Person {number}").status, decision

    with ThreadPoolExecutor(people) as pool:
        replies = list(pool.map(click, range(people)))

    winners = [decision for status, decision in replies if status == 200]
    assert len(winners) == 1
    assert {status for status, _ in replies} == {200, 409}
    assert flywheel.row().state == {"approve": "APPROVED", "reject": "REJECTED"}[winners[0]]
    assert flywheel.woken == ["token-1"]


# ---- codes -----------------------------------------------------------------------------------------------------------


def test_five_wrong_codes_close_the_link_and_people_are_asked_anew(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    first = flywheel.letter
    for left in ("4 tries are left", "3 tries are left", "2 tries are left", "One try is left"):
        reply = flywheel.answer(code=first.wrong_code)
        assert reply.status == 403
        assert left in reply.text
        assert flywheel.woken == []
    assert flywheel.answer(code=first.wrong_code).status == 410
    assert flywheel.row().state == "CANCELLED"
    assert flywheel.woken == ["token-1"]
    assert flywheel.answer(first).status == 410

    assert flywheel.read().word == "ASK_AGAIN"
    assert flywheel.ask("token-2") == "MAILED"
    assert flywheel.letter.link != first.link
    assert flywheel.get(first.link).status == 410
    assert flywheel.answer().status == 200
    assert flywheel.read().word == "APPROVED"


def test_the_right_code_at_the_last_try_still_counts(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    for _ in range(MOST_CODES - 1):
        flywheel.answer(code=flywheel.letter.wrong_code)
    assert flywheel.answer().status == 200
    assert flywheel.row().state == "APPROVED"


def test_what_cannot_be_a_code_does_not_count_as_one(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    for _ in range(MOST_CODES + 1):
        reply = flywheel.answer(code="12345", name="<i>Ada</i>")
        assert reply.status == 422
        assert "&lt;i&gt;Ada&lt;/i&gt;" in reply.text
    assert flywheel.row().codes_tried == 0


def test_guesses_at_the_same_time_are_bounded_too(flywheel: WaitingFlywheel, monkeypatch: pytest.MonkeyPatch) -> None:
    flywheel.ask()
    compared: list[str] = []

    def compare(row: object, nonce: str, code: str) -> bool:
        compared.append(code)
        return False

    monkeypatch.setattr("governor.usecases.answer_approval.code_matches", compare)
    guessers = 12
    gate = Barrier(guessers)

    def guess(number: int) -> int:
        gate.wait()
        return flywheel.answer(code=f"{number:06}").status

    with ThreadPoolExecutor(guessers) as pool:
        statuses = list(pool.map(guess, range(guessers)))

    assert len(compared) == MOST_CODES
    assert 200 not in statuses
    assert flywheel.row().state == "CANCELLED"


def test_a_link_whose_last_guesser_died_is_closed_by_the_next_visitor(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    for _ in range(MOST_CODES):
        flywheel.ports.approvals.count_code(flywheel.row().id, MOST_CODES)
    assert flywheel.row().state == "OPEN"
    assert flywheel.answer().status == 410
    assert flywheel.row().state == "CANCELLED"
    assert flywheel.woken == ["token-1"]


def test_a_link_whose_last_guesser_died_is_closed_by_the_machine(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    for _ in range(MOST_CODES):
        flywheel.ports.approvals.count_code(flywheel.row().id, MOST_CODES)
    assert flywheel.ask("token-2") == "DECIDED"
    assert flywheel.read().word == "ASK_AGAIN"
    assert flywheel.row().state == "CANCELLED"
    assert flywheel.ask("token-3") == "MAILED"


# ---- links that lead nowhere (catalogue 57) --------------------------------------------------------------------------


def test_every_link_that_leads_nowhere_gets_the_same_page(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    nonce = flywheel.letter.nonce
    edited = [
        nonce[:-1],
        nonce + "A",
        nonce.swapcase(),
        nonce[::-1],
        "",
        "favicon.ico",
        "../" + nonce,
        nonce + "/",
        "%00",
        "A" * 5000,
    ]
    edited += [
        nonce[:place] + ("A" if nonce[place] != "A" else "B") + nonce[place + 1 :] for place in range(0, len(nonce), 7)
    ]
    replies = {
        (reply.status, reply.text)
        for link in edited
        for reply in (flywheel.get(link), flywheel.answer(_at(flywheel, link)))
    }
    assert len(replies) == 1
    assert replies.pop()[0] == 404
    assert flywheel.row().state == "OPEN"
    assert flywheel.row().codes_tried == 0


def _at(flywheel: WaitingFlywheel, nonce: str) -> Letter:
    return Letter(flywheel.letter.subject, flywheel.letter.body.replace(flywheel.letter.nonce, nonce or "x"))


def test_one_links_code_does_not_open_another(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    first = flywheel.letter
    flywheel.ports.approvals.end(flywheel.row().id, "CANCELLED", "test", flywheel.clock.now())
    flywheel.ask("token-2")
    if first.code != flywheel.letter.code:
        assert flywheel.answer(code=first.code).status == 403


# ---- what has moved (catalogue 42, 58) -------------------------------------------------------------------------------


@pytest.mark.parametrize("answered", [None, "approve", "reject"])
def test_another_active_model_supersedes_the_question(flywheel: WaitingFlywheel, answered: str | None) -> None:
    flywheel.ask()
    if answered:
        flywheel.answer(decision=answered)
    flywheel.activate_elsewhere(OTHER)

    assert flywheel.read().word == "JUDGE_AGAIN"

    assert flywheel.row().state == "SUPERSEDED"
    subject, body = flywheel.ports.notice_mails.mails[0]
    assert subject == "[reviews] Approval withdrawn: batch 1"
    assert ("Ada Lovelace" in body) == bool(answered)
    assert flywheel.answer().status == 410
    assert flywheel.read().word == "JUDGE_AGAIN"
    assert len(flywheel.ports.notice_mails.mails) == 1

    first = flywheel.row()
    flywheel.judge(OTHER)
    assert flywheel.ask("token-2") == "MAILED"
    assert flywheel.row().baseline == OTHER
    assert flywheel.row().expires == first.expires
    flywheel.answer()
    assert flywheel.read().word == "APPROVED"


def test_a_question_that_has_moved_while_it_was_mailed_is_judged_again(flywheel: WaitingFlywheel) -> None:
    flywheel.activate_elsewhere(OTHER)
    assert flywheel.ask() == "DECIDED"
    assert flywheel.woken == ["token-1"]
    assert flywheel.letters == []
    assert flywheel.read().word == "JUDGE_AGAIN"


def test_an_answer_to_another_verdict_is_not_an_answer(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    flywheel.answer()
    flywheel.activate_elsewhere(OTHER)
    flywheel.judge(OTHER)
    assert flywheel.ask("token-2") == "DECIDED"
    assert flywheel.read().word == "JUDGE_AGAIN"
    assert flywheel.ask("token-3") == "MAILED"


def test_this_batchs_own_promotion_has_not_moved_the_question(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    flywheel.answer()
    flywheel.activate_elsewhere(CANDIDATE, batch=1)
    assert flywheel.read().word == "APPROVED"


def test_somebody_elses_promotion_of_the_candidate_has(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    flywheel.answer()
    flywheel.activate_elsewhere(CANDIDATE)
    assert flywheel.read().word == "JUDGE_AGAIN"


# ---- waking ----------------------------------------------------------------------------------------------------------


def test_a_lost_wake_does_not_lose_the_answer(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    flywheel.ports.noting_machine.fails = True
    assert flywheel.answer().status == 200
    assert flywheel.row().state == "APPROVED"
    assert flywheel.read().word == "APPROVED"


def test_a_token_that_cannot_be_opened_does_not_lose_the_answer(
    flywheel: WaitingFlywheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    flywheel.ask()

    def refuse(approval: str, sealed: str) -> str:
        raise UnexpectedReplyError("Decrypt answered DisabledException.")

    monkeypatch.setattr(flywheel.ports.vault, "open", refuse)
    assert flywheel.answer().status == 200
    assert flywheel.woken == []


def test_the_longest_token_comes_back_as_it_was(flywheel: WaitingFlywheel) -> None:
    flywheel.ask(LONG_TOKEN)
    flywheel.answer()
    assert flywheel.woken == [LONG_TOKEN]


def test_a_token_fits_only_its_own_row(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    with pytest.raises(UnexpectedReplyError):
        flywheel.ports.vault.open("0" * 64, flywheel.row().token)


def test_a_service_that_does_not_answer_gets_a_page_that_says_so(
    flywheel: WaitingFlywheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    flywheel.ask()

    def refuse(*_: object, **__: object) -> bool:
        raise UnexpectedReplyError("UpdateItem answered Strange.")

    monkeypatch.setattr(flywheel.ports.approvals, "decide", refuse)
    reply = flywheel.answer()
    assert reply.status == 503
    assert reply.headers["Retry-After"] == "60"


def test_an_answer_whose_reply_was_lost_is_still_the_readers_own(
    flywheel: WaitingFlywheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The AWS client sends an update again when its reply was lost, and the first one's effect refuses the second."""
    flywheel.ask()
    decide = DynamoApprovals.decide

    def twice(self: DynamoApprovals, *arguments: object, **options: object) -> bool:
        decide(self, *arguments, **options)  # type: ignore[arg-type]
        return decide(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(DynamoApprovals, "decide", twice)
    assert flywheel.answer().status == 200


# ---- secrets ---------------------------------------------------------------------------------------------------------


def test_neither_nonce_nor_code_nor_token_is_kept_or_logged(
    flywheel: WaitingFlywheel, capfd: pytest.CaptureFixture[str]
) -> None:
    flywheel.ask("a-task-token-in-clear")
    flywheel.get(flywheel.letter.link)
    flywheel.answer(code=flywheel.letter.wrong_code)
    flywheel.answer()
    kept = json.dumps(flywheel.items(), default=str)
    out, err = capfd.readouterr()
    for place in (kept, out, err, flywheel.letter.subject):
        for secret in (flywheel.letter.nonce, "a-task-token-in-clear", f'"{flywheel.letter.code}"'):
            assert secret not in place
    assert "a-task-token-in-clear" not in flywheel.letter.body


def test_the_page_uses_nothing_but_the_row_its_key_and_the_wake(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    letter = flywheel.letter
    for name in ("heads", "batches", "serving", "policies", "notices", "uploads"):
        flywheel.ports.__dict__[name] = None
    assert flywheel.get(letter.link).status == 200
    assert flywheel.answer(letter).status == 200


def test_a_stale_holder_asks_nobody_and_reads_nothing(flywheel: WaitingFlywheel) -> None:
    step_turn, step_execution = flywheel.turn, flywheel.execution
    flywheel.next_turn()
    flywheel.turn, flywheel.execution = step_turn, step_execution
    with pytest.raises(TurnLostError):
        flywheel.ask()
    with pytest.raises(TurnLostError):
        flywheel.read()
    assert flywheel.items() == []
    assert flywheel.ports.approval_mails.mails == []


def test_the_binding_names_all_that_was_judged(flywheel: WaitingFlywheel) -> None:
    flywheel.ask()
    row, verdict = flywheel.row(), flywheel.ports.batches.read_verdict(FLYWHEEL, 1, BASELINE)
    assert verdict is not None
    bound = (row.flywheel, row.batch, row.candidate, row.baseline, row.verdict_digest, row.policy_version)
    assert bound == (FLYWHEEL, 1, CANDIDATE, BASELINE, verdict.verdict.digest(), 1)
    assert ANSWER["name"] not in flywheel.letter.body
