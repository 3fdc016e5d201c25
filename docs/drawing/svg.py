"""Writes a sheet as SVG: self-contained, readable in light and dark.

A title and a description are for readers who do not see it. Where the file is opened by itself, the comment of a state
appears when the pointer rests on it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from docs.drawing.layout import MARGIN, lay_out
from docs.drawing.machine import Kind, Machine, State, read_machine
from docs.drawing.sheet import Box, Line, Point, Sheet, Word

DOCS = Path(__file__).resolve().parents[1]
TITLES = {"flywheel": "The state machine of a turn", "analysis": "The state machine of an analysis"}
"""Of the pictures, by machine. Each is drawn from its definition."""

LEGEND: tuple[tuple[Kind, str], ...] = (
    ("Task", "a step, one Lambda function"),
    ("Choice", "a question"),
    ("Wait", "a wait: nothing runs"),
    ("Succeed", "it ends, green"),
    ("Fail", "it ends, red"),
)
LEGEND_ROW = 17
_LEGEND_MARK = (20, 11)
_CORNER = 7
_STYLE = """
    text { font: 12.5px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
    .sheet { fill: #ffffff; stroke: #d8dee4; }
    .box { stroke-width: 1.3; }
    .name { text-anchor: middle; fill: #1c2430; }
    .Task { fill: #e4eefb; stroke: #3c6fb0; }  .Task + .name { font-weight: 600; }
    .Choice { fill: #fdf3dc; stroke: #b8862b; }
    .Wait { fill: #eef0f3; stroke: #7d8793; stroke-dasharray: 4 3; }
    .Succeed { fill: #e0f4e6; stroke: #2f8a4c; }
    .Fail { fill: #fdeaea; stroke: #b9504f; }
    .way { fill: none; stroke: #4a5563; stroke-width: 1.4; }
    .tip { fill: #4a5563; }
    .word { font-size: 11px; fill: #566170; }
    .failing.way { stroke: #c38382; stroke-width: 1.1; stroke-dasharray: 3 3; }
    .failing.tip { fill: #c38382; } .failing.word { fill: #a9605f; }
    @media (prefers-color-scheme: dark) {
      .sheet { fill: #10151c; stroke: #2b3440; }
      .name { fill: #e8edf3; }
      .Task { fill: #1b2f49; stroke: #6ea3e0; }
      .Choice { fill: #3a2f17; stroke: #d0a24c; }
      .Wait { fill: #222933; stroke: #8b96a4; }
      .Succeed { fill: #17352190; stroke: #57b878; }
      .Fail { fill: #3d1f2190; stroke: #d47e7c; }
      .way { stroke: #a3afbd; } .tip { fill: #a3afbd; } .word { fill: #a8b3c0; }
      .failing.way { stroke: #8d5656; } .failing.tip { fill: #8d5656; } .failing.word { fill: #c98b8a; }
    }
"""


def picture(name: str) -> Path:
    """Return where the picture of a machine is."""
    return DOCS / f"{name}.svg"


def definition(name: str) -> Path:
    """Return where a machine is defined."""
    return DOCS.parent / "statemachines" / f"{name}.asl.json"


def draw_from_file(name: str) -> str:
    """Return the picture of a machine of this repository."""
    return draw(read_machine(json.loads(definition(name).read_text(encoding="utf-8"))), TITLES[name])


def draw(machine: Machine, title: str) -> str:
    """Return the picture of `machine` as an SVG document."""
    sheet = lay_out(machine)
    width, height = round(sheet.width), round(sheet.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"',
        '  role="img" aria-labelledby="title description">',
        f'  <title id="title">{escape(title)}</title>',
        f'  <desc id="description">{escape(_description(machine))}</desc>',
        f"  <style>{_STYLE}  </style>",
        f'  <rect class="sheet" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="10"/>',
        *_lines(sheet),
        *_words(sheet),
        *(part for box in sheet.boxes.values() for part in _box(box)),
        *_legend(),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _description(machine: Machine) -> str:
    """Return the machine in words: its comment, then where each state leads."""
    leads = []
    for state in machine.states:
        targets = list(dict.fromkeys(way.target for way in machine.from_(state.name)))
        if targets:
            leads.append(f"{state.name} leads to {', '.join(targets)}.")
    return " ".join([machine.comment, *leads])


def _box(box: Box) -> Iterator[str]:
    state, (x, y) = box.state, box.middle
    yield "  <g>"
    yield f"    <title>{escape(': '.join(text for text in (state.name, state.comment) if text))}</title>"
    yield f"    {_shape(box)}"
    yield f'    <text class="name" x="{_n(x)}" y="{_n(y + 4.3)}">{escape(state.name)}</text>'
    yield "  </g>"


def _shape(box: Box) -> str:
    if box.state.kind != "Choice":
        radius = 6 if box.state.kind == "Task" else box.height / 2
        return (
            f'<rect class="box {box.state.kind}" x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" '
            f'height="{_n(box.height)}" rx="{_n(radius)}"/>'
        )
    tip, (_, y) = box.tip, box.middle
    corners = [
        (box.x, y),
        (box.x + tip, box.y),
        (box.right - tip, box.y),
        (box.right, y),
        (box.right - tip, box.bottom),
        (box.x + tip, box.bottom),
    ]
    return f'<polygon class="box Choice" points="{" ".join(f"{_n(x)},{_n(y)}" for x, y in corners)}"/>'


def _legend() -> Iterator[str]:
    """Say what the shapes mean, in the free corner beside the first state."""
    width, height = _LEGEND_MARK
    for row, (kind, text) in enumerate(LEGEND):
        y = MARGIN + LEGEND_ROW * row
        yield f"  {_shape(Box(State('', kind), MARGIN, y, width, height))}"
        yield f"  {_word(Word(text, MARGIN + width + 8, y + height - 1.5)).strip()}"


def _lines(sheet: Sheet) -> Iterator[str]:
    """Failures first, so that the other ways run over them."""
    for line in sorted(sheet.lines, key=lambda each: not each.fails):
        failing = "failing " if line.fails else ""
        yield f'  <path class="{failing}way" d="{_path(line)}"/>'
        if line.arrow:
            yield f'  <path class="{failing}tip" d="{_arrow(*line.points[-2:])}"/>'


def _path(line: Line) -> str:
    """Return the path through the points, with round corners."""
    points = line.points
    parts = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        into, out = _towards(corner, before), _towards(corner, after)
        parts.append(f"L{_n(into[0])} {_n(into[1])}Q{_n(corner[0])} {_n(corner[1])} {_n(out[0])} {_n(out[1])}")
    parts.append(f"L{_n(points[-1][0])} {_n(points[-1][1])}")
    return "".join(parts)


def _towards(corner: Point, other: Point) -> Point:
    """Return the point where the rounding of `corner` begins on the way to `other`."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = abs(dx) + abs(dy)
    share = min(_CORNER, length / 2) / length if length else 0
    return (corner[0] + dx * share, corner[1] + dy * share)


def _arrow(before: Point, end: Point) -> str:
    (x0, y0), (x, y) = before, end
    length = abs(x - x0) + abs(y - y0)
    dx, dy = (x - x0) / length, (y - y0) / length
    left = (x - 7 * dx - 3.4 * dy, y - 7 * dy + 3.4 * dx)
    right = (x - 7 * dx + 3.4 * dy, y - 7 * dy - 3.4 * dx)
    return "M" + "L".join(f"{_n(px)} {_n(py)}" for px, py in (end, left, right)) + "Z"


def _words(sheet: Sheet) -> Iterator[str]:
    for word in sheet.words:
        yield _word(word)


def _word(word: Word) -> str:
    anchor = "" if word.anchor == "start" else f' text-anchor="{word.anchor}"'
    failing = "failing " if word.fails else ""
    return f'  <text class="{failing}word" x="{_n(word.x)}" y="{_n(word.y)}"{anchor}>{escape(word.text)}</text>'


def _n(number: float) -> str:
    """Return the number with at most one decimal."""
    return f"{number:.1f}".removesuffix(".0")
