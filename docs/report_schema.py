"""Writes docs/report.schema.json, the JSON Schema of a report, from the report's own classes: `make pages`."""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from governor.domain.report import Report

SCHEMA = Path(__file__).parent / "report.schema.json"


def report_schema() -> str:
    """Return the schema as text."""
    schema: dict[str, Any] = TypeAdapter(Report).json_schema(mode="serialization")
    titled = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Report of a verdict"}
    return json.dumps(titled | _lean(schema), indent=2, ensure_ascii=False) + "\n"


def _lean(schema: Any) -> Any:
    """Return the schema without titles, which say a field's name again, and defaults: every field is there."""
    if isinstance(schema, list):
        return [_lean(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _lean(value) for name, value in part.items()} if key == "properties" else _lean(part)
        for key, part in schema.items()
        if key not in {"title", "default"}
    }


if __name__ == "__main__":
    SCHEMA.write_text(report_schema(), encoding="utf-8")
    print(SCHEMA)
