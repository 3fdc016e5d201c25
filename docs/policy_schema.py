"""`python -m docs.policy_schema`: write docs/policy.schema.json anew, from the model that checks policies."""

from __future__ import annotations

from pathlib import Path

from governor_cli.policy_schema import schema_text

FILE = Path(__file__).parent / "policy.schema.json"

if __name__ == "__main__":
    FILE.write_text(schema_text(), encoding="utf-8")
    print(FILE)
