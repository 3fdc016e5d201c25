"""The way of an upload to a verdict, on the functions' own handlers and the machine's own definition.

A docstring names the branches of the machine that its test takes.
"""

import pytest

from comprehend_local import Settings
from governor.domain.judgement import judge
from governor.usecases.decisions import read_decision_record
from governor.version import VERSION
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.people import active, datasets, iterations, promote_in_console
from tests.doubles.scenes import SOON, ends, first_model, holds, promoted, reasons, states
from tests.doubles.stack import ACCOUNT, Stack


def test_first_model_is_promoted_when_its_floor_is_met(stack: Stack) -> None:
    """IsTurnTaken > CheckQuiet, IsQuiet > PrepareFlywheel, IsFlywheelReady > WaitForFlywheel,
    IsFlywheelReady > PlanBatch, AtWhichPhase > RegisterDatasets, AreDatasetsReady > StartIteration,
    IsIterationFinished > PrepareExam, IsExamNeeded > CompareModels, WhatFollows > RecheckPolicy,
    IsStillWanted > PromoteModel, IsModelPromoted > VerifyServing, IsServing > EndTurn, HowDidItEnd > ModelPromoted."""
    stack.apply_policy(FLYWHEEL, policy())
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(2)))
    assert stack.inspect() == []

    stack.run()

    assert ends(stack) == ["ModelPromoted"]
    assert active(stack) == iterations(stack)[0]["TrainedModelArn"]
    assert stack.notices.subjects() == ["[alpha] Batch 1: PASS", "[alpha] Model promoted"]
    assert states(stack) == {train(): "REGISTERED", exam(): "REGISTERED"}


def test_a_candidate_under_the_floor_is_not_promoted(stack: Stack) -> None:
    """WhatFollows > EndTurn, HowDidItEnd > ActiveModelKept."""
    stack.apply_policy(FLYWHEEL, policy(gates=[{"metric": "f1", "at_least": 1.0}]))
    first_model(stack, labelled(1, wrong=True))

    assert ends(stack) == ["ActiveModelKept"]
    assert active(stack) is None
    assert holds(stack) is None


def test_a_candidate_that_only_misses_its_gain_is_kept_out_without_a_hold(stack: Stack) -> None:
    promoted(stack)
    stack.apply_policy(FLYWHEEL, policy(gates=[{"metric": "f1", "gain_at_least": 0.9}]))
    before = active(stack)

    stack.upload(train("more"), labelled(3))
    stack.run()

    assert ends(stack)[-1] == "ActiveModelKept"
    assert active(stack) == before
    assert holds(stack) is None


def test_a_regression_with_on_regression_continue_does_not_hold(stack: Stack) -> None:
    promoted(stack, on_regression="continue")
    before = active(stack)

    stack.upload(train("bad"), labelled(3, per_label=60, wrong=True))
    stack.run()

    assert "below the active model" in reasons(stack)[2]
    assert active(stack) == before
    assert holds(stack) is None


def test_without_a_test_dataset_the_verdict_is_inconclusive_and_says_what_to_drop(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train(), labelled(1))
    stack.run()

    assert ends(stack) == ["ActiveModelKept"]
    subject, body = stack.notices.mails[0]
    assert subject == "[alpha] Batch 1: INCONCLUSIVE"
    assert "Drop a TEST file" in body
    assert active(stack) is None


def test_test_data_alone_change_nothing_while_a_model_is_active(stack: Stack) -> None:
    promoted(stack)
    before = active(stack)
    stack.upload(exam("more"), labelled(5))
    stack.run()

    assert ends(stack)[-1] == "ActiveModelKept"
    assert stack.notices.subjects()[-1] == "[alpha] Batch 2: NO_CHANGE"
    assert active(stack) == before
    assert states(stack)[exam("more")] == "REGISTERED"


def test_test_data_alone_wait_for_training_data_while_there_is_no_model(stack: Stack) -> None:
    """AtWhichPhase > EndTurn, HowDidItEnd > WaitingForDocuments."""
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(exam(), labelled(2))
    stack.run()
    assert ends(stack) == ["WaitingForDocuments"]
    assert holds(stack) == "TooFewDocuments"
    assert "drop a TRAIN file" in stack.notices.mails[-1][1]
    assert datasets(stack) == []

    stack.upload(train(), labelled(1))
    stack.run()
    assert ends(stack) == ["WaitingForDocuments", "ModelPromoted"]


def test_files_too_small_for_a_dataset_wait_for_more_and_burn_no_slot(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train("small"), labelled(1, per_label=2))
    stack.run()
    assert ends(stack) == ["WaitingForDocuments"]
    assert states(stack) == {train("small"): "PENDING"}
    assert datasets(stack) == []

    stack.clock.advance(601)
    stack.sweep()
    stack.run()
    assert ends(stack) == ["WaitingForDocuments"] * 2
    assert len(stack.notices.mails) == 1, "people are told once, not every ten minutes"

    stack.upload(train("more"), labelled(2))
    stack.run()
    assert [each["DatasetName"].split("-")[:2] for each in datasets(stack)] == [["3", "train"]]
    assert set(states(stack).values()) == {"REGISTERED"}


def test_a_burst_during_an_iteration_is_the_next_batch(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train(), labelled(1))
    stack.upload(exam(), labelled(2))
    first = stack.machine.executions["alpha-1"].run_until("CheckIteration")
    for number in range(5):
        stack.upload(train(f"burst{number}"), labelled(10 + number))
    assert list(stack.machine.executions) == ["alpha-1"]

    first.run()
    stack.run()

    assert ends(stack) == ["ModelPromoted", "ModelPromoted"]
    batches = {row["key"]: int(row["batch"]) for row in stack.rows() if row["pk"] == f"U#{FLYWHEEL}"}
    assert batches == {train(): 1, exam(): 1} | {train(f"burst{number}"): 2 for number in range(5)}
    assert [each["DatasetName"].split("-")[:2] for each in datasets(stack)][2:] == [["2", "train"]]


def test_the_burst_is_waited_for_until_it_is_quiet(stack: Stack) -> None:
    """IsQuiet > WaitForQuiet."""
    stack.apply_policy(FLYWHEEL, policy(batch={"quiet_seconds": 60, "quiet_max_seconds": 100}))
    stack.upload(train(), labelled(1))
    execution = stack.machine.executions["alpha-1"].run_until("WaitForQuiet")
    began = stack.clock.now()
    stack.clock.advance(50)
    stack.upload(exam(), labelled(2))
    execution.run_until("PlanBatch")
    assert 100 <= (stack.clock.now() - began).total_seconds() < 120
    execution.run()
    assert set(states(stack).values()) == {"REGISTERED"}


# ---- what becomes of uploads that are not registered -------------------------------------------------------------


def test_content_that_was_registered_is_refused_naming_the_first(stack: Stack) -> None:
    promoted(stack)
    stack.upload(train("copy"), labelled(1))
    assert states(stack)[train("copy")] == "REFUSED"
    assert reasons(stack, "U")[train("copy")] == f"DuplicateContent: the same content came before, as {train()}."
    assert stack.notices.subjects()[-1] == "[alpha] Upload refused: alpha/train/copy.csv"
    assert len(stack.machine.executions) == 1, "there is nothing to do"


def test_two_copies_in_one_batch_are_registered_once(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.deliver(stack.drop(train("a"), labelled(1)), stack.drop(exam(), labelled(2)))
    stack.inspect()
    stack.clock.advance(1)
    stack.upload(train("b"), labelled(1))
    stack.run()
    assert states(stack) == {train("a"): "REGISTERED", exam(): "REGISTERED", train("b"): "REFUSED"}
    assert reasons(stack, "U")[train("b")].endswith(f"as {train('a')}.")
    assert datasets(stack)[0]["NumberOfDocuments"] == 60


def test_an_overwritten_object_is_superseded_and_a_deleted_one_withdrawn(stack: Stack) -> None:
    stack.upload(train("twice"), labelled(1))
    stack.upload(train("twice"), labelled(3))
    stack.upload(train("gone"), labelled(4))
    stack.s3.delete_object(Bucket="inbox", Key=train("gone"))
    stack.upload(exam(), labelled(2))
    stack.apply_policy(FLYWHEEL, policy())
    stack.run()

    found = sorted((row["key"], row["state"]) for row in stack.rows() if row["pk"] == f"U#{FLYWHEEL}")
    assert found == [
        (exam(), "REGISTERED"),
        (train("gone"), "WITHDRAWN"),
        (train("twice"), "REGISTERED"),
        (train("twice"), "SUPERSEDED"),
    ]


def test_nonsense_is_refused_before_it_can_cost_a_slot(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    for name, content in {
        "latin": b"queue,\xe9t\xe9\n" * 99,
        "one": b"queue,text\n" * 99,
        "wide": b"a,b,c\n" * 99,
    }.items():
        stack.upload(train(name), content)
    assert stack.deliver(stack.drop("notes.txt", b"hello")) == []
    stack.run()

    assert set(states(stack).values()) == {"REFUSED"}
    assert stack.machine.executions == {}
    assert len(stack.notices.mails) == 4
    assert "<flywheel>/train/<name>.csv" in stack.notices.mails[-1][1]


# ---- what Comprehend refuses -------------------------------------------------------------------------------------


def test_datasets_that_fail_are_refused_and_the_batch_is_closed(stack: Stack) -> None:
    """HowDidItEnd > TurnFailed."""
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train("few"), labelled(1, per_label=8))
    stack.run()

    assert stack.machine.executions["alpha-1"].error == "DatasetsRefusedError"
    assert states(stack) == {train("few"): "REFUSED"}
    assert "INSUFFICIENT_DATA" in reasons(stack, "U")[train("few")]
    assert [row["outcome"] for row in stack.rows() if "digest" in row] == ["DATASETS_REFUSED"]
    assert holds(stack) is None

    first_model(stack, labelled(1))
    assert ends(stack) == ["TurnFailed", "ModelPromoted"]


def test_one_of_two_datasets_that_fails_does_not_stop_the_other(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(exam("foreign"), b"cooking,boil the soup and stir it well\nsports,run and jump and score\n" * 20)
    stack.upload(train(), labelled(1))
    stack.run()

    assert states(stack) == {exam("foreign"): "REFUSED", train(): "REGISTERED"}
    assert ends(stack) == ["ActiveModelKept"]
    assert stack.notices.subjects() == [
        "[alpha] Upload refused: 1 file of batch 1, by Comprehend",
        "[alpha] Batch 1: INCONCLUSIVE",
    ]


@pytest.mark.parametrize("stack", [Settings.instant(account=ACCOUNT, maximum_train_datasets=1)], indirect=True)
def test_a_full_quota_holds_and_loses_nothing(stack: Stack) -> None:
    promoted(stack)
    stack.upload(train("more"), labelled(3))
    stack.run()
    assert stack.machine.executions["alpha-2"].error == "QuotaFullError"
    assert holds(stack) == "QuotaFull"
    assert states(stack)[train("more")] == "PENDING"
    assert len(stack.machine.executions) == 2

    stack.clock.advance(3601)
    stack.sweep()
    stack.run()
    assert stack.machine.executions["alpha-3"].error == "QuotaFullError"
    assert [each["DatasetName"][0] for each in datasets(stack)] == ["1", "1"]


def test_an_iteration_that_fails_once_is_tried_again_after_a_hold(stack: Stack) -> None:
    """AtWhichPhase > StartIteration."""
    stack.apply_policy(FLYWHEEL, policy())
    stack.roles.refused = "ModelStats"
    first_model(stack, labelled(1))
    assert stack.machine.executions["alpha-1"].error == "IterationFailedError"
    assert holds(stack) == "Failure"

    stack.roles.refused = None
    stack.sweep()
    assert len(stack.machine.executions) == 1, "the hold binds"
    stack.clock.advance(601)
    stack.sweep()
    stack.run()
    assert ends(stack) == ["TurnFailed", "ModelPromoted"]
    assert [each["Status"] for each in iterations(stack)] == ["FAILED", "COMPLETED"]
    assert len(datasets(stack)) == 2


def test_three_failures_need_a_person(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.roles.refused = "ModelStats"
    first_model(stack, labelled(1))
    for _ in range(100):
        stack.clock.advance(600)
        stack.sweep()
        stack.run()
    assert [each["Status"] for each in iterations(stack)] == ["FAILED"] * 3
    assert holds(stack) == "NeedsYou"
    assert stack.notices.subjects().count("[alpha] Held: NeedsYou") == 1

    stack.roles.refused = None
    stack.apply_policy(FLYWHEEL, policy(gates=[{"metric": "f1", "at_least": 0.5}]))
    stack.sweep()
    stack.run()
    assert ends(stack)[-1] == "ModelPromoted"


# ---- others who work on the flywheel -----------------------------------------------------------------------------


@pytest.mark.parametrize("stack", [SOON], indirect=True)
def test_an_iteration_that_somebody_started_before_is_waited_for(stack: Stack) -> None:
    """IsIterationFinished > WaitForIteration, IsIterationFinished > StartIteration."""
    promoted(stack)
    stack.upload(train("more"), labelled(3))
    execution = stack.machine.executions["alpha-2"].run_until("RegisterDatasets")
    stack.comprehend.start_flywheel_iteration(FlywheelArn=stack.ports.comprehend.flywheel_arn(FLYWHEEL))
    execution.run()

    assert execution.state == "ModelPromoted"
    assert execution.visited.count("StartIteration") == 2
    found = iterations(stack)
    assert len(found) == 3
    assert active(stack) == found[2]["TrainedModelArn"]


@pytest.mark.parametrize("stack", [SOON], indirect=True)
def test_an_iteration_that_somebody_started_on_the_batch_s_data_is_adopted(stack: Stack) -> None:
    """AreDatasetsReady > WaitForDatasets."""
    promoted(stack)
    stack.upload(train("more"), labelled(3))
    execution = stack.machine.executions["alpha-2"].run_until("StartIteration")
    stack.comprehend.start_flywheel_iteration(FlywheelArn=stack.ports.comprehend.flywheel_arn(FLYWHEEL))
    execution.run()

    assert execution.state == "ModelPromoted"
    found = iterations(stack)
    assert len(found) == 2
    assert active(stack) == found[1]["TrainedModelArn"]


def test_a_change_in_the_console_is_noticed_by_sweep(stack: Stack) -> None:
    promoted(stack)
    first = active(stack)
    stack.upload(train("more"), labelled(3))
    stack.run()
    assert first is not None
    promote_in_console(stack, first)

    stack.sweep()
    stack.sweep()

    assert stack.notices.subjects().count("[alpha] Active model changed outside of Flywheel Governor") == 1
    assert next(row for row in stack.rows() if row["sk"] == "ACTIVE")["active"] == first
    assert active(stack) == first


def test_a_change_in_the_console_before_the_promotion_is_judged_again_and_never_overwritten(stack: Stack) -> None:
    """IsModelPromoted > CompareModels."""
    promoted(stack)
    first = active(stack)
    stack.upload(train("second"), labelled(3))
    stack.run()
    stack.upload(train("third"), labelled(4))
    execution = stack.machine.executions["alpha-3"].run_until("PromoteModel")
    assert first is not None
    promote_in_console(stack, first)
    execution.run()

    assert execution.state == "ActiveModelKept"
    assert execution.visited.count("CompareModels") == 2
    assert stack.notices.subjects()[-2:] == [
        "[alpha] Active model changed outside of Flywheel Governor",
        "[alpha] Batch 3: INCONCLUSIVE",
    ]
    assert active(stack) == first


def test_a_flywheel_with_other_labels_than_the_policy_s_is_left_alone(stack: Stack) -> None:
    promoted(stack)
    stack.apply_policy(
        FLYWHEEL, policy(flywheel={"language": "en", "mode": "MULTI_CLASS", "labels": ["queue", "storage"]})
    )
    stack.upload(train("more"), labelled(3))
    stack.run()
    assert stack.machine.executions["alpha-2"].error == "FlywheelUnavailableError"
    assert "another labels" in str(stack.machine.executions["alpha-2"].cause)
    assert len(datasets(stack)) == 2


def test_a_second_flywheel_is_made_from_an_existing_model(stack: Stack) -> None:
    """The cure after a regression: the good files go to a flywheel that begins with the active model."""
    promoted(stack)
    stack.apply_policy("beta", policy(flywheel={"active_model_arn": active(stack)}))
    stack.upload("beta/train/good.csv", labelled(3))
    stack.run()

    assert ends(stack)[-1] == "ModelPromoted"
    assert active(stack, "beta") not in {None, active(stack)}
    change = next(row for row in stack.rows() if row["pk"] == "F#beta" and row["sk"].startswith("ACTIVE#"))
    assert change["source"] == active(stack)


def test_the_record_of_a_decision_holds_what_it_was_reached_from(stack: Stack) -> None:
    promoted(stack)
    verdict = next(row for row in stack.rows() if "#VERDICT#" in row["sk"])
    decision = read_decision_record(stack.ports.records, verdict["decision_uri"], verdict["decision_sha256"])
    assert [gate.at_least for gate in decision.policy.gates] == [0.6]
    assert decision.exam.candidate == active(stack)
    assert judge(decision.policy, decision.exam, decision.judged_against, decision.sheet, uses=decision.uses) == (
        decision.verdict
    )
    assert decision.verdict.word == "PASS"
    assert (decision.exam.documents, decision.exam.support) == (60, {"compute": 20, "queue": 20, "storage": 20})
    assert decision.exam.candidate_digest is not None
    assert sorted((upload.key, upload.kind, upload.labels) for upload in decision.uploads) == [
        (exam(), "test", {"compute": 20, "queue": 20, "storage": 20}),
        (train(), "train", {"compute": 20, "queue": 20, "storage": 20}),
    ]
    assert decision.datasets == tuple(sorted(each["DatasetName"] for each in datasets(stack)))
    assert decision.code_version == VERSION
