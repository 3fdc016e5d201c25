"""`governor timeline`: the table, the JSON and the picture, over the functions' own handlers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.doubles.command_line import Run, command_line
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.people import ADA, active, iterations, promote_in_console
from tests.doubles.scenes import promoted
from tests.doubles.stack import Stack

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def run(stack: Stack, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    with command_line(stack, capsys) as command:
        yield command


def _batch(stack: Stack, name: str, content: bytes) -> None:
    stack.clock.advance(24 * 3600)
    stack.upload(train(name), content)
    stack.run()


def _story(stack: Stack, run: Run) -> list[str]:
    """Two promotions, a rollback, a candidate that is worse, and somebody in the console."""
    promoted(stack, gates=[{"metric": "f1", "at_least": 0.3}])
    _batch(stack, "b", labelled(2, per_label=60))
    assert run("rollback", FLYWHEEL, "--because", "it misreads returns")[0] == 0
    stack.ports.serving.thaw(FLYWHEEL)
    stack.apply_policy(FLYWHEEL, policy(gates=[{"metric": "f1", "gain_at_least": 0.05}], on_regression="continue"))
    _batch(stack, "slipped", labelled(3, per_label=200, wrong=True))
    models = [iteration["TrainedModelArn"] for iteration in iterations(stack)]
    stack.clock.advance(3600)
    promote_in_console(stack, models[1])
    stack.sweep()
    return models


def test_every_version_and_every_change_is_a_line(stack: Stack, run: Run) -> None:
    models = _story(stack, run)

    code, out, err = run("timeline", FLYWHEEL, "--json")

    assert (code, err) == (0, "")
    told = json.loads(out)
    assert [(each["fate"], each["batch"], each["model"]) for each in told] == [
        ("promoted", 1, models[0]),
        ("promoted", 2, models[1]),
        ("rolled back", None, models[0]),
        ("kept", 3, models[2]),
        ("outside", None, models[1]),
    ]
    scores = [iteration["TrainedModelMetrics"]["AverageF1Score"] for iteration in iterations(stack)]
    assert [told[number]["f1"] for number in (0, 1, 3)] == scores
    assert told[3]["baseline_f1"] == iterations(stack)[2]["EvaluatedModelMetrics"]["AverageF1Score"]
    assert [each["verdict"] for each in told] == ["PASS", "PASS", None, "FAIL", None]
    assert [each["by"] for each in told[1:3]] == ["Flywheel Governor", ADA]
    assert told[-1]["active_model"] == active(stack) == models[1]
    assert told[3]["active_model"] == models[0], "the rollback holds while the third is judged"

    code, table, _ = run("timeline", FLYWHEEL)
    assert code == 0
    for words in ("batch 3", "FAIL", "not promoted", "rolled back to it", "made active outside, active now"):
        assert words in table
    assert f"{scores[2]:.4f}" in table


def test_the_picture_shows_each_line_and_reads_without_eyes(stack: Stack, run: Run, tmp_path: Path) -> None:
    _story(stack, run)
    file = tmp_path / "alpha.svg"

    code, out, _ = run("timeline", FLYWHEEL, "--svg", str(file))

    assert (code, out) == (0, f"The timeline of flywheel alpha is drawn in {file}.\n")
    picture = ET.fromstring(file.read_text())
    assert picture.attrib["role"] == "img"
    title, description = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert title is not None
    assert title.text == "Models of flywheel alpha"
    assert description is not None
    assert str(description.text).count("F1 ") == 5
    marks = [group.attrib["class"] for group in picture.iter(f"{SVG}g") if group.find(f"{SVG}title") is not None]
    assert marks == ["promoted", "promoted", "rolled-back", "fail", "outside"]
    assert picture.find(f"{SVG}polyline") is not None
    assert "prefers-color-scheme: dark" in file.read_text()
    assert "http" not in file.read_text().replace("http://www.w3.org/2000/svg", ""), "it stands alone"


def test_what_nobody_answered_and_what_people_rejected(stack: Stack, run: Run) -> None:
    promoted(stack, approval="replacement")
    _batch(stack, "b", labelled(2, per_label=60))
    assert json.loads(run("timeline", FLYWHEEL, "--json")[1])[-1]["fate"] == "in work"
    assert run("reject", FLYWHEEL, "--because", "wrong labels")[0] == 0
    stack.sweep()
    stack.run()
    (_, last) = json.loads(run("timeline", FLYWHEEL, "--json")[1])
    assert (last["fate"], last["why"]) == ("rejected", "wrong labels")
    assert ADA in last["by"]


def test_a_flywheel_without_versions_and_a_name_that_nobody_knows(stack: Stack, run: Run, tmp_path: Path) -> None:
    assert run("timeline", "alhpa")[0] == 1
    stack.apply_policy(FLYWHEEL, policy())
    assert "No version has been judged yet." in run("timeline", FLYWHEEL)[1]
    assert run("timeline", FLYWHEEL, "--svg", str(tmp_path / "none.svg"))[0] == 0
    ET.fromstring((tmp_path / "none.svg").read_text())


def test_a_teardown_and_a_batch_without_a_new_model_are_called_what_they_are(
    stack: Stack, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    promoted(stack)
    stack.upload(exam("more"), labelled(9))
    stack.run()
    monkeypatch.setattr("governor_cli.commands.teardown.pause", stack.clock.advance)
    assert run("teardown", FLYWHEEL, "--yes")[0] == 0
    file = tmp_path / "alpha.svg"

    told = json.loads(run("timeline", FLYWHEEL, "--json")[1])
    assert [(each["fate"], each["verdict"]) for each in told] == [
        ("promoted", "PASS"),
        ("kept", "NO_CHANGE"),
        ("torn down", None),
    ]
    table = run("timeline", FLYWHEEL)[1]
    assert "outside" not in table
    assert "torn down" in table
    run("timeline", FLYWHEEL, "--svg", str(file))
    description = ET.fromstring(file.read_text()).find(f"{SVG}desc")
    assert description is not None
    assert "batch 2, F1 n/a, no change." in str(description.text)
    assert "to no model, F1 n/a, torn down." in str(description.text)


def test_a_date_is_whole_on_a_narrow_terminal_and_a_file_is_as_wide_as_it_must_be(
    stack: Stack, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    promoted(stack)
    monkeypatch.setenv("COLUMNS", "80")
    assert re.search(r"│ \d{4}-\d\d-\d\d \d\d:\d\d │", run("timeline", FLYWHEEL)[1])
    monkeypatch.delenv("COLUMNS")
    for command in (("timeline", FLYWHEEL), ("status",)):
        table = run(*command)[1].splitlines()
        assert len(table) == 5, "a line a row, with nothing folded"
