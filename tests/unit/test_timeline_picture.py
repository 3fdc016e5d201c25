"""The timeline's picture: everything is on the sheet, whatever there is to draw."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from docs.timeline import PICTURE, example
from governor.usecases.flywheel_timeline import Entry
from governor_cli.timeline_picture import described, timeline_svg

SVG = "{http://www.w3.org/2000/svg}"
FIRST = datetime(2026, 9, 1, tzinfo=UTC)


def _model(number: int) -> str:
    return f"arn:aws:comprehend:us-east-1:123456789012:document-classifier/reviews/version/Generated-{number:08x}"


def _promoted(number: int, f1: float | None) -> Entry:
    model = _model(number)
    return Entry(FIRST + timedelta(days=number), "promoted", model, f1, model, f1, batch=number + 1, verdict="PASS")


@pytest.mark.parametrize(
    "scores", [[], [0.5], [0.0, 1.0], [0.98, 0.985], [None, 0.7], [0.6 + n / 200 for n in range(60)]]
)
def test_everything_is_on_the_sheet(scores: list[float | None]) -> None:
    picture = ET.fromstring(timeline_svg("reviews", [_promoted(n, f1) for n, f1 in enumerate(scores)]))
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    for mark in picture.iter(f"{SVG}circle"):
        assert 0 < float(mark.attrib["cx"]) < width
        assert 0 < float(mark.attrib["cy"]) < height
    labels = [text for text in picture.iter(f"{SVG}text") if text.attrib["class"] == "batch"]
    places = sorted(float(text.attrib["x"]) for text in labels)
    assert all(after - before >= 20 for before, after in pairwise(places))


def test_names_are_escaped() -> None:
    entry = Entry(FIRST, "rejected", _model(1), 0.5, None, None, batch=1, verdict="PASS", who="<Ada & Co>")
    picture = timeline_svg("reviews", [entry])
    assert "&lt;Ada &amp; Co&gt;" in picture
    ET.fromstring(picture)


def test_the_description_says_what_the_picture_shows() -> None:
    rolled = Entry(FIRST + timedelta(days=9), "rolled back", _model(0), 0.7, _model(0), 0.7)
    told = described("reviews", [_promoted(0, 0.7), _promoted(1, 0.8), rolled])
    assert told.endswith("2026-09-02: batch 2, F1 0.8000, promoted. 2026-09-10: to batch 1, F1 0.7000, rollback.")
    assert described("reviews", []) == "Flywheel reviews has no versions yet."


def test_the_example_in_the_documents_is_drawn_by_this_code() -> None:
    assert PICTURE.read_text() == timeline_svg("reviews", example()), "make picture"
