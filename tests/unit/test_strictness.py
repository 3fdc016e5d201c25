"""Whether a newer policy may refuse what an older one promotes: rules, and the promise that it rests on."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from governor.domain.judgement import judge
from governor.domain.outcome import outcome_of
from governor.domain.policy import Policy
from governor.domain.sheet import Row, Sheet, sheet_of
from governor.domain.strictness import stricter
from governor.domain.verdict import Exam, Metrics, MustPass
from tests.unit.policies import a_policy

LABELS = ("praise", "complaint")
ARN = "arn:aws:comprehend:eu-west-1:123456789012:document-classifier/reviews/version/"
GOLDEN = {"exam": {"kind": "golden"}}

# Few values, so that two policies that are drawn alone often have something in common.
gates = st.fixed_dictionaries(
    {
        "metric": st.sampled_from(["f1", "recall", "accuracy"]),
        "confidence": st.sampled_from([0.5, 0.8, 0.95, 0.99]),
        "min_support": st.sampled_from([0, 10, 100]),
        "mode": st.sampled_from(["enforce", "enforce", "shadow"]),
    },
    optional={
        "label": st.sampled_from(["*", "worst", "micro", "macro", *LABELS]),
        "at_least": st.sampled_from([0.0, 0.4, 0.7]),
        "gain_at_least": st.sampled_from([-0.1, 0.0, 0.1, "-10%", "0%", "10%"]),
        "drop_at_most": st.sampled_from([0, 0.05, 0.1, "5%"]),
    },
).map(lambda gate: sound(gate))  # noqa: PLW0108 - it is defined below
fields: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"gates": st.lists(gates, max_size=3)},
    optional={
        "regression_margin": st.sampled_from([0.0, 0.02, 0.2]),
        "approval": st.sampled_from(["never", "replacement", "always"]),
        "first_model": st.sampled_from(["gates", "ask"]),
        "on_regression": st.sampled_from(["hold", "continue"]),
        "exam": st.sampled_from([{}, {"kind": "golden"}, {"kind": "golden", "must_pass": ["a.csv"]}]),
    },
)


def sound(gate: dict[str, Any]) -> dict[str, Any]:
    if gate["metric"] == "accuracy":
        gate.pop("label", None)
    if not {"at_least", "gain_at_least", "drop_at_most"} & set(gate):
        gate["at_least"] = 0.4
    return gate


def golden(**changes: Any) -> Policy:
    """Return a policy whose gates may be about anything."""
    exam = {"kind": "golden"} | changes.pop("exam", {})
    return a_policy(exam=exam, **changes)


policies = fields.map(lambda found: golden(**found))


@given(policies)
def test_no_policy_is_stricter_than_itself(policy: Policy) -> None:
    assert stricter(policy, policy) == ()


@given(policies, policies, policies)
def test_what_is_not_stricter_than_what_is_not_stricter_is_not_stricter(a: Policy, b: Policy, c: Policy) -> None:
    if not stricter(c, b) and not stricter(b, a):
        assert stricter(c, a) == ()


@given(policies, st.permutations(range(3)))
def test_the_order_of_gates_says_nothing(policy: Policy, order: list[int]) -> None:
    shuffled = tuple(policy.gates[each] for each in order if each < len(policy.gates))
    other = policy.model_copy(update={"gates": shuffled})
    assert (stricter(other, policy), stricter(policy, other)) == ((), ())


GATE: dict[str, Any] = {"metric": "f1", "at_least": 0.7, "gain_at_least": 0.01, "confidence": 0.9, "min_support": 10}
SHARE: dict[str, Any] = {"metric": "f1", "at_least": 0.7, "gain_at_least": "1%"}
DROP: dict[str, Any] = {"metric": "f1", "at_least": 0.7, "drop_at_most": 0.02}
SHADOW: dict[str, Any] = {"metric": "recall", "at_least": 0.5, "mode": "shadow"}
EVERY: dict[str, Any] = {"metric": "recall", "label": "*", "at_least": 0.5, "min_support": 10}

STRICTER: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a higher floor": ({"gates": [GATE | {"at_least": 0.71}]}, {"gates": [GATE]}, "at least 0.71"),
    "a higher gain": ({"gates": [GATE | {"gain_at_least": 0.02}]}, {"gates": [GATE]}, "a gain of at least +0.02"),
    "a higher share": ({"gates": [SHARE | {"gain_at_least": "2%"}]}, {"gates": [SHARE]}, "a gain of at least +2%"),
    "a smaller drop": ({"gates": [DROP | {"drop_at_most": 0.01}]}, {"gates": [DROP]}, "a gain of at least -0.01"),
    "another unit": ({"gates": [SHARE]}, {"gates": [GATE]}, "a gain of at least +1%"),
    "more confidence": ({"gates": [GATE | {"confidence": 0.95}]}, {"gates": [GATE]}, "confidence 0.95"),
    "more support": ({"gates": [GATE | {"min_support": 11}]}, {"gates": [GATE]}, "on 11 documents or more"),
    "a gate more": ({"gates": [GATE, EVERY]}, {"gates": [GATE]}, "recall (*): at least 0.5"),
    "a rule more": ({"gates": [DROP | {"gain_at_least": 0.0}]}, {"gates": [DROP]}, "a gain of at least +0"),
    "another metric": ({"gates": [GATE | {"metric": "recall"}]}, {"gates": [GATE]}, "recall (macro)"),
    "another label": ({"gates": [GATE | {"label": "worst"}]}, {"gates": [GATE]}, "f1 (worst)"),
    "a shadow that decides": (
        {"gates": [GATE, SHADOW | {"mode": "enforce"}]},
        {"gates": [GATE, SHADOW]},
        "recall (macro): at least 0.5",
    ),
    "other labels in *, fewer": ({"gates": [EVERY | {"min_support": 20}]}, {"gates": [EVERY]}, "recall (*)"),
    "other labels in *, more": ({"gates": [EVERY | {"min_support": 5}]}, {"gates": [EVERY]}, "recall (*)"),
    "no gate at all": ({"gates": []}, {"gates": [GATE]}, "no gate that decides anything"),
    "shadows alone": ({"gates": [GATE | {"mode": "shadow"}]}, {"gates": [GATE]}, "no gate that decides anything"),
    "nothing for a first model": (
        {"gates": [{"metric": "f1", "gain_at_least": 0.01, "confidence": 0.9}]},
        {"gates": [GATE]},
        "no gate with at_least is left",
    ),
    "a smaller margin": ({"regression_margin": 0.01}, {"regression_margin": 0.02}, "more than 0.01 is a regression"),
    "a regression seen sooner": (
        {"gates": [GATE | {"confidence": 0.95}]},
        {"gates": [GATE | {"confidence": 0.99}]},
        "a regression is seen at confidence 0.95",
    ),
    "people instead of nobody": ({"approval": "replacement"}, {"approval": "never"}, "approval is replacement"),
    "people for every model": ({"approval": "always"}, {"approval": "replacement"}, "approval is always"),
    "people for the first": ({"first_model": "ask"}, {}, "a person answers for the first model"),
    "must-pass documents": ({"exam": {"must_pass": ["a.csv"]}}, {}, "documents must pass that did not have to: a.csv"),
    "another exam": ({"exam": {"kind": "iteration"}}, {"exam": {"kind": "golden"}}, "it wants another exam"),
    "another set": ({"exam": {"set": "b"}}, {"exam": {"set": "a"}}, "it wants another exam"),
    "another flywheel": (
        {"flywheel": {"language": "de", "mode": "MULTI_CLASS", "labels": list(LABELS)}},
        {},
        "the flywheel is defined otherwise",
    ),
}


@pytest.mark.parametrize(("new", "old", "told"), STRICTER.values(), ids=STRICTER)
def test_what_counts_as_stricter_and_is_said(new: dict[str, Any], old: dict[str, Any], told: str) -> None:
    reasons = stricter(golden(**{"gates": [GATE]} | new), golden(**{"gates": [GATE]} | old))
    assert any(told in reason for reason in reasons), reasons


LOOSER: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a lower floor": ({"gates": [GATE | {"at_least": 0.69}]}, {"gates": [GATE]}),
    "less gain": ({"gates": [GATE | {"gain_at_least": -0.2}]}, {"gates": [GATE]}),
    "a gain that is a small drop": ({"gates": [DROP | {"drop_at_most": 0.03}]}, {"gates": [DROP]}),
    "the same amount as a drop": ({"gates": [DROP | {"drop_at_most": 0}]}, {"gates": [GATE | {"confidence": 0.95}]}),
    "zero has no unit": (
        {"gates": [SHARE | {"gain_at_least": "0%"}]},
        {"gates": [SHARE | {"gain_at_least": 0.0}]},
    ),
    "less confidence": ({"gates": [GATE | {"confidence": 0.5}]}, {"gates": [GATE]}),
    "less support": ({"gates": [GATE | {"min_support": 0}]}, {"gates": [GATE]}),
    "a gate less": ({"gates": [GATE]}, {"gates": [GATE, EVERY]}),
    "a shadow again": ({"gates": [GATE, SHADOW]}, {"gates": [GATE, SHADOW | {"mode": "enforce"}]}),
    "one shadow more": ({"gates": [GATE, SHADOW]}, {"gates": [GATE]}),
    "the label that was meant": ({"gates": [GATE | {"label": "macro"}]}, {"gates": [GATE]}),
    "a wider margin": ({"regression_margin": 0.5}, {}),
    "nobody is asked": ({"approval": "never"}, {"approval": "always"}),
    "the gates let the first in": ({"first_model": "gates"}, {"first_model": "ask"}),
    "fewer must-pass documents": ({"exam": {"must_pass": []}}, {"exam": {"must_pass": ["a.csv"]}}),
    "what a regression is followed by": ({"on_regression": "hold"}, {"on_regression": "continue"}),
    "money, time and people's time": (
        {"budget_usd_per_month": 1, "approval_expires_seconds": 60, "batch": {"quiet_seconds": 900}},
        {},
    ),
    "a warning": ({"exam": {"warn_after": 1}}, {}),
    "an endpoint": ({"serving": {"smoke": ["a.csv"]}}, {}),
}


@pytest.mark.parametrize(("new", "old"), LOOSER.values(), ids=LOOSER)
def test_what_does_not_count(new: dict[str, Any], old: dict[str, Any]) -> None:
    assert stricter(golden(**{"gates": [GATE]} | new), golden(**{"gates": [GATE]} | old)) == ()


# ---- the promise -----------------------------------------------------------------------------------------------------

label = st.sampled_from([(0,), (1,)])
answers = st.lists(
    st.tuples(st.integers(1, 60), label, label, label).map(lambda drawn: Row(*drawn)), min_size=1, max_size=6
)
shares = st.sampled_from([0.3, 0.5, 0.69, 0.7, 0.71, 0.8, 0.9, 1.0])
averages = st.builds(Metrics, shares, shares, shares, shares)


def an_exam(candidate: Metrics | None, baseline: Metrics | None, **more: Any) -> Exam:
    return Exam(
        candidate=f"{ARN}v2",
        candidate_metrics=candidate,
        scored_baseline=f"{ARN}v1" if baseline is not None else None,
        baseline_metrics=baseline,
        has_test_data=True,
        documents=200,
        support=dict.fromkeys(LABELS, 100),
        **more,
    )


def holds_what_it_promises(new: Policy, old: Policy, exam: Exam, sheet: Sheet | None) -> None:
    """Whatever `old` promotes by itself `new` promotes by itself."""
    baseline = exam.scored_baseline
    words = []
    for policy in (old, new):
        verdict = judge(policy, exam, baseline, sheet)
        words.append(outcome_of(verdict, policy, has_baseline=baseline is not None, frozen=False).action)
    if words[0] == "PROMOTE":
        assert words[1] == "PROMOTE", (old, new)


@st.composite
def looser_pairs(draw: st.DrawFn) -> tuple[Policy, Policy]:
    """Draw a policy, and one that is made from it and not stricter. Floors and gains are such that something passes."""
    old = draw(fields)
    kept = [gate for gate in old["gates"] if draw(st.booleans()) or len(old["gates"]) == 1]
    new = old | {"gates": [sound(gate | draw(edits)) for gate in kept]} | draw(other_edits)
    pair = golden(**new), golden(**old)
    assume(not stricter(*pair))
    return pair


edits = st.fixed_dictionaries(
    {},
    optional={
        "at_least": st.sampled_from([0.0, 0.2, 0.4]),
        "gain_at_least": st.sampled_from([-0.5, -0.1, "-20%", 0.0]),
        "confidence": st.sampled_from([0.5, 0.8, 0.95]),
        "min_support": st.sampled_from([0, 10]),
        "mode": st.sampled_from(["enforce", "shadow"]),
    },
)
other_edits = st.fixed_dictionaries(
    {}, optional={"regression_margin": st.sampled_from([0.02, 0.5]), "approval": st.just("never")}
)


@given(looser_pairs(), answers, st.booleans())
def test_what_is_not_stricter_promotes_what_was_promoted_by_answers(
    pair: tuple[Policy, Policy], rows: list[Row], first: bool
) -> None:
    sheet = sheet_of("MULTI_CLASS", LABELS, rows, has_baseline=not first)
    digests = {"candidate_digest": "d", "baseline_digest": None if first else "d", "kind": "golden"}
    exam = an_exam(None, None if first else Metrics(), must_pass=MustPass(1), **digests)
    holds_what_it_promises(*pair, exam, sheet)


@given(looser_pairs(), averages, averages, st.booleans())
def test_what_is_not_stricter_promotes_what_was_promoted_by_averages(
    pair: tuple[Policy, Policy], candidate: Metrics, baseline: Metrics, first: bool
) -> None:
    exam = an_exam(candidate, None if first else baseline, must_pass=MustPass(1))
    holds_what_it_promises(*pair, exam, None)


def test_samples_without_the_labels_that_are_looked_at_are_left_out_in_silence() -> None:
    rows = [Row(11, (0,), (0,), (0,)), Row(9, (1,), (1,), (0,))]
    sheet = sheet_of("MULTI_CLASS", LABELS, rows, has_baseline=True)
    gate = {"metric": "f1", "label": "worst", "min_support": 10, "gain_at_least": 0.1}
    exam = an_exam(None, Metrics(), kind="golden", candidate_digest="d", baseline_digest="d")
    assert judge(golden(gates=[gate]), exam, exam.scored_baseline, sheet).word == "INCONCLUSIVE"
