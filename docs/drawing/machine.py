"""Reads a state machine as a graph: states in reading order and the ways between them, each with its word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["Task", "Choice", "Wait", "Succeed", "Fail"]

_WORD = re.compile(r"= '([A-Z_]+)'")
_ENDING = re.compile(r"'([A-Z_]+)'")


@dataclass(frozen=True)
class State:
    """A state and what it is for."""

    name: str
    kind: Kind
    comment: str = ""

    @property
    def is_outcome(self) -> bool:
        return self.kind in {"Succeed", "Fail"}


@dataclass(frozen=True)
class Way:
    """A way from one state to another.

    `word`: what the machine goes this way for, in lower case, empty where there is nothing to say. `fails`: it is
    taken after an error or a bound that was reached.
    """

    source: str
    target: str
    word: str = ""
    fails: bool = False


@dataclass(frozen=True)
class Machine:
    """A state machine in the order in which it is written, which is the order in which it is read."""

    comment: str
    states: tuple[State, ...]
    ways: tuple[Way, ...]

    def state(self, name: str) -> State:
        return next(state for state in self.states if state.name == name)

    def from_(self, name: str) -> list[Way]:
        return [way for way in self.ways if way.source == name]

    def to(self, name: str) -> list[Way]:
        return [way for way in self.ways if way.target == name]


def read_machine(definition: dict[str, Any]) -> Machine:
    """Return the graph of a definition in Amazon States Language with JSONata."""
    states = tuple(State(name, state["Type"], state.get("Comment", "")) for name, state in definition["States"].items())
    ways = [way for name, state in definition["States"].items() for way in _ways(name, state)]
    return Machine(definition["Comment"], states, tuple(dict.fromkeys(ways)))


def _ways(name: str, state: dict[str, Any]) -> Iterator[Way]:
    for choice in state.get("Choices", []):
        fails = _fails(choice)
        yield Way(name, choice["Next"], "" if fails else _spoken(_WORD.findall(choice["Condition"])), fails)
    if "Default" in state:
        yield Way(name, state["Default"], _spoken(_endings(state)), _fails(state))
    if "Next" in state:
        yield Way(name, state["Next"])
    for catch in state.get("Catch", []):
        yield Way(
            name, catch["Next"], "also on time-out" if catch["ErrorEquals"] == ["States.Timeout"] else "", fails=True
        )


def _fails(rule: dict[str, Any]) -> bool:
    return bool(rule.get("Assign", {}).get("failure"))


def _endings(state: dict[str, Any]) -> list[str]:
    """Return how a turn ends that goes a Choice's default way: the words that the state assigns to `ending`."""
    if _fails(state):
        return []
    ending = str(state.get("Assign", {}).get("ending", ""))
    return _ENDING.findall(ending) or ([ending] if ending else [])


def _spoken(words: list[str]) -> str:
    return " or ".join(dict.fromkeys(word.lower().replace("_", " ") for word in words))
