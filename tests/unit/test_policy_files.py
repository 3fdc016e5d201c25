"""A person's policy file: everything wrong with it at once, each fault with its path and its remedy."""

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from governor.domain.gates import Gate
from governor.domain.policy import FlywheelDefinition, Policy
from governor.usecases.policy_faults import FaultyPolicy, read_policy_file, resolved

EXAMPLE = Path(__file__).parents[2] / "examples" / "policy.yaml"


def a_file(**changes: Any) -> dict[str, Any]:
    return {
        "name": "reviews",
        "flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": ["praise", "complaint"]},
        "gates": [{"metric": "f1", "at_least": 0.8}],
    } | changes


def faults(document: object, defaults: dict[str, Any] | None = None) -> list[str]:
    with pytest.raises(FaultyPolicy) as refused:
        policy_in(document, defaults)
    told = [str(fault) for fault in refused.value.faults]
    assert [line.strip() for line in str(refused.value).splitlines()[1:]] == told
    return told


def policy_in(document: object, defaults: dict[str, Any] | None = None) -> Policy:
    return resolved(read_policy_file(document), defaults or {})


def test_the_example_parses_and_shows_the_defaults() -> None:
    example = yaml.safe_load(EXAMPLE.read_text())
    without_default = ("name", "flywheel", "gates", "exam", "budget_usd_per_month", "serving", "retention")
    shortest = {field: example[field] for field in without_default} | {"exam": {"kind": "golden"}}
    assert policy_in(example) == policy_in(shortest)
    assert read_policy_file(example).name == "reviews"


def test_the_example_has_every_field() -> None:
    example = yaml.safe_load(EXAMPLE.read_text())
    assert set(example) == {"name", *Policy.model_fields}
    for name, field in Policy.model_fields.items():
        parts = [part for part in (field.annotation, *get_args(field.annotation)) if hasattr(part, "model_fields")]
        if name in {"gates", "flywheel"} or not parts:
            continue
        assert set(example[name]) == set(parts[0].model_fields), name
    assert set().union(*example["gates"]) == set(Gate.model_fields)
    assert {*example["flywheel"], "entity_types", "active_model_arn"} == set(FlywheelDefinition.model_fields)


def test_all_faults_are_told_at_once() -> None:
    document = a_file(name="a b", gates=[{"metric": "f2", "at_least": 0.8}], regression_margin=2, approval="maybe")
    assert [fault.partition(":")[0] for fault in faults(document)] == [
        "name",
        "gates.0.metric",
        "regression_margin",
        "approval",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": None}, "name: is missing"),
        ({"name": "a" * 64}, "name: must be the flywheel's name"),
        ({"gats": []}, "gats: no such field; did you mean gates?"),
        ({"frobnicate": 1}, "frobnicate: no such field; there are flywheel"),
        ({"gates": [{"metric": "f1", "at_leas": 0.8}]}, "gates.0.at_leas: no such field; did you mean at_least?"),
        ({"gates": [{"metric": "f1"}]}, "gates.0: a gate needs at_least, gain_at_least or drop_at_most"),
        ({"gates": "f1"}, "gates: must be a list"),
        ({"gates": [{"metric": "f1", "at_least": 1.5}]}, "gates.0.at_least: must be less than or equal to 1"),
        ({"gates": [{"metric": "f1", "at_least": float("nan")}]}, "gates.0.at_least: must be a finite number"),
        ({"flywheel": {}}, "flywheel: give language, mode and labels for a new model, or active_model_arn"),
        (
            {"flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": ["a", "b\n"]}},
            "flywheel.labels.1: must be text without control characters",
        ),
        ({"flywheel": {"active_model_arn": "model-1"}}, "flywheel.active_model_arn: must be the ARN of a Comprehend"),
        (
            {"flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": [True, "b"]}},
            "flywheel.labels.0: must be text: put it in quotes",
        ),
        (
            {"flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": ["a"]}},
            "flywheel.labels: needs at least 2 entries",
        ),
        ({"batch": 3}, "batch: must be a block of fields"),
        ({"batch": {"quiet_seconds": "soon"}}, "batch.quiet_seconds: must be a whole number"),
        (
            {"batch": {"quiet_seconds": 10, "quiet_max_seconds": 5}},
            "batch.quiet_seconds: must not exceed quiet_max_seconds, which is 5",
        ),
        ({"on_regression": "stop"}, "on_regression: must be 'hold' or 'continue'"),
    ],
)
def test_a_fault_says_where_it_is_and_what_to_do(changes: dict[str, Any], told: str) -> None:
    lines = faults({field: value for field, value in a_file(**changes).items() if value is not None})
    assert any(line.startswith(told) for line in lines), lines


def test_a_list_that_is_short_of_good_entries_only_is_not_called_short() -> None:
    labels = {"flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": [True, "b"]}}
    assert len(faults(a_file(**labels))) == 1


@pytest.mark.parametrize("document", [None, [], "text", 3])
def test_what_is_no_block_of_fields_is_refused(document: object) -> None:
    with pytest.raises(FaultyPolicy, match="beginning with `name:"):
        read_policy_file(document)


def test_values_are_never_quoted() -> None:
    secret = "a document that slipped in by mistake"
    document = a_file(approval=secret, gates=[{"metric": secret}], flywheel={"language": secret, "labels": [secret]})
    assert secret not in "\n".join(faults(document))


def test_the_policies_in_the_documentation_are_policies() -> None:
    text = (EXAMPLE.parents[1] / "docs" / "policy.md").read_text()
    blocks = [block.split("```", 1)[0] for block in text.split("```yaml\n")[1:]]
    assert len(blocks) == 2
    for block in blocks:
        policy_in(yaml.safe_load(block))


def test_the_documentation_has_a_heading_for_every_field() -> None:
    headings = [
        line for line in (EXAMPLE.parents[1] / "docs" / "policy.md").read_text().splitlines() if line.startswith("### ")
    ]
    told = {name for line in headings for name in line.split("`")[1::2]}
    assert told == {"name", *Policy.model_fields}
