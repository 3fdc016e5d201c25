"""The policy row: what is taken, what is refused, and that a refusal says where without saying what."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from governor.domain.errors import PolicyMissingError
from governor.domain.gates import Gate
from governor.domain.policy import Policy, parse_policy
from tests.unit.policies import a_policy

ARN = "arn:aws:comprehend:eu-west-1:123456789012:document-classifier/reviews/version/v7"
RECOGNIZER = ARN.replace("document-classifier", "entity-recognizer")
NAMES: dict[str, Any] = {"model_type": "ENTITY_RECOGNIZER", "language": "en", "entity_types": ["PERSON", "CITY"]}
SHORTEST: dict[str, Any] = {
    "flywheel": {"language": "en", "mode": "MULTI_CLASS", "labels": ["praise", "complaint"]},
    "gates": [{"metric": "f1", "at_least": 0.8}],
}


def test_what_is_left_out_has_the_default() -> None:
    policy = Policy.model_validate(SHORTEST)
    assert (policy.batch.quiet_seconds, policy.batch.quiet_max_seconds) == (120, 900)
    assert (policy.polling.min_seconds, policy.polling.max_seconds) == (30, 300)
    assert policy.backoff_base_seconds == 600
    assert (policy.on_regression, policy.regression_margin) == ("hold", 0.02)
    assert (policy.approval, policy.approval_expires_seconds) == ("replacement", 72 * 3600)


@pytest.mark.parametrize(
    ("flywheel", "mode"),
    [
        (SHORTEST["flywheel"], "MULTI_CLASS"),
        (SHORTEST["flywheel"] | {"mode": "MULTI_LABEL"}, "MULTI_LABEL"),
        (NAMES, "ENTITIES"),
        ({"active_model_arn": ARN}, "MULTI_CLASS"),
        ({"active_model_arn": ARN, "mode": "MULTI_LABEL"}, "MULTI_LABEL"),
        ({"active_model_arn": RECOGNIZER}, "ENTITIES"),
    ],
)
def test_every_kind_of_model(flywheel: dict[str, Any], mode: str) -> None:
    assert a_policy(flywheel=flywheel).flywheel.data_mode == mode


def test_a_flywheel_may_begin_with_a_model_that_exists() -> None:
    policy = a_policy(flywheel={"active_model_arn": ARN})
    assert policy.flywheel.active_model_arn == ARN
    assert policy.flywheel.labels is None


metrics = st.sampled_from(["f1", "precision", "recall", "accuracy"])
policies = st.builds(
    lambda gates, margin, quiet, more, expires: a_policy(
        gates=gates,
        regression_margin=margin,
        batch={"quiet_seconds": quiet, "quiet_max_seconds": quiet + more},
        approval_expires_seconds=expires,
    ),
    st.lists(
        st.builds(lambda metric, floor: {"metric": metric, "at_least": floor}, metrics, st.floats(0, 1)), min_size=1
    ),
    st.floats(0, 1),
    st.integers(0, 900),
    st.integers(0, 2700),
    st.integers(1, 30 * 24 * 3600),
)


@given(policies)
def test_a_policy_survives_its_json_text_exactly(policy: Policy) -> None:
    text = json.dumps(policy.model_dump(mode="json", exclude_none=True), indent=2)
    assert parse_policy("reviews", 3, json.loads(text)).policy == policy


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"gates": [{"metric": "f1"}]}, "gates.0"),
        ({"gates": [{"metric": "f1", "at_least": 1.1}]}, "gates.0.at_least"),
        ({"gates": [{"metric": "f1", "at_least": float("nan")}]}, "gates.0.at_least"),
        ({"gates": [{"metric": "f1", "gain_at_least": float("inf")}]}, "gates.0.gain_at_least"),
        ({"gates": [{"metric": "auc", "at_least": 0.5}]}, "gates.0.metric"),
        ({"regression_margin": -0.1}, "regression_margin"),
        ({"batch": {"quiet_seconds": 901}}, "batch.quiet_seconds"),
        ({"batch": {"quiet_seconds": 100, "quiet_max_seconds": 99}}, "batch"),
        ({"polling": {"min_seconds": 0}}, "polling.min_seconds"),
        ({"polling": {"min_seconds": 20, "max_seconds": 10}}, "polling"),
        ({"backoff_base_seconds": 0}, "backoff_base_seconds"),
        ({"approval": "sometimes"}, "approval"),
        ({"approval_expires_seconds": 30 * 24 * 3600 + 1}, "approval_expires_seconds"),
        ({"on_regression": "ignore"}, "on_regression"),
        ({"data_access_role_arn": "arn:aws:iam::123456789012:role/mine"}, "data_access_role_arn"),
        ({"flywheel": {"language": "en", "mode": "MULTI_CLASS"}}, "flywheel"),
        ({"flywheel": {"active_model_arn": ARN, "language": "en"}}, "flywheel"),
        ({"flywheel": {"active_model_arn": ARN.replace("document-classifier", "flywheel")}}, "flywheel"),
        ({"flywheel": {"active_model_arn": RECOGNIZER, "mode": "MULTI_LABEL"}}, "flywheel"),
        ({"flywheel": {"model_type": "ENTITY_RECOGNIZER", "language": "en"}}, "flywheel"),
        ({"flywheel": NAMES | {"mode": "MULTI_CLASS"}}, "flywheel"),
        ({"flywheel": NAMES | {"entity_types": ["A", "A"]}}, "flywheel"),
        ({"flywheel": NAMES | {"entity_types": ["A,B"]}}, "flywheel.entity_types.0"),
        ({"flywheel": NAMES | {"entity_types": [f"T{number}" for number in range(26)]}}, "flywheel.entity_types"),
        ({"flywheel": SHORTEST["flywheel"] | {"entity_types": ["A"]}}, "flywheel"),
        ({"data": {"label_delimiter": "||"}}, "data.label_delimiter"),
        ({"data": {"label_delimiter": "a"}}, "data.label_delimiter"),
        ({"flywheel": SHORTEST["flywheel"] | {"mode": "MULTI_LABEL", "labels": ["a|b", "c"]}}, "flywheel.labels.0"),
        ({"flywheel": {"active_model_arn": ARN + "\n"}}, "flywheel.active_model_arn"),
        ({"flywheel": SHORTEST["flywheel"] | {"labels": ["a", "a"]}}, "flywheel"),
        ({"flywheel": SHORTEST["flywheel"] | {"labels": ["only one"]}}, "flywheel.labels"),
        ({"flywheel": SHORTEST["flywheel"] | {"labels": ["a", ""]}}, "flywheel.labels.1"),
        ({"flywheel": SHORTEST["flywheel"] | {"labels": ["a", "b\nc"]}}, "flywheel.labels.1"),
        ({"flywheel": SHORTEST["flywheel"] | {"language": "zh"}}, "flywheel.language"),
        ({"flywheel": SHORTEST["flywheel"] | {"mode": "MULTI"}}, "flywheel.mode"),
        ({"flywheel": SHORTEST["flywheel"] | {"vpc": "vpc-1"}}, "flywheel.vpc"),
    ],
)
def test_a_fault_is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(PolicyMissingError, match=f"[ ;]{path}[.:]") as refused:
        parse_policy("reviews", 3, SHORTEST | changes)
    assert "governor policy apply" in str(refused.value)
    assert "version 3" in str(refused.value)


@pytest.mark.parametrize("document", [None, "", [], 7, {}, {"gates": None}])
def test_what_is_no_policy_is_refused(document: object) -> None:
    with pytest.raises(PolicyMissingError):
        parse_policy("reviews", 1, document)


def test_values_are_never_quoted() -> None:
    secret = "a document that slipped in by mistake"
    document = {"flywheel": {"language": secret, "labels": [secret]}, "gates": [{"metric": secret}], "approval": secret}
    with pytest.raises(PolicyMissingError) as refused:
        parse_policy("reviews", 1, document)
    assert secret not in str(refused.value)


def test_a_policy_cannot_be_changed_once_it_is_read() -> None:
    policy = a_policy()
    with pytest.raises(ValidationError):
        policy.approval = "never"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Gate(metric="f1", at_least=0.5).at_least = 0.1  # type: ignore[misc]
