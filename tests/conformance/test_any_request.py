"""Whatever the model allows in a request: it is answered as the model says, and never by a breakdown.

Requests are drawn from the shapes: any choice of members, with values that are allowed, or that name what there is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.crowds import CLASSIFIER, HOME, LISTINGS, RECOGNIZER, gathered
from tests.conformance.files import FILES, uri, write_files
from tests.conformance.laws import lawful
from tests.conformance.observed import look
from tests.conformance.samples import ANY, SAMPLES
from tests.conformance.script import POLICY, ROLE, example, operations
from tests.conformance.shapes import input_of, shape

THERE: dict[str, list[str]] = {
    "ComprehendFlywheelArn": [HOME],
    "ComprehendModelArn": [CLASSIFIER, RECOGNIZER],
    "DocumentClassifierArn": [CLASSIFIER],
    "EntityRecognizerArn": [RECOGNIZER],
    "ComprehendArn": [HOME, CLASSIFIER, RECOGNIZER],
    "IamRoleArn": [ROLE],
    "Policy": [POLICY],
    "S3Uri": [uri(name) for name in FILES],
    "ComprehendArnName": ["home", "trained", "x"],
    "String": ["token"],
}
"""By shape: values that mean something."""


def values(name: str) -> st.SearchStrategy[Any]:
    """Allowed values of a shape."""
    wanted = shape(name)
    kind = wanted["type"]
    if kind == "structure":
        return _structures(wanted)
    if kind == "list":
        most = min(wanted.get("max", 3), 3)
        return st.lists(values(wanted["member"]["shape"]), min_size=wanted.get("min", 0), max_size=most)
    if kind == "string" and "enum" in wanted:
        return st.sampled_from(wanted["enum"])
    if kind == "string":
        sample = SAMPLES[wanted["pattern"]] if "pattern" in wanted else ANY
        least = max(wanted.get("min", 0), sample.shortest)
        most = min(wanted.get("max", 500), sample.longest, least + 70)
        drawn = st.sampled_from(sorted({least, most})).map(sample.of)
        return st.one_of(st.sampled_from(THERE[name]), drawn) if name in THERE else drawn
    numbers = st.integers(wanted.get("min", 1), wanted.get("max", 12))
    moments = st.sampled_from([0, 1_700_000_000.5, 9e9])
    return {"integer": numbers, "timestamp": moments, "blob": st.sampled_from(["aGk=", "JVBERg==", "/w=="])}[kind]


def _structures(wanted: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    members = {member: values(reference["shape"]) for member, reference in wanted["members"].items()}
    required = {member: members.pop(member) for member in wanted.get("required", ())}
    return st.fixed_dictionaries(required, optional=members)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Buckets for all examples."""
    buckets = tmp_path_factory.mktemp("any")
    write_files(buckets)
    return buckets


@pytest.mark.parametrize("operation", sorted(operations()))
@given(data=st.data())
@lawful
def test_any_request_is_answered(folder: Path, operation: str, data: st.DataObject) -> None:
    request = data.draw(values(input_of(operation)), label="request")
    if data.draw(st.booleans(), label="else as in the example"):
        request = {**example(operation), **request}
    with gathered(folder) as crowd:
        crowd.add(LISTINGS[7])
        reply = crowd.server.reply(operation, request)
        look(crowd.server, crowd.clock.now())
        crowd.clock.advance(1e7)
        look(crowd.server, crowd.clock.now())

    assert reply.code not in ("InternalServerException", "SerializationException", "ValidationException"), reply.message
