"""Small pictures beside numbers, as inline SVG whose widths are shares of whatever room there is.

They repeat what the numbers next to them say, so they are hidden from those who listen to the page.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from governor.domain.report.content import Comparison, Estimate, GateLine
from governor.domain.report.page.markup import Markup, element, text

_PAD = 0.12
"""Of a scale's length, kept free at either end."""


@dataclass(frozen=True)
class Scale:
    """A stretch of numbers that is drawn over the whole width."""

    low: float
    high: float

    def at(self, value: float) -> str:
        """Return where a number lies, as a share of the width, never outside of it."""
        return f"{self._share(value) * 100:.2f}%"

    def _share(self, value: float) -> float:
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


WHOLE = Scale(0, 1)


def scale_of(comparisons: Iterable[Comparison]) -> Scale:
    """Return the scale, in round numbers, on which both models' estimates of all `comparisons` lie."""
    numbers = [
        number
        for each in comparisons
        for estimate in (each.candidate, each.baseline)
        if estimate is not None
        for number in (estimate.value, estimate.low, estimate.high)
        if number is not None
    ]
    if not numbers:
        return WHOLE
    spread = max(numbers) - min(numbers)
    step = 0.1 if spread > 0.3 else 0.05 if spread > 0.1 else 0.02
    low = max(0.0, math.floor((min(numbers) - spread * _PAD) / step) * step)
    high = min(1.0, math.ceil((max(numbers) + spread * _PAD) / step) * step)
    return Scale(low, high) if high - low >= step / 2 else Scale(max(0.0, low - step), min(1.0, low + step))


def bar(candidate: float | None, baseline: float | None) -> Markup:
    """Return the candidate's number as a bar from 0 to 1, and the active model's as a mark across it."""
    parts = [element("rect", class_="track", width="100%", height="6", y="5", rx="3")]
    if candidate is not None:
        parts.append(element("rect", class_="new", width=WHOLE.at(candidate), height="6", y="5", rx="3"))
    if baseline is not None:
        parts.append(_mark(WHOLE.at(baseline), 1, 15))
    return _figure("bar", 16, *parts)


def both(comparison: Comparison, scale: Scale) -> Markup:
    """Return both models' estimates, one line each, on a shared scale: a point, and the interval around it."""
    parts = [element("line", class_="rule", x1="0", x2="100%", y1="13", y2="13")]
    for estimate, look, y in ((comparison.candidate, "new", 7), (comparison.baseline, "old", 19)):
        if estimate is not None:
            parts.extend(_point(estimate, scale, look, y))
    return _figure("both", 26, *parts)


def axis(scale: Scale) -> Markup:
    """Return the ends and the middle of a scale as numbers."""
    words = [
        element("text", f"{value:.2f}", x=x, y="11", class_=anchor)
        for value, x, anchor in (
            (scale.low, "0", "from"),
            ((scale.low + scale.high) / 2, "50%", "mid"),
            (scale.high, "100%", "to"),
        )
    ]
    return _figure("axis", 14, *words)


def against_threshold(gate: GateLine) -> Markup | None:
    """Return where a gate's number lies: what the policy asks for is the line in the middle, right of it is good.

    None if there is nothing to draw, or if the gate was missed for the margin of regressions and not for its line.
    """
    asked, found = _asked(gate), _found(gate)
    if asked is None or found is None or (gate.regression and found >= asked):
        return None
    low, high = found if gate.low is None else gate.low, found if gate.high is None else gate.high
    reach = max(abs(low - asked), abs(high - asked), abs(found - asked), 0.005) * (1 + 2 * _PAD)
    scale = Scale(asked - reach, asked + reach)
    return _figure(
        f"threshold {gate.word}",
        26,
        element("rect", class_="good", x="50%", width="50%", height="100%"),
        element("line", class_="asked", x1="50%", x2="50%", y1="0", y2="26"),
        *_point(Estimate(found, low, high), scale, "found", 13),
    )


def _asked(gate: GateLine) -> float | None:
    if isinstance(gate.threshold, str):
        share = float(gate.threshold.removesuffix("%")) / 100
        points = None if gate.baseline is None else share * gate.baseline
    else:
        points = gate.threshold
    return -points if gate.rule == "drop_at_most" and points is not None else points


def _found(gate: GateLine) -> float | None:
    if gate.rule == "at_least" or gate.candidate is None:
        return gate.candidate
    return None if gate.baseline is None else gate.candidate - gate.baseline


def share(part: int, whole: int) -> Markup:
    """Return a count as a bar of a larger one."""
    width = f"{100 * part / whole if whole else 0:.2f}%"
    return _figure(
        "bar",
        16,
        element("rect", class_="track", width="100%", height="6", y="5", rx="3"),
        element("rect", class_="count", width=width, height="6", y="5", rx="3"),
    )


def _point(estimate: Estimate, scale: Scale, look: str, y: int) -> list[Markup]:
    parts = []
    if estimate.low is not None and estimate.high is not None:
        ends = {"x1": scale.at(estimate.low), "x2": scale.at(estimate.high)}
        parts.append(element("line", class_=f"span {look}", y1=str(y), y2=str(y), **ends))
    return [*parts, element("circle", class_=look, cx=scale.at(estimate.value), cy=str(y), r="4.5")]


def _mark(x: str, top: int, bottom: int) -> Markup:
    """Return a line with a seam in the ground's colour, so that it can be seen across a bar."""
    ends = {"x1": x, "x2": x, "y1": str(top), "y2": str(bottom)}
    return text(element("line", class_="seam", **ends), element("line", class_="old", **ends))


def _figure(kind: str, height: int, *parts: Markup) -> Markup:
    return element("svg", *parts, class_=kind, width="100%", height=str(height), aria_hidden="true", focusable="false")
