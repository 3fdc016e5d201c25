"""Reads a policy file from disk: YAML, of which JSON is a part."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from governor_cli.complaint import Complaint

_MOST_BYTES = 300_000
"""A policy must fit into a DynamoDB item of 400 KB beside its author and its key."""


class _Loader(yaml.SafeLoader):
    """YAML's safe loader, which refuses a field that is given twice: otherwise the second would win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the field {key.value} is given twice", problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def load(path: Path) -> object:
    """Return the document in the file; raises Complaint if it cannot be read or is not YAML, with line and column."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Complaint(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _MOST_BYTES:
        raise Complaint(f"{path} has {len(content)} bytes; a policy may have at most {_MOST_BYTES}.")
    try:
        document: object = yaml.load(content.decode("utf-8-sig"), Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except UnicodeDecodeError as error:
        raise Complaint(f"{path} is not UTF-8 text. Save it as UTF-8.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else "somewhere"
        hint = " YAML reads * as something else: put * in quotes." if _is_alias(error) else ""
        raise Complaint(f"{path} is not valid YAML or JSON ({where}): {error.problem}.{hint}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Complaint(f"{path} is not valid YAML or JSON: {error}.") from error
    return document


def _is_alias(error: yaml.MarkedYAMLError) -> bool:
    return "alias" in f"{error.context} {error.problem}"
