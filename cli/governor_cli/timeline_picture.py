"""Draws a flywheel's timeline as an SVG that stands alone: F1 over versions, and the line of the active model."""

import math
from collections.abc import Sequence
from html import escape

from governor.usecases.flywheel_timeline import Entry, Fate

_COLUMN, _MOST_WIDTH, _LEAST_WIDTH = 84, 1480, 760
_LEFT, _RIGHT, _TOP, _PLOT, _BELOW = 64, 36, 92, 260, 96
_LEAST_LABEL = 58
_WORDS: dict[Fate, str] = {
    "promoted": "promoted",
    "kept": "kept out",
    "rejected": "rejected",
    "expired": "no answer",
    "in work": "in work",
    "rolled back": "rollback",
    "overridden": "override",
    "outside": "outside",
    "torn down": "torn down",
}
_STYLE = """
  .timeline { --paper: #ffffff; --ink: #1b2330; --soft: #5c6778; --rule: #e3e7ee; --active: #2563c9; --wash: #2563c91c;
    --good: #2563c9; --kept: #7a8596; --bad: #c2410c; --person: #8b3fb8; }
  @media (prefers-color-scheme: dark) {
    .timeline { --paper: #12161d; --ink: #e8ecf2; --soft: #9aa6b6; --rule: #29303b; --active: #6ea8ff;
      --wash: #6ea8ff22; --good: #6ea8ff; --kept: #8d98a9; --bad: #ff9a5c; --person: #cf9af0; }
  }
  .paper { fill: var(--paper); } .rule { stroke: var(--rule); } .wash { fill: var(--wash); }
  text { font-family: system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; fill: var(--ink); }
  .title { font-size: 19px; font-weight: 600; } .sub, .tick, .date, .key { font-size: 12px; fill: var(--soft); }
  .value { font-size: 12.5px; font-weight: 600; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
  .batch { font-size: 12.5px; }
  .active { stroke: var(--active); stroke-width: 2.5; fill: none; stroke-linejoin: round; }
  .gap { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 3; }
  .dot { stroke-width: 2; } .promoted .dot { fill: var(--good); stroke: var(--good); }
  .kept .dot, .expired .dot, .in-work .dot { fill: var(--paper); stroke: var(--kept); }
  .fail .dot, .rejected .dot { fill: var(--paper); stroke: var(--bad); }
  .rolled-back .dot, .overridden .dot, .outside .dot, .torn-down .dot { fill: var(--person); stroke: var(--person); }
  .fate { font-size: 12px; font-weight: 600; fill: var(--kept); } .promoted .fate { fill: var(--good); }
  .fail .fate, .rejected .fate { fill: var(--bad); }
  .rolled-back .fate, .overridden .fate, .outside .fate, .torn-down .fate { fill: var(--person); }
"""


def timeline_svg(flywheel: str, entries: Sequence[Entry]) -> str:
    """Return the picture. Light or dark is the reader's choice; title and description are for those who do not see."""
    width = min(_MOST_WIDTH, max(_LEAST_WIDTH, _LEFT + _RIGHT + _COLUMN * max(1, len(entries))))
    height = _TOP + _PLOT + _BELOW
    low, high, step = _scale(entries)
    names = names_of(entries)
    column = (width - _LEFT - _RIGHT) / max(1, len(entries))
    sheet = _Sheet(names, width, column, low, high, every=max(1, math.ceil(_LEAST_LABEL / column)))
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" class="timeline" role="img" aria-labelledby="title desc"',
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f'<title id="title">{escape(f"Models of flywheel {flywheel}")}</title>',
        f'<desc id="desc">{escape(described(flywheel, entries))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}" rx="10"/>',
        f'<text class="title" x="24" y="38">{escape(flywheel)}</text>',
        f'<text class="sub" x="24" y="60">{escape(_subtitle(entries, names))}</text>',
        *sheet.axis(step),
        *sheet.line(entries),
        *(sheet.entry(number, entry, newest=number == len(entries) - 1) for number, entry in enumerate(entries)),
        *_key(width),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def described(flywheel: str, entries: Sequence[Entry]) -> str:
    """Return the picture in words."""
    if not entries:
        return f"Flywheel {flywheel} has no versions yet."
    names = names_of(entries)
    return f"Flywheel {flywheel}, oldest first. " + " ".join(
        f"{entry.at:%Y-%m-%d}: {_name(entry, names)}, F1 {_number(entry.f1)}, {_word(entry)}." for entry in entries
    )


def names_of(entries: Sequence[Entry]) -> dict[str, str]:
    """Return what people call each model: the batch that trained it, or the end of its version."""
    models = {each: _short(each) for entry in entries for each in (entry.model, entry.active) if each is not None}
    return models | {entry.model: f"batch {entry.batch}" for entry in entries if entry.model and entry.batch}


class _Sheet:
    """Where a column and a score are on the sheet, and the marks at those places."""

    def __init__(
        self, names: dict[str, str], width: float, column: float, low: float, high: float, *, every: int
    ) -> None:
        self._names = names
        self._width, self._column, self._low, self._high, self._every = width, column, low, high, every

    def x(self, number: float) -> float:
        return round(_LEFT + (number + 0.5) * self._column, 1)

    def y(self, f1: float) -> float:
        return round(_TOP + (self._high - f1) / (self._high - self._low) * _PLOT, 1)

    def axis(self, step: float) -> list[str]:
        parts = [f'<text class="tick" x="24" y="{_TOP - 12}">F1</text>']
        for number in range(round((self._high - self._low) / step) + 1):
            value = self._low + number * step
            y = self.y(value)
            parts.append(f'<line class="rule" x1="{_LEFT}" x2="{self._width - _RIGHT}" y1="{y}" y2="{y}"/>')
            parts.append(f'<text class="tick" x="{_LEFT - 10}" y="{y + 4}" text-anchor="end">{value:.2f}</text>')
        return parts

    def line(self, entries: Sequence[Entry]) -> list[str]:
        """The active model's score: level until something changes, and washed below, so that it reads as ground."""
        pieces: list[list[tuple[float, float]]] = []
        open_: list[tuple[float, float]] | None = None
        for number, entry in enumerate(entries):
            if entry.active_f1 is None:
                open_ = None
                continue
            x, y = self.x(number), self.y(entry.active_f1)
            if open_ is None:
                open_ = [(x, y)]
                pieces.append(open_)
            else:
                open_ += [(x, open_[-1][1]), (x, y)]
        if open_ is not None:
            open_.append((self._width - _RIGHT, open_[-1][1]))
        floor = _TOP + _PLOT
        parts = []
        for piece in pieces:
            path = " ".join(f"{x},{y}" for x, y in piece)
            parts.append(f'<polygon class="wash" points="{piece[0][0]},{floor} {path} {piece[-1][0]},{floor}"/>')
            parts.append(f'<polyline class="active" points="{path}"/>')
        return parts

    def entry(self, number: int, entry: Entry, *, newest: bool) -> str:
        x = self.x(number)
        y = self.y(entry.f1) if entry.f1 is not None else _TOP + _PLOT
        failed = entry.verdict == "FAIL" and entry.fate == "kept"
        kind = "fail" if failed else entry.fate.replace(" ", "-")
        name = _name(entry, self._names)
        said = f"{name}: F1 {_number(entry.f1)}, {_word(entry)}"
        said += f" by {entry.who}" if entry.who else ""
        parts = [f'<g class="{kind}"><title>{escape(said)}</title>']
        if entry.baseline_f1 is not None and entry.f1 is not None and entry.fate != "promoted":
            there = self.y(entry.baseline_f1)
            parts.append(f'<line class="gap" x1="{x}" x2="{x}" y1="{y}" y2="{there}"/>')
        parts.append(self._mark(x, y, entry))
        if newest or number % self._every == 0 or entry.fate == "promoted":
            lower = entry.baseline_f1 is not None and entry.f1 is not None and entry.f1 < entry.baseline_f1
            below = lower or entry.batch is None
            labelled = y + 22 if below else y - 13
            parts.append(f'<text class="value" x="{x}" y="{labelled}" text-anchor="middle">{_number(entry.f1)}</text>')
        if newest or number % self._every == 0:
            base = _TOP + _PLOT
            parts += [
                f'<text class="batch" x="{x}" y="{base + 22}" text-anchor="middle">{escape(name)}</text>',
                f'<text class="fate" x="{x}" y="{base + 39}" text-anchor="middle">{_word(entry)}</text>',
                f'<text class="date" x="{x}" y="{base + 56}" text-anchor="middle">{entry.at.day} {entry.at:%b}</text>',
            ]
        return "".join([*parts, "</g>"])

    @staticmethod
    def _mark(x: float, y: float, entry: Entry) -> str:
        if entry.batch is None:
            corners = f"{x},{y - 7} {x + 7},{y} {x},{y + 7} {x - 7},{y}"
            return f'<polygon class="dot" points="{corners}"/>'
        return f'<circle class="dot" cx="{x}" cy="{y}" r="5.5"/>'


def _scale(entries: Sequence[Entry]) -> tuple[float, float, float]:
    """Return lowest and highest score of the axis, and the distance of its lines."""
    values = [
        value for entry in entries for value in (entry.f1, entry.active_f1, entry.baseline_f1) if value is not None
    ]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.25) if (high - low + 0.04) / step <= 7 or step == 0.25)
    bottom = max(0.0, math.floor((low - 0.02) / step) * step)
    top = min(1.0, math.ceil((high + 0.02) / step) * step)
    return bottom, max(top, bottom + step), step


def _subtitle(entries: Sequence[Entry], names: dict[str, str]) -> str:
    if not entries:
        return "No version has been judged yet."
    versions = sum(1 for entry in entries if entry.batch is not None and entry.model is not None)
    counted = f"{versions} version{'' if versions == 1 else 's'}"
    first, last = entries[0].at, entries[-1].at
    days = f"{first:%Y-%m-%d}" if first.date() == last.date() else f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
    active = entries[-1].active
    now = f"{names[active]} is active, with F1 {_number(entries[-1].active_f1)}" if active else "no model is active"
    return f"{counted}, {days}; {now}"


def _key(width: float) -> list[str]:
    y = _TOP + _PLOT + _BELOW - 14
    x: float = _LEFT
    parts = []
    for kind, shape, words in (
        ("promoted", "circle", "promoted"),
        ("kept", "circle", "kept out"),
        ("fail", "circle", "failed its gates, or rejected"),
        ("rolled-back", "diamond", "by a person's word"),
        ("line", "line", "score of the active model"),
    ):
        if shape == "line":
            parts.append(f'<line class="active" x1="{x - 6}" x2="{x + 12}" y1="{y - 4}" y2="{y - 4}"/>')
        elif shape == "circle":
            parts.append(f'<g class="{kind}"><circle class="dot" cx="{x}" cy="{y - 4}" r="4.5"/></g>')
        else:
            corners = f"{x},{y - 10} {x + 6},{y - 4} {x},{y + 2} {x - 6},{y - 4}"
            parts.append(f'<g class="{kind}"><polygon class="dot" points="{corners}"/></g>')
        parts.append(f'<text class="key" x="{x + (18 if shape == "line" else 11)}" y="{y}">{words}</text>')
        x += 38 + 5.6 * len(words) + (8 if kind == "rolled-back" else 0)
    return parts


def _word(entry: Entry) -> str:
    return "no change" if entry.fate == "kept" and entry.verdict == "NO_CHANGE" else _WORDS[entry.fate]


def _name(entry: Entry, names: dict[str, str]) -> str:
    if entry.batch is not None:
        return f"batch {entry.batch}"
    return f"to {names[entry.model]}" if entry.model else "to no model"


def _short(model: str) -> str:
    return model.rpartition("/")[2].rpartition("-")[2]


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.4f}"
