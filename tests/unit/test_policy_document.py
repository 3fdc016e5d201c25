"""Defaults and overrides, the text that is kept, and what changed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain.policy import Policy
from governor.domain.policy_document import Change, changes, fingerprint, merged, resolved_text, text_of
from tests.unit.policies import a_policy

values = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["a", "b"]) | st.lists(st.integers(0, 2))
blocks = st.dictionaries(st.sampled_from("pqrs"), values, max_size=4)
documents: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from("abcd"), values | blocks | st.lists(blocks, max_size=3), max_size=4
)


@pytest.mark.parametrize(
    ("defaults", "overrides", "both"),
    [
        ({}, {"approval": "never"}, {"approval": "never"}),
        ({"approval": "always"}, {}, {"approval": "always"}),
        ({"approval": "always"}, {"approval": "never"}, {"approval": "never"}),
        (
            {"batch": {"quiet_seconds": 5, "quiet_max_seconds": 50}},
            {"batch": {"quiet_seconds": 7}},
            {"batch": {"quiet_seconds": 7, "quiet_max_seconds": 50}},
        ),
        ({"gates": [{"metric": "f1"}]}, {"gates": [{"metric": "recall"}]}, {"gates": [{"metric": "recall"}]}),
        ({"gates": [{"metric": "f1"}]}, {"gates": []}, {"gates": []}),
        ({"serving": {"smoke": ["a.csv"]}}, {"serving": {"smoke": ["b.csv"]}}, {"serving": {"smoke": ["b.csv"]}}),
        ({"retention": {"newest": 3}}, {"retention": None}, {"retention": None}),
        ({"serving": {"max_hours": 3}}, {"serving": {"max_hours": None}}, {"serving": {"max_hours": None}}),
        ({"retention": None}, {"retention": {"newest": 3}}, {"retention": {"newest": 3}}),
    ],
)
def test_blocks_merge_and_all_else_replaces(
    defaults: dict[str, Any], overrides: dict[str, Any], both: dict[str, Any]
) -> None:
    assert merged(defaults, overrides) == both


@given(documents, documents)
def test_merging_is_of_one_mind(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert merged({}, first) == first == merged(first, {}) == merged(first, first)
    both = merged(first, second)
    assert merged(both, second) == both, "what is said twice is said once"
    assert set(both) == {*first, *second}


@given(documents, documents)
def test_merging_changes_neither(first: dict[str, Any], second: dict[str, Any]) -> None:
    before = json.dumps([first, second])
    merged(first, second)
    assert json.dumps([first, second]) == before


def test_the_kept_text_is_the_whole_policy_and_says_the_same() -> None:
    policy = a_policy(regression_margin=0.1 + 0.2, gates=[{"metric": "f1", "gain_at_least": "2%"}])
    text = resolved_text(policy)
    assert Policy.model_validate(json.loads(text)) == policy
    assert json.loads(text)["batch"] == {"quiet_seconds": 120, "quiet_max_seconds": 900}
    assert "\n  " in text


def test_a_fingerprint_is_the_text_s_sha256() -> None:
    assert fingerprint("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert fingerprint(text_of({"a": 1})) != fingerprint(text_of({"a": 2}))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"approval": "never"}, {"approval": "always"}, ['approval: "always"; before: "never"']),
        ({}, {"retention": {"newest": 3}}, ['retention: {"newest": 3}, which was not given before']),
        ({"retention": {"newest": 3}}, {}, ['retention: no more; before: {"newest": 3}']),
        ({"batch": {"a": 1, "b": 2}}, {"batch": {"a": 1, "b": 3}}, ["batch.b: 3; before: 2"]),
        ({"labels": ["a", "b"]}, {"labels": ["a", "ü"]}, ['labels: ["a", "ü"]; before: ["a", "b"]']),
        (
            {"gates": [{"metric": "f1", "at_least": 0.5}]},
            {"gates": [{"metric": "f1", "at_least": 0.6}, {"metric": "recall"}]},
            ["gates.0.at_least: 0.6; before: 0.5", 'gates.1: {"metric": "recall"}, which was not given before'],
        ),
        ({"gates": [{"metric": "f1"}]}, {"gates": []}, ['gates: []; before: [{"metric": "f1"}]']),
    ],
)
def test_a_change_is_told_field_by_field(old: dict[str, Any], new: dict[str, Any], told: list[str]) -> None:
    assert [str(change) for change in changes(old, new)] == told


@given(documents, documents)
def test_changes_are_there_when_something_differs(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert changes(old, old) == ()
    found = changes(_without_none(old), _without_none(new))
    assert bool(found) == (_without_none(old) != _without_none(new))
    assert len({change.path for change in found}) == len(found)
    assert all(change.old != change.new for change in found)


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(inner) for name, inner in value.items() if inner is not None}
    return [_without_none(inner) for inner in value] if isinstance(value, list) else value


def test_a_change_that_takes_away_a_default_says_so() -> None:
    assert str(Change("budget_usd_per_month", 50, None)) == "budget_usd_per_month: no more; before: 50"
