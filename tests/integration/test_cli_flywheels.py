"""`governor flywheel create` and `adopt` over the doubles."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from comprehend_local import Settings
from governor_cli.commands import endpoints, flywheels
from tests.doubles.command_line import Run, command_line
from tests.doubles.data import FLYWHEEL, WORDS, exam, labelled, policy, train
from tests.doubles.people import active, flywheel, iterations, promote_in_console
from tests.doubles.scenes import ends, holds, promoted
from tests.doubles.stack import ACCOUNT, Stack
from tests.integration.test_way_of_serving import drop_good

ARN = f"arn:aws:comprehend:us-east-1:{ACCOUNT}:flywheel/alpha"
SLOW = Settings.instant(account=ACCOUNT, flywheel_creation_seconds=60)


@pytest.fixture
def run(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    for module in (endpoints, flywheels):
        monkeypatch.setattr(module, "pause", stack.clock.advance)
    with command_line(stack, capsys) as run:
        yield run


def policy_file(folder: Path, **changes: Any) -> str:
    file = folder / "alpha.policy.yaml"
    file.write_text(yaml.safe_dump({"name": FLYWHEEL} | policy(**changes)))
    return str(file)


def made_elsewhere(stack: Stack, **more: Any) -> None:
    """Create a flywheel as a person does in the console, with a role and a lake of its own."""
    labels = {"Mode": "MULTI_CLASS", "Labels": sorted(WORDS)}
    task = {
        "TaskConfig": {"LanguageCode": "en", "DocumentClassificationConfig": labels},
        "ModelType": "DOCUMENT_CLASSIFIER",
    }
    stack.comprehend.create_flywheel(
        FlywheelName=FLYWHEEL,
        DataAccessRoleArn=stack.environment["DATA_ACCESS_ROLE_ARN"],
        DataLakeS3Uri="s3://lake/theirs",
        **(more or task),
    )


# ---- create --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stack", [None, SLOW], indirect=True)
def test_a_flywheel_is_there_before_its_first_file_and_the_first_batch_uses_it(
    stack: Stack, run: Run, tmp_path: Path
) -> None:
    code, out, err = run("flywheel", "create", policy_file(tmp_path))

    assert (code, err) == (0, "")
    assert "has a new policy: version 1" in out
    assert f"Flywheel alpha is there: {ARN}\nIts active model: none yet." in out
    created = flywheel(stack)["CreationTime"]
    code, out, _ = run("flywheel", "create", policy_file(tmp_path))
    assert (code, "new policy" in out) == (0, False)

    drop_good(stack, 1)
    assert ends(stack) == ["ModelPromoted"]
    assert flywheel(stack)["CreationTime"] == created
    assert len(stack.comprehend.list_flywheels()["FlywheelSummaryList"]) == 1


def test_keys_and_vpc_of_the_stack_go_along(stack: Stack, run: Run, tmp_path: Path) -> None:
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    stack.environment |= {
        "MODEL_KMS_KEY_ID": key,
        "VOLUME_KMS_KEY_ID": "",
        "DATA_LAKE_KMS_KEY_ID": key,
        "VPC_SUBNET_IDS": "subnet-1,subnet-2",
        "VPC_SECURITY_GROUP_IDS": "sg-1",
    }
    assert run("flywheel", "create", policy_file(tmp_path))[0] == 0
    assert flywheel(stack)["DataSecurityConfig"] == {
        "ModelKmsKeyId": key,
        "DataLakeKmsKeyId": key,
        "VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]},
    }


@pytest.mark.parametrize("stack", [SLOW], indirect=True)
def test_one_need_not_wait(stack: Stack, run: Run, tmp_path: Path) -> None:
    code, out, _ = run("flywheel", "create", policy_file(tmp_path), "--no-wait")
    assert (code, flywheel(stack)["Status"]) == (0, "CREATING")
    assert "It goes on by itself" in out


def test_another_one_of_that_name_is_said(stack: Stack, run: Run, tmp_path: Path) -> None:
    made_elsewhere(stack)
    other = {"language": "en", "mode": "MULTI_CLASS", "labels": ["one", "two"]}
    code, _, err = run("flywheel", "create", policy_file(tmp_path, flywheel=other))
    assert code == 1
    assert "exists in Comprehend with another labels than its policy defines" in err


def test_what_was_torn_down_does_not_come_back_so(stack: Stack, run: Run, tmp_path: Path) -> None:
    promoted(stack)
    assert run("teardown", FLYWHEEL, "--yes")[0] == 0
    code, _, err = run("flywheel", "create", policy_file(tmp_path))
    assert code == 1
    assert "governor resume alpha" in err


# ---- adopt ---------------------------------------------------------------------------------------------------------


def test_a_flywheel_is_taken_over_with_its_endpoint_as_it_is(
    stack: Stack, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = trained_elsewhere(stack)
    stack.comprehend.create_endpoint(EndpointName="live", FlywheelArn=ARN, DesiredInferenceUnits=3)
    before = flywheel(stack)
    monkeypatch.chdir(tmp_path)

    code, out, err = run("flywheel", "adopt", ARN)

    assert (code, err) == (0, "")
    assert "governor policy apply alpha.yaml" in out
    assert flywheel(stack) == before
    document = yaml.safe_load((tmp_path / "alpha.yaml").read_text())
    assert document["flywheel"] == {"language": "en", "mode": "MULTI_CLASS", "labels": sorted(WORDS)}
    assert document["serving"] == {"endpoint": "live", "inference_units": 3}
    assert "is there already" in run("flywheel", "adopt", ARN)[2]
    assert run("flywheel", "adopt", ARN, "--out", str(tmp_path / "again.yaml"))[0] == 0
    serving = stack.ports.serving.read(FLYWHEEL)
    assert serving is not None
    assert serving.active == model

    document |= {"approval": "never", "batch": {"quiet_seconds": 0, "quiet_max_seconds": 0}}
    document["gates"] = [{"metric": "f1", "at_least": 0.5, "confidence": 0.5}]
    document["polling"] = {"min_seconds": 1, "max_seconds": 5}
    (tmp_path / "alpha.yaml").write_text(yaml.safe_dump(document))
    assert run("policy", "apply", "alpha.yaml")[0] == 0
    stack.deliver(stack.drop(train("x"), labelled(5, per_label=80)), stack.drop(exam("x"), labelled(6)))
    assert stack.inspect() == []
    stack.run()
    assert holds(stack) is None
    assert ends(stack)[-1] == "ModelPromoted"
    shown = run("endpoint", "status", FLYWHEEL)[1]
    assert shown.startswith("live (")


def trained_elsewhere(stack: Stack) -> str:
    """Let a person make a flywheel by hand and bring it to its first active model; return that."""
    made_elsewhere(stack)
    stack.clock.advance(5)
    for kind, content in (("TRAIN", labelled(1)), ("TEST", labelled(2))):
        stack.s3.put_object(Bucket="lake", Key=f"by-hand/{kind}.csv", Body=content)
        stack.comprehend.create_dataset(
            FlywheelArn=ARN,
            DatasetName=kind.lower(),
            DatasetType=kind,
            InputDataConfig={
                "DataFormat": "COMPREHEND_CSV",
                "DocumentClassifierInputDataConfig": {"S3Uri": f"s3://lake/by-hand/{kind}.csv"},
            },
        )
    stack.clock.advance(5)
    stack.comprehend.start_flywheel_iteration(FlywheelArn=ARN)
    stack.clock.advance(60)
    (iteration,) = iterations(stack)
    model: str = iteration["TrainedModelArn"]
    promote_in_console(stack, model)
    return model


def test_one_that_began_with_a_model_or_has_a_role_of_its_own(stack: Stack, run: Run, tmp_path: Path) -> None:
    promoted(stack)
    model = active(stack)
    role = stack.environment["DATA_ACCESS_ROLE_ARN"].replace("data-access", "theirs")
    stack.comprehend.create_flywheel(
        FlywheelName="beta", ActiveModelArn=model, DataAccessRoleArn=role, DataLakeS3Uri="s3://lake/theirs"
    )
    code, out, _ = run("flywheel", "adopt", ARN.replace("alpha", "beta"), "--out", str(tmp_path / "beta.yaml"))
    assert code == 0
    assert "s3://lake/staging/* (s3:GetObject, s3:ListBucket)" in out
    assert run("policy", "apply", str(tmp_path / "beta.yaml"))[0] == 0
    assert stack.ports.policies.current("beta").policy.flywheel.data_mode == "MULTI_CLASS"


@pytest.mark.parametrize(
    ("arn", "told"),
    [
        ("alpha", "is no ARN of a flywheel"),
        (ARN.replace("us-east-1", "eu-west-1"), "in another account or region"),
        (ARN, "Comprehend has no flywheel"),
    ],
)
def test_what_cannot_be_adopted(run: Run, tmp_path: Path, arn: str, told: str) -> None:
    code, _, err = run("flywheel", "adopt", arn, "--out", str(tmp_path / "x.yaml"))
    assert code == 1
    assert told in err
    assert not (tmp_path / "x.yaml").exists()


def test_what_was_adopted_waits_for_its_policy(stack: Stack, run: Run, tmp_path: Path) -> None:
    made_elsewhere(stack)
    assert run("flywheel", "adopt", ARN, "--out", str(tmp_path / "x.yaml"))[0] == 0
    assert stack.sweep()["faults"] == []
    assert "write its policy" in run("status", "--json")[1]
