"""`governor policy` over the doubles: from a file to begin with to the history of its versions."""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from governor.adapters.dynamodb import Table
from governor.adapters.policy_table import PolicyWriter
from governor.domain.policy_document import DEFAULTS, PolicyFile
from governor.usecases.apply_policy import apply_policy
from governor_cli.doctor.finding import Finding
from governor_cli.doctor.flywheels import Limits, examine_flywheels
from tests.doubles.command_line import Run, command_line
from tests.doubles.data import FLYWHEEL, WORDS, policy
from tests.doubles.people import ADA
from tests.doubles.scenes import holds
from tests.doubles.stack import Stack


@pytest.fixture
def run(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    monkeypatch.chdir(tmp_path)
    with command_line(stack, capsys) as run:
        yield run


def file(name: str = FLYWHEEL, **changes: Any) -> str:
    """Write a policy file; `name: "*"` has nothing but the changes."""
    fields = changes if name == DEFAULTS else policy() | changes
    path = Path(f"{'defaults' if name == DEFAULTS else name}.yaml")
    path.write_text(yaml.safe_dump({"name": name} | fields))
    return str(path)


def short(name: str) -> str:
    """Write a file that leaves everything but the flywheel itself to the defaults."""
    path = Path(f"{name}.yaml")
    path.write_text(yaml.safe_dump({"name": name, "flywheel": policy()["flywheel"]}))
    return str(path)


def edit(stack: Stack, name: str = FLYWHEEL, sort: str = "CURRENT", attribute: str = "document", **more: str) -> None:
    """Change a row in the console."""
    before = next(row for row in stack.rows("POLICY_TABLE_NAME") if (row["pk"], row["sk"]) == (f"P#{name}", sort))
    text = before[attribute].replace('"never"', '"always"') if not more else more["text"]
    assert text != before[attribute]
    boto3.client("dynamodb", region_name="us-east-1").update_item(
        TableName="PolicyTable",
        Key={"pk": {"S": before["pk"]}, "sk": {"S": sort}},
        UpdateExpression="SET #it = :edited",
        ExpressionAttributeNames={"#it": attribute},
        ExpressionAttributeValues={":edited": {"S": text}},
    )


def findings(stack: Stack) -> list[Finding]:
    """Return what `governor doctor` finds of flywheels."""
    return [
        found
        for found in examine_flywheels(stack.ports, Limits(timedelta(9), timedelta(9), timedelta(9)))
        if found.severity != "note"
    ]


# ---- init ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "flywheel"),
    [
        (
            ("--labels", "praise, complaint"),
            {"language": "en", "mode": "MULTI_CLASS", "labels": ["praise", "complaint"]},
        ),
        (
            ("--labels", "a,b", "--mode", "MULTI_LABEL", "--language", "de"),
            {"language": "de", "mode": "MULTI_LABEL", "labels": ["a", "b"]},
        ),
        (
            ("--entity-types", "PRODUCT,ORDER"),
            {"model_type": "ENTITY_RECOGNIZER", "language": "en", "entity_types": ["PRODUCT", "ORDER"]},
        ),
    ],
)
def test_a_file_to_begin_with_can_be_applied(run: Run, stack: Stack, arguments: tuple[str, ...], flywheel: Any) -> None:
    code, out, err = run("policy", "init", "--name", "reviews", *arguments)
    assert (code, err) == (0, "")
    assert "governor policy apply reviews.yaml" in out
    assert yaml.safe_load(Path("reviews.yaml").read_text())["flywheel"] == flywheel
    assert run("policy", "validate", "reviews.yaml") == (0, "reviews.yaml: nothing is wrong with it.\n", "")
    assert run("policy", "apply", "reviews.yaml")[0] == 0
    gates = stack.ports.policies.current("reviews").policy.gates
    assert [(gate.at_least, gate.gain_at_least, gate.confidence) for gate in gates] == [(0.75, 0.0, 0.95)]


def test_the_schema_stands_beside_it_for_editors(run: Run) -> None:
    assert run("policy", "init")[0] == 0
    first = Path("my-flywheel.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=policy.schema.json"
    assert json.loads(Path("policy.schema.json").read_text())["properties"]["gates"]


def test_defaults_to_begin_with(run: Run) -> None:
    assert run("policy", "init", "--name", "*")[0] == 0
    assert run("policy", "apply", "defaults.yaml")[0] == 0
    assert yaml.safe_load(run("policy", "show", "*")[1])["approval"] == "replacement"


def test_a_flywheel_that_comprehend_has_is_described_as_it_is(run: Run, stack: Stack) -> None:
    labels = {"Mode": "MULTI_LABEL", "Labels": sorted(WORDS)}
    stack.comprehend.create_flywheel(
        FlywheelName="theirs",
        DataAccessRoleArn=stack.environment["DATA_ACCESS_ROLE_ARN"],
        DataLakeS3Uri="s3://lake/theirs",
        TaskConfig={"LanguageCode": "fr", "DocumentClassificationConfig": labels},
        ModelType="DOCUMENT_CLASSIFIER",
    )
    assert run("policy", "init", "--from", "theirs")[0] == 0
    document = yaml.safe_load(Path("theirs.yaml").read_text())
    assert document["flywheel"] == {"language": "fr", "mode": "MULTI_LABEL", "labels": sorted(WORDS)}
    assert document["approval"] == "always"
    assert stack.ports.heads.read("theirs") is None, "looking is not adopting"
    assert "Comprehend has no flywheel" in run("policy", "init", "--from", "others")[2]


def test_a_file_that_is_there_is_never_overwritten(run: Run) -> None:
    Path("reviews.yaml").write_text("mine")
    code, _, err = run("policy", "init", "--name", "reviews")
    assert (code, Path("reviews.yaml").read_text()) == (1, "mine")
    assert "reviews.yaml is there already" in err
    assert run("policy", "init", "--name", "reviews", "--out", "other.yaml")[0] == 0
    assert "cannot be written" in run("policy", "init", "--out", "no/such/folder.yaml")[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--labels", "a,b", "--entity-types", "A"),
        ("--entity-types", "A", "--mode", "MULTI_CLASS"),
        ("--name", "a b"),
        ("--name", "*", "--labels", "a,b"),
        ("--from", "theirs", "--language", "de"),
        ("--from", "theirs", "--name", "mine"),
        ("--language", "xx"),
    ],
)
def test_options_that_do_not_go_together_are_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("policy", "init", *arguments)[0] == 2
    assert list(Path().iterdir()) == []


def test_labels_that_nobody_can_have_are_told_before_a_file_is_written(run: Run) -> None:
    code, _, err = run("policy", "init", "--labels", "a,a")
    assert code == 1
    assert "flywheel.labels: the names must differ from one another" in err
    assert list(Path().iterdir()) == []


# ---- validate ------------------------------------------------------------------------------------------------------


def test_all_faults_of_all_files_are_told_at_once_offline(run: Run) -> None:
    Path("one.yaml").write_text("name: one\nflywheel: {language: en}\naproval: never\n")
    Path("two.yaml").write_text("name: [\n")
    code, out, err = run("policy", "validate", "one.yaml", file("fine"), "two.yaml", "none.yaml", "--json")
    assert (code, err) == (1, "")
    told = {each["file"]: each for each in json.loads(out)}
    assert [fault["path"] for fault in told["one.yaml"]["faults"]] == ["flywheel", "aproval"]
    assert told["fine.yaml"] == {"file": "fine.yaml", "name": "fine", "faults": []}
    assert "line 2, column 1" in told["two.yaml"]["faults"][0]["remedy"]
    assert "cannot be read" in told["none.yaml"]["faults"][0]["remedy"]

    code, out, err = run("policy", "validate", "one.yaml", "fine.yaml")
    assert (code, out) == (1, "fine.yaml: nothing is wrong with it.\n")
    assert err.splitlines()[:3] == [
        "one.yaml: 2 faults",
        "  flywheel: give language, mode and labels for a new model, or active_model_arn for an existing one",
        "  aproval: no such field; did you mean approval?",
    ]


def test_a_star_without_quotes_is_told_as_that(run: Run) -> None:
    Path("defaults.yaml").write_text("name: *\napproval: always\n")
    _, _, err = run("policy", "validate", "defaults.yaml")
    assert "put * in quotes" in err


def test_files_are_checked_together_with_their_defaults(run: Run) -> None:
    Path("own.yaml").write_text(
        yaml.safe_dump({"name": "own", "flywheel": {"mode": "MULTI_CLASS", "labels": ["a", "b"]}})
    )
    defaults = file(DEFAULTS, flywheel={"language": "de"})
    code, _, err = run("policy", "validate", "own.yaml")
    assert (code, 'defaults (name: "*")' in err) == (1, True)
    assert run("policy", "validate", defaults, "own.yaml")[0] == 0


# ---- apply ---------------------------------------------------------------------------------------------------------


def test_a_change_is_told_field_by_field_and_whether_it_is_stricter(run: Run) -> None:
    assert "version 1." in run("policy", "apply", file())[1]
    code, out, _ = run("policy", "apply", file(approval="always", backoff_base_seconds=7))
    assert code == 0
    first, *lines = out.splitlines()
    assert first.startswith("Flywheel alpha has a new policy: version 2; before: version 1, which arn:")
    assert lines == [
        "  backoff_base_seconds: 7; before: 600",
        '  approval: "always"; before: "never"',
        "  stricter: approval is always",
    ]


def test_the_same_again_writes_nothing_even_in_another_order(run: Run, stack: Stack) -> None:
    path = file(approval="always")
    run("policy", "apply", path)
    document = yaml.safe_load(Path(path).read_text())
    Path(path).write_text(yaml.safe_dump(dict(reversed(document.items())), sort_keys=False))
    assert "has this policy already, as version 1" in run("policy", "apply", path)[1]
    assert stack.ports.policies.version(FLYWHEEL) == 1


def test_a_dry_run_writes_nothing(run: Run, stack: Stack) -> None:
    code, out, _ = run("policy", "apply", file(), "--dry-run")
    assert (code, out) == (0, "Flywheel alpha: would be written, the first version.\n")
    assert stack.ports.policies.version(FLYWHEEL) == 0
    run("policy", "apply", file())
    assert "as it is (version 1" in run("policy", "apply", file(), "--dry-run")[1]
    code, out, _ = run("policy", "apply", file(approval="always"), "--dry-run", "--json")
    (step,) = json.loads(out)
    assert (step["word"], step["version"], step["stricter"]) == ("CHANGED", 1, ["approval is always"])
    assert step["changes"] == [{"path": "approval", "old": "never", "new": "always"}]


def test_only_the_version_that_was_meant_is_changed(run: Run, stack: Stack) -> None:
    assert "has no version yet" in run("policy", "apply", file(), "--if-version", "1")[2]
    assert run("policy", "apply", file(), "--if-version", "0")[0] == 0
    assert "is at version 1, which" in run("policy", "apply", file(approval="always"), "--if-version", "0")[2]
    assert run("policy", "apply", file(approval="always"), "--if-version", "1")[0] == 0
    code, _, err = run("policy", "apply", file(approval="replacement"), "--if-version", "1")
    assert code == 1
    assert f"is at version 2, which {ADA} wrote" in err
    assert stack.ports.policies.current(FLYWHEEL).policy.approval == "always"
    assert run("policy", "apply", file(), file("beta"), "--if-version", "1")[0] == 2


def test_what_is_applied_is_told_as_json_too(run: Run) -> None:
    _, out, _ = run("policy", "apply", file(), file("beta"), "--json")
    assert [(each["name"], each["word"], each["written"]) for each in json.loads(out)] == [
        ("alpha", "WRITTEN", 1),
        ("beta", "WRITTEN", 1),
    ]


def test_nothing_is_written_if_one_of_the_files_is_wrong(run: Run, stack: Stack) -> None:
    code, _, err = run("policy", "apply", file(), file("beta", approval="maybe"))
    assert code == 1
    assert "beta.yaml: The policy has a fault; nothing was written." in err
    label = {"metric": "f1", "label": "prise", "at_least": 0.5}
    code, _, err = run("policy", "apply", file(), file("beta", gates=[label]), file("gamma", gates=[label]))
    assert code == 1
    assert [line for line in err.splitlines() if "The policy of flywheel" in line] == [
        "governor: The policy of flywheel beta has a fault; nothing was written.",
        "The policy of flywheel gamma has a fault; nothing was written.",
    ]
    Path("again.yaml").write_text(Path(file()).read_text())
    assert "More than one file is about alpha" in run("policy", "apply", file(), "again.yaml")[2]
    assert stack.ports.policies.names() == []


def test_a_policy_that_is_too_large_for_a_row_is_refused(run: Run) -> None:
    labels = [f"{number:05}" + "x" * 240 for number in range(900)]
    path = Path("large.json")
    path.write_text(
        json.dumps({"name": "large", "flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": labels}})
    )
    code, _, err = run("policy", "apply", str(path))
    assert code == 1
    assert "380000 are the most" in err


# ---- defaults ------------------------------------------------------------------------------------------------------


def test_defaults_are_merged_when_rows_are_written(run: Run, stack: Stack) -> None:
    assert "The defaults are written: version 1." in run("policy", "apply", file(DEFAULTS, approval="always"))[1]
    run("policy", "apply", short("alpha"), short("beta"), file("gamma", approval="never"))
    current = stack.ports.policies.current
    assert [current(name).policy.approval for name in ("alpha", "beta", "gamma")] == ["always", "always", "never"]

    code, out, err = run("policy", "apply", file(DEFAULTS, approval="replacement", batch={"quiet_seconds": 9}), "--yes")
    assert (code, err) == (0, "")
    assert "Flywheel alpha: will be changed with the defaults" in out
    assert "Flywheel gamma" not in out.replace("gamma: will", ""), "its own file says another thing, and has a batch"
    assert [current(name).version for name in ("alpha", "beta", "gamma")] == [2, 2, 1]
    assert (current("beta").policy.approval, current("beta").policy.batch.quiet_seconds) == ("replacement", 9)
    assert current("gamma").policy.batch.quiet_seconds == 0


def test_what_a_file_says_outlives_new_defaults_even_if_it_was_the_default(run: Run, stack: Stack) -> None:
    run("policy", "apply", short("alpha"))
    Path("alpha.yaml").write_text(Path("alpha.yaml").read_text() + "approval: replacement\n")
    assert "version 2" in run("policy", "apply", "alpha.yaml")[1]
    assert run("policy", "apply", file(DEFAULTS, approval="always"))[0] == 0
    assert stack.ports.policies.current("alpha").policy.approval == "replacement"


def test_whoever_changes_others_is_asked_and_shown_the_plan_first(
    run: Run, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(""))
    run("policy", "apply", short("alpha"))
    code, out, err = run("policy", "apply", file(DEFAULTS, approval="always"))
    assert code == 1
    assert 'approval: "always"; before: "replacement"' in out
    assert "Where nobody can answer, add --yes" in err
    assert stack.ports.policies.version("alpha") == 1
    assert "There are no defaults" in run("policy", "show", DEFAULTS)[2]
    monkeypatch.setattr("sys.stdin", StringIO("y\n"))
    assert run("policy", "apply", "defaults.yaml")[0] == 0
    assert stack.ports.policies.current("alpha").policy.approval == "always"


def test_defaults_that_fit_one_flywheel_not_are_not_written(run: Run, stack: Stack) -> None:
    run("policy", "apply", short("alpha"), file("beta"))
    gate = {"metric": "f1", "label": "urgent", "at_least": 0.5}
    code, _, err = run("policy", "apply", file(DEFAULTS, gates=[gate]), "--yes")
    assert code == 1
    assert "The policy of flywheel alpha, with these defaults, has a fault; nothing was written." in err
    assert "in the defaults, gates.0.label: is none of the flywheel's labels" in err
    assert stack.ports.policy_writer.current(DEFAULTS) is None


@pytest.mark.parametrize("writes", [1, 2])
def test_what_broke_off_is_completed_by_the_same_command(
    run: Run, stack: Stack, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    run("policy", "apply", short("alpha"), short("beta"))
    left, transact = [writes], Table.transact

    def dying(self: Table, items: Any) -> None:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        transact(self, items)

    monkeypatch.setattr(Table, "transact", dying)
    assert run("policy", "apply", file(DEFAULTS, approval="always"), "--yes")[0] == 130
    monkeypatch.setattr(Table, "transact", transact)
    current = stack.ports.policies.current
    assert [current(name).version for name in ("alpha", "beta")] == [[1, 1], [2, 1]][writes - 1]
    assert sum("applying these broke off" in found.what for found in findings(stack)) == 3 - writes

    code, out, _ = run("policy", "apply", "defaults.yaml", "--yes")
    assert code == 0
    assert "The defaults have this content already" in out
    assert [current(name).policy.approval for name in ("alpha", "beta")] == ["always", "always"]
    assert [current(name).version for name in ("alpha", "beta")] == [2, 2]
    assert run("policy", "apply", "defaults.yaml")[0] == 0, "nothing is left, so nobody is asked"
    assert [current(name).version for name in ("alpha", "beta")] == [2, 2]


def test_a_file_that_was_merged_with_defaults_of_yesterday_is_not_written(
    run: Run, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    transact = Table.transact

    def overtaken(self: Table, items: Any) -> None:
        monkeypatch.setattr(Table, "transact", transact)
        apply_policy(
            stack.ports.policy_writer, stack.ports.clock, PolicyFile(DEFAULTS, {"approval": "always"}), author="bob"
        )
        transact(self, items)

    monkeypatch.setattr(Table, "transact", overtaken)
    code, _, err = run("policy", "apply", short("alpha"))
    assert code == 1
    assert "Somebody was faster" in err
    assert stack.ports.policies.version("alpha") == 0
    assert run("policy", "apply", short("alpha"))[0] == 0
    assert stack.ports.policies.current("alpha").policy.approval == "always"


def test_defaults_never_count_as_a_flywheel(run: Run, stack: Stack) -> None:
    run("policy", "apply", file(DEFAULTS, approval="always"))
    assert stack.ports.policies.names() == []
    assert json.loads(run("status", "--json")[1]) == []
    assert stack.sweep() == {"flywheels": 0, "faults": []}
    assert run("flywheel", "create", "defaults.yaml")[0] == 1


# ---- edits past the command line -------------------------------------------------------------------------------------


def test_an_edit_in_the_console_is_shown_told_and_cured(run: Run, stack: Stack) -> None:
    run("policy", "apply", file())
    edit(stack)
    (status,) = json.loads(run("status", "--json")[1])
    assert "edited past the command line" in status["policy_fault"]
    assert "its policy cannot be used" in status["next_step"]
    (found,) = findings(stack)
    assert (found.about, found.severity, "edited past the command line" in found.what) == (FLYWHEEL, "error", True)

    code, out, err = run("policy", "show", FLYWHEEL)
    assert (code, "edited past the command line" in err) == (0, True)
    assert yaml.safe_load(out)["approval"] == "always"
    Path("edited.yaml").write_text(out)
    code, out, _ = run("policy", "apply", "edited.yaml")
    assert (code, "version 2; before: version 1" in out) == (0, True)
    assert stack.ports.policies.current(FLYWHEEL).policy.approval == "always"
    assert json.loads(run("status", "--json")[1])[0]["policy_fault"] is None
    assert holds(stack) is None


def test_the_file_as_it_was_undoes_an_edit(run: Run, stack: Stack) -> None:
    run("policy", "apply", file())
    edit(stack)
    assert "version 2" in run("policy", "apply", file())[1]
    assert stack.ports.policies.current(FLYWHEEL).policy.approval == "never"


def test_a_row_that_was_edited_is_left_alone_by_new_defaults_and_said(run: Run, stack: Stack) -> None:
    run("policy", "apply", file("alpha", approval="never"), short("beta"))
    edit(stack)
    code, _, err = run("policy", "apply", file(DEFAULTS, approval="always"), "--yes")
    assert code == 1
    assert "Flywheel alpha was left alone. Its row was edited past the command line" in err
    assert stack.ports.policies.current("beta").policy.approval == "always"
    assert run("policy", "apply", file())[0] == 0
    assert run("policy", "apply", "defaults.yaml", "--yes")[0] == 0


def test_edited_defaults_are_merged_into_nothing(run: Run, stack: Stack) -> None:
    run("policy", "apply", file(DEFAULTS, approval="never"))
    edit(stack, DEFAULTS)
    code, _, err = run("policy", "apply", short("alpha"))
    assert (code, "The defaults were edited past the command line" in err) == (1, True)
    assert [found.about for found in findings(stack)] == ["defaults"]
    assert run("policy", "apply", file(DEFAULTS, approval="never"))[0] == 0
    assert run("policy", "apply", short("alpha"))[0] == 0
    assert stack.ports.policies.current("alpha").policy.approval == "never"


def test_an_edit_of_what_the_file_said_is_found_too(run: Run, stack: Stack) -> None:
    run("policy", "apply", file())
    edit(stack, attribute="overrides")
    assert stack.ports.policies.current(FLYWHEEL).policy.approval == "never", "functions read the whole policy alone"
    (found,) = findings(stack)
    assert "its policy's file says was edited" in found.what
    assert "version 2" in run("policy", "apply", file())[1]


# ---- show, diff, history ---------------------------------------------------------------------------------------------


def test_show_gives_the_whole_policy_or_what_the_file_says_and_both_can_be_applied(run: Run) -> None:
    run("policy", "apply", file(DEFAULTS, approval="always"))
    run("policy", "apply", short("alpha"))
    _, out, err = run("policy", "show", "alpha")
    assert err == ""
    assert out.startswith(f"# Version 1, written by {ADA} at ")
    assert "with version 1 of the defaults" in out.splitlines()[0]
    whole = yaml.safe_load(out)
    assert (whole["name"], whole["approval"], whole["batch"]["quiet_seconds"]) == ("alpha", "always", 120)
    own = yaml.safe_load(run("policy", "show", "alpha", "--overrides")[1])
    assert own == {"name": "alpha", "flywheel": policy()["flywheel"]}
    Path("again.yaml").write_text(run("policy", "show", "alpha", "--overrides")[1])
    assert "has this policy already" in run("policy", "apply", "again.yaml")[1]
    shown = json.loads(run("policy", "show", "alpha", "--json")[1])
    assert (shown["name"], shown["version"], shown["defaults_version"], shown["edited"]) == ("alpha", 1, 1, False)
    assert shown["policy"]["approval"] == "always"


def test_show_of_a_version_and_of_what_is_not_there(run: Run) -> None:
    assert "governor policy init --name alpha" in run("policy", "show", "alpha")[2]
    run("policy", "apply", file())
    run("policy", "apply", file(approval="always"))
    assert yaml.safe_load(run("policy", "show", "alpha", "--version", "1")[1])["approval"] == "never"
    assert yaml.safe_load(run("policy", "show", "alpha")[1])["approval"] == "always"
    assert "There is no version 7; 2 is in force" in run("policy", "show", "alpha", "--version", "7")[2]


def test_a_row_without_json_is_shown_as_it_is(run: Run, stack: Stack) -> None:
    run("policy", "apply", file())
    edit(stack, text="{oh")
    code, out, err = run("policy", "show", "alpha")
    assert (code, out) == (1, "{oh\n")
    assert "edited past the command line" in err


def test_diff_shows_what_a_file_would_change_and_says_whether_it_is_stricter(run: Run) -> None:
    run("policy", "apply", file())
    code, out, _ = run("policy", "diff", "alpha", file(approval="always"))
    assert code == 0
    assert out.splitlines()[:2] == ["--- alpha, version 1", "+++ alpha.yaml"]
    assert "-approval: never" in out
    assert "+approval: always" in out
    assert out.splitlines()[-2:] == [
        "The new one is stricter: it may refuse a model that the old one promotes.",
        "  approval is always",
    ]
    assert "\x1b" not in out, "colours are for terminals"
    assert "not stricter" in run("policy", "diff", "alpha", file(backoff_base_seconds=5))[1]
    assert run("policy", "diff", "alpha", file())[1] == "Nothing differs.\n"
    assert "about beta, not about alpha" in run("policy", "diff", "alpha", file("beta"))[2]


def test_diff_of_versions_of_defaults_and_of_what_is_new(run: Run) -> None:
    new = run("policy", "diff", "alpha", file())[1]
    assert new.splitlines()[0] == "--- alpha, no version yet"
    assert "stricter" not in new
    run("policy", "apply", file(approval="always"))
    run("policy", "apply", file(approval="never"))
    assert "not stricter" in run("policy", "diff", "alpha", "--versions", "1", "2")[1]
    found = json.loads(run("policy", "diff", "alpha", "--versions", "2", "1", "--json")[1])
    assert found["stricter"] == ["approval is always"]
    assert found["changes"] == [{"path": "approval", "old": "never", "new": "always"}]
    run("policy", "apply", short("beta"))
    out = run("policy", "diff", DEFAULTS, file(DEFAULTS, approval="always"))[1]
    assert out.splitlines()[-1] == "Flywheel beta changes with them; stricter: approval is always."
    assert run("policy", "diff", "alpha")[0] == 2
    assert run("policy", "diff", "alpha", file(), "--versions", "1", "2")[0] == 2


def test_history_says_when_who_and_what(run: Run, stack: Stack) -> None:
    run("policy", "apply", short("alpha"))
    stack.clock.advance(60)
    run("policy", "apply", file(DEFAULTS, approval="always"), "--yes")
    run("policy", "apply", file(DEFAULTS, approval="never"), "--yes")
    edit(stack, sort="V#3")
    entries = json.loads(run("policy", "history", "alpha", "--json")[1])
    assert [(each["version"], each["by"], each["cause"], each["defaults_version"]) for each in entries] == [
        (1, ADA, "file", None),
        (2, ADA, "defaults", 1),
        (3, ADA, "defaults", 2),
    ]
    assert entries[0]["at"] < entries[1]["at"]
    assert entries[1]["changes"] == ['approval: "always"; before: "replacement"']
    assert [each["edited"] for each in entries] == [False, False, True]
    shown = run("policy", "history", "alpha")[1]
    assert "the first version" in shown
    assert "with version 1 of the defaults" in shown
    assert "edited past the command line since" in shown
    assert "There are no defaults" not in run("policy", "history", DEFAULTS)[2]
    assert "Flywheel gamma has no policy" in run("policy", "history", "gamma")[2]


def test_rows_of_the_first_versions_count_as_edited(run: Run, stack: Stack) -> None:
    """They have no digest, and no file of their own."""
    table = Table(boto3.client("dynamodb", region_name="us-east-1"), "PolicyTable")
    row = {"document": json.dumps(policy()), "version": 1, "author": "ann", "written_at": "2026-11-23T12:00:00.000000Z"}
    for sort in ("CURRENT", "V#1"):
        table.put({"pk": "P#alpha", "sk": sort} | row)
    seen = PolicyWriter(table).current("alpha")
    assert seen is not None
    assert (seen.edited, seen.author) == (True, "ann")
    assert yaml.safe_load(run("policy", "show", "alpha")[1])["gates"] == policy()["gates"]
    assert "version 2; before: version 1, which ann wrote" in run("policy", "apply", file())[1]


@pytest.mark.parametrize("command", ["init", "validate", "show", "diff", "apply", "history"])
def test_help_teaches_by_examples(run: Run, command: str) -> None:
    code, out, _ = run("policy", command, "--help")
    assert code == 0
    assert f"governor policy {command} " in out.partition("examples:")[2]


def test_a_policy_whose_gates_decide_nothing_is_told(run: Run) -> None:
    fields: dict[str, Any] = {
        "name": "reviews",
        "flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": ["a", "b"]},
    }
    shadow = {"metric": "f1", "at_least": 0.5, "mode": "shadow"}
    for gates, warned in (([], True), ([shadow], True), ([shadow, shadow | {"mode": "enforce"}], False)):
        Path("reviews.yaml").write_text(json.dumps(fields | {"gates": gates}))
        code, out, err = run("policy", "validate", "reviews.yaml")
        assert (code, err, "nothing will be promoted without a person" in out) == (0, "", warned)
