"""docs/flywheel.svg and docs/analysis.svg are drawn from the machines, show all of them, and can be read."""

import itertools
import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from docs.drawing.layout import MARGIN, lay_out
from docs.drawing.machine import Machine, Way, read_machine
from docs.drawing.sheet import Box, Sheet, Word
from docs.drawing.svg import LEGEND, LEGEND_ROW, TITLES, definition, draw, draw_from_file, picture
from tests.contract.template import ROOT

LETTER = 6.2
"""Width of a letter beside a way, generously."""


@pytest.fixture(scope="module", params=TITLES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def machine(name: str) -> Machine:
    return read_machine(json.loads(definition(name).read_text()))


@pytest.fixture(scope="module")
def sheet(machine: Machine) -> Sheet:
    return lay_out(machine)


def test_the_picture_is_what_the_machine_gives(name: str) -> None:
    assert picture(name).read_text() == draw_from_file(name), "run `make picture`"


def test_every_state_has_a_box_with_its_name(machine: Machine, name: str) -> None:
    shown = {text.text for text in ET.parse(picture(name)).iter("{http://www.w3.org/2000/svg}text")}
    assert {state.name for state in machine.states} <= shown


def test_the_description_tells_every_way(machine: Machine, name: str) -> None:
    described = picture(name).read_text().partition("<desc")[2].partition("</desc>")[0]
    for way in machine.ways:
        assert re.search(rf"\b{way.source} leads to [\w, ]*\b{way.target}\b", described)


def test_the_definition_has_no_way_that_the_graph_lacks(machine: Machine, name: str) -> None:
    found = re.findall(r'"(?:Next|Default)": "(\w+)"', definition(name).read_text())
    assert {way.target for way in machine.ways} == set(found)


@pytest.mark.parametrize("file", ["flywheel.svg", "analysis.svg", "overview.svg"])
def test_a_picture_needs_nothing_else_and_suits_both_themes(file: str) -> None:
    text = (ROOT / "docs" / file).read_text()
    tree = ET.fromstring(text)
    assert tree.get("role") == "img"
    named = set(str(tree.get("aria-labelledby")).split())
    assert named == {element.get("id") for element in tree if element.tag.rpartition("}")[2] in {"title", "desc"}}
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"href|url\(|<script|<image|@import", text)


def test_no_two_boxes_touch(sheet: Sheet) -> None:
    for one, other in itertools.combinations(sheet.boxes.values(), 2):
        assert not _overlap(_of_box(one), _of_box(other)), f"{one.state.name} and {other.state.name}"


def test_words_lie_on_no_box_no_other_word_and_inside_the_sheet(sheet: Sheet) -> None:
    spaces = [_of_word(word) for word in sheet.words]
    for word, space in zip(sheet.words, spaces, strict=True):
        assert space[0] > 0, word
        assert space[2] < sheet.width, word
        assert not any(_overlap(space, _of_box(box)) for box in sheet.boxes.values()), word
    for (one, here), (other, there) in itertools.combinations(zip(sheet.words, spaces, strict=True), 2):
        assert not _overlap(here, there), (one, other)


def test_no_way_runs_through_a_box(sheet: Sheet) -> None:
    for line in sheet.lines:
        for (x0, y0), (x1, y1) in itertools.pairwise(line.points):
            segment = (min(x0, x1) - 0.1, min(y0, y1) - 0.1, max(x0, x1) + 0.1, max(y0, y1) + 0.1)
            crossed = [box.state.name for box in sheet.boxes.values() if _overlap(segment, _inside(box))]
            assert not crossed, (line, crossed)


def test_the_legend_lies_beside_everything(sheet: Sheet) -> None:
    longest = max(len(text) for _, text in LEGEND)
    legend = (0.0, 0.0, MARGIN + 28 + LETTER * longest, MARGIN + LEGEND_ROW * len(LEGEND))
    assert not any(_overlap(legend, _of_box(box)) for box in sheet.boxes.values())
    assert not any(_overlap(legend, _of_word(word)) for word in sheet.words)


def test_a_failure_is_told_from_an_early_end() -> None:
    machine = read_machine(json.loads(definition("flywheel").read_text()))
    ends = {(way.word, way.fails) for way in machine.from_("AtWhichPhase") if way.target == "EndTurn"}
    assert ends == {("nothing", False), ("too few", False), ("budget", False)}
    assert [way.fails for way in machine.from_("IsModelPromoted") if way.target == "EndTurn"] == [True]
    ways = [way.fails for way in machine.from_("IsServing") if way.target == "EndTurn"]
    assert sorted(ways) == [False, False, False, True]


def test_a_small_machine_is_drawn_with_its_loop_and_its_text_escaped() -> None:
    defined = _definition(
        {
            "Ask": {"Type": "Task", "Comment": "a < b & c", "Next": "IsIt", "Catch": [_catch("End")]},
            "IsIt": {"Type": "Choice", "Choices": [_rule("YES", "End")], "Default": "Rest"},
            "Rest": {"Type": "Wait", "Seconds": 1, "Next": "Ask"},
            "End": {"Type": "Task", "Next": "How"},
            "How": {"Type": "Choice", "Choices": [_rule("YES", "Good")], "Default": "Bad"},
            "Good": {"Type": "Succeed"},
            "Bad": {"Type": "Fail"},
        }
    )
    machine = read_machine(defined)
    assert Way("IsIt", "End", "yes") in machine.ways
    assert Way("Ask", "End", fails=True) in machine.ways
    drawn = lay_out(machine)
    assert [word.text for word in drawn.words] == ["yes", "not yet", "any failure"]
    assert drawn.boxes["Rest"].right < drawn.boxes["Ask"].x
    text = draw(machine, "A small machine")
    ET.fromstring(text)
    assert "Ask: a &lt; b &amp; c" in text
    assert text == draw(read_machine(defined), "A small machine")


# ---- shorthand -----------------------------------------------------------------------------------------------------

Space = tuple[float, float, float, float]


def _of_box(box: Box) -> Space:
    return (box.x, box.y, box.right, box.bottom)


def _inside(box: Box) -> Space:
    return (box.x + box.tip + 2, box.y + 2, box.right - box.tip - 2, box.bottom - 2)


def _of_word(word: Word) -> Space:
    width = LETTER * len(word.text)
    left = word.x - {"start": 0.0, "middle": width / 2, "end": width}[word.anchor]
    return (left, word.y - 8, left + width, word.y + 2)


def _overlap(one: Space, other: Space) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _definition(states: dict[str, Any]) -> dict[str, Any]:
    return {"Comment": "A small machine.", "StartAt": next(iter(states)), "States": states}


def _catch(target: str) -> dict[str, Any]:
    return {"ErrorEquals": ["States.ALL"], "Next": target}


def _rule(word: str, target: str) -> dict[str, Any]:
    return {"Condition": f"{{% $states.input.word = '{word}' %}}", "Next": target}
