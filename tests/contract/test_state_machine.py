"""The state machines: what neither AWS's validator nor a linter says, and what the emulator would forgive."""

import inspect
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import jsonata
import pytest

from governor.domain import errors
from tests.contract.template import ROOT

MACHINES: dict[str, dict[str, Any]] = {
    path.name.partition(".")[0]: json.loads(path.read_text()) for path in (ROOT / "statemachines").glob("*.asl.json")
}
STATES: dict[str, dict[str, Any]] = {
    name: state for each in MACHINES.values() for name, state in each["States"].items()
}
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
CHOICES = {name: state for name, state in STATES.items() if state["Type"] == "Choice"}

# Where a task goes when all else fails: before the turn is taken there is nothing to release; then only EndTurn may.
# The machine `analysis` does the same with its row.
LAST_RESORT = {
    **dict.fromkeys(MACHINES["flywheel"]["States"], "EndTurn"),
    **dict.fromkeys(MACHINES["analysis"]["States"], "EndAnalysis"),
    "TakeTurn": "TurnRefused",
    "EndTurn": "TurnNotReleased",
    "TakeAnalysis": "AnalysisRefused",
    "EndAnalysis": "AnalysisNotReleased",
}
OF_LAMBDA = {
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
}
OF_STATES = {"States.ALL", "States.Timeout"}
MONTH = 30 * 24 * 3600


def _classes(base: type[Exception]) -> set[str]:
    return {name for name, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, base)}


def _targets(state: dict[str, Any]) -> list[str]:
    found = [state[key] for key in ("Next", "Default") if key in state]
    found += [branch["Next"] for branch in [*state.get("Choices", []), *state.get("Catch", [])]]
    return found


def _expressions(tree: Any) -> Iterator[str]:
    if isinstance(tree, str) and tree.startswith("{%"):
        yield tree.removeprefix("{%").removesuffix("%}").strip()
    for item in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []:
        yield from _expressions(item)


def _assigns(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        if "Assign" in tree:
            yield tree["Assign"]
        for item in tree.values():
            yield from _assigns(item)
    if isinstance(tree, list):
        for item in tree:
            yield from _assigns(item)


# -- shape -------------------------------------------------------------------------------------------------------------


def test_no_two_machines_have_a_state_of_the_same_name() -> None:
    assert sum(len(machine["States"]) for machine in MACHINES.values()) == len(STATES)


def test_it_is_jsonata_throughout() -> None:
    assert {machine["QueryLanguage"] for machine in MACHINES.values()} == {"JSONata"}
    assert all("QueryLanguage" not in state for state in STATES.values())


@pytest.mark.parametrize("machine", MACHINES)
def test_every_link_leads_to_a_state_and_every_state_is_reached(machine: str) -> None:
    reached, ahead, states = set(), [MACHINES[machine]["StartAt"]], MACHINES[machine]["States"]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += _targets(states[name])
    assert reached == states.keys()


def test_every_path_ends_in_an_outcome() -> None:
    for name, state in STATES.items():
        assert "End" not in state, name
        assert bool(_targets(state)) == (state["Type"] not in {"Succeed", "Fail"}), name


def test_questions_end_with_a_default() -> None:
    assert [name for name, state in CHOICES.items() if "Default" not in state] == []


def test_a_failure_names_itself_and_its_cause() -> None:
    for state in STATES.values():
        if state["Type"] == "Fail":
            assert state["Error"] == "{% $failure.error %}"
            assert state["Cause"] == "{% $failure.cause %}"


def test_machine_and_tasks_say_why() -> None:
    assert all(machine["Comment"] for machine in MACHINES.values())
    assert [name for name, state in TASKS.items() if not state.get("Comment")] == []


# -- failing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TASKS)
def test_a_task_that_fails_for_good_releases_the_turn(name: str) -> None:
    last = TASKS[name]["Catch"][-1]
    assert last["ErrorEquals"] == ["States.ALL"]
    assert last["Next"] == LAST_RESORT[name]
    assert last["Assign"]["failure"].keys() == {"error", "cause"}


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_a_timeout_that_is_a_number(name: str) -> None:
    timeout = TASKS[name]["TimeoutSeconds"]
    assert isinstance(timeout, int)
    assert 0 < timeout <= MONTH


@pytest.mark.parametrize("name", TASKS)
def test_what_passes_is_tried_again_with_full_jitter_and_what_is_lasting_is_not(name: str) -> None:
    retried: set[str] = set()
    for retrier in TASKS[name]["Retry"]:
        assert retrier["JitterStrategy"] == "FULL"
        assert 1 <= retrier["MaxAttempts"] <= 10
        longest = retrier["IntervalSeconds"] * retrier["BackoffRate"] ** (retrier["MaxAttempts"] - 1)
        assert min(longest, retrier.get("MaxDelaySeconds", longest)) <= 300
        retried |= set(retrier["ErrorEquals"])
    assert retried & _classes(errors.PermanentError) == set()
    assert _classes(errors.TransientError) - {"TransientError"} <= retried
    assert retried >= OF_LAMBDA


def test_every_error_name_is_a_class_or_aws_own() -> None:
    caught = [branch for state in TASKS.values() for branch in [*state["Retry"], *state["Catch"]]]
    named = {error for branch in caught for error in branch["ErrorEquals"]}
    literal = {
        assigned["failure"]["error"]
        for assigned in _assigns(STATES)
        if isinstance(assigned.get("failure"), dict) and not assigned["failure"]["error"].startswith("{%")
    }
    assert named | literal <= _classes(errors.GovernorError) | OF_LAMBDA | OF_STATES


# -- expressions -------------------------------------------------------------------------------------------------------


def test_every_expression_is_jsonata() -> None:
    for expression in _expressions(MACHINES):
        jsonata.Jsonata.jsonata(expression)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_variable_is_assigned_somewhere(machine: str) -> None:
    states = MACHINES[machine]["States"]
    assigned = {name for assign in _assigns(states) for name in assign}
    used = {name for expression in _expressions(states) for name in re.findall(r"\$(\w+)(?!\w*\()", expression)}
    assert used - assigned - {"states"} == set()


def test_no_assignment_reads_what_it_assigns_beside() -> None:
    # On AWS all expressions of one Assign see the old values; the emulator shows each the new ones of those before it.
    for assign in _assigns(STATES):
        for name, value in assign.items():
            read = {found for text in _expressions(value) for found in re.findall(r"\$(\w+)", text)}
            assert read & assign.keys() <= {name}


def test_nothing_is_used_that_the_emulator_ignores() -> None:
    assert all("TimeoutSeconds" not in machine for machine in MACHINES.values())
    for name, state in STATES.items():
        assert "HeartbeatSeconds" not in state, name
        if state["Type"] in {"Succeed", "Choice"}:
            assert "Output" not in state, name


def test_metrics_are_not_compared_here() -> None:
    assert [
        text for text in _expressions(STATES) if re.search(r"f1|precision|recall|accuracy", text, re.IGNORECASE)
    ] == []


def test_the_task_token_goes_to_one_function_and_nowhere_else() -> None:
    waiting = [name for name, state in TASKS.items() if state["Resource"].endswith(".waitForTaskToken")]
    holding = [name for name, state in STATES.items() if "Task.Token" in json.dumps(state)]
    assert waiting == holding == ["RequestApproval"]
    assert "Task.Token" in str(TASKS["RequestApproval"]["Arguments"])
    assert "Task.Token" not in json.dumps([TASKS["RequestApproval"].get(key) for key in ("Assign", "Output", "Catch")])


# -- loops -------------------------------------------------------------------------------------------------------------


def _cycles() -> list[tuple[str, ...]]:
    """Every simple cycle, as the names of its states in order, beginning with the alphabetically first."""
    found = set()

    def walk(path: list[str]) -> None:
        for target in set(_targets(STATES[path[-1]])):
            if target == path[0] and path[0] == min(path):
                found.add(tuple(path))
            elif target not in path and target > path[0]:
                walk([*path, target])

    for name in STATES:
        walk([name])
    return sorted(found)


def _is_bounded(cycle: tuple[str, ...]) -> bool:
    """Whether some counter grows on the way round, is reset nowhere on it, and leaves it when it is too high."""
    edges = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
    taken = [assign for source, target in edges for assign in _assigns_on(source, target)]
    counters = {name for assign in taken for name, value in assign.items() if value == f"{{% ${name} + 1 %}}"}
    reset = {name for assign in taken for name, value in assign.items() if value != f"{{% ${name} + 1 %}}"}
    return any(
        _leaves(source, target, counter)
        for counter, (source, target) in itertools.product(counters - reset, edges)
        if source in CHOICES
    )


def _assigns_on(source: str, target: str) -> list[dict[str, Any]]:
    state = STATES[source]
    if state["Type"] != "Choice":
        return [state.get("Assign", {})]
    if state["Default"] == target:
        return [state.get("Assign", {})]
    return [rule.get("Assign", {}) for rule in state["Choices"] if rule["Next"] == target][:1]


def _leaves(source: str, target: str, counter: str) -> bool:
    for rule in STATES[source]["Choices"]:
        condition = rule["Condition"]
        if rule["Next"] == target:
            return bool(re.search(rf"\${counter} <=? \d+", condition)) and " or " not in condition
        if re.search(rf"^{{%\s*\${counter} >=? \d+\s*%}}$", condition):
            return True
    return False


def test_there_are_loops_to_look_at() -> None:
    assert len(_cycles()) >= 4


@pytest.mark.parametrize("cycle", _cycles(), ids=">".join)
def test_a_loop_has_a_bound(cycle: tuple[str, ...]) -> None:
    assert _is_bounded(cycle)


@pytest.mark.parametrize("machine", MACHINES)
def test_all_loops_together_keep_the_history_short(machine: str) -> None:
    """Step Functions ends an execution at 25,000 events; a tenth of that stays readable. Retries come on top."""
    events = {"Task": 5, "Wait": 2, "Choice": 2, "Succeed": 2, "Fail": 2}
    states = MACHINES[machine]["States"]
    waits = 0
    for name, state in states.items():
        if state["Type"] == "Wait":
            loop = next(cycle for cycle in _cycles() if name in cycle and len(cycle) == 3)
            waits += _bound(loop) * sum(events[states[each]["Type"]] for each in loop)
    once = sum(events[state["Type"]] for state in states.values())
    if machine == "analysis":
        rounds = max(int(found) for found in re.findall(r"\$round < (\d+)", json.dumps(states)))
        assert (waits + once) * rounds < 2_500
        return
    asked = max(int(found) for found in re.findall(r"\$asked (?:<|>=) (\d+)", json.dumps(STATES)))
    judged, sat = (
        max(int(found) for found in re.findall(rf"\${counter} < (\d+)", json.dumps(STATES)))
        for counter in ("judged", "sat")
    )
    assert waits + asked * 21 + judged * 26 + sat * 29 + once < 2_500


def _bound(loop: tuple[str, ...]) -> int:
    conditions = [rule["Condition"] for name in loop if name in CHOICES for rule in STATES[name]["Choices"]]
    return max(int(found) for condition in conditions for found in re.findall(r"\$look (?:<|>=) (\d+)", condition))
