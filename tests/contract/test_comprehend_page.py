"""docs/comprehend-local.md tells the truth: its examples run as they stand there, its settings are the server's."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from docs.settings import PAGE, with_table
from tests.contract.template import ROOT

TEXT = PAGE.read_text(encoding="utf-8")
PACKAGE = ROOT / "local" / "comprehend"
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
NAMES = {"python-crfsuite": "pycrfsuite"}
"""Distributions whose module has another name."""


def test_the_settings_are_those_of_the_server() -> None:
    assert with_table(TEXT) == TEXT, "`make pages` writes the table anew"


@pytest.mark.slow
def test_the_examples_run_one_after_the_other(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = ["set -eu", "trap 'kill %1; wait' EXIT"]
    for number, (language, block) in enumerate(BLOCKS):
        if language == "python":
            (tmp_path / f"{number}.py").write_text(block.replace("4580", str(port)))
            script.append(f"python {number}.py")
            continue
        script.append(block.replace("4580", str(port)))
        if block.rstrip().endswith("&") or " &\n" in block:
            script.append(f"until (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.1; done")
    programs = os.pathsep.join(str(ROOT / folder / "bin") for folder in (".venv", ".venv-sam"))
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(PACKAGE),
        "HOME": str(tmp_path),
    }

    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert f'{{"url": "http://127.0.0.1:{port}"}}' in done.stdout
    assert "AverageF1Score" in done.stdout
    assert "'Name': 'sport'" in done.stdout, "what boto3 printed"
    assert '"Name": "politics"' in done.stdout, "what the AWS CLI printed"
    assert '"operation": "StartFlywheelIteration"' in done.stdout, "the rules"
    assert not re.search(r"Traceback", done.stderr)
    assert (tmp_path / "comprehend-state" / "state.sqlite3").exists()


def imported() -> set[str]:
    """The top-level modules that the package imports anywhere, but for its own and Python's."""
    found: set[str] = set()
    for file in (PACKAGE / "comprehend_local").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").partition(".")[0])
    return found - {"comprehend_local"} - sys.stdlib_module_names


def test_the_package_declares_what_it_imports() -> None:
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    declared = {NAMES.get(name, name) for name in project["dependencies"]}
    optional = {*project["optional-dependencies"]["embedding"]}

    assert imported() - {"botocore"} - optional == declared, "botocore comes with boto3"
    for name in project["dependencies"]:
        assert name in TEXT.partition("## Install")[2].partition("## Start")[0]


def test_the_package_has_the_version_of_the_repository() -> None:
    versions = {
        tomllib.loads((folder / "pyproject.toml").read_text())["project"]["version"] for folder in (ROOT, PACKAGE)
    }
    assert len(versions) == 1
    assert importlib.metadata.version("flywheel-governor") in versions


@pytest.mark.slow
def test_it_installs_and_runs_alone(tmp_path: Path) -> None:
    """From the wheel that its own pyproject.toml builds, in an interpreter that sees nothing else of the repository."""
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    wheel = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=PACKAGE, capture_output=True, text=True, check=True
    ).stdout.strip()
    look = (
        "import sys; sys.path.insert(0, sys.argv[1]); sys.path[:] = [p for p in sys.path if 'layers' not in p]\n"
        "import comprehend_local, comprehend_local.__main__, comprehend_local.control.__main__\n"
        "from comprehend_local.engine.learner import learner_for\n"
        "learner_for('MULTI_CLASS'), learner_for('ENTITIES')\n"
        "print(comprehend_local.__file__)\n"
        "print([m for m in sys.modules if m.partition('.')[0] in ('governor', 'governor_local', 'governor_cli')])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", look, str(tmp_path / wheel)], capture_output=True, text=True, check=False, cwd=tmp_path
    )

    assert done.returncode == 0, done.stderr
    file, others = done.stdout.splitlines()
    assert file.startswith(str(tmp_path / wheel)), "not from the repository"
    assert others == "[]"
