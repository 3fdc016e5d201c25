"""docs/walkthrough.md: every command block in it is run, in order, in one shell, as a reader would run it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from governor_local.running import running

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "walkthrough.md"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def blocks() -> list[str]:
    """The page's command blocks."""
    return re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def transcript(tmp_path: Path) -> str:
    """What a terminal shows. The repository's tools are found by the page's own first line."""
    if running():
        pytest.skip("a local stack is running already: `governor local down` ends it")
    for name in (".venv", ".venv-sam"):
        (tmp_path / name).symlink_to(ROOT / name)
    script = "set -e\n" + "\n".join(f"echo '=== block {number}'\n{block}" for number, block in enumerate(blocks(), 1))
    keys = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    try:
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=keys | {"COLUMNS": "140"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=500,
        )
        assert done.returncode == 0, done.stdout[-6000:]
        return done.stdout
    finally:
        if running():
            subprocess.run([ROOT / ".venv/bin/governor", "local", "down"], check=False)


def test_every_command_of_the_walk_through_works(transcript: str) -> None:
    shown = dict(enumerate(re.split(r"^=== block \d+$", transcript, flags=re.MULTILINE)))
    assert len(shown) == len(blocks()) + 1
    assert "services.yaml" in shown[2]
    first, second = (re.search(r"document-classifier/services/version/\S+", shown[number]) for number in (3, 5))
    assert first is not None
    assert second is not None
    assert first[0] != second[0]
    assert "Model promoted" in shown[4]
    assert "FULL_ITERATION" in shown[4] or "TRAINING_ONLY" in shown[4]
    assert "by arn:aws:" in shown[5]
    assert "NO CHANGE" in shown[6].upper()
    assert "s3" in shown[7]
    assert "iam" in shown[7]
    assert "results" in shown[8]
    assert "Lambda" in shown[9]
    assert "The new one is stricter" in shown[10]
    assert "with version 1 of the defaults" in shown[10]
    assert first[0] in shown[11]
    why = " ".join(shown[12].split())
    assert "Judged again from the record, the verdict is PASS, every number alike." in why
    assert "decisions would differ. Candidates: promoted" in why
    assert "The report of batch 2 is in batch-2.html." in why
    rehearsed = " ".join(shown[13].split())
    assert "drop 3 of 3: 003-slipped.csv (1,800 documents)" in rehearsed
    assert "FAIL" in rehearsed
    assert "On AWS all of it would take 4 h" in rehearsed
    assert "batch-1.html batch-2.html batch-3.html" in rehearsed
    assert not running(), "nothing is left"


def test_the_page_names_no_command_that_is_not_run() -> None:
    """Inline commands may be variants; a block that is not `sh` would be one that nobody tries."""
    assert set(re.findall(r"^```(\w*)$", PAGE.read_text(), re.MULTILINE)) == {"sh", ""}
    assert all(
        not line.startswith("governor ")
        for line in re.sub(r"```sh.*?```", "", PAGE.read_text(), flags=re.S).split("\n")
    )
