"""A stricter policy that comes between the verdict and the promotion.

A docstring names the branches of the machine that its test takes.
"""

from typing import Any

import pytest

from governor.contracts import Step
from governor.domain.judgement import judge
from governor.usecases.decisions import read_decision_record
from governor.usecases.recheck_policy import recheck_policy
from tests.doubles.asl import Execution
from tests.doubles.data import FLYWHEEL, labelled, policy, train
from tests.doubles.exams import golden
from tests.doubles.people import active, answer, iterations
from tests.doubles.scenes import ends, holds
from tests.doubles.stack import Stack

EASY = [{"metric": "f1", "at_least": 0.6}]
IMPOSSIBLE = [{"metric": "f1", "at_least": 1.0, "confidence": 0.99}]


def judged(stack: Stack, document: dict[str, Any]) -> Execution:
    """Bring a first candidate to the verdict and stop before the promotion."""
    stack.apply_policy(FLYWHEEL, document)
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(f"{FLYWHEEL}/test/t.csv", labelled(2)))
    assert stack.inspect() == []
    return stack.machine.executions["alpha-1"].run_until("RecheckPolicy")


@pytest.mark.parametrize("document", [policy, golden])
def test_what_a_stricter_policy_refuses_does_not_become_active(stack: Stack, document: Any) -> None:
    """IsStillWanted > EndTurn."""
    execution = judged(stack, document(gates=EASY))
    version = stack.apply_policy(FLYWHEEL, document(gates=[{"metric": "recall", "at_least": 1.0}, *IMPOSSIBLE]))
    execution.run()

    assert execution.state == "ActiveModelKept"
    assert active(stack) is None
    subject, body = stack.notices.mails[-1]
    assert subject in {
        "[alpha] Batch 1: INCONCLUSIVE under a stricter policy",
        "[alpha] Batch 1: FAIL under a stricter policy",
    }
    assert f"Version {version} of the policy is stricter than version 1" in body
    record = stack.ports.batches.read(FLYWHEEL, 1)
    assert record.recheck is not None
    assert (record.recheck.policy_version, record.outcome) == (version, "KEPT")
    again = read_decision_record(stack.ports.records, record.recheck.decision_uri, record.recheck.decision_sha256)
    assert again.policy_version == version
    assert judge(again.policy, again.exam, again.judged_against, again.sheet, uses=again.uses) == again.verdict


def test_a_policy_that_is_not_stricter_changes_nothing(stack: Stack) -> None:
    execution = judged(stack, golden(gates=EASY))
    stack.apply_policy(FLYWHEEL, golden(gates=[{"metric": "f1", "at_least": 0.1}]))
    execution.run()
    assert execution.state == "ModelPromoted"
    assert stack.ports.batches.read(FLYWHEEL, 1).recheck is None


def test_what_passes_a_stricter_policy_too_is_promoted(stack: Stack) -> None:
    execution = judged(stack, golden(gates=EASY))
    stack.apply_policy(FLYWHEEL, golden(gates=[{"metric": "f1", "at_least": 0.61}]))
    execution.run()
    assert execution.state == "ModelPromoted"
    recheck = stack.ports.batches.read(FLYWHEEL, 1).recheck
    assert recheck is not None
    assert recheck.word == "PASS"


def test_a_must_pass_file_that_was_added_counts_as_not_asked(stack: Stack) -> None:
    """Right answers to the file that was asked say nothing of the other one."""
    stack.drop(f"{FLYWHEEL}/must-pass/core.csv", labelled(5, per_label=1))
    stack.drop(f"{FLYWHEEL}/must-pass/more.csv", labelled(6, per_label=1, wrong=True))
    execution = judged(stack, golden(gates=EASY, rules={"must_pass": ["core.csv"]}))
    stack.apply_policy(FLYWHEEL, golden(gates=EASY, rules={"must_pass": ["core.csv", "more.csv"]}))
    execution.run()

    recheck = stack.ports.batches.read(FLYWHEEL, 1).recheck
    assert recheck is not None
    assert recheck.word == "INCONCLUSIVE"
    assert "was not asked the must-pass documents" in recheck.reason
    assert execution.state == "ActiveModelKept"
    assert active(stack) is None


def test_a_policy_that_wants_people_asked_has_them_asked_and_their_word_stands(stack: Stack) -> None:
    """IsStillWanted > RequestApproval, IsApproved > RecheckPolicy."""
    execution = judged(stack, golden(gates=EASY))
    stack.apply_policy(FLYWHEEL, golden(gates=EASY, approval="always"))
    execution.run()

    assert execution.state == "RequestApproval"
    assert "which is stricter and came meanwhile: PASS" in " ".join(stack.approvals.mails[-1][1].split())
    assert answer(stack, "approve") == 200
    execution.run()
    assert execution.state == "ModelPromoted"
    assert active(stack) == iterations(stack)[0]["TrainedModelArn"]


def test_approval_does_not_carry_a_candidate_past_a_stricter_policy_that_it_fails(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, golden(gates=EASY, approval="always"))
    content = labelled(2) + labelled(9, per_label=3, wrong=True)
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(f"{FLYWHEEL}/test/t.csv", content))
    assert stack.inspect() == []
    stack.run()
    stack.apply_policy(FLYWHEEL, golden(gates=[{"metric": "accuracy", "at_least": 0.99}], approval="always"))
    assert answer(stack, "approve") == 200
    stack.run()

    recheck = stack.ports.batches.read(FLYWHEEL, 1).recheck
    assert recheck is not None
    assert recheck.word == "FAIL"
    assert ends(stack) == ["ActiveModelKept"]
    assert active(stack) is None


def test_who_approved_a_pass_did_not_approve_a_doubt_that_came_later(stack: Stack) -> None:
    """IsStillWanted > EndTurn. Nor does a second look at the same make it so."""
    stack.drop(f"{FLYWHEEL}/must-pass/more.csv", labelled(6, per_label=1))
    stack.apply_policy(FLYWHEEL, golden(gates=EASY, approval="always"))
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(f"{FLYWHEEL}/test/t.csv", labelled(2)))
    assert stack.inspect() == []
    stack.run()
    stack.apply_policy(FLYWHEEL, golden(gates=EASY, approval="always", rules={"must_pass": ["more.csv"]}))
    assert answer(stack, "approve") == 200
    execution = stack.machine.executions["alpha-1"].run_until("RecheckPolicy")
    step = Step(flywheel=FLYWHEEL, turn=1, execution=execution.arn)
    assert [recheck_policy(stack.ports, step).word for _ in range(2)] == ["KEEP", "KEEP"]
    execution.run()

    recheck = stack.ports.batches.read(FLYWHEEL, 1).recheck
    assert recheck is not None
    assert (recheck.word, recheck.action) == ("INCONCLUSIVE", "KEEP")
    assert ends(stack) == ["ActiveModelKept"]
    assert active(stack) is None


def test_an_exam_that_only_the_newer_policy_wants_was_not_sat(stack: Stack) -> None:
    """IsStillWanted > EndTurn."""
    execution = judged(stack, policy(gates=EASY))
    stack.apply_policy(FLYWHEEL, golden(gates=EASY))
    execution.run()
    recheck = stack.ports.batches.read(FLYWHEEL, 1).recheck
    assert recheck is not None
    assert recheck.word == "INCONCLUSIVE"
    assert "golden exam that the models have not sat" in recheck.reason
    assert active(stack) is None


def test_people_who_never_answer_end_it_as_ever(stack: Stack) -> None:
    """IsStillWanted > RequestApproval."""
    execution = judged(stack, golden(gates=EASY))
    stack.apply_policy(FLYWHEEL, golden(gates=EASY, approval="always", approval_expires_seconds=60))
    execution.run()
    stack.clock.advance(61)
    stack.sweep()
    execution.run()
    assert ends(stack) == ["ActiveModelKept"]


def test_a_policy_that_cannot_be_read_promotes_nothing(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    execution = judged(stack, golden(gates=EASY))
    monkeypatch.setattr(stack.ports.policies, "version", lambda _: 7)
    monkeypatch.setattr(stack.ports.policies, "current", lambda name: stack.ports.policies.pinned(name, 7))
    execution.run()
    assert execution.error == "PolicyMissingError"
    assert active(stack) is None
    assert holds(stack) == "PolicyMissing"


def test_a_verdict_whose_record_was_changed_promotes_nothing(stack: Stack) -> None:
    execution = judged(stack, golden(gates=EASY))
    row = next(row for row in stack.rows() if "#VERDICT#" in row["sk"])
    key = row["decision_uri"].removeprefix("s3://records/")
    stack.s3.put_object(Bucket="records", Key=key, Body=b"{}")
    stack.apply_policy(FLYWHEEL, golden(gates=IMPOSSIBLE))
    execution.run()
    assert execution.error == "UnexpectedReplyError"
    assert active(stack) is None
