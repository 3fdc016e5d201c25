"""template.yaml as it is written, with its intrinsic functions as dictionaries."""

from functools import cache
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]


@cache
def template() -> dict[str, Any]:
    """Return the parsed template."""
    parsed: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    return parsed
