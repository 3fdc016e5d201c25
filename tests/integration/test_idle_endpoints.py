"""An endpoint that nobody asks is reported, and deleted if the policy says so and CloudWatch is sure."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from governor.adapters.endpoint_use import METRIC, NAMESPACE, CloudWatchEndpointUse
from governor.domain.errors import AccessRefusedError, ServiceBusyError
from tests.doubles import grants
from tests.doubles.command_line import command_line
from tests.doubles.data import FLYWHEEL
from tests.doubles.scenes import promoted
from tests.doubles.stack import REGION, Stack
from tests.integration.test_retention import endpoints, told
from tests.integration.test_way_of_serving import ENDPOINT


def asked(at: datetime, *, arn: str = ENDPOINT, times: int = 1) -> None:
    """Put what Comprehend emits for requests that an endpoint answered."""
    figure: dict[str, Any] = {
        "MetricName": METRIC,
        "Dimensions": [{"Name": "EndpointArn", "Value": arn}],
        "Timestamp": at,
        "Value": 0.02,
    }
    boto3.client("cloudwatch", region_name=REGION).put_metric_data(Namespace=NAMESPACE, MetricData=[figure] * times)


def served(stack: Stack, **serving: Any) -> datetime:
    """Bring an endpoint into service under `serving` and return when."""
    promoted(stack, serving=serving)
    assert endpoints(stack) == [ENDPOINT]
    return stack.clock.now()


def later(stack: Stack, hours: float) -> None:
    stack.clock.advance(hours * 3600)
    stack.sweep()


def test_one_that_is_not_asked_any_more_is_told_once_and_kept(stack: Stack) -> None:
    began = served(stack, idle_hours=5)
    asked(began + timedelta(hours=2))

    later(stack, 7.5)
    assert told(stack, "Endpoint") == [], "the last request may have come at the end of its hour"
    later(stack, 1.5)
    later(stack, 1)

    (body,) = told(stack, "[alpha] Endpoint idle: alpha")
    assert "has answered nothing for 5 hours" in body
    assert f"the last request came in the hour from {began + timedelta(hours=2):%Y-%m-%d %H}" in body
    assert "governor endpoint delete alpha" in body
    assert endpoints(stack) == [ENDPOINT]
    (event,) = [detail for name, detail in stack.events if name == "Endpoint Overdue"]
    assert (event["reason"], event["deleted"], event["last_request"] is None) == ("IDLE", False, False)


def test_it_is_deleted_where_the_policy_says_so(stack: Stack) -> None:
    began = served(stack, idle_hours=5, delete_when_over=True)
    asked(began)
    later(stack, 4)
    assert endpoints(stack) == [ENDPOINT]
    later(stack, 3)
    assert endpoints(stack) == []
    assert "It is being deleted" in told(stack, "Endpoint idle")[0]
    stack.sweep()
    assert len(told(stack, "Endpoint idle")) == 1


def test_one_that_is_asked_again_and_forgotten_again_is_told_again(stack: Stack) -> None:
    began = served(stack, idle_hours=5)
    asked(began)
    later(stack, 8)
    asked(stack.clock.now(), times=3)
    later(stack, 2)
    assert len(told(stack, "Endpoint idle")) == 1
    later(stack, 6)
    assert len(told(stack, "Endpoint idle")) == 2
    assert len({detail["id"] for name, detail in stack.events if name == "Endpoint Overdue"}) == 2


def test_one_without_any_figures_is_told_and_never_deleted(stack: Stack) -> None:
    served(stack, idle_hours=5, delete_when_over=True)
    asked(stack.clock.now(), arn=f"{ENDPOINT}-of-another")
    later(stack, 6)
    later(stack, 100)
    (body,) = told(stack, "Endpoint idle")
    assert "CloudWatch has no request that it answered" in body
    assert "It is not deleted by itself" in body
    assert endpoints(stack) == [ENDPOINT]
    (event,) = [detail for name, detail in stack.events if name == "Endpoint Overdue"]
    assert (event["reason"], event["deleted"], event["last_request"]) == ("NEVER_ASKED", False, None)


@pytest.mark.parametrize("spoilt", ["busy", "not granted"])
def test_one_that_cannot_be_known_is_neither_told_nor_deleted(
    stack: Stack, spoilt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(served(stack, idle_hours=5, delete_when_over=True))
    with monkeypatch.context() as broken:
        if spoilt == "busy":
            stack.faults.on("cloudwatch.GetMetricData", "busy")
        else:
            broken.delitem(grants.grants_of("sweep"), "cloudwatch:GetMetricData")
        stack.clock.advance(50 * 3600)
        if spoilt == "busy":
            assert [fault.partition(":")[0] for fault in stack.sweep()["faults"]] == [FLYWHEEL]
        else:
            with pytest.raises(grants.NotGrantedError):
                stack.sweep()
    assert (endpoints(stack), told(stack, "Endpoint")) == ([ENDPOINT], [])
    stack.faults.clear()
    stack.sweep()
    assert endpoints(stack) == []


def test_age_is_enough_without_asking_cloudwatch(stack: Stack) -> None:
    served(stack, max_hours=5, idle_hours=5, delete_when_over=True)
    stack.faults.on("cloudwatch.GetMetricData", "busy")
    stack.clock.advance(6 * 3600)
    assert stack.sweep()["faults"] == []
    assert endpoints(stack) == []
    assert told(stack, "Endpoint idle") == []
    assert len(told(stack, "Endpoint overdue")) == 1


def test_without_the_limit_cloudwatch_is_not_asked(stack: Stack) -> None:
    served(stack)
    stack.faults.on("cloudwatch.GetMetricData", "busy")
    stack.clock.advance(3600 * 1000)
    assert stack.sweep()["faults"] == []
    assert endpoints(stack) == [ENDPOINT]


# ---- what CloudWatch may answer ------------------------------------------------------------------------------------

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


class Pages:
    """Answers one page after another, and keeps what it was asked."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = list(pages)
        self.requests: list[dict[str, Any]] = []

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        return self.pages.pop(0)


def page(*hours: int, status: str = "Complete", **more: Any) -> dict[str, Any]:
    stamps = [NOW.replace(hour=hour, minute=0) for hour in hours]
    return {"MetricDataResults": [{"Timestamps": stamps, "Values": [1.0] * len(stamps), "StatusCode": status}]} | more


def last(*pages: dict[str, Any], since: datetime = NOW - timedelta(days=600)) -> datetime | None:
    return CloudWatchEndpointUse(Pages(*pages)).last_request(ENDPOINT, since, NOW)


def test_the_newest_hour_counts_on_whatever_page_it_is() -> None:
    newest = NOW.replace(hour=9, minute=0)
    assert last(page(9, 8, 3)) == last(page(status="PartialData", NextToken="more"), page(9)) == newest
    assert last(page()) is None
    nothing = page(9)
    nothing["MetricDataResults"][0]["Values"] = [0.0]
    assert last(nothing) is None


def test_whole_hours_are_asked_for_and_no_more_than_cloudwatch_keeps() -> None:
    client = Pages(page())
    CloudWatchEndpointUse(client).last_request(ENDPOINT, NOW - timedelta(days=600), NOW)
    (request,) = client.requests
    assert request["StartTime"] == NOW.replace(minute=0) - timedelta(days=455)
    assert request["EndTime"] == NOW


@pytest.mark.parametrize(("status", "error"), [("InternalError", ServiceBusyError), ("Forbidden", AccessRefusedError)])
def test_what_cloudwatch_does_not_know_is_not_nothing(status: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        last(page(status=status))


# ---- what a person sees --------------------------------------------------------------------------------------------


def test_a_person_is_told_when_it_was_asked_last(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    began = served(stack, idle_hours=5)
    with command_line(stack, capsys) as run:
        assert "never, as far as CloudWatch knows" in run("endpoint", "status", FLYWHEEL)[1]
        asked(began)
        stack.clock.advance(7200)
        hour = f"{began:%Y-%m-%dT%H}:00:00.000000Z"
        assert json.loads(run("endpoint", "status", FLYWHEEL, "--json")[1])["last_request_hour"] == hour
        assert f"last in the hour from {began:%Y-%m-%d %H}:00 UTC on" in run("endpoint", "status", FLYWHEEL)[1]


@pytest.mark.parametrize(("serving", "shown"), [({}, False), ({"idle_hours": 5}, True)])
def test_only_with_the_limit_a_person_needs_the_right_to_read_metrics(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, serving: Any, shown: bool
) -> None:
    def refuse(*_: Any) -> None:
        raise AccessRefusedError("GetMetricData was refused.")

    served(stack, **serving)
    monkeypatch.setattr(stack.ports.endpoint_use, "last_request", refuse)
    with command_line(stack, capsys) as run:
        code, out, _ = run("endpoint", "status", FLYWHEEL)
    assert code == 0
    assert ("not known: GetMetricData was refused." in out) == shown
