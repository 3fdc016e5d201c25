"""What a function imports before it can answer: numpy takes a tenth of a second, and only those that judge need it."""

import ast
from functools import cache

import grimp
import pytest

from tests.contract.template import FUNCTION_FOLDERS, ROOT

JUDGING = {"compare_models", "recheck_policy", "write_report"}
JUDGEMENT = "governor.domain.judgement"


@cache
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("governor", include_external_packages=True, cache_dir=None)


def imported_by(folder: str) -> set[str]:
    """Every module that a function's app imports, directly or by another one."""
    tree = ast.parse((ROOT / "functions" / folder / "app.py").read_text())
    direct = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    ours = {module for module in direct if module in imports().modules}
    assert ours
    return ours.union(*(imports().find_upstream_modules(module) for module in ours))


@pytest.mark.parametrize("folder", FUNCTION_FOLDERS)
def test_only_functions_that_judge_import_the_judgement(folder: str) -> None:
    assert (JUDGEMENT in imported_by(folder)) == (folder in JUDGING)
    assert ("numpy" in imported_by(folder)) == (folder in JUDGING)
