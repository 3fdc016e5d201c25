"""`python -m docs.settings`: write the table of settings in docs/comprehend-local.md anew."""

from __future__ import annotations

import typing
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal

from comprehend_local import Settings

PAGE = Path(__file__).parent / "comprehend-local.md"
BEGIN, END = "<!-- settings: written by `make pages` -->\n", "<!-- end of settings -->"


def table() -> str:
    """One row a setting, in the order of `Settings`: its name, its default, what it is for."""
    hints = typing.get_type_hints(Settings)
    rows = ["| setting | default | |", "|---|---|---|"]
    rows += [
        f"| `{item.name}` | {_shown(item.default)} | {_about(item, hints[item.name])} |" for item in fields(Settings)
    ]
    return "\n".join(rows) + "\n"


def with_table(text: str) -> str:
    """The page with the table as it is to be."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"`{value}`" if isinstance(value, str) else f"{value:,}"


def _about(item: Any, hint: Any) -> str:
    choices = typing.get_args(hint) if typing.get_origin(hint) is Literal else ()
    named = f" ({', '.join(f'`{choice}`' for choice in choices)})" if choices else ""
    return f"{item.metadata['help']}{named}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(PAGE)
