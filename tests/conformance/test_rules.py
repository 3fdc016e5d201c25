"""The documented rules that no constraint of one member says: what excludes what, languages, states, limits, quotas."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from comprehend_local.store.records import Model
from tests.conformance.crowds import CLASSIFIER, HOME, LISTINGS, RECOGNIZER, Crowd, gathered
from tests.conformance.drivers import Refused
from tests.conformance.files import uri, write_files
from tests.conformance.rules import (
    CSV,
    IN_USE,
    LIMIT,
    REFUSED,
    TAKEN,
    classification,
    classifier,
    dataset,
    detection,
    endpoint,
    flywheel,
)
from tests.conformance.script import ENTITIES, ROLE, example


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Crowd]:
    """A server with a flywheel for each type of model, and a model of each type."""
    write_files(tmp_path / "buckets")
    with gathered(tmp_path / "buckets") as crowd:
        crowd.call(**flywheel(FlywheelName="entities", ModelType="ENTITY_RECOGNIZER", TaskConfig=ENTITIES))
        unusable = Model(f"{CLASSIFIER}/version/bad", "trained", ROLE, "en", "MULTI_CLASS", "IN_ERROR", 1.0)
        crowd.server.comprehend._store.put(unusable)
        yield crowd


@pytest.mark.parametrize("rule", REFUSED)
def test_refused(crowd: Crowd, rule: str) -> None:
    crowd.call("TagResource", ResourceArn=HOME, Tags=[{"Key": "a"}, {"Key": "b"}])
    before = [listing.every(crowd) for listing in LISTINGS]
    request, code = copy.deepcopy(REFUSED[rule])

    with pytest.raises(Refused) as caught:
        crowd.call(**request)

    assert caught.value.code == code, caught.value.message
    assert [listing.every(crowd) for listing in LISTINGS] == before, "a refused request changed something"


@pytest.mark.parametrize("rule", TAKEN)
def test_taken(crowd: Crowd, rule: str) -> None:
    crowd.call("TagResource", ResourceArn=HOME, Tags=[{"Key": "a"}, {"Key": "b"}])
    crowd.call(**copy.deepcopy(TAKEN[rule]))


QUOTA: dict[str, tuple[dict[str, Any], Callable[[Crowd], Any], int, str]] = {
    "flywheels": ({"maximum_flywheels": 3}, lambda crowd: crowd.add(LISTINGS[0]), 2, LIMIT),
    "flywheels being created": (
        {"maximum_flywheels_creating": 2, "flywheel_creation_seconds": 1e6},
        lambda crowd: crowd.add(LISTINGS[0]),
        1,
        LIMIT,
    ),
    "train datasets": (
        {"maximum_train_datasets": 2},
        lambda crowd: crowd.call(**dataset(CSV, DatasetName=f"d{crowd.clock.now():.0f}")),
        2,
        LIMIT,
    ),
    "test datasets": (
        {"maximum_test_datasets": 2},
        lambda crowd: crowd.call(**dataset(CSV, DatasetName=f"d{crowd.clock.now():.0f}", DatasetType="TEST")),
        2,
        LIMIT,
    ),
    "datasets being created": (
        {"maximum_datasets_creating": 2, "dataset_ingestion_seconds": 1e6},
        lambda crowd: crowd.call(**dataset(CSV, DatasetName=f"d{crowd.clock.now():.0f}")),
        2,
        LIMIT,
    ),
    "trainings": (
        {"maximum_trainings": 2, "training_seconds": 1e6},
        lambda crowd: crowd.call(**classifier({"S3Uri": uri("train.csv")}, VersionName=f"v{crowd.clock.now():.0f}")),
        2,
        LIMIT,
    ),
    "endpoints": ({"maximum_endpoints": 2}, lambda crowd: crowd.add(LISTINGS[7]), 2, LIMIT),
    "units of an endpoint": (
        {"maximum_inference_units": 10},
        lambda crowd: crowd.call(
            **endpoint(ModelArn=CLASSIFIER, EndpointName=f"e{crowd.clock.now():.0f}", DesiredInferenceUnits=11)
        ),
        0,
        LIMIT,
    ),
    "units in all": (
        {"maximum_inference_units_in_all": 9},
        lambda crowd: crowd.call(
            **endpoint(ModelArn=CLASSIFIER, EndpointName=f"e{crowd.clock.now():.0f}", DesiredInferenceUnits=4)
        ),
        2,
        LIMIT,
    ),
    "jobs": (
        {"maximum_jobs": 2, "job_seconds": 1e6},
        lambda crowd: crowd.call(**classification(DocumentClassifierArn=CLASSIFIER)),
        2,
        "TooManyRequestsException",
    ),
    "jobs of the other type": (
        {"maximum_jobs": 2, "job_seconds": 1e6},
        lambda crowd: crowd.call(**detection(EntityRecognizerArn=RECOGNIZER)),
        2,
        "TooManyRequestsException",
    ),
}
"""By quota: settings, what uses it up, how often that can be done, the error after that. (Flywheel `home` is there.)"""


@pytest.mark.parametrize("quota", QUOTA)
def test_quotas(tmp_path: Path, quota: str) -> None:
    changes, use, times, code = QUOTA[quota]
    write_files(tmp_path)
    changes = {name: value for name, value in changes.items() if not name.endswith("_seconds")}
    slow = {name: value for name, value in QUOTA[quota][0].items() if name.endswith("_seconds")}
    with gathered(tmp_path, **changes, **slow) as crowd:
        for _ in range(times):
            crowd.clock.advance(1)
            use(crowd)
        crowd.clock.advance(1)
        with pytest.raises(Refused) as caught:
            use(crowd)

    assert caught.value.code == code


def test_running_iterations_are_limited_and_one_runs_at_a_time(tmp_path: Path) -> None:
    """StartFlywheelIteration has no error for limits: more than the account's ten are too many requests."""
    write_files(tmp_path)
    with gathered(tmp_path, maximum_iterations=2, training_seconds=1e6) as crowd:
        arns = [crowd.flywheel(f"f{n}") for n in range(3)]
        for arn in arns:
            crowd.call(**dataset(CSV, arn))
        for arn in arns[:2]:
            crowd.call("StartFlywheelIteration", FlywheelArn=arn)
        for arn, code in ((arns[0], IN_USE), (arns[2], "TooManyRequestsException")):
            with pytest.raises(Refused) as caught:
                crowd.call("StartFlywheelIteration", FlywheelArn=arn)
            assert caught.value.code == code
        with pytest.raises(Refused) as caught:
            crowd.call("DeleteFlywheel", FlywheelArn=arns[0])
        assert caught.value.code == IN_USE


def test_what_update_leaves_out_stays_and_inside_of_security_goes(crowd: Crowd) -> None:
    arn = crowd.call(**flywheel(Tags=None))["FlywheelArn"]
    before = crowd.call("DescribeFlywheel", FlywheelArn=arn)["FlywheelProperties"]
    crowd.call("UpdateFlywheel", FlywheelArn=arn, DataSecurityConfig={"VolumeKmsKeyId": "other"})
    after = crowd.call("DescribeFlywheel", FlywheelArn=arn)["FlywheelProperties"]

    assert before["DataSecurityConfig"] == example("CreateFlywheel")["DataSecurityConfig"]
    assert after["DataSecurityConfig"] == {"VolumeKmsKeyId": "other", "DataLakeKmsKeyId": "key-1"}
    kept = {name for name in before if name not in ("DataSecurityConfig", "LastModifiedTime")}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
