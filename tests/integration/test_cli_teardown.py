"""`governor teardown` over the doubles: a plan, a question, an order, and a way on after every failure."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from comprehend_local import Settings
from governor.domain.errors import GovernorError
from governor_cli.commands import teardown
from tests.doubles.command_line import Run, command_line
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.people import active, datasets
from tests.doubles.scenes import ends, holds, promoted, states
from tests.doubles.stack import ACCOUNT, Stack
from tests.integration.test_retention import versions
from tests.integration.test_way_of_serving import drop_good

ARN = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:flywheel/alpha"
SLOW = Settings.instant(account=ACCOUNT, endpoint_deletion_seconds=120, flywheel_deletion_seconds=300)


class Cloud:
    """CloudFormation as far as a deletion needs it."""

    def __init__(self) -> None:
        self.states: list[str] = ["DELETE_IN_PROGRESS"]
        self.deleted: list[str] = []

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803 - the API's own name
        self.deleted.append(StackName)

    def describe_stacks(self, *, StackName: str) -> Any:  # noqa: N803
        if not self.states:
            message = f"Stack with id {StackName} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": self.states.pop(0)}]}


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def run(
    stack: Stack, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    monkeypatch.setattr(teardown, "pause", stack.clock.advance)
    with command_line(stack, capsys, cloud) as run:
        yield run


def say(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))


def keys(stack: Stack, prefix: str, bucket: str = "lake") -> list[str]:
    found = stack.s3.list_object_versions(Bucket=bucket, Prefix=prefix)
    return [each["Key"] for each in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]]


def flywheels(stack: Stack) -> list[str]:
    return [each["FlywheelArn"] for each in stack.comprehend.list_flywheels()["FlywheelSummaryList"]]


def everything(stack: Stack) -> tuple[Any, ...]:
    endpoints = stack.comprehend.list_endpoints()["EndpointPropertiesList"]
    return flywheels(stack), versions(stack), len(endpoints), keys(stack, "staging/"), keys(stack, "lakes/")


def served(stack: Stack) -> None:
    stack.apply_policy(FLYWHEEL, policy(serving={}))
    drop_good(stack, 1)
    drop_good(stack, 2)
    assert ends(stack) == ["ModelPromoted"] * 2


def test_a_dry_run_tells_all_prices_and_changes_nothing(
    stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    served(stack)
    before = everything(stack)
    code, out, err = run("teardown", FLYWHEEL, "--dry-run")
    assert (code, err) == (0, "")
    for part in (
        "1,296.00 dollars in 30 days",
        "2 model versions: 1.00 dollars a month",
        "staging/alpha/",
        "lakes/alpha/",
    ):
        assert part in out
    say(monkeypatch, "n\n")
    code, _, err = run("teardown", FLYWHEEL)
    assert code == 1
    assert "Nothing was changed." in err
    assert everything(stack) == before
    assert holds(stack) is None


@pytest.mark.parametrize("stack", [None, SLOW], indirect=True)
def test_everything_goes_in_order_and_stays_gone(stack: Stack, run: Run) -> None:
    served(stack)
    stack.s3.put_object(Bucket="lake", Key="staging/alphabet/one", Body=b"other")
    stack.s3.put_object(Bucket="lake", Key="lakes/alphabet/one", Body=b"other")

    code, out, err = run("teardown", FLYWHEEL, "--yes")

    assert (code, err) == (0, "")
    told = (
        "endpoint/alpha is being",
        "flywheel/alpha is being",
        "is deleted.",
        "under s3://lake/staging/",
        "under s3://lake/lakes/",
    )
    places = [out.index(part, out.index("Turns of flywheel")) for part in told]
    assert places == sorted(places)
    gone = stack.comprehend.list_endpoints()["EndpointPropertiesList"]
    assert (flywheels(stack), versions(stack), gone) == ([], [], [])
    assert keys(stack, "staging/") == ["staging/alphabet/one"]
    assert keys(stack, "lakes/") == ["lakes/alphabet/one"]
    assert keys(stack, "", "records"), "the proof of decisions stays"
    stack.clock.advance(3600)
    stack.sweep()
    assert stack.run()[-1].state == "ModelPromoted"
    assert flywheels(stack) == []
    assert holds(stack) == "TornDown"
    assert "[alpha] Flywheel torn down" in stack.notices.subjects()
    assert "it was torn down; `governor resume alpha` begins it anew" in run("status", "--all", "--json")[1]
    assert "torn down already" in run("teardown", FLYWHEEL, "--yes")[1]
    stack.metrics.lines.clear()
    stack.clock.advance(90 * 24 * 3600)
    stack.sweep(look_closely=False)
    assert stack.metrics.values("HeldFlywheels") == [0], "nobody waits for it"
    assert stack.metrics.values("DaysSinceModelChanged") == [], "a model that is gone grows no older"


def test_new_files_are_refused_and_told_and_a_turn_by_hand_brings_nothing_back(stack: Stack, run: Run) -> None:
    promoted(stack)
    assert run("teardown", FLYWHEEL, "--yes")[0] == 0
    stack.upload(train("late"), labelled(7))
    assert states(stack)[train("late")] == "REFUSED"
    assert "governor resume alpha" in stack.notices.mails[-1][1]
    execution = stack.start_by_hand({"flywheel": FLYWHEEL, "iterate": True})
    assert (execution.state, flywheels(stack)) == ("TurnFailed", [])
    assert holds(stack) == "TornDown"


def test_resume_begins_it_anew_and_the_same_files_count_again(stack: Stack, run: Run) -> None:
    promoted(stack)
    assert run("teardown", FLYWHEEL, "--yes")[0] == 0
    assert run("resume", FLYWHEEL)[0] == 0

    stack.deliver(stack.drop(train("again"), labelled(1)), stack.drop(exam("again"), labelled(2)))
    assert stack.inspect() == []
    stack.run()

    assert ends(stack)[-1] == "ModelPromoted"
    assert active(stack) == versions(stack)[-1]
    assert {each["Status"] for each in datasets(stack)} == {"COMPLETED"}
    head = stack.ports.heads.read(FLYWHEEL)
    assert head is not None
    assert head.generation == 2
    changes = [change.op.partition(":")[0] for change in stack.ports.serving.history(FLYWHEEL)]
    assert changes == ["promote", "teardown", "promote"]
    code, _, err = run("rollback", FLYWHEEL, "--because", "back to what is gone")
    assert (code, "no earlier model" in err) == (1, True)


def test_uploads_that_wait_are_withdrawn_with_what_was_staged_of_them(stack: Stack, run: Run) -> None:
    promoted(stack, approval="replacement")
    stack.upload(train("waits"), b"storage,bucket object\nqueue,poll fifo\n")
    stack.run()
    stack.apply_policy(FLYWHEEL, policy())
    assert states(stack)[train("waits")] == "PENDING"
    assert "1 uploads wait there" in run("teardown", FLYWHEEL, "--yes")[1]
    assert states(stack)[train("waits")] == "WITHDRAWN"


def test_what_begins_to_wait_while_somebody_thinks_it_over_is_withdrawn_too(
    stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    promoted(stack)
    late = (train("late"), f"{FLYWHEEL}/documents/late.txt")

    def think(*_: Any, **__: Any) -> bool:
        stack.upload(late[0], labelled(7))
        stack.upload(late[1], b"one document\n")
        return True

    monkeypatch.setattr("governor_cli.asking.click.confirm", think)
    assert run("teardown", FLYWHEEL)[0] == 0
    stack.run()

    waiting = {row["key"]: row["state"] for row in stack.rows() if row.get("key") in late}
    assert waiting == dict.fromkeys(late, "WITHDRAWN")
    assert flywheels(stack) == []


def test_models_that_are_kept_keep_their_data(stack: Stack, run: Run) -> None:
    promoted(stack)
    (model,) = versions(stack)
    code, out, _ = run("teardown", FLYWHEEL, "--yes", "--keep-models")
    assert code == 0
    assert "keep    lakes/alpha/" in out
    assert versions(stack) == [model]
    assert keys(stack, "lakes/alpha/")
    assert keys(stack, "staging/") == []
    assert run("teardown", FLYWHEEL, "--yes")[0] == 0
    assert (versions(stack), keys(stack, "lakes/")) == ([], [])


def test_what_something_else_uses_stays(stack: Stack, run: Run) -> None:
    promoted(stack)
    (model,) = versions(stack)
    stack.comprehend.create_endpoint(EndpointName="other", ModelArn=model, DesiredInferenceUnits=1)
    code, out, _ = run("teardown", FLYWHEEL, "--yes")
    assert code == 0
    assert f"keep    {model}: used by" in out
    assert versions(stack) == [model]
    assert keys(stack, "lakes/alpha/")


def test_it_refuses_while_a_turn_or_an_iteration_is_at_work(stack: Stack, run: Run) -> None:
    promoted(stack)
    stack.deliver(stack.drop(train("b"), labelled(2, per_label=40)))
    assert stack.inspect() == []
    stack.machine.executions["alpha-2"].run_until("StartIteration")
    code, _, err = run("teardown", FLYWHEEL, "--yes")
    assert code == 1
    assert "A turn of flywheel alpha is at work" in err
    assert flywheels(stack) == [ARN]


@pytest.mark.parametrize("stack", [Settings.instant(account=ACCOUNT, evaluation_seconds=200)], indirect=True)
def test_it_refuses_while_somebody_s_iteration_runs(stack: Stack, run: Run) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    drop_good(stack, 1)
    assert ends(stack) == ["ModelPromoted"]
    stack.comprehend.start_flywheel_iteration(FlywheelArn=ARN)
    code, _, err = run("teardown", FLYWHEEL, "--yes")
    assert code == 1
    assert "Comprehend deletes no flywheel that works" in err
    assert holds(stack) is None


def test_what_was_torn_down_is_shown_by_its_name_alone(stack: Stack, run: Run) -> None:
    """Whatever was kept of it, nobody has to do anything."""
    promoted(stack)
    assert run("teardown", FLYWHEEL, "--keep-models", "--keep-data", "--yes")[0] == 0

    assert run("status")[1] == "Without 1 flywheel that was torn down: --all shows everything.\n"
    assert run("status", "--json")[1] == "[]\n"
    assert run("status", "--wait")[0] == 0
    for shown in (("status", FLYWHEEL), ("status", "--all")):
        assert "it was torn down; `governor resume alpha`" in " ".join(run(*shown)[1].split())
        assert "Without" not in run(*shown)[1]

    stack.apply_policy("beta", policy())
    out = run("status")[1]
    assert "beta" in out
    assert "alpha" not in out
    assert run("resume", FLYWHEEL)[0] == 0
    assert "alpha" in run("status")[1]


def test_a_name_that_nobody_knows(run: Run) -> None:
    code, _, err = run("teardown", "alhpa", "--yes")
    assert code == 1
    assert "Nothing is known of a flywheel named alhpa" in err


CALLS = ["delete_endpoint", "delete_flywheel", "delete_document_classifier", "delete_objects", "transact_write_items"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_after_any_failure_the_same_command_goes_on(
    stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch, call: str, when: str
) -> None:
    served(stack)
    with monkeypatch.context() as broken:
        spoil(stack, broken, call, when)
        code, _, _ = run("teardown", FLYWHEEL, "--yes")
    assert code == 1
    if call != "transact_write_items" or when == "before":
        assert "half torn down" in run("resume", FLYWHEEL)[2]
        assert "it was torn down" in run("status", "--json")[1], "somebody has to go on with it"
        stack.sweep()
        assert "Go on with tearing down" in run("teardown", FLYWHEEL, "--yes")[1]

    assert (flywheels(stack), versions(stack)) == ([], [])
    assert keys(stack, "staging/") == keys(stack, "lakes/") == []
    stack.sweep()
    assert stack.notices.subjects().count("[alpha] Flywheel torn down") == 1
    assert run("resume", FLYWHEEL)[0] == 0


def spoil(stack: Stack, monkeypatch: pytest.MonkeyPatch, call: str, when: str) -> None:
    """Let the next call of this name fail, before it takes effect or after."""
    ports: Any = stack.ports
    client = {
        "delete_objects": ports._s3,
        "transact_write_items": ports._dynamodb,
    }.get(call, ports.models._client)
    operation = getattr(client, call)

    def fail(**arguments: Any) -> Any:
        if when == "after":
            operation(**arguments)
        raise GovernorError("The line went dead.")

    monkeypatch.setattr(client, call, fail)


# ---- the stack -----------------------------------------------------------------------------------------------------


def test_the_stack_goes_with_its_buckets_after_its_name_was_typed(
    stack: Stack, run: Run, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    promoted(stack)
    code, _, err = run("teardown", "--stack", "trial", "--yes")
    assert code == 1
    assert "governor teardown alpha" in err, "flywheels first"
    assert run("teardown", FLYWHEEL, "--yes")[0] == 0

    code, out, _ = run("teardown", "--stack", "trial", "--dry-run")
    assert code == 0
    assert "inbox (" in out
    say(monkeypatch, "trail\n")
    assert run("teardown", "--stack", "trial")[0] == 1
    assert cloud.deleted == []
    assert keys(stack, "", "inbox")

    say(monkeypatch, "trial\n")
    code, out, err = run("teardown", "--stack", "trial")
    assert code == 0
    assert cloud.deleted == ["trial"]
    assert stack.s3.list_buckets()["Buckets"] == []
    assert "The bucket inbox is deleted." in out


def test_a_stack_that_cannot_be_deleted_says_what_to_do(stack: Stack, run: Run, cloud: Cloud) -> None:
    cloud.states = ["DELETE_FAILED"]
    code, _, err = run("teardown", "--stack", "trial", "--yes")
    assert code == 1
    assert "describe-stack-events" in err
    assert len(stack.s3.list_buckets()["Buckets"]) == 3
    assert run("teardown")[0] == 2, "neither a flywheel nor a stack"
