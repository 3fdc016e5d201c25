"""What the documents say exists (files, commands, parameters, outputs, states, errors), and nothing is left out."""

import inspect
import json
import re
import typing
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from governor.domain import errors
from governor.domain.turn import HoldReason
from governor.ports import NoticeKind
from governor.usecases import notices
from governor.version import VERSION
from governor_cli.main import governor
from tests.contract.template import FUNCTION_FOLDERS, ROOT, Tree, parsed

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
ALL = "\n".join(page.read_text() for page in PAGES)
ERRORS = [name for name, value in inspect.getmembers(errors, inspect.isclass) if value.__module__ == errors.__name__]
SUBJECTS = {
    "UploadRefused": "Upload refused: ",
    "VerdictReached": "Batch <b>: PASS",
    "ModelPromoted": "Model promoted",
    "ModelRolledBack": "Model rolled back",
    "PromotionOverridden": "Model promoted past the gates (override)",
    "ActiveModelChanged": "Active model changed outside of Flywheel Governor",
    "ApprovalClosed": "Approval expired: batch <b>",
    "FlywheelHeld": "Held: <reason>",
    "DocumentsAnalysed": "Analysed: <n> documents",
    "AnalysisFailed": "Analysis <n> failed: <error>",
    "AnalysisHeld": "Documents wait: <reason>",
    "EndpointOverdue": "Endpoint overdue: <name>",
    "EndpointResized": "Endpoint resized: <name>",
    "ModelsDeleted": "Models deleted: <n> versions",
    "FlywheelTornDown": "Flywheel torn down",
    "TurnFailed": "Turn <n> failed: <error>",
}


@pytest.mark.parametrize("reason", typing.get_args(HoldReason))
def test_every_hold_has_its_row(reason: str) -> None:
    assert re.search(rf"^\| `{reason}` \|", OPERATIONS, re.MULTILINE)
    assert reason in notices._CURES


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_has_its_remedy(name: str) -> None:
    is_base = bool(getattr(errors, name).__subclasses__())
    assert re.search(rf"`{name}`" if is_base else rf"^\| `{name}` \|", OPERATIONS, re.MULTILINE)


@pytest.mark.parametrize("kind", typing.get_args(NoticeKind))
def test_every_notice_has_its_row(kind: str) -> None:
    assert f"`[reviews] {SUBJECTS[kind]}" in OPERATIONS


@pytest.mark.parametrize("name", sorted(parsed()["Parameters"]))
def test_every_parameter_is_explained_with_its_default(template: Tree, name: str) -> None:
    default = template["Parameters"][name]["Default"] or "empty"
    assert f"| `{name}` | {default} |" in README


@pytest.mark.parametrize("name", sorted(parsed()["Outputs"]))
def test_every_output_is_explained(name: str) -> None:
    assert f"| `{name}` |" in OPERATIONS


def test_every_end_of_an_execution_is_explained() -> None:
    machines = [json.loads(path.read_text()) for path in (ROOT / "statemachines").glob("*.asl.json")]
    states = {name: state for machine in machines for name, state in machine["States"].items()}
    ends = {name for name, state in states.items() if state["Type"] in {"Succeed", "Fail"}}
    assert {name for name in ends if f"`{name}`" not in ALL} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in _anchors(file), target


def test_every_command_exists() -> None:
    goals = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", ALL)) <= goals
    groups = "|".join(name for name, command in governor.commands.items() if isinstance(command, click.Group))
    told = set(re.findall(rf"governor ((?:(?:{groups}) )?[a-z]+)(?= [A-Z<\"-]| reviews|`)", ALL))
    there = {" ".join(path) for path in _commands(governor)}
    # A whole group may be named in prose.
    assert told - set(groups.split("|")) <= there
    assert there <= _listed(groups) | told, "and each is told of"


def _listed(groups: str) -> set[str]:
    """The commands that the README lists, as `governor endpoint create | status | delete FLYWHEEL`."""
    found: set[str] = set()
    for group, words in re.findall(rf"governor ((?:{groups}) )?([a-z]+(?: \| [a-z]+)*)", README):
        found |= {f"{group}{word}" for word in words.split(" | ")}
    return found


def _commands(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*above, name))
        else:
            yield (*above, name)


def test_every_place_in_the_tree_exists() -> None:
    tree = README.partition("## Where things are")[2].split("```")[1]
    folders: dict[int, Path] = {-1: ROOT}
    for line in tree.strip("\n").splitlines():
        depth = (len(line) - len(line.lstrip())) // 4
        for name in re.split(r", ?", re.split(r"\s{2,}", line.strip())[0]):
            folders[depth] = folders[depth - 1] / name
            assert folders[depth].exists(), line


def test_functions_that_are_named_exist() -> None:
    verbs = "|".join(sorted({name.partition("_")[0] for name in FUNCTION_FOLDERS}))
    assert set(re.findall(rf"`((?:{verbs})_[a-z_]+)`", README + OPERATIONS + ARCHITECTURE)) <= set(FUNCTION_FOLDERS)


def test_samples_that_are_named_exist() -> None:
    for name in re.findall(r"events/([a-z_]+\.json)", ALL):
        assert (ROOT / "events" / name).exists()


def test_the_license_is_the_one_that_the_package_names() -> None:
    assert "Apache License\n                           Version 2.0, January 2004" in (ROOT / "LICENSE").read_text()
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text()


def test_the_changelog_has_the_package_s_version() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text()
    assert version[1] == VERSION, "what decisions name as the code's version"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
