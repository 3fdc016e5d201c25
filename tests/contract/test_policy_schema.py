"""docs/policy.schema.json: as the model makes it, and of the model's mind."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from docs.policy_schema import FILE
from governor.domain.policy import Policy
from governor.domain.policy_document import merged
from governor.usecases.policy_faults import FaultyPolicy, read_policy_file, resolved
from governor_cli.policy_schema import policy_schema, schema_text
from governor_cli.policy_starter import starter
from tests.contract.template import ROOT

SCHEMA = Draft202012Validator(policy_schema())
REFERENCE = (ROOT / "docs" / "policy.md").read_text()
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
ARN = "arn:aws:comprehend:eu-west-1:123456789012:document-classifier/reviews/version/v7"
REVIEWS: dict[str, Any] = {"language": "en", "mode": "MULTI_CLASS", "labels": ["praise", "complaint"]}
ORDERS: dict[str, Any] = {"model_type": "ENTITY_RECOGNIZER", "language": "en", "entity_types": ["PRODUCT"]}


def a_file(**changes: Any) -> dict[str, Any]:
    return {"name": "reviews", "flywheel": REVIEWS, "gates": [{"metric": "f1", "at_least": 0.8}]} | changes


def model_takes(document: dict[str, Any]) -> bool:
    try:
        file = read_policy_file(document)
        if not file.for_all:
            resolved(file, {})
    except FaultyPolicy:
        return False
    return True


def test_the_file_is_what_make_pages_would_write() -> None:
    assert FILE.read_text() == schema_text(), "run `make pages`"
    Draft202012Validator.check_schema(json.loads(FILE.read_text()))


def _fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in (schema, *schema["$defs"].values()):
        yield from part["properties"].items()


def test_every_field_is_described_for_editors() -> None:
    fields = list(_fields(policy_schema()))
    assert len(fields) > 40
    for name, field in fields:
        assert len(field.get("description", "")) > 15, name


def test_editors_and_the_reference_say_what_a_gain_of_nothing_asks_for() -> None:
    """As the judgement has it: see `ANY_GAIN` and `BARE_GAIN` in tests/unit/test_verdict_matrix.py."""
    described = policy_schema()["$defs"]["Gate"]["properties"]["gain_at_least"]["description"]
    (row,) = (line for line in REFERENCE.splitlines() if line.startswith("| `gain_at_least`"))
    for told in (described, row):
        assert "surely better" in told
        assert "at least as good" in told
        assert "0.5" in told


def test_it_has_the_model_s_fields_and_no_more() -> None:
    assert set(policy_schema()["properties"]) == {"name", *Policy.model_fields}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_taken_and_name_it_for_editors(example: Path) -> None:
    document = yaml.safe_load(example.read_text())
    assert [error.message for error in SCHEMA.iter_errors(document)] == []
    assert model_takes(document)
    schema = example.read_text().splitlines()[0].partition("$schema=")[2]
    assert (example.parent / schema).resolve() == FILE


def test_an_example_of_each_kind_is_there() -> None:
    names = [yaml.safe_load(path.read_text())["name"] for path in EXAMPLES]
    assert "*" in names
    assert len(set(names)) > 1


TAKEN: list[dict[str, Any]] = [
    a_file(),
    a_file(gates=[]),
    a_file(flywheel={"active_model_arn": ARN}),
    a_file(flywheel={"active_model_arn": ARN, "mode": "MULTI_LABEL"}),
    a_file(flywheel=ORDERS),
    a_file(gates=[{"metric": "f1", "gain_at_least": "2%", "drop_at_most": "0.5%"}]),
    a_file(gates=[{"metric": "f1", "gain_at_least": "-100%"}]),
    a_file(gates=[{"metric": "f1", "gain_at_least": -1, "confidence": 0.5, "label": None}]),
    a_file(gates=[{"metric": "f1", "label": "*", "at_least": 0}], exam={"kind": "golden", "set": "q3"}),
    a_file(exam={"must_pass": ["never.csv"], "warn_after": 1}),
    a_file(serving={"delete_when_over": True, "idle_hours": 2}),
    a_file(serving=None, retention=None, budget_usd_per_month=None),
    a_file(first_model="ask", budget_usd_per_month=0.5),
    {"name": "*"},
    {"name": "*", "flywheel": {"language": "de"}, "exam": {"kind": "golden"}, "serving": {"max_hours": 3}},
]


@pytest.mark.parametrize("document", TAKEN, ids=str)
def test_what_the_model_takes_it_takes(document: dict[str, Any]) -> None:
    assert model_takes(document)
    assert [error.message for error in SCHEMA.iter_errors(document)] == []
    SCHEMA.validate(json.loads(json.dumps(document)))


REFUSED: list[dict[str, Any]] = [
    {},
    {"name": "reviews"},
    a_file(name="a b"),
    a_file(name="-a"),
    a_file(name="a" * 64),
    a_file(name=7),
    a_file(aproval="never"),
    a_file(approval="sometimes"),
    a_file(approval_expires_seconds=30 * 24 * 3600 + 1),
    a_file(backoff_base_seconds=0),
    a_file(backoff_base_seconds="600"),
    a_file(first_model="anybody"),
    a_file(budget_usd_per_month=0),
    a_file(budget_usd_per_month=True),
    a_file(on_regression="ignore"),
    a_file(regression_margin=-0.1),
    a_file(data={"label_delimiter": "||"}),
    a_file(data={"label_delimiter": "a"}),
    a_file(batch={"quiet_seconds": 901}),
    a_file(batch={"quiet_seconds": 1.5}),
    a_file(batch=3),
    a_file(polling={"min_seconds": 0}),
    a_file(analysis={"low_confidence": 1.1}),
    a_file(retention={"newest": -1}),
    a_file(retention={}),
    a_file(serving={"delete_when_over": True}),
    a_file(serving={"delete_when_over": "yes", "max_hours": 1}),
    a_file(serving={"max_hours": 0}),
    a_file(serving={"smoke": ["a/b.csv"]}),
    a_file(serving={"endpoint": "a_b"}),
    a_file(exam={"kind": "silver"}),
    a_file(exam={"set": "q3"}),
    a_file(exam={"kind": "iteration", "set": "q3"}),
    a_file(exam={"kind": "golden", "set": "q/3"}),
    a_file(exam={"must_pass": ["never.txt"]}),
    a_file(exam={"must_pass": "never.csv"}),
    a_file(exam={"warn_after": 0}),
    a_file(gates={}),
    a_file(gates=[{"metric": "f1"}]),
    a_file(gates=[{"metric": "f1", "at_least": None}]),
    a_file(gates=[{"at_least": 0.5}]),
    a_file(gates=[{"metric": "auc", "at_least": 0.5}]),
    a_file(gates=[{"metric": "f1", "at_least": 1.1}]),
    a_file(gates=[{"metric": "f1", "at_least": True}]),
    a_file(gates=[{"metric": "f1", "gain_at_least": "2"}]),
    a_file(gates=[{"metric": "f1", "gain_at_least": "101%"}]),
    a_file(gates=[{"metric": "f1", "gain_at_least": 1.1}]),
    a_file(gates=[{"metric": "f1", "gain_at_least": [0.1]}]),
    a_file(gates=[{"metric": "f1", "drop_at_most": -0.1}]),
    a_file(gates=[{"metric": "f1", "drop_at_most": "-1%"}]),
    a_file(gates=[{"metric": "f1", "at_least": 0.5, "confidence": 1}]),
    a_file(gates=[{"metric": "f1", "at_least": 0.5, "confidence": 0.4}]),
    a_file(gates=[{"metric": "f1", "at_least": 0.5, "min_support": -1}]),
    a_file(gates=[{"metric": "f1", "at_least": 0.5, "mode": "warn"}]),
    a_file(gates=[{"metric": "f1", "at_least": 0.5, "label": ""}]),
    a_file(gates=[{"metric": "accuracy", "at_least": 0.5, "label": "praise"}]),
    a_file(flywheel={**REVIEWS, "language": "zh"}),
    a_file(flywheel={**REVIEWS, "labels": ["praise"]}),
    a_file(flywheel={**REVIEWS, "labels": ["praise", "praise"]}),
    a_file(flywheel={**REVIEWS, "labels": ["praise", "a\tb"]}),
    a_file(flywheel={**REVIEWS, "labels": ["praise", True]}),
    a_file(flywheel={**REVIEWS, "entity_types": ["A"]}),
    a_file(flywheel={**ORDERS, "mode": "MULTI_CLASS"}),
    a_file(flywheel={**ORDERS, "entity_types": ["A,B"]}),
    a_file(flywheel={"active_model_arn": ARN, "language": "en"}),
    a_file(flywheel={"active_model_arn": "model-1"}),
    {"name": "*", "gates": [{"metric": "f1"}]},
    {"name": "*", "aproval": "never"},
]


@pytest.mark.parametrize("document", REFUSED, ids=str)
def test_what_the_model_refuses_it_refuses(document: dict[str, Any]) -> None:
    assert not model_takes(document)
    assert list(SCHEMA.iter_errors(document)) != []


ONLY_THE_COMMAND: dict[str, dict[str, Any]] = {
    "a time that is shorter than another": a_file(batch={"quiet_seconds": 10, "quiet_max_seconds": 5}),
    "a label that is none of the flywheel's": a_file(
        gates=[{"metric": "f1", "label": "prise", "at_least": 0.5}], exam={"kind": "golden"}
    ),
    "a label without the exam that tells of it": a_file(gates=[{"metric": "f1", "label": "praise", "at_least": 0.5}]),
    "a recognizer's accuracy": a_file(
        flywheel=ORDERS, gates=[{"metric": "accuracy", "at_least": 0.5}], exam={"kind": "golden"}
    ),
    "a delimiter that is in a label": a_file(flywheel={**REVIEWS, "mode": "MULTI_LABEL", "labels": ["a|b", "c"]}),
    "what may be left to the defaults": a_file(flywheel={"language": "en"}),
    "a mode that the ARN forbids": a_file(
        flywheel={"active_model_arn": ARN.replace("document-classifier", "entity-recognizer"), "mode": "MULTI_LABEL"}
    ),
}


@pytest.mark.parametrize("document", ONLY_THE_COMMAND.values(), ids=ONLY_THE_COMMAND)
def test_what_only_the_command_can_say_it_leaves_to_the_command(document: dict[str, Any]) -> None:
    assert not model_takes(document)
    assert list(SCHEMA.iter_errors(document)) == []


@pytest.mark.parametrize(
    "text",
    [
        starter("reviews", REVIEWS),
        starter("orders", ORDERS, approval="always", serving={"endpoint": "live", "inference_units": 2}),
        starter("old", {"active_model_arn": ARN}),
        starter("*", None),
    ],
)
def test_what_a_policy_begins_with_is_one(text: str) -> None:
    document = yaml.safe_load(text)
    assert [error.message for error in SCHEMA.iter_errors(document)] == []
    assert model_takes(document)


def test_and_so_it_is_with_everything_in_its_comments() -> None:
    """Whoever takes the signs of comment away must get a policy."""
    lines = starter("reviews", REVIEWS).splitlines()
    fields = [line for line in lines if not line.startswith("# ") or line[2:].split(":")[0].strip().isidentifier()]
    shown = "\n".join(_uncommented(line) for line in fields if not line.startswith("# yaml-language-server"))
    document = yaml.safe_load(shown)
    assert {"exam", "first_model", "budget_usd_per_month", "on_regression"} <= set(document)
    assert len(document["gates"]) == 2
    assert model_takes(document)


def _uncommented(line: str) -> str:
    bare = line.lstrip(" ")
    return line[: len(line) - len(bare)] + bare.removeprefix("# ")


def test_the_defaults_of_the_example_make_a_policy_of_the_shortest_file() -> None:
    defaults = yaml.safe_load((ROOT / "examples" / "defaults.yaml").read_text())
    fields = {name: value for name, value in copy.deepcopy(defaults).items() if name != "name"}
    try:
        policy = Policy.model_validate(merged(fields, {"flywheel": REVIEWS}))
    except ValidationError as error:
        raise AssertionError(str(error)) from error
    assert policy.gates
    assert policy.approval == "always"
