"""The template as CloudFormation will see it: parsed, and with SAM's resources made plain ones, all offline."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
Tree = dict[str, Any]


@functools.cache
def _parsed() -> Tree:
    tree: Tree = yaml_parse((ROOT / "template.yaml").read_text())
    return tree


def parsed() -> Tree:
    """A copy of template.yaml, with !Ref and the like in their long forms."""
    return copy.deepcopy(_parsed())


def transformed(template: Tree) -> Tree:
    """What the SAM transform makes of a template. Code and definitions count as uploaded already."""
    template = copy.deepcopy(template)
    for resource in template["Resources"].values():
        for name in {"CodeUri", "ContentUri", "DefinitionUri"} & resource.get("Properties", {}).keys():
            resource["Properties"][name] = "s3://bucket/key"
    result: Tree = Translator({}, Parser()).translate(template, {})
    return result


def of_type(template: Tree, kind: str) -> dict[str, Tree]:
    """Properties by logical id of all resources of a type."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def references(tree: Any) -> Iterator[str]:
    """Every logical id that Ref, Fn::GetAtt or Fn::Sub names in a tree (parameters and pseudo parameters included)."""
    if isinstance(tree, list):
        for item in tree:
            yield from references(item)
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key == "Ref":
                yield value
            elif key == "Fn::GetAtt":
                yield value[0] if isinstance(value, list) else value.split(".")[0]
            elif key == "Fn::Sub":
                text = value if isinstance(value, str) else value[0]
                yield from (name.split(".")[0] for name in re.findall(r"\$\{([^!][^}]*)\}", text))
                yield from references(value)
            else:
                yield from references(value)


def statements(policy: Tree) -> list[Tree]:
    """The statements of a policy document."""
    found: list[Tree] = policy["Statement"]
    return found


def listed(value: Any) -> list[Any]:
    """A value that may be one or a list, as a list."""
    return value if isinstance(value, list) else [value]


def pascal(folder: str) -> str:
    """The logical id's stem of a function's folder: take_turn is TakeTurn."""
    return "".join(word.title() for word in folder.split("_"))


FUNCTION_FOLDERS = sorted(folder.name for folder in (ROOT / "functions").iterdir() if (folder / "app.py").exists())
