"""A person's policy file: everything wrong with it at once, each fault with its path and its remedy."""

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from governor.domain.gates import Gate
from governor.domain.policy import FlywheelDefinition, Policy
from governor.usecases.policy_faults import FaultyPolicy, read_policy_file, resolved

EXAMPLE = Path(__file__).parents[2] / "examples" / "policy.yaml"


RECALL = {"metric": "recall", "at_least": 0.5}


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
        ({"first_model": "me"}, "first_model: must be 'gates' or 'ask'"),
        ({"budget_usd_per_month": 0}, "budget_usd_per_month: must be more than 0 dollars; leave it out"),
        ({"budget_usd_per_month": "50"}, "budget_usd_per_month: must be a number, without quotes"),
        ({"exam": {"kind": "gold"}}, "exam.kind: must be 'iteration' or 'golden'"),
        ({"exam": {"sett": "q3"}}, "exam.sett: no such field; did you mean set?"),
        ({"exam": {"set": "q3"}}, "exam.set: names the documents of a golden exam: say kind: golden, or leave it out"),
        ({"exam": {"kind": "golden", "set": "q/3"}}, "exam.set: must be the name of a folder in the flywheel's folder"),
        ({"exam": {"must_pass": ["x/a.csv"]}}, "exam.must_pass.0: must be the name of a .csv file in the flywheel's"),
        ({"exam": {"warn_after": 0}}, "exam.warn_after: must be greater than or equal to 1"),
        ({"gates": [RECALL | {"confidence": 1}]}, "gates.0.confidence: must be at least 0.5, where the bare numbers"),
        ({"gates": [RECALL | {"confidence": 0.3}]}, "gates.0.confidence: must be at least 0.5, where the bare numbers"),
        ({"gates": [RECALL | {"min_support": -1}]}, "gates.0.min_support: must be greater than or equal to 0"),
        ({"gates": [RECALL | {"min_support": 1.5}]}, "gates.0.min_support: must be a whole number"),
        ({"gates": [RECALL | {"mode": "warn"}]}, "gates.0.mode: must be 'enforce' or 'shadow'"),
        ({"gates": [RECALL | {"label": ""}]}, "gates.0.label: must not be empty"),
        ({"gates": [RECALL | {"label": True}]}, "gates.0.label: must be text: put it in quotes"),
        (
            {"gates": [RECALL | {"label": "complaint"}]},
            "gates.0.label: Comprehend tells averages alone: leave label out",
        ),
        ({"gates": [RECALL | {"label": "prise"}]}, "gates.0.label: is none of the flywheel's labels, nor *, macro"),
        ({"gates": [{"metric": "accuracy", "label": "praise", "at_least": 0.5}]}, "gates.0.label: accuracy is of all"),
        ({"gates": [RECALL | {"gain_at_least": "2"}]}, "gates.0.gain_at_least: must be a number such as 0.02, or"),
        ({"gates": [RECALL | {"gain_at_least": True}]}, "gates.0.gain_at_least: must be a number such as 0.02, or"),
        ({"gates": [RECALL | {"gain_at_least": 2}]}, "gates.0.gain_at_least: must lie between -1 and 1"),
        ({"gates": [RECALL | {"gain_at_least": "-101%"}]}, "gates.0.gain_at_least: must lie between -1 and 1"),
        ({"gates": [RECALL | {"drop_at_most": -0.01}]}, "gates.0.drop_at_most: must not be negative"),
        ({"serving": {"delete_when_over": True}}, "serving.delete_when_over: needs max_hours or idle_hours"),
        ({"serving": {"delete_when_over": "yes"}}, "serving.delete_when_over: must be true or false, without quotes"),
        ({"gates": {"metric", "at_least"}}, "gates: must be plain text, a number, a list or a block"),
        ({"flywheel": {"language": b"en"}}, "flywheel.language: must be plain text, a number, a list or a block"),
    ],
)
def test_a_fault_says_where_it_is_and_what_to_do(changes: dict[str, Any], told: str) -> None:
    lines = faults({field: value for field, value in a_file(**changes).items() if value is not None})
    assert any(line.startswith(told) for line in lines), lines


def test_nobody_corrects_a_file_twice() -> None:
    """What is wrong between fields is told beside what is wrong with single ones, in the same block and in others."""
    document = a_file(
        name="a b",
        flywheel={"language": "english", "mode": "MULTI_CLASS"},
        gates=[{"metric": "f2"}, RECALL | {"label": "prise"}, {"metric": "accuracy", "label": "x", "at_least": 7}],
        exam={"kind": "iteration", "set": "q/3"},
        serving={"delete_when_over": True, "inference_units": 0},
        aproval="never",
    )
    assert [fault.partition(":")[0] for fault in faults(document)] == [
        "name",
        "flywheel.language",
        "flywheel",
        "gates.0.metric",
        "gates.0",
        "gates.2.at_least",
        "gates.2.label",
        "exam.set",
        "exam.set",
        "serving.inference_units",
        "serving.delete_when_over",
        "aproval",
    ]


def test_gates_that_do_not_go_with_exam_or_flywheel_are_each_a_fault() -> None:
    gates = [RECALL | {"label": name} for name in ("complaint", "macro", "prise", "*")]
    assert [fault.partition(":")[0] for fault in faults(a_file(gates=gates))] == [
        "gates.0.label",
        "gates.2.label",
        "gates.3.label",
    ]
    assert len(policy_in(a_file(gates=[gates[0], gates[1], gates[3]], exam={"kind": "golden"})).gates) == 3
    assert len(faults(a_file(gates=gates, approval="maybe"))) == 4


def test_no_gate_at_all_is_a_policy() -> None:
    document = a_file()
    del document["gates"]
    assert policy_in(document).gates == ()


# ---- defaults ------------------------------------------------------------------------------------------------------


def test_defaults_need_not_be_whole_and_must_be_right() -> None:
    assert read_policy_file(
        {"name": "*", "flywheel": {"language": "de"}, "serving": {"delete_when_over": True}}
    ).for_all
    wrong = {"name": "*", "aproval": "never", "gates": [{"metric": "f1"}], "batch": {"quiet_seconds": -1}}
    assert faults(wrong) == [
        "batch.quiet_seconds: must be greater than or equal to 0",
        "gates.0: a gate needs at_least, gain_at_least or drop_at_most",
        "aproval: no such field; did you mean approval?",
    ]


def test_a_file_is_judged_together_with_the_defaults() -> None:
    label = a_file(gates=[RECALL | {"label": "complaint"}])
    assert policy_in(label, {"exam": {"kind": "golden"}}).exam.kind == "golden"
    short = {"name": "reviews", "flywheel": {"labels": ["a", "b"], "mode": "MULTI_CLASS"}}
    assert policy_in(short, {"flywheel": {"language": "de"}}).flywheel.language == "de"
    assert policy_in(a_file(retention=None), {"retention": {"newest": 3}}).retention is None


def test_a_fault_that_comes_with_the_defaults_is_told_as_theirs() -> None:
    file = a_file(exam={"kind": "golden"})
    del file["gates"]
    (told,) = faults(file, {"gates": [RECALL | {"label": "urgent"}]})
    assert told.startswith("in the defaults, gates.0.label: is none of the flywheel's labels")
    (told,) = faults(a_file(batch={"quiet_seconds": 700}), {"batch": {"quiet_max_seconds": 600}})
    assert told == "batch.quiet_seconds: must not exceed quiet_max_seconds, which is 600"


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
    assert len(blocks) == 3
    for block in blocks:
        policy_in(yaml.safe_load(block))


def test_the_documentation_has_a_heading_for_every_field() -> None:
    headings = [
        line for line in (EXAMPLE.parents[1] / "docs" / "policy.md").read_text().splitlines() if line.startswith("### ")
    ]
    told = {name for line in headings for name in line.split("`")[1::2]}
    assert told == {"name", *Policy.model_fields}
