"""What the functions log: JSON with the ids that are known, and never a word of a document."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.people import answer, order
from tests.doubles.scenes import ends, promoted
from tests.doubles.stack import Stack

CANARY = "zanzibar-quokka"
Lines = io.StringIO


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What the logger of all functions writes from now on, in the form that it has on Lambda."""
    logger = Logger()  # the one of this service's name, as in every function
    under = logging.getLogger(logger.service)
    written, level = io.StringIO(), under.level
    handler = logging.StreamHandler(written)
    handler.setFormatter(logger.registered_formatter)
    under.addHandler(handler)
    under.setLevel("INFO")
    yield written
    under.removeHandler(handler)
    under.setLevel(level)


def _read(lines: Lines) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def _with_canary(content: bytes) -> bytes:
    return content.replace(b"bucket", CANARY.encode())


def test_a_whole_turn_s_lines_have_their_ids_and_no_text(stack: Stack, lines: Lines) -> None:
    stack.apply_policy(FLYWHEEL, policy(approval="always"))
    stack.deliver(stack.drop(train(), _with_canary(labelled(1))), stack.drop(exam(), _with_canary(labelled(2))))
    assert stack.inspect() == []
    stack.run()
    answer(stack, "approve")
    stack.run()
    assert ends(stack) == ["ModelPromoted"]
    stack.sweep()
    order(stack, "override", model=str(stack.ports.serving.read(FLYWHEEL).active))  # type: ignore[union-attr]

    written = _read(lines)
    assert CANARY not in lines.getvalue()
    assert len(written) > 12
    page = [line for line in written if line["message"] == "answered"]
    assert page, "the page knows no flywheel before it has read the row, and says nothing of what it reads"
    others = [line for line in written if line not in page]
    assert [line for line in others if line.get("flywheel") != FLYWHEEL] == []
    steps = [line for line in others if "turn" in line]
    assert {line["turn"] for line in steps} == {1}
    words = [line["message"] for line in steps]
    planned = words.index("OPEN")
    assert [line for line in steps[planned:] if line.get("batch") != 1] == []
    assert [line for line in steps[:planned] if "batch" in line] == [], "ids do not outlive their call"
    assert all("upload" in line for line in others if "turn" not in line and "order" not in line)


def test_what_is_refused_is_logged_by_its_id_alone(stack: Stack, lines: Lines) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.upload(train("bad"), f'praise,"{CANARY}\n'.encode())
    stack.deliver(stack.drop(f"{CANARY}.csv", b"x"))
    (inspected,) = [line for line in _read(lines) if line["message"] == "REFUSED" and line["flywheel"] == FLYWHEEL]
    assert len(inspected["upload"]) == 64
    assert CANARY not in lines.getvalue()


def test_a_message_that_fails_is_logged_with_what_it_was_about(stack: Stack, lines: Lines) -> None:
    stack.apply_policy(FLYWHEEL, policy())
    stack.deliver(stack.drop(train(), _with_canary(labelled(1))), stack.drop(exam(), labelled(2)))
    for _ in range(2):
        stack.faults.on("s3.PutObject", "busy")
    with pytest.raises(BatchProcessingError):
        stack.inspect()
    errors = [line for line in _read(lines) if line["level"] == "ERROR"]
    assert errors
    assert all(line["flywheel"] == FLYWHEEL and "ServiceBusyError" in line["message"] for line in errors)
    assert CANARY not in lines.getvalue()


def test_sweep_says_which_flywheel_it_could_not_see_to(stack: Stack, lines: Lines) -> None:
    promoted(stack)
    stack.faults.on("comprehend.DescribeFlywheel", "busy")
    assert stack.sweep()["faults"] == ["alpha: ServiceBusyError: No answer: EndpointConnectionError."]
    (error,) = [line for line in _read(lines) if line["level"] == "ERROR"]
    assert error["flywheel"] == FLYWHEEL
