"""A change of `serving.inference_units` reaches an endpoint: once, told, and against nobody's later word."""

from typing import Any

import pytest

from comprehend_local import Settings
from tests.doubles.command_line import command_line
from tests.doubles.data import FLYWHEEL, labelled, policy, train
from tests.doubles.faults import FunctionDied
from tests.doubles.people import active
from tests.doubles.stack import ACCOUNT, Stack
from tests.integration.test_way_of_serving import ENDPOINT, drop_good, endpoint

FEW = Settings.instant(account=ACCOUNT, maximum_inference_units=2)


def _say(stack: Stack, units: int | None, **changes: Any) -> None:
    """Write the policy, a minute after whatever was before."""
    stack.clock.advance(60)
    serving = {} if units is None else {"serving": {"inference_units": units} | changes}
    stack.apply_policy(FLYWHEEL, policy(**serving))
    stack.clock.advance(60)


def _look(stack: Stack) -> int:
    """Let sweep look; return the endpoint's units when that is done."""
    assert stack.sweep()["faults"] == []
    stack.clock.advance(60)
    stack.run()
    units: int = endpoint(stack)["CurrentInferenceUnits"]
    return units


def _served(stack: Stack, units: int = 1) -> None:
    _say(stack, units)
    drop_good(stack, 1)
    assert _look(stack) == units


def _told(stack: Stack) -> list[str]:
    return [f"{subject}\n{body}" for subject, body in stack.notices.mails if "resized" in subject]


def test_a_change_is_carried_out_once_and_told(stack: Stack) -> None:
    _served(stack)
    _say(stack, 3)

    assert stack.sweep(look_closely=False)["faults"] == []
    assert endpoint(stack)["DesiredInferenceUnits"] == 1, "only a close look changes anything"
    assert [_look(stack), _look(stack)] == [3, 3]
    assert stack.faults.calls.count("comprehend.UpdateEndpoint") == 1
    (mail,) = _told(stack)
    assert mail.startswith(
        "[alpha] Endpoint resized: alpha\nThe policy of flywheel alpha says 3 inference units since "
    )
    assert "version 2 (serving.inference_units). The endpoint alpha has 1." in mail
    assert "3,888.00 dollars in 30 days" in mail
    assert endpoint(stack)["ModelArn"] == active(stack)
    assert endpoint(stack)["FlywheelArn"].endswith(":flywheel/alpha"), "it follows as before"

    _say(stack, 3, max_hours=1000)
    _say(stack, 1, max_hours=1000)
    assert _look(stack) == 1
    assert len(_told(stack)) == 2


def test_it_does_not_wait_for_a_turn_to_end(stack: Stack) -> None:
    _served(stack)
    stack.deliver(stack.drop(train("more"), labelled(2, per_label=40)))
    assert stack.inspect() == []
    stack.machine.executions["alpha-2"].run_until("PlanBatch")
    _say(stack, 2)
    head = stack.ports.heads.read(FLYWHEEL)
    assert head is not None
    assert head.state == "RUNNING"
    assert _look(stack) == 2


def test_what_somebody_set_since_stays(stack: Stack) -> None:
    _served(stack)
    _say(stack, 2)
    assert _look(stack) == 2
    stack.comprehend.update_endpoint(EndpointArn=ENDPOINT, DesiredInferenceUnits=4)
    stack.clock.advance(60)
    assert [_look(stack), _look(stack)] == [4, 4]
    _say(stack, 2, max_hours=1000)
    assert _look(stack) == 4, "a new version that says nothing else of the units"
    _say(stack, 3)
    assert _look(stack) == 3
    assert len(_told(stack)) == 2


def test_what_it_was_created_or_adopted_with_stays(stack: Stack) -> None:
    _say(stack, None)
    drop_good(stack, 1)
    arn = stack.ports.comprehend.flywheel_arn(FLYWHEEL)
    stack.comprehend.create_endpoint(EndpointName="alpha", FlywheelArn=arn, DesiredInferenceUnits=4)
    _say(stack, 1)
    assert _look(stack) == 4, "the first version that names it changes nothing"
    _say(stack, 2)
    stack.comprehend.delete_endpoint(EndpointArn=ENDPOINT)
    stack.clock.advance(60)
    stack.comprehend.create_endpoint(EndpointName="alpha", FlywheelArn=arn, DesiredInferenceUnits=3)
    stack.clock.advance(60)
    assert _look(stack) == 3, "created after the change, with --units"
    assert _told(stack) == []


def test_another_endpoint_s_units_are_no_change_of_this_one_s(stack: Stack) -> None:
    _served(stack)
    arn = stack.ports.comprehend.flywheel_arn(FLYWHEEL)
    stack.comprehend.create_endpoint(EndpointName="other", FlywheelArn=arn, DesiredInferenceUnits=4)
    stack.clock.advance(60)
    _say(stack, 2, endpoint="other")
    assert _look(stack) == 1
    other = stack.comprehend.describe_endpoint(EndpointArn=ENDPOINT.replace("alpha", "other"))["EndpointProperties"]
    assert other["DesiredInferenceUnits"] == 4


def test_one_that_follows_nothing_is_somebody_else_s(stack: Stack) -> None:
    _say(stack, None)
    drop_good(stack, 1)
    stack.comprehend.create_endpoint(EndpointName="alpha", ModelArn=active(stack), DesiredInferenceUnits=1)
    stack.clock.advance(60)
    _say(stack, 2)
    _say(stack, 3)
    assert _look(stack) == 1


@pytest.mark.parametrize("stack", [FEW], indirect=True)
def test_what_comprehend_refuses_is_told_once_and_done_as_soon_as_it_can_be(stack: Stack) -> None:
    _served(stack)
    _say(stack, 3)
    assert [_look(stack), _look(stack)] == [1, 1]
    (mail,) = _told(stack)
    assert mail.startswith("[alpha] Endpoint not resized: alpha\n")
    assert "Comprehend refuses to change them: UpdateEndpoint: " in mail
    _say(stack, 2)
    assert _look(stack) == 2
    assert len(_told(stack)) == 2


@pytest.mark.parametrize("kind", ["die before", "die after"])
def test_a_death_on_the_way_changes_nothing_about_the_end(stack: Stack, kind: Any) -> None:
    _served(stack)
    _say(stack, 2)
    stack.faults.clear()
    stack.faults.on("comprehend.UpdateEndpoint", kind)
    with pytest.raises(FunctionDied):
        stack.sweep()
    stack.clock.advance(60)
    assert _look(stack) == 2


def test_a_new_endpoint_has_the_newest_policy_s_units(stack: Stack) -> None:
    """A batch is judged by the policy that was pinned; what an endpoint may cost is not part of that."""
    _say(stack, 1)
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(f"{FLYWHEEL}/test/t.csv", labelled(2)))
    assert stack.inspect() == []
    execution = stack.machine.executions["alpha-1"].run_until("PromoteModel")
    _say(stack, 2)
    execution.run()
    assert endpoint(stack)["CurrentInferenceUnits"] == 2
    assert _look(stack) == 2
    assert _told(stack) == []


def test_the_status_says_when_policy_and_endpoint_differ(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    _served(stack)
    with command_line(stack, capsys) as run:
        assert "  units    1\n" in run("endpoint", "status", FLYWHEEL)[1]
        _say(stack, 2)
        assert "  units    1; the policy says 2 (serving.inference_units)\n" in run("endpoint", "status", FLYWHEEL)[1]
        assert stack.sweep()["faults"] == []
        assert _look(stack) == 2
        assert "  units    2\n" in run("endpoint", "status", FLYWHEEL)[1]
