"""Alarms and the dashboard look at metrics that exist, in dimensions that they are emitted in, and nothing is left out.

That the functions really emit them is tests/integration/test_metrics.py.
"""

import json
import re
from typing import Any

import pytest

from governor.domain import measures
from governor.domain.measures import NAMESPACE, Measure
from tests.contract.template import ROOT, Tree, of_type, parsed

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
MEASURES = {measure.name: measure for measure in measures.ALL}
ALARMS = of_type(parsed(), "AWS::CloudWatch::Alarm")
OWN = sorted(name for name, alarm in ALARMS.items() if alarm["Namespace"] == NAMESPACE)
OTHERS = {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): {"QueueName"},
    ("AWS/Lambda", "Errors"): {"FunctionName"},
}
"""Metrics that AWS emits by itself, with the dimensions that they have.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
and https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""
_STACK = {"Ref": "AWS::StackName"}


def _dashboard() -> list[dict[str, Any]]:
    body = parsed()["Resources"]["OperatorDashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets: list[dict[str, Any]] = json.loads(body)["widgets"]
    return widgets


def _emitted(measure: Measure, dimensions: set[str]) -> bool:
    return dimensions in [{"service", *names} for names in measure.dimensions]


def test_every_measure_is_in_the_list_once() -> None:
    declared = [value for value in vars(measures).values() if isinstance(value, Measure)]
    assert sorted(each.name for each in measures.ALL) == sorted(each.name for each in declared)
    assert len(MEASURES) == len(measures.ALL)


@pytest.mark.parametrize("name", OWN)
def test_an_alarm_is_on_a_metric_as_it_is_emitted(name: str) -> None:
    alarm = ALARMS[name]
    measure = MEASURES[alarm["MetricName"]]
    assert _emitted(measure, {each["Name"] for each in alarm["Dimensions"]})
    assert {"Name": "service", "Value": _STACK} in alarm["Dimensions"]
    assert alarm["Statistic"] == ("Sum" if measure.kind == "counter" else "Maximum")
    # Sweep looks at endpoints every 15 minutes: a shorter period would have gaps.
    assert alarm["Period"] == (900 if measure in {measures.ENDPOINT_COST, measures.MODEL_AGE} else 300)


@pytest.mark.parametrize("name", sorted(ALARMS.keys() - set(OWN)))
def test_an_alarm_on_a_metric_of_aws_has_its_dimensions(name: str) -> None:
    alarm = ALARMS[name]
    assert OTHERS[alarm["Namespace"], alarm["MetricName"]] == {each["Name"] for each in alarm["Dimensions"]}


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_tells_people_and_can_be_switched_off(template: Tree, name: str) -> None:
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == [{"Ref": "NoticeTopic"}]
    assert alarm["TreatMissingData"] == "notBreaching"
    assert template["Resources"][name]["Condition"] == "HasAlarms"
    # The topic's policy lets only alarms of this name publish.
    assert alarm["AlarmName"]["Fn::Sub"].startswith("${AWS::StackName}-")
    assert len(alarm["AlarmDescription"]) > 40


def test_what_must_be_watched_is_watched(template: Tree) -> None:
    assert {ALARMS[name]["MetricName"] for name in OWN} == {
        "TurnsFailed",
        "AnalysesFailed",
        "TurnHours",
        "ApprovalHours",
        "DaysSinceModelChanged",
        "EndpointDollarsPerDay",
    }
    watched = {
        each["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for each in ALARMS.values() if "SQS" in each["Namespace"]
    }
    assert watched == {name for name in of_type(template, "AWS::SQS::Queue") if name.endswith("DeadLetterQueue")}


def test_alarms_may_publish_to_the_notice_topic_and_nobody_elses(template: Tree) -> None:
    statements = template["Resources"]["NoticeTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (allowed,) = [each for each in statements if each["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Action"] == "sns:Publish"
    assert allowed["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(":alarm:${AWS::StackName}-*")


def test_the_dashboard_shows_metrics_as_they_are_emitted() -> None:
    shown: set[str] = set()
    for widget in _dashboard():
        for metric in widget["properties"].get("metrics", []):
            if isinstance(metric[0], dict):
                found = re.search(
                    r"SEARCH\('\{FlywheelGovernor,([\w,]+)\} .* MetricName=\"(\w+)\"", metric[0]["expression"]
                )
                assert found is not None
                names, name = set(found[1].split(",")), found[2]
            else:
                namespace, name, *pairs = [each for each in metric if isinstance(each, str)]
                names = set(pairs[::2])
                if namespace != NAMESPACE:
                    assert names == OTHERS[namespace, name]
                    continue
                assert pairs[1] == "${AWS::StackName}"
            assert _emitted(MEASURES[name], names), name
            shown.add(name)
    assert shown == set(MEASURES)


def test_the_dashboard_shows_every_alarm() -> None:
    (alarms,) = [widget["properties"]["alarms"] for widget in _dashboard() if widget["type"] == "alarm"]
    assert {arn.rpartition(":alarm:")[2] for arn in alarms} == {
        each["AlarmName"]["Fn::Sub"] for each in ALARMS.values()
    }


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_a_metric_is_explained(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", OPERATIONS, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_has_its_remedy(name: str) -> None:
    slug = ALARMS[name]["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-")
    assert re.search(rf"^\| `{slug}` \|", OPERATIONS, re.MULTILINE)
