"""What is on the sheet: boxes, ways and words. Lengths are pixels; x grows to the right, y grows downwards."""

from dataclasses import dataclass, field

from docs.drawing.machine import State

Point = tuple[float, float]

TIP = 0.4
"""How far a question's pointed sides reach out, as a part of its height."""


@dataclass(frozen=True)
class Box:
    """A state on the sheet: its corner above on the left, and its size."""

    state: State
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return (self.x + self.width / 2, self.y + self.height / 2)

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def tip(self) -> float:
        """How far a question's pointed sides reach out; other shapes have none."""
        return TIP * self.height if self.state.kind == "Choice" else 0

    def left_at(self, y: float) -> float:
        return self.x + self._inset(y)

    def right_at(self, y: float) -> float:
        return self.right - self._inset(y)

    def _inset(self, y: float) -> float:
        return self.tip * min(1, abs(y - self.middle[1]) / (self.height / 2))


@dataclass(frozen=True)
class Line:
    """A way: corner points, and whether an arrow stands at its end."""

    points: tuple[Point, ...]
    fails: bool = False
    arrow: bool = True


@dataclass(frozen=True)
class Word:
    """A word beside a way. `anchor`: which end of the word is at `x`."""

    text: str
    x: float
    y: float
    anchor: str = "start"
    fails: bool = False


@dataclass
class Sheet:
    """Everything that is drawn."""

    boxes: dict[str, Box] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    width: float = 0
    height: float = 0
