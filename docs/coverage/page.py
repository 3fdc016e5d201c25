"""Writes the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from comprehend_local import Comprehend, DirectoryObjects, Settings
from comprehend_local.service.model import service_model
from docs.coverage.choices import CHOICES, FIXED
from docs.coverage.errors import OUTSIDE_THE_MODEL
from docs.coverage.remarks import BUILT_IN, EFFECTS, GROUPS, MEMBERS, OPERATIONS

PAGE = Path(__file__).parents[1] / "comprehend-coverage.md"
HEAD = """\
# What comprehend_local imitates

Written by `make pages` from the server's own list of operations, AWS's service model, the settings, and remarks by hand
(`docs/coverage`); a test keeps it true. The conformance suite (`tests/conformance`) calls every operation that is
imitated through raw HTTP, boto3 and the AWS CLI, holds every answer against the model, and tries every constraint of
every request at its bound and past it.
"""
OUT_OF_SCOPE = """\
They answer `UnknownOperationException` with status 400 and one sentence: `comprehend_local does not imitate
<operation>.` What they do needs models that AWS has trained and does not give away.
"""


def imitated() -> set[str]:
    """The operations of the server, as it registers them."""
    comprehend = Comprehend(Settings.instant(), DirectoryObjects(Path(__file__).parent))
    try:
        return set(comprehend.operations())
    finally:
        comprehend.close()


def members(operation: str) -> set[str]:
    """The names of all members of an operation's request, at any depth."""
    return set(_members(service_model().operation_model(operation).input_shape))


def _members(shape: Any) -> Iterator[str]:
    if shape.type_name == "list":
        yield from _members(shape.member)
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield name
            yield from _members(member)


def remarks(operation: str) -> list[str]:
    """What the imitation of an operation leaves out."""
    found = members(operation)
    said = []
    for effect in EFFECTS:
        names = [f"`{name}`" for name, its in MEMBERS.items() if its == effect and name in found]
        said += [f"{effect}: {', '.join(names)}"] if names else []
    return said + OPERATIONS.get(operation, [])


def ability(operation: str) -> str:
    """What an operation that is of no custom model is about."""
    return next(text for part, text in BUILT_IN.items() if part in operation)


def write() -> str:
    """The page's text."""
    there = imitated()
    every = sorted(service_model().operation_names)
    wholly = [name for name in there if not remarks(name)]
    custom = [name for names in GROUPS.values() for name in names]
    left = sorted(set(every) - there)
    parts = [HEAD, "## Totals\n"]
    parts.append(
        _table(
            ("operations", "", ""),
            [
                ("imitated wholly", len(wholly), f"{len(wholly) / len(every):.0%}"),
                ("imitated, with remarks", len(there) - len(wholly), f"{(len(there) - len(wholly)) / len(every):.0%}"),
                ("not imitated", len(left), f"{len(left) / len(every):.0%}"),
                ("**all**", f"**{len(every)}**", ""),
            ],
        )
    )
    parts.append(f"Of the {len(custom)} operations of custom models {len(there & set(custom))} are imitated.\n")
    parts.append("What the remarks mean:\n")
    parts.append(_table(("remark", "meaning"), EFFECTS.items()))
    for group, names in GROUPS.items():
        parts.append(f"## {group}\n")
        parts.append(_table(("operation", "imitated", "what is not"), [_row(name, name in there) for name in names]))
    parts.append(f"## Out of scope\n\n{OUT_OF_SCOPE}")
    others = sorted(set(every) - set(custom))
    parts.append(_table(("operation", "about"), [(name, ability(name)) for name in others]))
    parts += _errors() + _choices()
    return "\n".join(parts)


def _row(operation: str, is_imitated: bool) -> tuple[str, str, str]:
    if not is_imitated:
        return operation, "no", "answers as what is out of scope"
    found = remarks(operation)
    return operation, "with remarks" if found else "yes", "; ".join(found)


def _errors() -> list[str]:
    rows = [(f"`{code}`", outside.status, outside.why) for code, outside in OUTSIDE_THE_MODEL.items()]
    head = "## Errors outside of the service's model\n"
    return [
        head,
        "All other errors are those that the model lists for an operation.\n",
        _table(("error", "status", "when"), rows),
    ]


def _choices() -> list[str]:
    every = {item.name: item for item in fields(Settings)}
    rows = [(*_setting(every[name]), known) for name, known in CHOICES.items()]
    return [
        "## What AWS's documents leave open\n",
        "Each is a setting, beside [all others](comprehend-local.md#settings):\n",
        _table(("setting", "default", "meaning", "what is known"), rows),
        "Fixed, because nothing speaks for another choice:\n",
        _table(("what", "choice"), FIXED.items()),
    ]


def _setting(item: Any) -> tuple[str, str, str]:
    """Name, default, meaning."""
    return f"`{item.name}`", _default(item), item.metadata["help"]


def _default(item: Any) -> str:
    if isinstance(item.default, bool):
        return "on" if item.default else "off"
    return f"{item.default:,}" if isinstance(item.default, int | float) else str(item.default)


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [_line(head), _line("---" for _ in head), *(_line(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell).replace('|', '&#124;') for cell in cells)} |"
