"""Every constraint of every input of every imitated operation, at and past its bound, on the wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import regex

from comprehend_local import Comprehend, DirectoryObjects, ManualClock, Settings
from tests.conformance.boundaries import Case, cases
from tests.conformance.drivers import InProcess
from tests.conformance.samples import SAMPLES
from tests.conformance.script import operations
from tests.conformance.shapes import document

REFUSALS = ("ValidationException", "SerializationException")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    """A server whose buckets are empty."""
    comprehend = Comprehend(Settings(), DirectoryObjects(tmp_path_factory.mktemp("buckets")), clock=ManualClock())
    yield InProcess(comprehend)
    comprehend.close()


@pytest.mark.parametrize("operation", sorted(operations()))
def test_constraints_are_enforced_at_and_past_their_bounds(server: InProcess, operation: str) -> None:
    wrong = [problem for case in cases(operation) if (problem := _problem(server, case))]

    assert not wrong, "\n".join(wrong)


def _problem(server: InProcess, case: Case) -> str | None:
    """What is wrong with the answer to a case, if anything is."""
    reply = server.reply(case.operation, case.request)
    if case.rule is None:
        taken = reply.code not in (*REFUSALS, "InternalServerException")
        return None if taken else f"{case}: {reply.code}: {reply.message}"
    if case.rule == "type":
        right = reply.code == "SerializationException" and reply.message.startswith(case.place)
    else:
        _, _, said = reply.message.partition(" detected: ")
        places = {text.partition("' failed to satisfy")[0] for text in said.split(" at '")[1:]}
        right = reply.code == "ValidationException" and places == {case.place} and case.rule in said
    return None if right else f"{case}: {reply.code}: {'' if reply.code is None else reply.message}"


def test_there_are_cases_of_every_kind() -> None:
    rules = Counter((case.rule or "allowed").rstrip("0123456789 ") for name in operations() for case in cases(name))

    assert set(rules) == {
        "allowed",
        "type",
        "must not be null",
        "enum value set",
        "regular expression pattern",
        "length greater than or equal to",
        "length less than or equal to",
        "value greater than or equal to",
        "value less than or equal to",
    }
    assert sum(rules.values()) > 4000


@pytest.mark.parametrize("pattern", SAMPLES)
def test_samples_are_what_they_say(pattern: str) -> None:
    sample = SAMPLES[pattern]
    for length in {sample.shortest, min(sample.shortest + 70, sample.longest)}:
        value = sample.of(length)
        assert len(value) == length
        assert regex.fullmatch(pattern, value), value
    as_in_java = pattern.replace("/.*)", r"/[^\n\r\u0085\u2028\u2029]*)").replace(r"\s", r" \t-\r")
    assert [value for value in sample.wrong if regex.fullmatch(as_in_java, value)] == []


def test_samples_are_for_patterns_of_the_model() -> None:
    assert set(SAMPLES) <= {item["pattern"] for item in document()["shapes"].values() if "pattern" in item}
