"""docs/report.schema.json: made of the report's classes, and what every report keeps to."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from docs.report import example
from docs.report_schema import SCHEMA, report_schema
from governor.domain.decision import DecisionRecord
from governor.domain.report import Report, document_of
from tests.unit.report.records import a_report, records, some_flips

schema: dict[str, Any] = json.loads(SCHEMA.read_text())
validator = Draft202012Validator(schema)


def test_the_schema_is_what_the_classes_say() -> None:
    Draft202012Validator.check_schema(schema)
    assert SCHEMA.read_text() == report_schema(), "run `make pages`"


@given(record=records())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_report_keeps_to_the_schema_and_can_be_read_back(record: DecisionRecord) -> None:
    report = a_report(record, flips=some_flips())
    document = json.loads(document_of(report))
    validator.validate(document)
    assert TypeAdapter(Report).validate_python(document) == report


def test_every_object_is_closed_all_its_fields_are_there_and_it_is_described() -> None:
    objects = [schema, *(each for each in schema["$defs"].values() if each.get("type") == "object")]
    assert len(objects) > 10
    for each in objects:
        assert each["additionalProperties"] is False
        assert set(each["required"]) == set(each["properties"])
        assert each["description"]


def test_a_field_that_is_missing_or_unknown_is_noticed() -> None:
    document = json.loads(document_of(example()))
    assert validator.is_valid(document)
    assert not validator.is_valid(document | {"texts": []})
    assert not validator.is_valid({name: value for name, value in document.items() if name != "gates"})
