"""The JSON Schema of a policy file, for editors: generated from the model that judges the file in the end.

What no schema can say (that a gate's label is one of the flywheel's, that one time is longer than another), and what a
flywheel's file may leave to the defaults, `governor policy validate` says.
"""

import json
from typing import Any

from governor.domain.gates import RULES
from governor.domain.policy import Policy
from governor.domain.policy_document import DEFAULTS

Schema = dict[str, Any]

_TITLE = "Policy of a flywheel (Flywheel Governor)"
_ABOUT = (
    "What one wants of an Amazon Comprehend flywheel. docs/policy.md explains it, `governor policy apply` writes it."
)
_NAME = {
    "description": f"The flywheel's name, which is its inbox folder too; '{DEFAULTS}', in quotes: defaults for all.",
    "anyOf": [
        {"const": DEFAULTS},
        {"type": "string", "pattern": "^[a-zA-Z0-9](-*[a-zA-Z0-9])*$", "maxLength": 63},
    ],
}


def policy_schema() -> Schema:
    """Return the schema, draft 2020-12."""
    made = Policy.model_json_schema()
    parts: Schema = {name: _plain(part) for name, part in made["$defs"].items()}
    for name, rules in _rules().items():
        parts[name] |= rules
    for field in ("labels", "entity_types"):
        parts["FlywheelDefinition"]["properties"][field]["anyOf"][0]["uniqueItems"] = True
    own_file = {"properties": {"name": {"not": {"const": DEFAULTS}}}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": _TITLE,
        "description": _ABOUT,
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {"name": _NAME} | _plain(made)["properties"],
        "if": own_file,
        "then": {"required": ["flywheel"]},
        "$defs": parts,
    }


def schema_text() -> str:
    """Return the file's text."""
    return json.dumps(policy_schema(), indent=2, ensure_ascii=False) + "\n"


def _rules() -> dict[str, Schema]:
    """What is wrong between the fields of one block, as far as a schema can say it."""
    brought = [_given(field) for field in ("language", "labels", "entity_types")]
    return {
        "Gate": {
            "anyOf": [_given(rule) for rule in RULES],
            "not": _all({"properties": {"metric": {"const": "accuracy"}}}, _given("label")),
        },
        "ExamRules": {
            "if": _given("set"),
            "then": {"required": ["kind"], "properties": {"kind": {"const": "golden"}}},
        },
        "ServingRules": {
            "if": {"required": ["delete_when_over"], "properties": {"delete_when_over": {"const": True}}},
            "then": {"anyOf": [_given("max_hours"), _given("idle_hours")]},
        },
        "FlywheelDefinition": {
            "if": _given("active_model_arn"),
            "then": {"not": {"anyOf": brought}},
            "else": {
                "if": _all(
                    {"required": ["model_type"]}, {"properties": {"model_type": {"const": "ENTITY_RECOGNIZER"}}}
                ),
                "then": {"not": {"anyOf": [_given("mode"), _given("labels")]}},
                "else": {"not": _given("entity_types")},
            },
        },
    }


def _given(field: str) -> Schema:
    return {"required": [field], "properties": {field: {"not": {"type": "null"}}}}


def _all(*schemas: Schema) -> Schema:
    return {"allOf": list(schemas)}


def _plain(schema: Any) -> Any:
    """Drop what the generator adds and nobody reads: titles made of names, whole blocks and `null` as defaults."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {
        name: {field: _plain(inner) for field, inner in value.items()} if name == "properties" else _plain(value)
        for name, value in schema.items()
        if name != "title" and not (name == "default" and (value is None or "$ref" in schema))
    }
    if "description" in plain:
        plain["description"] = " ".join(str(plain["description"]).partition("\n\n")[0].split())
    return plain
