"""`governor doctor`: all is well, and everything that can be wrong is found with its remedy."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

import governor_cli.stack_option
from governor.domain.errors import AccessRefusedError
from governor.usecases.resume_flywheel import resume_flywheel
from governor.usecases.tear_down import Wanted, survey, tear_down
from governor_cli.main import main
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.exams import golden
from tests.doubles.people import ADA, iterations, order, promote_in_console
from tests.doubles.scenes import ends, first_model, promoted
from tests.doubles.stack import ACCOUNT, REGION, Stack
from tests.integration.test_way_of_serving import RIGHT, drop_good, put, smoke

Findings = list[dict[str, str]]
Doctor = Callable[..., tuple[int, Findings]]
QUEUES = ("Uploads", "Inspect", "EndedExecutions")


class Cloud:
    """CloudFormation and Lambda as far as the doctor asks them."""

    def __init__(self) -> None:
        self.status = "UPDATE_COMPLETE"
        self.functions = {"governor-sweep": {"State": "Active", "LastUpdateStatus": "Successful"}}

    def describe_stacks(self, **_: str) -> Any:
        return {"Stacks": [{"StackStatus": self.status}]}

    def get_paginator(self, _: str) -> "Cloud":
        return self

    def paginate(self, **_: str) -> Any:
        rows = [{"ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": name} for name in self.functions]
        return [{"StackResourceSummaries": [{"ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": "q"}, *rows]}]

    def get_function_configuration(self, FunctionName: str) -> Any:  # noqa: N803
        return self.functions[FunctionName]


class Deployment:
    """The deployment around the flywheels, on moto."""

    def __init__(self, stack: Stack) -> None:
        self.cloud = Cloud()
        self.clients: dict[str, Any] = {
            name: boto3.client(name, region_name=REGION) for name in ("sns", "sqs", "cloudwatch")
        }
        self.outputs = {
            "PolicyTableName": "PolicyTable",
            "LedgerTableName": "LedgerTable",
            "InboxBucketName": "inbox",
            "PromoteModelFunctionName": "governor-promote_model",
            "SweepFunctionName": "governor-sweep",
        }
        for name in ("NoticeTopic", "ApprovalTopic"):
            arn = self.clients["sns"].create_topic(Name=name)["TopicArn"]
            self.outputs[f"{name}Arn"] = arn
            self.clients["sns"].subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:q")
        for name in QUEUES:
            self.outputs[f"{name}DeadLetterQueueUrl"] = self.clients["sqs"].create_queue(QueueName=name)["QueueUrl"]
        for output in governor_cli.deployment.SETTINGS_OF_OUTPUTS.values():
            self.outputs.setdefault(output, "something")
        self.name, self.ports = "governor", stack.ports
        self.refused: str | None = None

    def client(self, service: str) -> Any:
        if service == self.refused:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "DescribeAlarms")
        return self.cloud if service in {"cloudformation", "lambda"} else self.clients[service]


@pytest.fixture
def around(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    deployment = Deployment(stack)
    monkeypatch.setattr(governor_cli.stack_option, "DeployedStack", lambda _: deployment)
    monkeypatch.setattr(governor_cli.stack_option, "running", list)
    return deployment  # type: ignore[return-value]


@pytest.fixture
def doctor(around: Deployment, capsys: pytest.CaptureFixture[str]) -> Doctor:
    def _run(*arguments: str) -> tuple[int, Findings]:
        capsys.readouterr()
        code = main(["doctor", "--json", *arguments])
        found: Findings = json.loads(capsys.readouterr().out)
        assert all(each["what"].endswith(".") and each["remedy"] for each in found)
        return code, found

    return _run


def _whats(found: Findings) -> list[tuple[str, str]]:
    return [(each["severity"], each["what"]) for each in found]


def test_all_is_well(stack: Stack, doctor: Doctor, capsys: pytest.CaptureFixture[str]) -> None:
    promoted(stack)
    assert doctor() == (0, [])
    assert main(["doctor"]) == 0
    assert "Nothing is wrong." in capsys.readouterr().out


def test_a_new_stack_is_well_too(doctor: Doctor) -> None:
    code, (only,) = doctor()
    assert (code, only["severity"], only["what"]) == (0, "note", "There are none yet.")


def test_a_broken_deployment(stack: Stack, around: Deployment, doctor: Doctor) -> None:
    promoted(stack)
    around.cloud.status = "UPDATE_ROLLBACK_FAILED"
    around.cloud.functions["governor-end_turn"] = {"State": "Failed", "StateReason": "no such layer"}
    del around.outputs["SweepFunctionName"]
    code, found = doctor()
    assert code == 1
    assert _whats(found) == [
        ("error", "Its last deployment did not end well: UPDATE_ROLLBACK_FAILED."),
        ("error", "Outputs are missing: SweepFunctionName."),
        ("error", "The function is Failed and its last update Successful: no such layer."),
    ]


def test_who_may_not_look_is_told_and_the_rest_is_looked_at(stack: Stack, around: Deployment, doctor: Doctor) -> None:
    around.refused = "cloudwatch"
    code, found = doctor()
    assert code == 1
    assert [each["about"] for each in found] == ["alarms", "flywheels"]
    assert "DescribeAlarms was refused (AccessDenied): not you" in found[0]["what"]


def test_a_ledger_that_one_may_not_read(stack: Stack, doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> list[str]:
        raise AccessRefusedError("Query was refused: not you.")

    monkeypatch.setattr(stack.ports.heads, "names", refuse)
    code, found = doctor()
    assert code == 1
    assert {each["about"] for each in found if each["severity"] == "error"} == {"tables", "flywheels"}


def test_nobody_hears_it(stack: Stack, around: Deployment, doctor: Doctor) -> None:
    promoted(stack)
    sns, topic = around.clients["sns"], around.outputs["NoticeTopicArn"]
    for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    code, (only,) = doctor()
    assert (code, only["what"]) == (1, "Nobody hears of refused files, failures and promotions.")

    waiting = {"Subscriptions": [{"SubscriptionArn": "PendingConfirmation", "Endpoint": "ada@example.com"}]}
    pages = type("Pages", (), {"paginate": lambda self, TopicArn: [waiting]})()  # noqa: N803
    around.clients["sns"] = type("Sns", (), {"get_paginator": lambda self, name: pages})()
    _, found = doctor()
    assert "Not confirmed yet, so that nothing is sent there: ada@example.com." in [each["what"] for each in found]


def test_dead_letters_and_alarms(stack: Stack, around: Deployment, doctor: Doctor) -> None:
    promoted(stack)
    around.clients["sqs"].send_message(QueueUrl=around.outputs["InspectDeadLetterQueueUrl"], MessageBody="{}")
    alarms = around.clients["cloudwatch"]
    for name in ("governor-stuck-turn", "governor-turn-failed", "others-alarm"):
        alarms.put_metric_alarm(
            AlarmName=name,
            AlarmDescription="Look.",
            Namespace="FlywheelGovernor",
            MetricName="TurnHours",
            Statistic="Maximum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
    for name in ("governor-stuck-turn", "others-alarm"):
        alarms.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert _whats(doctor()[1]) == [
        ("error", "1 in InspectDeadLetterQueue: uploads could not be inspected."),
        ("warning", "The alarm stuck-turn is on. Look."),
    ]


def test_policies_that_are_missing_cannot_be_read_or_define_another_flywheel(stack: Stack, doctor: Doctor) -> None:
    promoted(stack)
    other = {"language": "en", "mode": "MULTI_CLASS", "labels": ["queue", "storage"]}
    stack.apply_policy(FLYWHEEL, policy(flywheel=other))
    stack.upload("beta/train/a.csv", labelled(1))
    stack.run()
    found = doctor()[1]
    about = {each["about"]: each for each in found if each["severity"] == "error"}
    assert about[FLYWHEEL]["what"] == "Comprehend has it with another labels than its policy defines."
    assert about["beta"]["what"] == "It has no policy, so its files wait."
    (held,) = (each for each in found if each["what"] == "It is held (PolicyMissing).")
    assert held["remedy"] == "governor policy apply FILE"


def test_turns_that_are_stuck_or_dead_and_people_who_do_not_answer(stack: Stack, doctor: Doctor) -> None:
    stack.apply_policy(FLYWHEEL, policy(approval="always"))
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(9)))
    stack.inspect()
    execution = stack.machine.executions["alpha-1"].run_until("RegisterDatasets")
    stack.clock.advance(13 * 3600)
    (only,) = doctor()[1]
    assert (only["severity"], only["what"]) == ("warning", "Turn 1 has been at work for 13 hours.")
    assert execution.arn in only["remedy"]
    assert doctor("--stuck-hours", "14")[0] == 0

    stack.run()
    stack.clock.advance(timedelta(days=2).total_seconds())
    (only,) = doctor()[1]
    assert only["what"] == "People have been asked about batch 1 for 48 hours."

    execution.die()
    assert _whats(doctor("--waiting-hours", "99")[1]) == []
    assert stack.ports.heads.read(FLYWHEEL) is not None


def test_turns_that_fail_are_told_with_their_cause_between_tries_too(stack: Stack, doctor: Doctor) -> None:
    stack.apply_policy(FLYWHEEL, golden(rules={"must_pass": ["vital.csv"]}))
    first_model(stack, labelled(1))
    cause = (
        "alpha/must-pass/vital.csv is not in the inbox bucket, and the policy names it in exam.must_pass. "
        "Drop it there, or take it out of the policy."
    )
    code, (only,) = doctor()
    assert (code, only["severity"]) == (1, "warning")
    assert only["what"].startswith(f"Turn 1 failed with ExamUnavailableError: {cause} It is held until ")
    assert only["what"].endswith(" UTC (Failure).")
    again = "Correct what that says. It tries again by itself; governor resume alpha does not wait."
    assert only["remedy"] == again

    stack.clock.advance(3600)
    assert _whats(doctor()[1]) == [("warning", f"Turn 1 failed with ExamUnavailableError: {cause}")]
    stack.sweep()
    stack.machine.executions["alpha-2"].run_until("PrepareFlywheel")
    assert doctor()[1][0]["remedy"] == "Correct what that says. Turn 2 is trying again."

    stack.run()
    stack.clock.advance(3600)
    stack.sweep()
    stack.run()
    told = f"Turn 3 failed with ExamUnavailableError, 3 in a row: {cause} It is held (NeedsYou)."
    code, (only,) = doctor()
    assert (only["what"], only["remedy"]) == (told, "Correct what that says. Then: governor resume alpha")

    stack.drop("alpha/must-pass/vital.csv", b"storage,bucket object versions lifecycle archive\n")
    resume_flywheel(stack.ports, FLYWHEEL, by=ADA)
    stack.run()
    assert ends(stack)[-1] == "ModelPromoted"
    assert doctor() == (0, [])


def test_a_turn_that_asks_people_got_past_what_failed_before(stack: Stack, doctor: Doctor) -> None:
    stack.apply_policy(FLYWHEEL, golden(approval="always", rules={"must_pass": ["vital.csv"]}))
    first_model(stack, labelled(1))
    stack.drop("alpha/must-pass/vital.csv", b"storage,bucket object versions lifecycle archive\n")
    assert doctor()[0] == 1
    stack.clock.advance(3600)
    stack.sweep()
    stack.run()
    head = stack.ports.heads.read(FLYWHEEL)
    assert head is not None
    assert (head.state, head.failures) == ("RUNNING", 1)
    assert doctor() == (0, [])


def test_a_hold_for_the_budget_is_told_with_its_amounts(stack: Stack, doctor: Doctor) -> None:
    stack.apply_policy(FLYWHEEL, policy(budget_usd_per_month=4))
    first_model(stack, labelled(1))
    code, (only,) = doctor()
    assert (code, only["severity"]) == (0, "note")
    assert only["what"] == (
        "It is held until 2023-12-01 00:00 UTC (Budget). This month 0.00 dollars of the 4.00 dollars are spent "
        "(budget_usd_per_month) and the next batch (training and exam) would cost about 4.05 dollars. That alone is "
        "more than the budget of a month: raise it. Prices are estimates for us-east-1."
    )


def test_turns_between_that_are_no_failure_hide_no_cause(stack: Stack, doctor: Doctor) -> None:
    stack.apply_policy(FLYWHEEL, golden(rules={"must_pass": ["vital.csv"]}))
    first_model(stack, labelled(1))
    for turn in (2, 3):
        stack.ports.turns.ended(FLYWHEEL, turn, "TOO_FEW", "There is too little.", stack.clock.now())
    stack.ports.turns.ended(FLYWHEEL, 4, "QuotaFullError", "There is no room.", stack.clock.now())
    assert doctor()[1][0]["what"].startswith("Turn 1 failed with ExamUnavailableError: ")


def test_what_was_torn_down_is_nobodys_concern_until_it_is_half_so(stack: Stack, doctor: Doctor) -> None:
    promoted(stack)
    bucket = stack.ports.emptying("lake")
    acts = tear_down(stack.ports, bucket, survey(stack.ports, bucket, FLYWHEEL, by=ADA), Wanted(models=False))
    next(acts)
    code, (only,) = doctor()
    assert (code, only["severity"], only["remedy"]) == (1, "warning", "governor teardown alpha goes on where it was.")
    assert only["what"].startswith("It is half torn down, since ")
    assert only["what"].endswith(f", by {ADA}.")

    for _ in acts:
        stack.clock.advance(1)
    assert doctor() == (0, [])
    stack.clock.advance(3600)
    (told, *_) = doctor()[1]
    assert (told["severity"], told["what"][:24]) == ("error", "1 notices did not go out"), "what people were not told"
    stack.sweep()
    assert doctor() == (0, [])

    resume_flywheel(stack.ports, FLYWHEEL, by=ADA)
    stack.deliver(stack.drop(train("b"), labelled(1)), stack.drop(exam("b"), labelled(9)))
    stack.inspect()
    list(stack.machine.executions.values())[-1].run_until("RegisterDatasets")
    stack.clock.advance(13 * 3600)
    assert "has been at work for 13 hours." in doctor()[1][0]["what"], "it is begun anew, and looked at"


def test_a_dead_turn(stack: Stack, doctor: Doctor) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(exam(), labelled(9)))
    stack.inspect()
    stack.machine.executions["alpha-1"].run_until("RegisterDatasets").die()
    assert doctor()[1][0]["remedy"] == "Sweep frees it in some minutes."
    stack.clock.advance(3600)
    code, (only,) = doctor()
    assert (code, only["remedy"]) == (1, "Sweep ought to have freed it: look into its log.")


def test_models_that_are_old_or_were_changed_past_the_application(stack: Stack, doctor: Doctor) -> None:
    promoted(stack)
    stack.upload(train("b"), labelled(2, per_label=80))
    stack.run()
    first, second = (iteration["TrainedModelArn"] for iteration in iterations(stack))
    order(stack, "rollback")
    assert [each["severity"] for each in doctor()[1]] == ["note"]
    promote_in_console(stack, second)
    _, found = doctor()
    assert any(f"Comprehend's active model is {second}, the ledger's {first}" in each["what"] for each in found)
    stack.clock.advance(timedelta(days=91).total_seconds())
    assert any(each["what"] == "Its active model has not changed for 91 days." for each in doctor()[1])


def test_endpoints_that_no_policy_wants(stack: Stack, doctor: Doctor) -> None:
    smoke(stack, RIGHT)
    put(stack)
    drop_good(stack, 1)
    assert doctor() == (0, [])
    stack.apply_policy(FLYWHEEL, policy())
    code, (only,) = doctor()
    assert code == 1
    assert "follows flywheel alpha, no policy wants it, and it costs 1,296.00 dollars in 30 days." in only["what"]


def test_notices_that_do_not_go_out(stack: Stack, doctor: Doctor) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.notices.broken = True
    stack.upload(train("empty"), b"")
    stack.clock.advance(3600)
    code, (only,) = doctor()
    assert (code, only["severity"]) == (1, "error")
    assert only["what"].startswith("1 notices did not go out")
