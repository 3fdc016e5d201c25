"""The whole on the local stack: every way a turn can go that does not need a broken AWS, through people's own doors.

What needs a crash, a fault of Comprehend or a long time is in tests/integration, over the same machine definition.
"""

import re
from pathlib import Path

import pytest

from governor_local.rig import Rig
from tests.doubles.data import labelled
from tests.e2e.acting import Acting

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def acting(rig: Rig, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Acting:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    name = re.sub("[^a-z0-9]+", "-", request.node.name.removeprefix("test_"))[:50].strip("-")
    return Acting(rig, name, tmp_path)


def test_life_without_approval(acting: Acting) -> None:
    """PromoteModel; NO_CHANGE; KEEP with a hold; held; by hand; resume; NothingToDo."""
    acting.apply_policy()
    acting.drop_good(1)
    first = acting.turn(1)
    assert (first["status"], acting.last_state(first)) == ("SUCCEEDED", "ModelPromoted")
    assert {"WaitForFlywheel", "WaitForDatasets", "WaitForIteration"} <= set(acting.rig.states(first["executionArn"]))
    model = acting.active()
    assert model is not None
    acting.mail("Model promoted")

    acting.drop(("test", "more.csv", labelled(7)))
    only_test = acting.turn(2)
    assert acting.last_state(only_test) == "ActiveModelKept"
    assert acting.row("BATCH#000000002")["outcome"]["S"] == "NO_CHANGE"

    acting.drop(("train", "slipped.csv", labelled(3, 60, wrong=True)))
    worse = acting.turn(3)
    assert acting.last_state(worse) == "ActiveModelKept"
    assert acting.row("BATCH#000000003")["verdict"]["S"] == "FAIL"
    assert acting.row("HEAD")["hold_reason"]["S"] == "Regression"
    assert "second flywheel" in acting.mail("Held: Regression").body
    assert acting.active() == model

    acting.drop(("train", "good.csv", labelled(5, 80)))
    acting.rig.wait_for("inspection", lambda: acting.uploads().get("train/good.csv") == "PENDING")
    acting.rig.invoke("sweep", {})
    assert acting.row("HEAD")["turn"]["N"] == "3", "a held flywheel takes no turn by itself"
    despite_hold = acting.by_hand()
    assert despite_hold["status"] == "SUCCEEDED", "by hand the hold is ignored"
    assert acting.uploads()["train/good.csv"] == "REGISTERED"
    assert acting.row("HEAD")["hold_reason"]["S"] == "Regression", "only a person ends it"

    assert acting.command("resume", acting.name) == 0
    assert "hold_reason" not in acting.row("HEAD")
    nothing = acting.by_hand()
    assert acting.last_state(nothing) == "NothingToDo"
    iterated = acting.by_hand(iterate=True)
    assert iterated["status"] == "SUCCEEDED"
    assert set(acting.uploads().values()) == {"REGISTERED"}


def test_people_approve_and_reject(acting: Acting) -> None:
    """RequestApproval > ReadDecision > PromoteModel, and a rejection; a second execution meets TurnHeldBy."""
    acting.apply_policy(approval="replacement")
    acting.drop_good(1)
    assert acting.last_state(acting.turn(1)) == "ModelPromoted"
    first = acting.active()

    acting.drop(("train", "b.csv", labelled(2, 40)))
    mail = acting.approval_mail()
    held = acting.by_hand()
    assert (held["status"], acting.last_state(held)) == ("SUCCEEDED", "TurnHeldBy")
    assert f"{acting.name}-2" in held["output"]
    for _ in range(3):
        assert acting.rig.get_page(mail.links[0]).status == 200
    assert acting.answer(mail, "approve", code="000000").status != 200 or "000000" in mail.body
    assert acting.active() == first
    assert acting.answer(mail, "approve").status == 200
    assert acting.last_state(acting.turn(2)) == "ModelPromoted"
    second = acting.active()
    assert second != first
    assert acting.answer(mail, "reject").status != 500
    assert acting.active() == second

    acting.drop(("train", "c.csv", labelled(3, 40)))
    again = acting.approval_mail(after=mail.number)
    assert acting.answer(again, "reject").status == 200
    assert acting.last_state(acting.turn(3)) == "ActiveModelKept"
    assert acting.row("HEAD")["hold_reason"]["S"] == "Rejected"
    assert acting.active() == second


def test_console_change_during_an_approval(acting: Acting) -> None:
    """JUDGE_AGAIN: what the approval was bound to has moved, so people are asked anew about what is true now."""
    acting.apply_policy(approval="replacement")
    acting.drop_good(1)
    acting.turn(1)
    first = acting.active()
    assert first is not None
    acting.drop(("train", "b.csv", labelled(2, 40)))
    mail = acting.approval_mail()
    acting.answer(mail, "approve")
    acting.turn(2)
    acting.drop(("train", "c.csv", labelled(3, 40)))
    mail = acting.approval_mail(after=mail.number)
    acting.make_active(first)
    assert acting.answer(mail, "approve").status == 200
    again = acting.approval_mail(after=mail.number)
    assert "INCONCLUSIVE" in again.subject + again.body
    assert acting.active() == first
    assert acting.answer(again, "approve").status == 200
    assert acting.last_state(acting.turn(3)) == "ModelPromoted"
    assert acting.active() != first


def test_nobody_answers(acting: Acting) -> None:
    """The approval expires, sweep wakes the task, and the active model stays."""
    acting.apply_policy(approval="always", approval_expires_seconds=3)
    acting.drop_good(1)
    acting.approval_mail()

    def swept() -> bool:
        acting.rig.invoke("sweep", {})
        return "outcome" in acting.row("BATCH#000000001")

    acting.rig.wait_for("the expiry", swept, 30, pause=1)
    assert acting.last_state(acting.turn(1)) == "ActiveModelKept"
    assert acting.active() is None
    assert "hold_reason" not in acting.row("HEAD")


def test_without_a_policy_nothing_is_lost(acting: Acting) -> None:
    """PolicyMissingError: red, held, told; the policy ends the hold at the next sweep."""
    acting.drop_good(1)
    red = acting.turn(1)
    assert (red["status"], red["error"]) == ("FAILED", "PolicyMissingError")
    assert "governor policy apply" in red["cause"]
    acting.mail("Held: PolicyMissing")
    acting.rig.wait_for("both inspections", lambda: list(acting.uploads().values()) == ["PENDING", "PENDING"])

    acting.apply_policy()
    acting.rig.invoke("sweep", {})
    assert acting.last_state(acting.turn(2)) == "ModelPromoted"


def test_test_data_wait_for_a_model(acting: Acting) -> None:
    """TOO_FEW: TEST data alone give Comprehend nothing to score; the next TRAIN file ends the wait."""
    acting.apply_policy()
    acting.drop(("test", "exam.csv", labelled(1)))
    assert acting.last_state(acting.turn(1)) == "WaitingForDocuments"
    assert acting.row("HEAD")["hold_reason"]["S"] == "TooFewDocuments"
    acting.drop(("train", "a.csv", labelled(2)))
    assert acting.last_state(acting.turn(2)) == "ModelPromoted"


def test_comprehend_refuses_the_data(acting: Acting) -> None:
    """DatasetsRefusedError: under Comprehend's minimum of documents a label."""
    acting.apply_policy()
    acting.drop(("train", "few.csv", labelled(1, 8)))
    red = acting.turn(1)
    assert (red["status"], red["error"]) == ("FAILED", "DatasetsRefusedError")
    assert acting.uploads() == {"train/few.csv": "REFUSED"}
    acting.mail("Upload refused")
    assert acting.row("BATCH#000000001")["outcome"]["S"] == "DATASETS_REFUSED"


def test_nonsense_is_refused_and_told(acting: Acting) -> None:
    acting.apply_policy()
    acting.drop(("train", "latin.csv", "été,texte\nhiver,autre\n".encode("latin-1")), ("notes", "a.csv", b"a,b\n"))
    assert "Line 1: not UTF-8" in acting.mail("latin.csv").body
    assert "train" in acting.mail("notes/a.csv").body
    assert acting.uploads() == {"train/latin.csv": "REFUSED"}


def test_malformed_input_and_unknown_names_end_red(acting: Acting) -> None:
    """TurnRefused, before anything is written."""
    unknown = acting.by_hand()
    assert (unknown["status"], unknown["error"]) == ("FAILED", "UnknownFlywheelError")
    assert "policy apply" in unknown["cause"]
    assert acting.row("HEAD") == {}
    malformed = acting.by_hand(turns=3)
    assert (malformed["status"], malformed["error"]) == ("FAILED", "InvalidInputError")
    assert "turns" in malformed["cause"]
