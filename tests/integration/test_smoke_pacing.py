"""Smoke documents are asked no faster than the endpoint answers, and an endpoint that is too busy is waited for."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from tests.doubles.data import FLYWHEEL, labelled, train
from tests.doubles.people import active
from tests.doubles.scenes import ends
from tests.doubles.stack import Stack
from tests.integration.test_way_of_serving import RIGHT, WRONG, drop_good, put, smoke

ASK = "comprehend.ClassifyDocument"
MANY = RIGHT * 16
DOCUMENTS = 48


@pytest.fixture
def asked(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> list[tuple[datetime, str]]:
    """Every question that was answered: when, and its text."""
    found: list[tuple[datetime, str]] = []
    ask = stack.ports.endpoints.classify

    def classify(arn: str, text: str) -> Any:
        answers = ask(arn, text)
        found.append((stack.clock.now(), text))
        return answers

    monkeypatch.setattr(stack.ports.endpoints, "classify", classify)
    return found


def _texts(content: bytes) -> list[str]:
    return [line.partition(",")[2] for line in content.decode().splitlines()]


def _second_turn(stack: Stack) -> Any:
    stack.deliver(stack.drop(train("2"), labelled(2, per_label=40)))
    assert stack.inspect() == []
    return stack.machine.executions["alpha-2"]


def test_many_documents_are_asked_in_several_looks_at_the_pace_of_the_endpoint(
    stack: Stack, asked: list[tuple[datetime, str]]
) -> None:
    smoke(stack, MANY)
    put(stack)
    drop_good(stack, 1)

    assert ends(stack) == ["ModelPromoted"]
    assert [text for _, text in asked] == _texts(MANY), "each once, in order"
    looks: dict[datetime, list[str]] = {}
    for at, text in asked:
        looks.setdefault(at, []).append(text)
    assert 2 <= len(looks) <= 5
    for (at, texts), (later, _) in pairwise(looks.items()):
        assert (later - at).total_seconds() >= max(len(texts) / 2, sum(map(len, texts)) / 100)


def test_more_units_are_asked_more_at_once(stack: Stack, asked: list[tuple[datetime, str]]) -> None:
    smoke(stack, MANY)
    put(stack, inference_units=10)
    drop_good(stack, 1)
    assert len(asked) == DOCUMENTS
    assert len({at for at, _ in asked}) == 1


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_endpoint_that_is_too_busy_is_waited_for_and_asked_from_there_on(
    stack: Stack, asked: list[tuple[datetime, str]], number: int
) -> None:
    smoke(stack, RIGHT)
    put(stack)
    drop_good(stack, 1)
    asked.clear()
    execution = _second_turn(stack).run_until("VerifyServing")
    stack.faults.clear()
    for _ in range(number - 1):
        stack.faults.on(ASK, lambda: None)
    stack.faults.on(ASK, "busy")
    execution.run()

    assert stack.faults.came_to_pass
    assert ends(stack) == ["ModelPromoted"] * 2
    assert [text for _, text in asked] == _texts(RIGHT)
    assert asked[-1][0] > asked[0][0] or number == 1


def test_an_endpoint_that_is_too_busy_for_good_ends_the_turn_red_and_the_model_stays(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    from governor.domain.errors import ServiceBusyError  # noqa: PLC0415

    def refuse(arn: str, text: str) -> Any:
        raise ServiceBusyError("ClassifyDocument: ThrottlingException.")

    smoke(stack, RIGHT)
    put(stack)
    with monkeypatch.context() as busy:
        busy.setattr(stack.ports.endpoints, "classify", refuse)
        drop_good(stack, 1)
    assert ends(stack) == ["TurnFailed"]
    assert active(stack) is not None
    assert "too busy for the smoke documents" in stack.notices.mails[-2][1]


def test_a_wrong_answer_of_a_later_look_restores_the_previous_model(
    stack: Stack, asked: list[tuple[datetime, str]]
) -> None:
    smoke(stack, MANY)
    put(stack)
    drop_good(stack, 1)
    first = active(stack)
    asked.clear()
    smoke(stack, MANY + WRONG)
    _second_turn(stack).run()

    assert ends(stack)[-1] == "ActiveModelKept"
    assert active(stack) == first
    assert len(asked) == DOCUMENTS + 2
    change = stack.ports.serving.last_change(FLYWHEEL)
    assert change is not None
    assert f"basic.csv, document {DOCUMENTS + 1}" in change.why


def test_documents_that_change_between_two_looks_are_asked_from_the_first_on(
    stack: Stack, asked: list[tuple[datetime, str]]
) -> None:
    smoke(stack, MANY)
    put(stack)
    drop_good(stack, 1)
    asked.clear()
    execution = _second_turn(stack).run_until("WaitForServing")
    while not asked:
        execution.step()
        execution.run_until("WaitForServing")
    before = len(asked)
    assert 0 < before < DOCUMENTS
    smoke(stack, WRONG)
    execution.run()
    assert ends(stack)[-1] == "ActiveModelKept"
    assert [text for _, text in asked[before:]] == _texts(WRONG)
