from typing import Any

import pytest

from comprehend_local.control.audit import Audit
from comprehend_local.control.rules import MOST_RULES, Rules, WrongRule


def calls(rules: Rules, number: int, operation: str = "ListFlywheels") -> str:
    """What happens to some calls, a letter each; - is nothing."""
    found = (rules.of_call(operation) for _ in range(number))
    return "".join(rule.do[0] if rule else "-" for rule in found)


@pytest.mark.parametrize(
    ("rule", "what_happens"),
    [
        ({}, "f-------"),
        ({"times": 3}, "fff-----"),
        ({"every": 3, "times": None}, "--f--f--"),
        ({"every": 2, "times": 2}, "-f-f----"),
        ({"times": None}, "ffffffff"),
        ({"operation": "CreateFlywheel", "times": None}, "--------"),
        ({"operation": "ListFlywheels", "do": "throttle"}, "t-------"),
    ],
)
def test_a_rule_is_for_every_nth_call_and_so_many_of_them(rule: dict[str, Any], what_happens: str) -> None:
    rules = Rules()
    rules.add(rule)

    assert calls(rules, 8) == what_happens


def test_other_operations_are_not_counted() -> None:
    rules = Rules()
    rules.add({"operation": "ListDatasets", "every": 2})

    assert calls(rules, 5, "ListFlywheels") == "-----"
    assert calls(rules, 5, "ListDatasets") == "-f---"


def test_of_two_rules_the_first_is_obeyed_and_the_second_has_its_turn_later() -> None:
    rules = Rules()
    rules.add({"do": "throttle", "times": 2})
    rules.add({"do": "hang", "times": 2})

    assert calls(rules, 6) == "tthh--"
    assert [(rule["seen"], rule["done"], rule["spent"]) for rule in rules.listed()] == [(6, 2, True), (6, 2, True)]


def test_a_rule_that_is_taken_away_does_nothing() -> None:
    rules = Rules()
    made = rules.add({"times": None})
    assert calls(rules, 2) == "ff"

    assert rules.remove(made["id"])

    assert not rules.remove(made["id"])
    assert calls(rules, 2) == "--"
    rules.add({})
    rules.clear()
    assert rules.listed() == []


def test_the_next_work_that_ends_is_ended_otherwise() -> None:
    rules = Rules()
    rules.add({"kind": "dataset", "message": "no", "times": 1})

    assert rules.ending("iteration", "a") is None
    found = rules.ending("dataset", "b")
    assert found is not None
    assert (found.do, found.message) == ("fail", "no")
    assert rules.ending("dataset", "c") is None


@pytest.mark.parametrize(
    ("key", "ends"),
    [
        ("arn:f/news", True),
        ("arn:f/news#20240101T000000Z", True),
        ("*20240101T000000Z", True),
        ("arn:f/*", True),
        ("arn:f/new", False),
        ("arn:f/news#2023", False),
    ],
)
def test_work_is_named_by_its_key_a_pattern_or_its_flywheel(key: str, ends: bool) -> None:
    rules = Rules()
    rules.add({"kind": "iteration", "key": key})

    assert (rules.ending("iteration", "arn:f/news#20240101T000000Z") is not None) is ends


def test_work_that_a_rule_let_pass_counts_once_however_often_it_is_asked_for() -> None:
    rules = Rules()
    rules.add({"kind": "iteration", "every": 2})

    asked = ("a", "a", "a", "b", "b", "c")
    assert [rules.ending("iteration", key) is not None for key in asked] == [False, False, False, True, False, False]


def test_a_hold_keeps_what_it_has_until_it_is_taken_away() -> None:
    rules = Rules()
    made = rules.add({"kind": "endpoint", "do": "hold", "times": 1})

    assert [rules.holds("endpoint", key) for key in ("a", "a", "b", "a")] == [True, True, False, True]
    assert rules.listed()[0]["held"] == ["a"]
    assert rules.ending("endpoint", "b") is None, "a hold is no ending"
    rules.remove(made["id"])
    assert not rules.holds("endpoint", "a")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"do": "explode"}, "do: one of throttle, fail, lose_reply, hang."),
        ({"kind": "dataset", "do": "throttle"}, "do: one of fail, stop, hold."),
        ({"kind": "weather"}, "kind: one of flywheel, dataset"),
        ({"kind": "dataset", "do": "stop"}, "only iteration and model can end STOPPED"),
        ({"kind": "iteration", "do": "stop", "message": "no"}, "message: only of what fails."),
        ({"kind": "endpoint", "do": "hold", "message": "no"}, "message: only of what fails."),
        ({"times": 0}, "times: from 1 up."),
        ({"every": 0}, "every: from 1 up."),
        ({"every": None}, "every: int."),
        ({"times": 1.5}, "times: "),
        ({"times": True}, "times: "),
        ({"status": 200}, "status: an HTTP status from 400 to 599."),
        ({"seconds": 1e9}, "seconds: from 0 to 600."),
        ({"operation": 7}, "operation: str."),
        (
            {"seen": 7},
            "seen: not a part of a rule; those are code, do, every, message, operation, seconds,",
        ),
        ({"kind": "dataset", "operation": "*"}, "operation: not a part of a rule; those are do, every, key, kind"),
    ],
)
def test_a_rule_that_makes_no_sense_says_what_would(rule: dict[str, Any], message: str) -> None:
    rules = Rules()

    with pytest.raises(WrongRule) as refused:
        rules.add(rule)

    assert message in str(refused.value)
    assert rules.listed() == []


def test_the_number_of_rules_is_bounded() -> None:
    rules = Rules()
    for _ in range(MOST_RULES):
        rules.add({})

    with pytest.raises(WrongRule, match="clear those that are spent"):
        rules.add({})


def test_the_newest_calls_push_out_the_oldest() -> None:
    audit = Audit(kept=3)
    for number in range(5):
        audit.note(float(number), f"op{number % 2}", "key", "eu-west-1", "ok", None)

    assert [call["number"] for call in audit.calls()] == [3, 4, 5]
    assert [call["number"] for call in audit.calls(after=4)] == [5]
    assert [call["time"] for call in audit.calls(operation="op1")] == [3.0]


def test_what_a_caller_chose_is_cut() -> None:
    audit = Audit()
    audit.note(0.0, "x" * 10**5, "y" * 10**5, "z" * 10**5, "ok", None)

    assert len(str(audit.calls())) < 1000


def test_a_rule_is_listed_with_a_message_only_if_it_has_an_effect() -> None:
    rules = Rules()
    made = [rules.add({"kind": "iteration", "do": do}) for do in ("hold", "stop", "fail")]

    assert ["message" in rule for rule in made] == [False, False, True]
