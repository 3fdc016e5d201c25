"""The command `governor` on moto: what it writes, what it says, and how it fails."""

import json
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws

from governor.adapters.dynamodb import Table
from governor.adapters.policy_table import DynamoPolicies
from governor.domain.moments import OPEN_END, to_text
from governor_cli.main import main

REGION = "eu-west-1"
EXAMPLE = Path(__file__).parents[2] / "examples" / "policy.yaml"
Run = Callable[..., tuple[int, str, str]]


def _table(client: Any, name: str, *indexes: str) -> None:
    attributes = ("pk", "sk", *indexes)
    local = [
        {
            "IndexName": f"by_{index}",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": index, "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }
        for index in indexes
    ]
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        **({"LocalSecondaryIndexes": local} if local else {}),
    )


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, dict[str, str]]]:
    """A deployed stack, and the outputs of all stacks by name; moto lacks CloudFormation here."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("GOVERNOR_STACK", raising=False)
    monkeypatch.setattr("governor_cli.stack_option.running", list)
    outputs: dict[str, dict[str, str]] = {}
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def answer(self: Any, operation: str, arguments: dict[str, Any]) -> Any:
        if operation != "DescribeStacks":
            return call(self, operation, arguments)
        name = arguments["StackName"]
        if name not in outputs:
            message = f"Stack with id {name} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, operation)
        listed = [{"OutputKey": key, "OutputValue": value} for key, value in outputs[name].items()]
        return {"Stacks": [{"StackName": name, "Outputs": listed}]}

    monkeypatch.setattr(BaseClient, "_make_api_call", answer)
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name=REGION)
        _table(dynamodb, "policy")
        _table(dynamodb, "ledger", "pending", "admitted")
        machine = boto3.client("stepfunctions", region_name=REGION).create_state_machine(
            name="flywheel-governor-flywheel",
            definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
            roleArn="arn:aws:iam::123456789012:role/machine",
        )
        outputs["flywheel-governor"] = {
            "PolicyTableName": "policy",
            "LedgerTableName": "ledger",
            "FlywheelMachineArn": machine["stateMachineArn"],
            "InboxBucketName": "the-inbox",
            "LakeBucketName": "the-lake",
            "RecordsBucketName": "the-records",
            "DataAccessRoleArn": "arn:aws:iam::123456789012:role/data-access",
            "ApprovalsTableName": "approvals",
        }
        yield outputs


@pytest.fixture
def run(stacks: dict[str, dict[str, str]], capsys: pytest.CaptureFixture[str]) -> Run:
    def _run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return _run


def ledger() -> Table:
    return Table(boto3.client("dynamodb", region_name=REGION), "ledger")


def policies() -> DynamoPolicies:
    return DynamoPolicies(Table(boto3.client("dynamodb", region_name=REGION), "policy"))


def executions(stacks: dict[str, dict[str, str]]) -> list[str]:
    client = boto3.client("stepfunctions", region_name=REGION)
    arn = stacks["flywheel-governor"]["FlywheelMachineArn"]
    return [execution["name"] for execution in client.list_executions(stateMachineArn=arn)["executions"]]


def hold(reason: str = "Regression", **changes: Any) -> None:
    head = {"turn": 4, "state": "IDLE", "failures": 2, "hold_reason": reason, "hold_until": to_text(OPEN_END)}
    row = {"pk": "F#reviews", "sk": "HEAD", "hold_policy_version": 1} | head | changes
    ledger().put({name: value for name, value in row.items() if value is not None})


def wait_for_a_batch() -> None:
    upload = {
        "key": "reviews/train/1.csv",
        "version": "v",
        "state": "PENDING",
        "recorded_at": to_text(datetime.now(UTC)),
    }
    ledger().put({"pk": "U#reviews", "sk": "id", "pending": "2026#id"} | upload)


# ---- governor policy apply -------------------------------------------------------------------------


def test_the_first_policy_is_written_and_the_next_step_told(run: Run) -> None:
    code, out, err = run("policy", "apply", str(EXAMPLE))
    assert (code, err) == (0, "")
    assert "Flywheel reviews has a new policy: version 1." in out
    assert "s3://the-inbox/reviews/train/" in out
    assert policies().current("reviews").version == 1


def test_the_author_is_the_caller_s_arn(run: Run) -> None:
    run("policy", "apply", str(EXAMPLE))
    row = Table(boto3.client("dynamodb", region_name=REGION), "policy").get({"pk": "P#reviews", "sk": "V#1"}) or {}
    assert row["author"] == boto3.client("sts", region_name=REGION).get_caller_identity()["Arn"]


def test_json_is_taken_too_and_the_next_version_names_the_one_before(run: Run, tmp_path: Path) -> None:
    run("policy", "apply", str(EXAMPLE))
    changed = yaml.safe_load(EXAMPLE.read_text()) | {"approval": "always"}
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(changed))
    code, out, _ = run("policy", "apply", str(file))
    assert code == 0
    assert "version 2; before: version 1, which arn:" in out
    assert policies().current("reviews").policy.approval == "always"


def test_the_same_file_again_writes_nothing_and_says_so(run: Run) -> None:
    run("policy", "apply", str(EXAMPLE))
    code, out, _ = run("policy", "apply", str(EXAMPLE))
    assert code == 0
    assert "has this policy already, as version 1" in out
    assert policies().version("reviews") == 1


def test_all_faults_are_told_at_once_and_aws_is_not_asked(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("name: reviews\nflywheel: {language: en, mode: MULTI_CLASS, labels: [yes, no]}\ngates: {}\n")
    code, out, err = run("policy", "apply", str(file), "--stack", "nowhere")
    assert (code, out) == (1, "")
    assert "3 faults; nothing was written" in err
    assert "flywheel.labels.0: must be text: put it in quotes" in err
    assert "gates: must be a list" in err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"name: [", "is not valid YAML or JSON (line 1, column"),
        (b"name: a\ngates: []\ngates: []\n", "(line 3, column 1): the field gates is given twice"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"", "beginning with `name:"),
        (b"x" * 300_001, "at most 300000"),
        (b"[" * 2_000, "is not valid YAML or JSON"),
        (b"? {a: 1}\n: b\n", "is not valid YAML or JSON"),
        (b"name: !!python/object:os.system {}\n", "is not valid YAML or JSON"),
    ],
)
def test_a_file_that_is_no_policy_is_told_with_its_place(run: Run, tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_bytes(content)
    code, out, err = run("policy", "apply", str(file))
    assert (code, out) == (1, "")
    assert told in err
    assert "Traceback" not in err


def test_a_file_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    code, _, err = run("policy", "apply", str(tmp_path / "none.yaml"))
    assert code == 1
    assert "cannot be read: No such file or directory" in err


def test_the_loser_of_a_race_is_told_who_was_faster(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(yaml.safe_dump(yaml.safe_load(EXAMPLE.read_text()) | {"approval": "never"}))
    transact = Table.transact

    def overtaken(self: Table, writes: Any) -> None:
        monkeypatch.setattr(Table, "transact", transact)
        assert main(["policy", "apply", str(other)]) == 0
        transact(self, writes)

    monkeypatch.setattr(Table, "transact", overtaken)
    code, _, err = run("policy", "apply", str(EXAMPLE))
    assert code == 1
    assert "Somebody was faster" in err
    assert "version 1, which arn:" in err
    assert policies().current("reviews").policy.approval == "never"


# ---- governor resume -------------------------------------------------------------------------------


def test_resume_clears_hold_failures_and_freeze_says_which_and_starts_a_turn(
    run: Run, stacks: dict[str, dict[str, str]]
) -> None:
    hold()
    ledger().put({"pk": "F#reviews", "sk": "ACTIVE", "phase": "SETTLED", "active": "NONE", "seq": 1, "frozen": True})
    wait_for_a_batch()
    code, out, err = run("resume", "reviews")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "The hold Regression (without an end) is ended.",
        "The count of failures is back at 0; 2 turns in a row had failed.",
        "Automatic promotion, which was switched off, is on again.",
        "A turn of flywheel reviews was started.",
    ]
    head = ledger().get({"pk": "F#reviews", "sk": "HEAD"}) or {}
    assert not any(name.startswith("hold_") for name in head)
    assert (head["failures"], head["turn"], head["state"]) == (0, 4, "IDLE")
    assert head["resumed_by"].startswith("arn:aws:")
    assert "frozen" not in (ledger().get({"pk": "F#reviews", "sk": "ACTIVE"}) or {})
    assert executions(stacks) == ["reviews-5"]


def test_resume_of_a_flywheel_without_work_starts_nothing(run: Run, stacks: dict[str, dict[str, str]]) -> None:
    hold(failures=0)
    code, out, _ = run("resume", "reviews")
    assert code == 0
    assert "Nothing waits for flywheel reviews" in out
    assert executions(stacks) == []


def test_resume_of_a_running_flywheel_leaves_its_turn_alone(run: Run, stacks: dict[str, dict[str, str]]) -> None:
    hold(state="RUNNING", holder="arn:x", since=to_text(datetime.now(UTC)))
    wait_for_a_batch()
    code, out, _ = run("resume", "reviews")
    assert code == 0
    assert "Turn 4 of flywheel reviews is at work" in out
    head = ledger().get({"pk": "F#reviews", "sk": "HEAD"}) or {}
    assert (head["state"], head["holder"]) == ("RUNNING", "arn:x")
    assert "hold_reason" not in head
    assert executions(stacks) == []


def test_resume_of_a_flywheel_that_is_not_held_says_so_and_asks_for_a_turn(
    run: Run, stacks: dict[str, dict[str, str]]
) -> None:
    hold(failures=0, hold_reason=None, hold_until=None)
    wait_for_a_batch()
    code, out, _ = run("resume", "reviews")
    assert code == 0
    assert "was not held" in out
    assert executions(stacks) == ["reviews-5"]


def test_a_hold_that_came_meanwhile_is_seen_and_cleared_with_its_own_name(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = to_text(datetime.now(UTC) + timedelta(minutes=10))
    hold("Failure", hold_until=soon)
    update = Table.update

    def overtaken(self: Table, *arguments: Any, **values: Any) -> Any:
        monkeypatch.setattr(Table, "update", update)
        hold("NeedsYou")
        return update(self, *arguments, **values)

    monkeypatch.setattr(Table, "update", overtaken)
    code, out, _ = run("resume", "reviews")
    assert code == 0
    assert "The hold NeedsYou" in out
    assert "hold_reason" not in (ledger().get({"pk": "F#reviews", "sk": "HEAD"}) or {})


def test_an_unknown_flywheel_is_told_from_one_that_only_waits(run: Run) -> None:
    code, out, err = run("resume", "revews")
    assert (code, out) == (1, "")
    assert "Nothing is known of a flywheel named revews" in err
    run("policy", "apply", str(EXAMPLE))
    assert run("resume", "reviews")[0] == 0


# ---- which stack -----------------------------------------------------------------------------------


def test_a_stack_that_is_not_there_is_told_with_the_options_that_help(run: Run) -> None:
    code, _, err = run("resume", "reviews", "--stack", "nowhere")
    assert code == 1
    assert "There is no stack nowhere" in err
    assert "--stack" in err
    assert "--region" in err


def test_another_kind_of_stack_is_told(run: Run, stacks: dict[str, dict[str, str]]) -> None:
    stacks["website"] = {"Url": "https://example.com"}
    code, _, err = run("resume", "reviews", "--stack", "website")
    assert code == 1
    assert "has no output PolicyTableName" in err


def test_the_environment_may_name_the_stack(
    run: Run, stacks: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    stacks["trial"] = stacks.pop("flywheel-governor")
    assert run("policy", "apply", str(EXAMPLE))[0] == 1
    monkeypatch.setenv("GOVERNOR_STACK", "trial")
    assert run("policy", "apply", str(EXAMPLE))[0] == 0


def test_missing_credentials_and_regions_are_told(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert "The config profile (gone) could not be found" in run("resume", "reviews", "--profile", "gone")[2]
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_REGION", raising=False)
    assert "No AWS region is set" in run("resume", "reviews")[2]


def test_an_endpoint_that_does_not_answer_is_told(run: Run) -> None:
    code, _, err = run("resume", "reviews", "--endpoint-url", "http://127.0.0.1:1")
    assert code == 1
    assert "127.0.0.1:1" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [[], ["policy"], ["policy", "apply"], ["resume"], ["frobnicate"]])
def test_a_command_line_that_makes_no_sense_is_code_2(arguments: list[str]) -> None:
    assert main(arguments) == 2


@pytest.mark.parametrize("arguments", [["--help"], ["policy", "apply", "--help"], ["resume", "--help"]])
def test_help_shows_examples(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "reviews" in capsys.readouterr().out


def test_the_help_s_policy_is_one(capsys: pytest.CaptureFixture[str], run: Run, tmp_path: Path) -> None:
    assert main(["policy", "apply", "--help"]) == 0
    shown = capsys.readouterr().out.split("flywheel's name:\n", 1)[1]
    file = tmp_path / "help.yaml"
    file.write_text(textwrap.dedent(shown.partition("\n\n  `governor policy init`")[0]))
    assert run("policy", "apply", str(file))[0] == 0
