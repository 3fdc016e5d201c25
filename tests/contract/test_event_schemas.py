"""The published schemas of events: one for every kind of notice, and nothing in them that could hold a text.

That what is sent keeps to them is checked wherever the doubles send: tests/doubles/telemetry.py.
"""

import json
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from governor.adapters.telemetry import SOURCE
from governor.ports import NoticeKind
from governor.usecases.notices import EVENT_VERSION, detail_type
from tests.contract.template import ROOT, Tree, of_type

EVENTS = ROOT / "docs" / "events"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
KINDS = typing.get_args(NoticeKind)


def _schema(kind: str) -> dict[str, Any]:
    name = detail_type(kind).lower().replace(" ", "-")  # type: ignore[arg-type]
    found: dict[str, Any] = json.loads((EVENTS / f"{name}.v{EVENT_VERSION}.json").read_text())
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_s_event_has_its_schema(kind: str) -> None:
    schema = _schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == detail_type(kind)  # type: ignore[arg-type]
    assert schema["properties"]["version"] == {"const": EVENT_VERSION}
    assert {"version", "id", "at", "flywheel"} <= set(schema["required"]) == set(schema["properties"])
    assert f"`{schema['title']}`" in OPERATIONS


def test_there_is_no_schema_of_anything_else() -> None:
    assert len(list(EVENTS.iterdir())) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_string_has_the_form_of_an_id(kind: str) -> None:
    for path, field in _strings(_schema(kind)):
        assert "pattern" in field, path


def _strings(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if "string" in schema.get("type", ()):
        yield path, schema
    for name, field in schema.get("properties", {}).items():
        yield from _strings(field, name)
    if "items" in schema:
        yield from _strings(schema["items"], path)


def test_whoever_mails_notices_may_send_events_of_this_source_and_no_others(template: Tree) -> None:
    senders = 0
    for name, role in of_type(template, "AWS::IAM::Role").items():
        statements = [each for policy in role["Policies"] for each in policy["PolicyDocument"]["Statement"]]
        notices = any(
            each["Action"] == ["sns:Publish"] and each["Resource"] == {"Ref": "NoticeTopic"} for each in statements
        )
        events = [each for each in statements if "events:PutEvents" in each["Action"]]
        assert bool(events) == notices, name
        for each in events:
            senders += 1
            assert each["Condition"] == {"StringEqualsIfExists": {"events:source": SOURCE}}
            assert each["Resource"]["Fn::Sub"].endswith(":event-bus/default")
    assert senders
