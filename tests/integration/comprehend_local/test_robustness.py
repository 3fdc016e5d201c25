"""What breaks inside ends what it broke, and nothing else."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from comprehend_local import Comprehend, DirectoryObjects, RoleRefused, Settings
from comprehend_local.service.data_access import AnyRole

from .lab import ROLE, TASK, Lab, rows


class Refusing(AnyRole):
    """Refuses what a test says."""

    def __init__(self) -> None:
        self.refused = ""

    def require(self, role: str, source_arn: str, action: str, resource: str) -> None:
        if self.refused and self.refused in f"{action} {resource}":
            raise RoleRefused(f"The role {role} has no permission {action} on {resource}.")


class Breaking(AnyRole):
    """Breaks down."""

    def require(self, role: str, source_arn: str, action: str, resource: str) -> None:
        raise RuntimeError("out of order")


def test_a_step_that_breaks_down_ends_what_it_was_for(
    build: Callable[..., Lab], caplog: pytest.LogCaptureFixture
) -> None:
    lab = build(roles=Breaking())

    with caplog.at_level(logging.ERROR):
        found = lab.flywheel(lab.create_flywheel())

    assert found["Status"] == "FAILED"
    assert found["Message"] == "INTERNAL_SERVER_ERROR: comprehend_local broke down; its log says how."
    assert "out of order" in caplog.text
    assert len(lab.client.list_flywheels()["FlywheelSummaryList"]) == 1


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        ("ModelStats", "NO_WRITE_ACCESS_TO_OUTPUT: The role "),
        ("evaluation/", "NO_WRITE_ACCESS_TO_OUTPUT: The role "),
    ],
)
def test_an_iteration_that_may_not_write_ends_failed_and_its_data_stays_new(
    build: Callable[..., Lab], refused: str, message: str
) -> None:
    roles = Refusing()
    lab = build(roles=roles)
    flywheel = lab.create_flywheel()
    lab.create_dataset(flywheel, "train-1", rows(20))
    roles.refused = refused

    failed = lab.iterate(flywheel)

    assert failed["Status"] == "FAILED"
    assert failed["Message"].startswith(message)
    roles.refused = ""
    assert "TrainedModelArn" in lab.iterate(flywheel)


def test_data_that_the_role_may_not_read_ends_failed(build: Callable[..., Lab]) -> None:
    roles = Refusing()
    lab = build(roles=roles)
    flywheel = lab.create_flywheel()
    roles.refused = "s3:GetObject arn:aws:s3:::lake/in/news/d.csv"

    found = lab.dataset(lab.create_dataset(flywheel, "d", rows(20)))

    assert found["Status"] == "FAILED"
    assert found["Message"] == (
        f"NO_READ_ACCESS_TO_INPUT: The role {ROLE} has no permission s3:GetObject on arn:aws:s3:::lake/in/news/d.csv."
    )


def test_a_refused_call_writes_nothing(build: Callable[..., Lab]) -> None:
    lab = build(Settings.instant(maximum_flywheels=0))
    with pytest.raises(lab.client.exceptions.ResourceLimitExceededException):
        lab.create_flywheel(ClientRequestToken="t", Tags=[{"Key": "k", "Value": "v"}])
    assert lab.server.run_due() == 0
    assert lab.client.list_flywheels()["FlywheelSummaryList"] == []


def test_calls_and_background_work_do_not_block_each_other(tmp_path: Path) -> None:
    """A deadlock between the two would leave flywheels CREATING, or hang."""
    (tmp_path / "lake").mkdir()
    server = Comprehend(Settings.instant(maximum_flywheels_creating=50), DirectoryObjects(tmp_path), background=True)
    made: list[str] = []

    def make(first: int) -> None:
        for number in range(first, first + 12):
            request = {
                "FlywheelName": f"f{number}",
                "DataAccessRoleArn": ROLE,
                "DataLakeS3Uri": "s3://lake/lakes",
                "ModelType": "DOCUMENT_CLASSIFIER",
                "TaskConfig": TASK,
            }
            made.append(server.call("CreateFlywheel", request)["FlywheelArn"])

    threads = [threading.Thread(target=make, args=(first,), daemon=True) for first in (0, 12, 24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(made) == 36
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        listed = server.call("ListFlywheels", {})["FlywheelSummaryList"]
        if all(item["Status"] == "ACTIVE" for item in listed):
            break
        time.sleep(0.02)
    else:
        pytest.fail("flywheels stay CREATING")
    server.close()


def test_state_outlives_the_server_in_one_process_too(tmp_path: Path) -> None:
    (tmp_path / "buckets" / "lake").mkdir(parents=True)
    objects = DirectoryObjects(tmp_path / "buckets")
    request = {
        "FlywheelName": "news",
        "DataAccessRoleArn": ROLE,
        "DataLakeS3Uri": "s3://lake/lakes",
        "ModelType": "DOCUMENT_CLASSIFIER",
        "TaskConfig": TASK,
    }
    first = Comprehend(Settings.instant(), objects, state=tmp_path / "state")
    arn = first.call("CreateFlywheel", request)["FlywheelArn"]
    first.close()

    second = Comprehend(Settings.instant(), objects, state=tmp_path / "state")

    assert second.call("DescribeFlywheel", {"FlywheelArn": arn})["FlywheelProperties"]["Status"] == "ACTIVE"
    second.close()
