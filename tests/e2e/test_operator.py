"""What an operator has on the local stack: alarms and dashboard as deployed, events on the bus, doctor and timeline."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from governor_local.rig import Rig
from tests.doubles.telemetry import schema
from tests.e2e.acting import PATIENCE, Acting

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def acting(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Acting:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL_COMPREHEND", rig.comprehend().meta.endpoint_url)
    return Acting(rig, "operator", tmp_path)


def _heard(rig: Rig) -> tuple[Any, str]:
    """Let a queue hear everything that this application sends; return its client and URL."""
    sqs, events = rig.client("sqs"), rig.client("events")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [allow | {"Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    events.put_rule(Name="heard", EventPattern=json.dumps({"source": ["flywheel-governor"]}))
    events.put_targets(Rule="heard", Targets=[{"Id": "1", "Arn": arn}])
    return sqs, url


def test_alarms_and_dashboard_are_deployed_as_they_are_written(rig: Rig) -> None:
    cloudwatch = rig.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNamePrefix=f"{rig.stack_name}-")["MetricAlarms"]
    assert len(alarms) == 10
    stuck = {alarm["AlarmName"]: alarm for alarm in alarms}[f"{rig.stack_name}-stuck-turn"]
    assert stuck["Dimensions"] == [{"Name": "service", "Value": rig.stack_name}]
    assert stuck["Threshold"] == 12
    assert stuck["AlarmActions"] == [rig.outputs["NoticeTopicArn"]]
    assert all(alarm["StateValue"] != "ALARM" for alarm in alarms)
    body = json.loads(cloudwatch.get_dashboard(DashboardName=rig.stack_name)["DashboardBody"])
    assert f"{rig.stack_name}-stuck-turn" in json.dumps(body)
    assert "${" not in json.dumps(body)


def test_programs_hear_what_people_are_mailed_and_the_doctor_is_content(
    acting: Acting, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rig = acting.rig
    sqs, url = _heard(rig)
    acting.apply_policy()
    acting.drop(("train", "empty.csv", b""))
    acting.mail("Upload refused")
    acting.drop_good(1)
    assert acting.last_state(acting.turn(1)) == "ModelPromoted"
    heard: dict[str, dict[str, Any]] = {}

    def all_three() -> bool:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            event = json.loads(message["Body"])
            Draft202012Validator(schema(event["detail-type"])).validate(event["detail"])
            if event["detail"]["flywheel"] == acting.name:
                heard[event["detail-type"]] = event["detail"]
        return heard.keys() >= {"Upload Refused", "Verdict Reached", "Model Promoted"}

    rig.wait_for("the events", all_three, PATIENCE)
    assert heard["Model Promoted"]["model"] == acting.active()

    capsys.readouterr()
    acting.command("doctor", "--json")
    found = json.loads(capsys.readouterr().out)
    ours = [each for each in found if each["about"] in {acting.name, "stack", "functions", "tables", "notice topic"}]
    assert [each for each in ours if each["severity"] != "note"] == []

    assert acting.command("timeline", acting.name, "--svg", str(tmp_path / "life.svg")) == 0
    assert "batch 1" in (tmp_path / "life.svg").read_text()
