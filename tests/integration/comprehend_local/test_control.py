"""The control API as programs and people meet it: over HTTP, and in a terminal."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from comprehend_local import DirectoryObjects, Settings, start_server
from comprehend_local.control import Control, ControlRefused
from comprehend_local.control.__main__ import main
from comprehend_local.server import Running
from comprehend_local.service import worker

from .lab import ACCOUNT
from .test_server import client, create_flywheel, flywheel_state, until

FOREVER = 10**6


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(worker, "LONGEST_WAIT", 600.0)  # who is not woken sleeps on
    (tmp_path / "lake").mkdir()
    with start_server(Settings.instant(flywheel_creation_seconds=FOREVER), DirectoryObjects(tmp_path)) as started:
        yield started


@pytest.fixture
def control(running: Running) -> Control:
    return Control(running.url)


@pytest.fixture
def say(running: Running, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """What the command prints, for its arguments."""

    def run(*arguments: str) -> Any:
        assert main(["--url", running.url, *arguments]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def test_it_describes_itself(control: Control) -> None:
    about = control.describe()

    assert set(about["rules about calls"]["do"]) == {"throttle", "fail", "lose_reply", "hang"}
    assert "POST /control/rules" in about["paths"]
    for example in about["examples"]:
        control.make(**example)
    assert len(control.rules()) == len(about["examples"])


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"operation": "NoSuchThing"}, "operation: \\* or one of .*ListFlywheels"),
        ({"kind": "dataset", "colour": "red"}, "colour: not a part of a rule"),
        ({"do": "explode"}, "do: one of "),
    ],
)
def test_a_wrong_rule_is_explained(control: Control, rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ControlRefused, match=message):
        control.make(**rule)


def test_what_is_not_there_is_not_found(control: Control) -> None:
    with pytest.raises(ControlRefused, match="There is no rule 7"):
        control.release("7")
    with pytest.raises(KeyError):
        control.rule("7")


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "/control/weather", b"", 404, "There is no GET /control/weather; GET /control tells what there is."),
        ("PUT", "/control/rules", b"", 404, "There is no PUT /control/rules"),
        ("DELETE", "/control/rules/a%20b", b"", 404, "There is no rule a b."),
        ("POST", "/control/rules", b"{", 400, "The body must be JSON."),
        ("POST", "/control/rules", b"\xff", 400, "The body must be JSON."),
        ("POST", "/control/rules", b"[" * 100_000, 400, "The body must be JSON."),
        ("POST", "/control/rules", b"[]", 400, "The body must be a JSON object."),
        ("POST", "/control/act", b'{"operation": 7}', 400, '"operation": an operation\'s name'),
        ("POST", "/control/act", b'{"operation": "ListFlywheels", "request": []}', 400, '"request": what it takes'),
        ("POST", "/control/act", b'{"operation": "NoSuchThing"}', 400, "UnknownOperationException"),
        ("GET", "/control/calls?after=x", b"", 400, "after: the number of a call."),
        ("POST", "/control/clock", b"", 400, "advance: seconds, from 0 to 1000000000."),
    ],
)
def test_a_request_that_makes_no_sense_says_what_would(
    running: Running, method: str, path: str, body: bytes, status: int, message: str
) -> None:
    found = running.comprehend.control.answer(method, path, body)

    assert found.status == status
    assert message in found.content["error"]


def test_an_ending_that_there_is_not_is_explained(control: Control) -> None:
    with pytest.raises(ControlRefused, match="status: one of FAILED, IN_ERROR, STOPPED"):
        control.end("iteration", "COMPLETED")


def test_what_breaks_down_is_answered(
    running: Running, control: Control, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(running.comprehend, "act", None)

    with pytest.raises(ControlRefused, match="broke down"):
        control.act("ListFlywheels")
    assert "a request to the control API broke down" in caplog.text
    assert control.rules() == []


def test_where_nothing_listens_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(ControlRefused, match="no control API answers at"):
        Control(f"http://127.0.0.1:{port}").rules()


@pytest.mark.parametrize("url", ["127.0.0.1:4580", "localhost", "https://127.0.0.1:4580", ""])
def test_what_is_no_url_of_a_server_is_told_what_one_looks_like(url: str) -> None:
    with pytest.raises(ControlRefused, match="it looks like http://"):
        Control(url).rules()


def test_a_lost_reply_closes_the_connection_after_the_effect(running: Running, control: Control) -> None:
    control.lose_reply("CreateFlywheel")

    with pytest.raises(ConnectionClosedError):
        create_flywheel(client(running.url))

    assert len(client(running.url).list_flywheels()["FlywheelSummaryList"]) == 1


def test_a_call_hangs_until_its_rule_is_taken_away(running: Running, control: Control) -> None:
    rule = control.hang("ListFlywheels", seconds=600)
    ended: list[BaseException] = []

    def call() -> None:
        try:
            client(running.url).list_flywheels()
        except (ConnectionClosedError, ReadTimeoutError) as error:
            ended.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not control.calls():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not ended
    assert client(running.url).list_datasets()["DatasetPropertiesList"] == [], "others are served meanwhile"

    control.release(rule)

    thread.join(timeout=20)
    assert [type(error) for error in ended] == [ConnectionClosedError]


def test_a_hang_ends_by_itself(running: Running, control: Control) -> None:
    control.hang("ListFlywheels", seconds=0.1)

    with pytest.raises(ConnectionClosedError):
        client(running.url).list_flywheels()


def test_workers_wake_when_the_clock_is_moved(running: Running, control: Control) -> None:
    comprehend = client(running.url)
    arn = create_flywheel(comprehend)
    assert flywheel_state(comprehend, arn)() == "CREATING"

    control.advance(FOREVER)

    until(flywheel_state(comprehend, arn), "ACTIVE")


def test_workers_wake_when_a_rule_is_taken_away(running: Running, control: Control) -> None:
    comprehend = client(running.url)
    held = control.hold("flywheel")
    arn = create_flywheel(comprehend)
    control.advance(FOREVER)
    deadline = time.monotonic() + 20
    while control.rule(held)["held"] != [arn]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert flywheel_state(comprehend, arn)() == "CREATING"

    control.clear()

    until(flywheel_state(comprehend, arn), "ACTIVE")


def test_a_clock_that_was_moved_stays_moved(tmp_path: Path) -> None:
    (tmp_path / "buckets" / "lake").mkdir(parents=True)
    settings, objects = Settings.instant(), DirectoryObjects(tmp_path / "buckets")
    with start_server(settings, objects, state=tmp_path / "state") as first:
        moved = Control(first.url).advance(FOREVER)
    with start_server(settings, objects, state=tmp_path / "state") as second:
        assert Control(second.url).now() >= moved
        assert Control(second.url).rules() == []


@pytest.mark.parametrize("seconds", [-1, "1", True, None, 1e12])
def test_the_clock_moves_forward_only(control: Control, seconds: Any) -> None:
    with pytest.raises(ControlRefused, match="advance: seconds, from 0 to"):
        control.advance(seconds)


def test_a_terminal_makes_and_clears_rules(say: Callable[..., Any]) -> None:
    made = say("throttle", "ListFlywheels", "--times", "3", "--every", "2")
    assert {name: made[name] for name in ("operation", "do", "times", "every", "code")} == {
        "operation": "ListFlywheels",
        "do": "throttle",
        "times": 3,
        "every": 2,
        "code": "ThrottlingException",
    }
    assert say("fail", "--code", "ResourceInUseException", "--status", "409", "--always")["times"] is None
    assert say("lose-reply", "CreateDataset")["do"] == "lose_reply"
    assert say("hang", "--seconds", "5")["seconds"] == 5
    assert say("end", "iteration", "STOPPED", "--key", "arn:x")["do"] == "stop"
    assert say("end", "dataset", "FAILED", "--message", "no")["message"] == "no"
    assert say("hold", "endpoint", "--always")["times"] is None

    assert len(say("rules")["rules"]) == 7
    assert len(say("clear", made["id"])["rules"]) == 6
    assert say("clear") == {"rules": []}


def test_a_terminal_moves_the_clock_and_lists_the_calls(running: Running, say: Callable[..., Any]) -> None:
    before = say("clock")["now"]
    assert say("clock", "--advance", "2h")["now"] >= before + 7200
    client(running.url).list_flywheels()

    (call,) = say("calls", "--operation", "ListFlywheels")["calls"]

    assert (call["caller"], call["outcome"]) == ("test", "ok")
    assert say("calls", "--after", str(call["number"]))["calls"] == []
    assert "paths" in say("describe")


def test_a_terminal_is_told_what_is_wrong(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    flywheel = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:flywheel/none"
    model = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:document-classifier/none"

    assert main(["--url", running.url, "activate", flywheel, model]) == 1

    assert "ResourceNotFoundException" in capsys.readouterr().err


def test_the_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])

    text = capsys.readouterr().out
    for word in ("throttle StartFlywheelIteration --times 3", "COMPREHEND_LOCAL_URL", "hold endpoint", "clear"):
        assert word in text


@pytest.mark.parametrize("time_", ["1x", "-5", "", "h"])
def test_a_time_that_is_none_is_refused(time_: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--url", "http://127.0.0.1:1", "clock", f"--advance={time_}"])
    assert "write 90, 90s, 15m, 2h or 1d" in capsys.readouterr().err
