"""What is wrong in a policy: where, of which kind, and what to do; at the limits of every number."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from governor.domain.errors import PolicyMissingError
from governor.domain.gates import Gate, share_or_points
from governor.domain.policy import Policy, faults_of, parse_policy
from governor.domain.policy_blocks import ServingRules
from tests.unit.policies import a_policy

RECALL: dict[str, Any] = {"metric": "recall", "at_least": 0.5}
CLASSES: dict[str, Any] = {"language": "en", "mode": "MULTI_CLASS", "labels": ["praise", "complaint"]}
TYPES: dict[str, Any] = {"model_type": "ENTITY_RECOGNIZER", "language": "en", "entity_types": ["PERSON", "CITY"]}
MODEL: dict[str, Any] = {"active_model_arn": "arn:aws:comprehend:us-east-1:123456789012:document-classifier/reviews"}
GOLDEN: dict[str, Any] = {"kind": "golden"}

Told = tuple[tuple[int | str, ...], str, str]


def faults(**changes: Any) -> list[Told]:
    with pytest.raises(ValidationError) as refused:
        a_policy(**changes)
    return [(each["loc"], each["type"], each["msg"]) for each in refused.value.errors()]


@pytest.mark.parametrize(
    ("changes", "path", "kind", "told"),
    [
        ({"gates": [{"metric": "f1"}]}, ("gates", 0), "contradiction", "needs at_least, gain_at_least or drop_at_most"),
        (
            {"gates": [{"metric": "accuracy", "label": "macro", "at_least": 0.5}]},
            ("gates", 0, "label"),
            "contradiction",
            "accuracy is of all documents",
        ),
        ({"gates": [RECALL | {"gain_at_least": "2"}]}, ("gates", 0, "gain_at_least"), "value_error", "such as 0.02"),
        ({"gates": [RECALL | {"gain_at_least": True}]}, ("gates", 0, "gain_at_least"), "value_error", "such as 0.02"),
        ({"gates": [RECALL | {"gain_at_least": [1]}]}, ("gates", 0, "gain_at_least"), "value_error", "such as 0.02"),
        ({"gates": [RECALL | {"gain_at_least": float("nan")}]}, ("gates", 0, "gain_at_least"), "value_error", "0.02"),
        ({"gates": [RECALL | {"gain_at_least": float("inf")}]}, ("gates", 0, "gain_at_least"), "value_error", "0.02"),
        ({"gates": [RECALL | {"gain_at_least": 10**400}]}, ("gates", 0, "gain_at_least"), "value_error", "between -1"),
        ({"gates": [RECALL | {"drop_at_most": -(10**400)}]}, ("gates", 0, "drop_at_most"), "value_error", "between"),
        (
            {"gates": [RECALL | {"gain_at_least": 1.5}]},
            ("gates", 0, "gain_at_least"),
            "value_error",
            "between -1 and 1",
        ),
        ({"gates": [RECALL | {"gain_at_least": -1.5}]}, ("gates", 0, "gain_at_least"), "value_error", "between -1 and"),
        ({"gates": [RECALL | {"drop_at_most": "-1%"}]}, ("gates", 0, "drop_at_most"), "value_error", "not be negative"),
        ({"exam": {"set": "q3"}}, ("exam", "set"), "contradiction", "golden exam"),
        ({"exam": {"set": "q3", "kind": "iteration"}}, ("exam", "set"), "contradiction", "golden exam"),
        ({"serving": {"delete_when_over": True}}, ("serving", "delete_when_over"), "contradiction", "needs max_hours"),
        (
            {"batch": {"quiet_seconds": 10, "quiet_max_seconds": 9}},
            ("batch", "quiet_seconds"),
            "contradiction",
            "must not exceed quiet_max_seconds, which is 9",
        ),
        (
            {"polling": {"min_seconds": 301}},
            ("polling", "min_seconds"),
            "contradiction",
            "must not exceed max_seconds, which is 300",
        ),
        (
            {"polling": {"max_seconds": 29}},
            ("polling", "min_seconds"),
            "contradiction",
            "must not exceed max_seconds, which is 29",
        ),
        ({"flywheel": CLASSES | MODEL}, ("flywheel",), "contradiction", "leave labels, language out"),
        ({"flywheel": MODEL | {"entity_types": ["A"]}}, ("flywheel",), "contradiction", "leave entity_types out"),
        (
            {
                "flywheel": {
                    "active_model_arn": MODEL["active_model_arn"].replace("document-classifier", "entity-recognizer"),
                    "mode": "MULTI_LABEL",
                }
            },
            ("flywheel", "mode"),
            "contradiction",
            "a recognizer has no mode",
        ),
        (
            {"flywheel": {"model_type": "ENTITY_RECOGNIZER", "language": "en"}},
            ("flywheel",),
            "contradiction",
            "give language and entity_types",
        ),
        (
            {"flywheel": {"model_type": "ENTITY_RECOGNIZER", "entity_types": ["A"]}},
            ("flywheel",),
            "contradiction",
            "give language and entity_types",
        ),
        ({"flywheel": TYPES | {"mode": "MULTI_CLASS"}}, ("flywheel",), "contradiction", "neither mode nor labels"),
        ({"flywheel": TYPES | {"labels": ["a", "b"]}}, ("flywheel",), "contradiction", "neither mode nor labels"),
        (
            {"flywheel": {"mode": "MULTI_CLASS", "labels": ["a", "b"]}},
            ("flywheel",),
            "contradiction",
            "give language, m",
        ),
        ({"flywheel": {"language": "en", "labels": ["a", "b"]}}, ("flywheel",), "contradiction", "give language, m"),
        ({"flywheel": {"language": "en", "mode": "MULTI_CLASS"}}, ("flywheel",), "contradiction", "give language, m"),
        ({"flywheel": CLASSES | {"entity_types": ["A"]}}, ("flywheel",), "contradiction", "a classifier has labels"),
        ({"flywheel": CLASSES | {"labels": ["a", "a"]}}, ("flywheel", "labels"), "contradiction", "must differ"),
        (
            {"flywheel": TYPES | {"entity_types": ["A", "A"]}},
            ("flywheel", "entity_types"),
            "contradiction",
            "must diff",
        ),
        (
            {"flywheel": CLASSES | {"mode": "MULTI_LABEL", "labels": ["a", "b|c"]}},
            ("flywheel", "labels", 1),
            "disagreement",
            "name another delimiter",
        ),
        (
            {"flywheel": CLASSES | {"mode": "MULTI_LABEL", "labels": ["a+", "b"]}, "data": {"label_delimiter": "+"}},
            ("flywheel", "labels", 0),
            "disagreement",
            "name another delimiter",
        ),
        (
            {"gates": [RECALL, RECALL | {"label": "prise"}]},
            ("gates", 1, "label"),
            "disagreement",
            "is none of the flyw",
        ),
        ({"gates": [RECALL | {"label": "prise"}], "exam": GOLDEN}, ("gates", 0, "label"), "disagreement", "is none of"),
        (
            {"gates": [RECALL | {"label": "praise"}]},
            ("gates", 0, "label"),
            "disagreement",
            "leave label out, or say `exam: {kind: golden}` to judge anything but macro",
        ),
        ({"gates": [RECALL | {"label": "micro"}]}, ("gates", 0, "label"), "disagreement", "anything but macro"),
        (
            {"gates": [RECALL | {"label": "macro"}], "flywheel": TYPES},
            ("gates", 0, "label"),
            "disagreement",
            "but micro",
        ),
        (
            {"gates": [RECALL | {"label": "praise"}], "flywheel": TYPES},
            ("gates", 0, "label"),
            "disagreement",
            "is none",
        ),
        (
            {"gates": [{"metric": "accuracy", "at_least": 0.5}], "flywheel": TYPES, "exam": GOLDEN},
            ("gates", 0, "metric"),
            "disagreement",
            "recognizers have no accuracy",
        ),
    ],
)
def test_one_fault_is_told_once_with_its_place_its_kind_and_its_remedy(
    changes: dict[str, Any], path: tuple[int | str, ...], kind: str, told: str
) -> None:
    ((where, type_, message),) = faults(**changes)
    assert (where, type_) == (path, kind)
    assert told in message


@pytest.mark.parametrize(
    "changes",
    [
        {"gates": [RECALL | {"gain_at_least": amount} for amount in (1, -1, "100%", "-100%", "+2.5%", 0)]},
        {"gates": [RECALL | {"drop_at_most": amount} for amount in (0, 1, "0%", "100%")]},
        {"gates": [RECALL | {"label": label} for label in ("praise", "*", "macro", "micro", "worst")], "exam": GOLDEN},
        {"gates": [RECALL | {"label": "PERSON"}], "exam": GOLDEN, "flywheel": TYPES},
        {"gates": [RECALL | {"label": "any name"}], "exam": GOLDEN, "flywheel": MODEL},
        {"gates": [RECALL | {"label": "macro"}]},
        {"gates": [RECALL | {"label": "micro"}], "flywheel": TYPES},
        {"gates": [{"metric": "accuracy", "at_least": 0.5}], "exam": GOLDEN},
        {"gates": [{"metric": "accuracy", "at_least": 0.5}], "flywheel": TYPES},
        {"exam": {"kind": "golden", "set": "q3"}},
        {"serving": {"delete_when_over": True, "max_hours": 1}},
        {"serving": {"delete_when_over": True, "idle_hours": 1}},
        {"serving": {"delete_when_over": False}},
        {"batch": {"quiet_seconds": 9, "quiet_max_seconds": 9}},
        {"polling": {"min_seconds": 300}},
        {"flywheel": CLASSES | {"mode": "MULTI_LABEL", "labels": ["a", "b|c"]}, "data": {"label_delimiter": "+"}},
        {"flywheel": CLASSES | {"labels": ["a", "b|c"]}},
        {"flywheel": MODEL | {"mode": "MULTI_LABEL"}},
    ],
)
def test_what_is_sound_is_taken(changes: dict[str, Any]) -> None:
    assert isinstance(a_policy(**changes), Policy)


@pytest.mark.parametrize(("given", "kept"), [(1, 1.0), (0.02, 0.02), ("2%", "2%")])
def test_an_amount_is_a_number_or_the_text_of_a_share(given: float | str, kept: float | str) -> None:
    gate = Gate(metric="f1", gain_at_least=given)
    assert (gate.gain_at_least, type(gate.gain_at_least)) == (kept, type(kept))


@pytest.mark.parametrize(("amount", "told"), [(0.02, (0.02, False)), ("2%", (0.02, True)), ("-100%", (-1.0, True))])
def test_a_share_is_of_the_active_model_s_value_and_a_number_in_points(
    amount: float | str, told: tuple[float, bool]
) -> None:
    assert share_or_points(amount) == told


@pytest.mark.parametrize("field", ["gain_at_least", "drop_at_most"])
@given(data=st.data())
def test_what_an_editor_lets_pass_as_an_amount_is_taken(field: str, data: st.DataObject) -> None:
    number, share = Gate.model_json_schema()["properties"][field]["anyOf"][:2]
    assert (number["type"], number["maximum"], share["type"]) == ("number", 1, "string")
    numbers = st.floats(number["minimum"], number["maximum"])
    amount = data.draw(numbers | st.from_regex(re.compile(share["pattern"], re.ASCII), fullmatch=True))
    assert getattr(Gate.model_validate({"metric": "f1", field: amount}), field) == amount


def test_everything_is_told_at_once_and_nothing_is_lost_on_the_way() -> None:
    found = faults(
        approval="maybe",
        batch={"quiet_seconds": -1},
        exam={"set": "q3"},
        gates=[{"metric": "f1", "label": "a" * 5001}, RECALL | {"label": "prise"}, {"metric": "f1"}],
        serving={"delete_when_over": True, "inference_units": 0},
        flywheel=CLASSES | {"mode": "MULTI_LABEL", "labels": ["a|b", "c"]},
    )
    assert [(where, type_) for where, type_, _ in found] == [
        (("batch", "quiet_seconds"), "greater_than_equal"),
        (("gates", 0, "label"), "string_too_long"),
        (("gates", 0), "contradiction"),
        (("gates", 2), "contradiction"),
        (("exam", "set"), "contradiction"),
        (("serving", "inference_units"), "greater_than_equal"),
        (("serving", "delete_when_over"), "contradiction"),
        (("approval",), "literal_error"),
        (("flywheel", "labels", 0), "disagreement"),
    ], "an exam that is wrong for itself says nothing about gates"
    assert "greater than or equal to 0" in found[0][2]
    assert "names the documents of a golden exam" in found[4][2]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"exam": {"set": "q3", "warn_after": 0}}, [("exam", "warn_after"), ("exam", "set")]),
        ({"batch": {"quiet_max_seconds": 60, "kwiet": 1}}, [("batch", "kwiet"), ("batch", "quiet_seconds")]),
        ({"polling": {"min_seconds": 901}}, [("polling", "min_seconds")] * 2),
        (
            {"approval": "maybe", "gates": [RECALL | {"label": "prise"}]},
            [("approval",), ("gates", 0, "label")],
        ),
        ({"flywheel": CLASSES | {"language": "zh"}}, [("flywheel", "language")]),
        ({"flywheel": TYPES | {"language": "zh"}}, [("flywheel", "language")]),
    ],
)
def test_beside_a_field_that_is_wrong_for_itself_defaults_count_and_nothing_is_missing(
    changes: dict[str, Any], told: list[tuple[int | str, ...]]
) -> None:
    assert [where for where, _, _ in faults(**changes)] == told


def test_what_a_fault_is_about_stays_beside_a_contradiction() -> None:
    """`policy check` makes its remedies of it."""
    with pytest.raises(ValidationError) as refused:
        a_policy(flywheel=CLASSES | {"language": "zh", "labels": ["a"], "entity_types": ["A"]}, kwiet=1)
    about = {each["loc"]: each.get("ctx") for each in refused.value.errors()}
    assert about == {
        ("flywheel", "language"): {"expected": "'en', 'es', 'fr', 'it', 'de' or 'pt'"},
        ("flywheel", "labels"): {"field_type": "Tuple", "min_length": 2, "actual_length": 1},
        ("flywheel",): None,
        ("kwiet",): None,
    }


def test_no_value_comes_along() -> None:
    with pytest.raises(ValidationError) as refused:
        a_policy(approval="secret", exam={"set": "secret"}, gates=[{"metric": "secret"}])
    assert [each["input"] for each in refused.value.errors() if len(each["loc"]) > 1] == [None] * 3
    assert "secret" not in str(refused.value)


def test_faults_in_words_have_their_paths() -> None:
    with pytest.raises(ValidationError) as refused:
        a_policy(gates=[RECALL | {"gain_at_least": "2"}], approval="maybe")
    first, second = faults_of(refused.value).split("; ")
    assert first.startswith("gates.0.gain_at_least: must be a number such as 0.02")
    assert second.startswith("approval: Input should be")
    with pytest.raises(PolicyMissingError, match="cannot be used: document: Input should be"):
        parse_policy("reviews", 1, 7)


@pytest.mark.parametrize(
    ("endpoint", "flywheel", "name"),
    [
        (None, "reviews", "reviews"),
        ("live", "reviews", "live"),
        (None, "a" * 63, "a" * 40),
        (None, "X" * 38 + "--" + "b" * 9, "X" * 38),
        (None, "-a", "-a"),
    ],
)
def test_an_endpoint_is_called_like_its_flywheel_as_far_as_it_fits(
    endpoint: str | None, flywheel: str, name: str
) -> None:
    assert ServingRules(endpoint=endpoint).endpoint_of(flywheel) == name
