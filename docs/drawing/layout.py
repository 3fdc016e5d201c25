"""Places a machine on a sheet: pure arithmetic, the same picture every time.

The states of a turn form a spine in reading order. To its left run the loops and the ways that skip states; to its
right leave the ways that end the turn early: failures on an inner, dashed rail, everything else on an outer one. The
outcomes stand below. Lengths are pixels; x grows to the right, y grows downwards.
"""

from collections import defaultdict
from collections.abc import Sequence

from docs.drawing.machine import Kind, Machine, State, Way
from docs.drawing.sheet import Box, Line, Sheet, Word

SPINE_WIDTH = 190
TASK_HEIGHT = 34
SMALL_HEIGHT = 30
TASK_TO_QUESTION = 15
GAP = 24
FIRST_LANE = 92
LANE = 20
FAILURE_RAIL = 26
EARLY_END_RAIL = 168
PORT = 14
MARGIN = 28
OUTCOME_GAP = 12
LETTER = 7.4
"""Width of a letter of a state's name, generously."""


def lay_out(machine: Machine) -> Sheet:
    """Place all states and ways of `machine`."""
    return _Layout(machine).sheet


class _Layout:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.sheet = Sheet()
        self.spine = [state.name for state in machine.states if self._is_on_spine(state)]
        self.last = self.spine[-1]
        self.end = self._end_of_turn()
        self._place_spine()
        self._place_waits_beside()
        self._place_outcomes()
        self._draw_spine_ways()
        self._draw_left()
        self._draw_right()
        self._draw_to_outcomes()
        self._move_to_margin()

    # ---- which state stands where ----------------------------------------------------------------------------------

    def _is_on_spine(self, state: State) -> bool:
        """All but outcomes and waits that one question alone leads to: those stand beside what they repeat."""
        if state.is_outcome:
            return False
        if state.kind == "Wait":
            sources = {way.source for way in self.machine.to(state.name)}
            return len(sources) > 1 or any(self.machine.state(source).kind != "Choice" for source in sources)
        return True

    def _end_of_turn(self) -> str:
        """The state of the spine that most ways lead to: there every turn ends."""
        return max(self.spine, key=lambda name: len(self.machine.to(name)))

    def _place_spine(self) -> None:
        y = 0.0
        before: Kind | None = None
        for name in self.spine:
            state = self.machine.state(name)
            if before is not None:
                y += TASK_TO_QUESTION if state.kind == "Choice" else GAP
            height = TASK_HEIGHT if state.kind == "Task" else SMALL_HEIGHT
            self.sheet.boxes[name] = Box(state, -SPINE_WIDTH / 2, y, SPINE_WIDTH, height)
            y += height
            before = state.kind

    def _place_waits_beside(self) -> None:
        for state in self.machine.states:
            if state.kind == "Wait" and state.name not in self.spine:
                repeated = self.sheet.boxes[self.machine.from_(state.name)[0].target]
                width = _width(state.name)
                y = repeated.middle[1] - SMALL_HEIGHT / 2
                x = -SPINE_WIDTH / 2 - GAP * 1.5 - width
                self.sheet.boxes[state.name] = Box(state, x, y, width, SMALL_HEIGHT)

    def _place_outcomes(self) -> None:
        """Outcomes of the last question stand in a row below; others beside the state that they end."""
        row = [way.target for way in self.machine.from_(self.last)]
        widths = [_width(name) for name in row]
        # The middle one stands straight below, so that the fan looks even.
        before = len(row) // 2
        x = -sum(widths[:before]) - OUTCOME_GAP * before - widths[before] / 2
        y = self.sheet.boxes[self.last].bottom + 2 * GAP
        for name, width in zip(row, widths, strict=True):
            self.sheet.boxes[name] = Box(self.machine.state(name), x, y, width, SMALL_HEIGHT)
            x += width + OUTCOME_GAP
        for state in self.machine.states:
            if state.is_outcome and state.name not in row:
                source = self.machine.to(state.name)[0].source
                self._place_beside(state, self.sheet.boxes[source], left=source == self.end)

    def _place_beside(self, state: State, source: Box, *, left: bool) -> None:
        width = _width(state.name)
        x = source.x - FIRST_LANE - width + 2 * GAP if left else source.right + 3 * GAP
        self.sheet.boxes[state.name] = Box(state, x, source.middle[1] - SMALL_HEIGHT / 2, width, SMALL_HEIGHT)

    # ---- ways ------------------------------------------------------------------------------------------------------

    def _is_next_on_spine(self, way: Way) -> bool:
        return (
            way.source in self.spine
            and way.target in self.spine
            and self.spine.index(way.target) == self.spine.index(way.source) + 1
        )

    def _draw_spine_ways(self) -> None:
        for source, target in zip(self.spine, self.spine[1:], strict=False):
            ways = [way for way in self.machine.from_(source) if way.target == target]
            if not any(not way.fails for way in ways):
                continue
            top, bottom = self.sheet.boxes[source], self.sheet.boxes[target]
            self.sheet.lines.append(Line(((0, top.bottom), (0, bottom.y))))
            said = " or ".join(way.word for way in ways if way.word)
            if said:
                self.sheet.words.append(Word(said, 9, (top.bottom + bottom.y) / 2 + 3.5))

    def _draw_left(self) -> None:
        """Draw loops and skips: each on a lane of its own, the longer ones farther out, same target same lane."""
        for way in self.machine.ways:
            target = self.sheet.boxes[way.target]
            if target.state.kind == "Wait" and way.target not in self.spine:
                self._draw_wait_beside(way, target)
        groups: dict[tuple[str, bool], list[Way]] = defaultdict(list)
        for way in self.machine.ways:
            if self._runs_left(way):
                upwards = self.spine.index(way.target) < self.spine.index(way.source)
                groups[way.target, upwards].append(way)
        lanes = self._lanes(groups)
        ports = _Ports(self, groups, lanes)
        for key, ways in groups.items():
            lane_x = -SPINE_WIDTH / 2 - FIRST_LANE - LANE * lanes[key]
            edge = -SPINE_WIDTH / 2
            target_y = ports.y(key[0], key)
            for way in ways:
                source_y = ports.y(way.source, key)
                self.sheet.lines.append(
                    Line(
                        (
                            (self.sheet.boxes[way.source].left_at(source_y), source_y),
                            (lane_x, source_y),
                            (lane_x, target_y),
                            (edge, target_y),
                        )
                    )
                )
                above = source_y <= self.sheet.boxes[way.source].middle[1]
                self.sheet.words.append(Word(self._left_word(way), edge - 9, source_y + (-4 if above else 12), "end"))

    def _draw_wait_beside(self, way: Way, wait: Box) -> None:
        question = self.sheet.boxes[way.source]
        repeated = self.sheet.boxes[self.machine.from_(way.target)[0].target]
        x, y = wait.middle
        self.sheet.lines.append(Line(((question.x, question.middle[1]), (x, question.middle[1]), (x, wait.bottom))))
        self.sheet.lines.append(Line(((wait.right, y), (repeated.x, y))))
        self.sheet.words.append(Word(self._left_word(way), question.x - 9, question.middle[1] - 4, "end"))

    def _runs_left(self, way: Way) -> bool:
        ends_turn = way.target == self.end
        on_spine = way.source in self.spine and way.target in self.spine
        return on_spine and not ends_turn and not self._is_next_on_spine(way)

    def _left_word(self, way: Way) -> str:
        """The word of a way that has none of its own is where it leads: back to a wait, or past states."""
        if way.word:
            return way.word
        return "not yet" if self.machine.state(way.target).kind == "Wait" else "otherwise"

    def _lanes(self, groups: dict[tuple[str, bool], list[Way]]) -> dict[tuple[str, bool], int]:
        """Return each group's lane, from 0: a group may not share one with another whose rows overlap its own."""
        taken: list[list[tuple[int, int]]] = []
        lanes: dict[tuple[str, bool], int] = {}
        for key, (top, bottom) in sorted(
            ((key, self._rows(key, ways)) for key, ways in groups.items()),
            key=lambda each: (each[1][1] - each[1][0], each[1][0]),
        ):
            lane = next(
                (n for n, rows in enumerate(taken) if all(bottom < low or high < top for low, high in rows)),
                len(taken),
            )
            if lane == len(taken):
                taken.append([])
            taken[lane].append((top, bottom))
            lanes[key] = lane
        return lanes

    def _rows(self, key: tuple[str, bool], ways: Sequence[Way]) -> tuple[int, int]:
        rows = [self.spine.index(name) for name in (key[0], *(way.source for way in ways))]
        return min(rows), max(rows)

    def _draw_right(self) -> None:
        """Draw what ends the turn early: a stub to a rail, and the two rails down to the end of the turn."""
        end = self.sheet.boxes[self.end]
        for fails, offset in ((True, FAILURE_RAIL), (False, EARLY_END_RAIL)):
            ways = [
                way
                for way in self.machine.to(self.end)
                if way.fails == fails and not (self._is_next_on_spine(way) and not way.fails)
            ]
            if not ways:
                continue
            rail = SPINE_WIDTH / 2 + offset
            entry = end.middle[1] + (-PORT / 2 if fails else PORT / 2)
            starts = []
            for source in dict.fromkeys(way.source for way in ways):
                box = self.sheet.boxes[source]
                both = len({way.fails for way in self.machine.from_(source) if way.target == self.end}) > 1
                y = box.middle[1] + ((PORT / 2 if fails else -PORT / 2) if both else 0)
                starts.append(y)
                self.sheet.lines.append(Line(((box.right_at(y), y), (rail, y)), fails, arrow=False))
                said = " or ".join(way.word for way in ways if way.source == source and way.word)
                if said:
                    self.sheet.words.append(Word(said, SPINE_WIDTH / 2 + FAILURE_RAIL + 9, y - 4))
            self.sheet.lines.append(Line(((rail, min(starts)), (rail, entry), (end.right, entry)), fails))
            if fails:
                self.sheet.words.append(Word("any failure", rail + 9, entry - PORT - 1, fails=True))

    def _draw_to_outcomes(self) -> None:
        last = self.sheet.boxes[self.last]
        bus = last.bottom + GAP
        for way in self.machine.ways:
            target = self.sheet.boxes[way.target]
            if not target.state.is_outcome:
                continue
            if way.source == self.last:
                x = target.middle[0]
                corners = ((0.0, last.bottom), (0.0, bus), (x, bus), (x, target.y))
                self.sheet.lines.append(Line(corners if x else corners[::3], target.state.kind == "Fail"))
                continue
            source = self.sheet.boxes[way.source]
            y = target.middle[1]
            edges = (source.right, target.x) if target.x > source.x else (source.x, target.right)
            self.sheet.lines.append(Line(((edges[0], y), (edges[1], y)), way.fails))
            if way.word:
                self.sheet.words.append(Word(way.word, (edges[0] + edges[1]) / 2, y - 5, "middle"))

    # ---- the sheet -------------------------------------------------------------------------------------------------

    def _move_to_margin(self) -> None:
        """Move everything so that the sheet begins at 0, 0."""
        sheet = self.sheet
        points = [point for line in sheet.lines for point in line.points]
        left = min([box.x for box in sheet.boxes.values()] + [x for x, _ in points]) - MARGIN
        right = max([box.right for box in sheet.boxes.values()] + [x for x, _ in points]) + MARGIN
        # The spine stands in the middle, so that the sheet looks right beside text.
        half = max(-left, right)
        dx, dy = half, MARGIN
        sheet.boxes = {
            name: Box(box.state, box.x + dx, box.y + dy, box.width, box.height) for name, box in sheet.boxes.items()
        }
        sheet.lines = [
            Line(tuple((x + dx, y + dy) for x, y in line.points), line.fails, line.arrow) for line in sheet.lines
        ]
        sheet.words = [Word(word.text, word.x + dx, word.y + dy, word.anchor, word.fails) for word in sheet.words]
        sheet.width = 2 * half
        sheet.height = max(box.bottom for box in sheet.boxes.values()) + MARGIN


class _Ports:
    """Where the ways on the left touch a state: in the order that lets none cross another there."""

    def __init__(
        self, layout: _Layout, groups: dict[tuple[str, bool], list[Way]], lanes: dict[tuple[str, bool], int]
    ) -> None:
        self._boxes = layout.sheet.boxes
        touching: dict[str, list[tuple[bool, int, tuple[str, bool]]]] = defaultdict(list)
        for key, ways in groups.items():
            target, upwards = key
            # A way that goes upwards leaves its source to above, and comes to its target from below.
            touching[target].append((not upwards, lanes[key], key))
            for source in dict.fromkeys(way.source for way in ways):
                touching[source].append((upwards, lanes[key], key))
        self._order = {
            name: [key for *_, key in sorted(ends, key=lambda end: (not end[0], end[1] if end[0] else -end[1]))]
            for name, ends in touching.items()
        }

    def y(self, name: str, key: tuple[str, bool]) -> float:
        order = self._order[name]
        return self._boxes[name].middle[1] + PORT * (order.index(key) - (len(order) - 1) / 2)


def _width(name: str) -> float:
    return round(len(name) * LETTER + 22)
