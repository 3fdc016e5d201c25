"""Endpoints, retention, creation and teardown on the local stack, whose IAM holds every function to its role."""

import json
import re
from pathlib import Path

import pytest

from governor_local.rig import Rig
from tests.doubles.data import WORDS, policy
from tests.e2e.acting import Acting

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def acting(rig: Rig, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Acting:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL_COMPREHEND", rig.comprehend().meta.endpoint_url)
    name = re.sub("[^a-z0-9]+", "-", request.node.name.removeprefix("test_"))[:40].strip("-")
    return Acting(rig, name, tmp_path)


def models(acting: Acting) -> list[str]:
    found = acting.rig.comprehend().list_document_classifiers()["DocumentClassifierPropertiesList"]
    return [arn for each in found if f"/{acting.name}/" in (arn := each["DocumentClassifierArn"])][::-1]


def test_a_life_from_creation_to_teardown(acting: Acting, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`flywheel create`; `endpoint`; `classify`; retention by sweep; `teardown`; an upload afterwards."""
    waits = {"batch": {"quiet_seconds": 2, "quiet_max_seconds": 10}, "polling": {"min_seconds": 1, "max_seconds": 1}}
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"name": acting.name} | policy(**waits)))
    assert acting.command("flywheel", "create", str(file)) == 0
    assert acting.active() is None
    for number in (1, 2, 3):
        acting.drop_good(number)
        assert acting.last_state(acting.turn(number)) == "ModelPromoted"

    assert acting.command("endpoint", "create", acting.name, "--yes", "--wait") == 0
    capsys.readouterr()
    assert acting.command("classify", acting.name, " ".join(WORDS["queue"]), "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["labels"][0]["name"], answer["model"]) == ("queue", acting.active())

    there = models(acting)
    assert len(there) == 3
    acting.apply_policy(retention={"newest": 0})
    assert acting.rig.invoke("sweep", {"look_closely": True})["faults"] == []
    assert models(acting) == there[1:]
    acting.mail("Models deleted: 1 version")

    assert acting.command("teardown", acting.name, "--yes") == 0
    assert models(acting) == []
    arns = [each["FlywheelArn"] for each in acting.rig.comprehend().list_flywheels()["FlywheelSummaryList"]]
    assert not [arn for arn in arns if arn.endswith(f"/{acting.name}")]
    acting.rig.invoke("sweep", {})
    acting.mail("Flywheel torn down")
    acting.drop_good(4)
    assert "was torn down" in acting.mail("Upload refused").body
    assert acting.command("teardown", acting.name, "--yes") == 0
