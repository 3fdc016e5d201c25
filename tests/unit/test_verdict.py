"""The judgement as properties: what never promotes, and what better numbers change."""

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from governor.domain.judgement import judge
from governor.domain.policy import Policy
from governor.domain.verdict import Exam, Metrics, Verdict
from tests.unit.policies import a_policy

METRICS = ("f1", "precision", "recall", "accuracy")
BASELINE = "arn:aws:comprehend:eu-west-1:123456789012:document-classifier/reviews/version/v1"
CANDIDATE = "arn:aws:comprehend:eu-west-1:123456789012:document-classifier/reviews/version/v2"

fractions = st.floats(0, 1)
usable = st.builds(Metrics, fractions, fractions, fractions, fractions)
rubbish = st.one_of(
    st.none(), st.just(math.nan), st.just(math.inf), st.floats(max_value=-0.001), st.floats(min_value=1.001)
)
gates = st.lists(
    st.builds(
        lambda metric, at_least, gain: {
            "metric": metric,
            "at_least": at_least,
            "gain_at_least": gain,
            "confidence": 0.5,
        },
        st.sampled_from(METRICS),
        st.none() | fractions,
        st.none() | st.floats(-1, 1),
    ).filter(lambda gate: gate["at_least"] is not None or gate["gain_at_least"] is not None),
    min_size=1,
    max_size=4,
)
policies = st.builds(lambda rules, margin: a_policy(gates=rules, regression_margin=margin), gates, fractions)


def an_exam(candidate: Metrics | None, baseline: Metrics | None, **changes: Any) -> Exam:
    exam = Exam(CANDIDATE, candidate, BASELINE if baseline else None, baseline, has_test_data=True)
    return dataclasses.replace(exam, **changes)


def judged(policy: Policy, candidate: Metrics | None, baseline: Metrics | None) -> Verdict:
    return judge(policy, an_exam(candidate, baseline), BASELINE if baseline else None)


@given(policies, usable, usable)
def test_it_passes_exactly_when_every_floor_gain_and_margin_is_met(policy: Policy, new: Metrics, old: Metrics) -> None:
    hair = 1e-9
    met = all(
        (gate.at_least is None or _of(new, gate.metric) >= gate.at_least - hair)
        and (
            gate.gain_at_least is None
            or _of(new, gate.metric) - _of(old, gate.metric) >= float(gate.gain_at_least) - hair
        )
        and _of(old, gate.metric) - _of(new, gate.metric) <= policy.regression_margin + hair
        for gate in policy.gates
    )
    verdict = judged(policy, new, old)
    assert verdict.word == ("PASS" if met else "FAIL")
    assert verdict.regression == any(
        _of(old, gate.metric) - _of(new, gate.metric) > policy.regression_margin + hair for gate in policy.gates
    )


@given(policies, usable)
def test_a_first_model_is_judged_by_its_floors_alone(policy: Policy, new: Metrics) -> None:
    floors = [gate for gate in policy.gates if gate.at_least is not None]
    verdict = judged(policy, new, None)
    assert not verdict.regression
    if not floors:
        assert verdict.word == "INCONCLUSIVE"
        assert "at_least" in verdict.reason
    else:
        met = all(_of(new, gate.metric) >= (gate.at_least or 0) - 1e-9 for gate in floors)
        assert verdict.word == ("PASS" if met else "FAIL")


@given(policies, usable, usable, st.sampled_from(METRICS), rubbish, st.booleans())
def test_a_number_that_cannot_be_compared_never_passes(
    policy: Policy, new: Metrics, old: Metrics, metric: str, number: float | None, in_candidate: bool
) -> None:
    assume(any(gate.metric == metric for gate in policy.gates))
    spoilt = {metric: number}
    if in_candidate:
        new = dataclasses.replace(new, **spoilt)
    else:
        old = dataclasses.replace(old, **spoilt)
    assert judged(policy, new, old).word in {"INCONCLUSIVE", "FAIL"}


@given(policies, usable)
def test_absent_metrics_never_pass(policy: Policy, numbers: Metrics) -> None:
    assert judge(policy, an_exam(None, numbers), BASELINE).word == "INCONCLUSIVE"
    assert judge(policy, an_exam(numbers, None, scored_baseline=BASELINE), BASELINE).word in {"INCONCLUSIVE", "FAIL"}


@given(policies, usable, usable, st.sampled_from(METRICS), st.floats(0, 1))
def test_a_better_candidate_is_never_judged_worse(
    policy: Policy, new: Metrics, old: Metrics, metric: str, more: float
) -> None:
    better = dataclasses.replace(new, **{metric: min(1.0, _of(new, metric) + more)})
    before, after = judged(policy, new, old), judged(policy, better, old)
    assert not (before.word == "PASS" and after.word == "FAIL")
    assert not (after.regression and not before.regression)


@given(policies, usable, usable)
def test_without_test_data_nothing_passes(policy: Policy, new: Metrics, old: Metrics) -> None:
    verdict = judge(policy, an_exam(new, old, has_test_data=False), BASELINE)
    assert verdict.word == "INCONCLUSIVE"
    assert "TEST" in verdict.reason


@given(policies, usable, usable, st.sampled_from([None, "another"]))
def test_numbers_against_another_baseline_are_not_compared(
    policy: Policy, new: Metrics, old: Metrics, scored: str | None
) -> None:
    assert judge(policy, an_exam(new, old, scored_baseline=scored), BASELINE).word == "INCONCLUSIVE"


def test_a_model_that_became_active_after_a_first_iteration_is_not_ignored() -> None:
    exam = an_exam(Metrics(1, 1, 1, 1), None)
    assert judge(a_policy(), exam, BASELINE).word == "INCONCLUSIVE"
    assert judge(a_policy(), an_exam(Metrics(1, 1, 1, 1), Metrics(0, 0, 0, 0)), None).word == "INCONCLUSIVE"


@given(policies, st.booleans())
def test_no_new_model_is_no_change(policy: Policy, has_test_data: bool) -> None:
    exam = Exam(None, None, BASELINE, Metrics(), has_test_data)
    assert judge(policy, exam, BASELINE).word == "NO_CHANGE"


@pytest.mark.parametrize(
    ("old", "new", "gain"),
    [(0.85, 0.87, 0.02), (0.7, 0.8, 0.1), (0.1 + 0.2, 0.3, 0.0)],
)
def test_binary_rounding_does_not_decide(old: float, new: float, gain: float) -> None:
    policy = a_policy(gates=[{"metric": "f1", "gain_at_least": gain, "confidence": 0.5}])
    assert judged(policy, Metrics(f1=new), Metrics(f1=old)).word == "PASS"


def test_exactly_the_margin_is_no_regression_and_more_is_one() -> None:
    policy = a_policy(gates=[{"metric": "f1", "gain_at_least": 0.0, "confidence": 0.5}], regression_margin=0.02)
    at, over = judged(policy, Metrics(f1=0.83), Metrics(f1=0.85)), judged(policy, Metrics(f1=0.8299), Metrics(f1=0.85))
    assert (at.word, at.regression) == ("FAIL", False)
    assert (over.word, over.regression) == ("FAIL", True)


def test_a_regression_fails_even_where_the_gate_allows_a_loss() -> None:
    policy = a_policy(gates=[{"metric": "f1", "gain_at_least": -0.5, "confidence": 0.5}], regression_margin=0.02)
    assert judged(policy, Metrics(f1=0.80), Metrics(f1=0.85)).regression


def test_a_metric_without_gate_is_not_looked_at() -> None:
    policy = a_policy(gates=[{"metric": "f1", "at_least": 0.5, "confidence": 0.5}])
    assert judged(policy, Metrics(f1=0.9, recall=0.1), Metrics(f1=0.9, recall=0.9)).word == "PASS"


def test_the_reason_tells_the_numbers() -> None:
    verdict = judged(a_policy(), Metrics(f1=0.65), Metrics(f1=0.8))
    for part in ("F1 0.6500 against 0.8000", "floor of 0.7000", "0.1500 below the active model", "margin of 0.0200"):
        assert part in verdict.reason


@given(policies, usable, usable)
def test_the_same_numbers_give_the_same_digest_and_others_another(policy: Policy, new: Metrics, old: Metrics) -> None:
    verdict = judged(policy, new, old)
    assert verdict.digest() == judged(policy, new, old).digest()
    assert verdict.digest() != dataclasses.replace(verdict, regression=not verdict.regression).digest()
    assert verdict.digest() != dataclasses.replace(verdict, gates=()).digest()


def _of(metrics: Metrics, name: str) -> float:
    number = getattr(metrics, name)
    assert isinstance(number, float | int)
    return number
