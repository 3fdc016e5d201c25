"""Every branch of the state machines is named, and so taken, by a test of the integration suite."""

import ast
import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_BRANCH = re.compile(r"\b(\w+) > (\w+)\b")


def _states() -> dict[str, dict[str, Any]]:
    machines = (json.loads(path.read_text()) for path in (ROOT / "statemachines").glob("*.asl.json"))
    return {name: state for machine in machines for name, state in machine["States"].items()}


def _wanted() -> set[tuple[str, str]]:
    """Return every way out of a Choice, and every way out of a Task that an error takes elsewhere than to the end."""
    wanted = set()
    for name, state in _states().items():
        if state["Type"] == "Choice":
            wanted |= {(name, rule["Next"]) for rule in state["Choices"]} | {(name, state["Default"])}
        for catcher in state.get("Catch", []):
            if catcher["Next"] not in {"EndTurn", "EndAnalysis", state["Next"]}:
                wanted.add((name, catcher["Next"]))
    return wanted


def _named() -> set[tuple[str, str]]:
    """Return the branches that docstrings name; naming one and not taking it fails a test."""
    named: set[tuple[str, str]] = set()
    for path in (ROOT / "tests" / "integration").glob("test_way_of_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and "stack" in {argument.arg for argument in node.args.args}:
                named |= set(_BRANCH.findall(ast.get_docstring(node) or ""))
    return named


def test_every_branch_of_the_machine_is_taken_by_a_test() -> None:
    assert _wanted() - _named() == set()


def test_no_test_names_a_branch_that_the_machine_does_not_have() -> None:
    unknown = {name for branch in _named() for name in branch} - _states().keys()
    assert unknown == set()
