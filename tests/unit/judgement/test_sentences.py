"""What a verdict says of a rule, word by word: it is what people decide by."""

from typing import Any

import pytest

from governor.domain.gates import Gate
from governor.domain.judgement import judge
from governor.domain.judgement.evidence import Average
from governor.domain.judgement.intervals import MOST_NEEDED
from governor.domain.judgement.rules import Finding, Rule
from governor.domain.judgement.words import listed, number, sentence, short
from governor.domain.verdict import Exam, Interval, Metrics
from tests.unit.judgement.sheets import OLD, golden


def said(finding: Finding, name: Any = "gain_at_least", threshold: float | str = 0.0, **gate: Any) -> str:
    """Return the sentence of a rule about the recall of bug."""
    rule = Rule(Gate(metric="recall", label="bug", **{name: threshold}, **gate), name, threshold)
    return sentence(rule, finding, "bug", None, 0.02, [])


def of(candidate: float | None, baseline: float | None, support: int | None = 200) -> Average:
    return Average(candidate, baseline, support, support)


# ---- what was found, and what is asked for ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("candidate", "baseline", "found"),
    [
        (0.93, 0.9, "a gain of +0.0300"),
        (0.9, 0.93, "a difference of -0.0300"),
        (0.9, 0.9, "no difference"),
        (0.9, 0.90001, "no difference"),
    ],
)
def test_a_difference_is_a_gain_where_it_is_one(candidate: float, baseline: float, found: str) -> None:
    words = said(Finding("met", of(candidate, baseline), 0.1), "gain_at_least", -0.05)
    assert words == (
        f"Recall of bug {candidate:.4f} against {baseline:.4f}: met, {found} where a loss of 0.0500 is allowed."
    )


@pytest.mark.parametrize(
    ("candidate", "word", "where"), [(0.8, "met", "not under"), (0.81, "met", "not under"), (0.79, "missed", "under")]
)
def test_a_value_at_its_floor_is_not_under_it(candidate: float, word: Any, where: str) -> None:
    words = said(Finding(word, of(candidate, 0.75), candidate - 0.8), "at_least", 0.8)
    assert words == f"Recall of bug {candidate:.4f} against 0.7500: {word}, {where} the floor of 0.8000."


def test_a_regression_at_the_floor_is_not_under_it() -> None:
    at, under = (
        said(Finding("missed", of(candidate, 0.9), candidate - 0.8, regression=True), "at_least", 0.8)
        for candidate in (0.8, 0.7)
    )
    assert at == (
        "Recall of bug 0.8000 against 0.9000: missed, a regression: 0.1000 below the active model, "
        "more than the margin of 0.0200, though not under the floor of 0.8000."
    )
    assert under.endswith("more than the margin of 0.0200; also under the floor of 0.8000.")


@pytest.mark.parametrize("baseline", [0.52, 0.5, 0.0])
def test_the_label_that_decides_is_no_regression_because_another_is(baseline: float) -> None:
    """Two points are the margin, and not beyond it. The active model may never have got this label right."""
    rule = Rule(Gate(metric="recall", label="*", at_least=0.9), "at_least", 0.9)
    finding = Finding("missed", of(0.5, baseline), -0.4, regression=True)
    words = sentence(rule, finding, "*", "bug", 0.02, ["praise"])
    assert words == (
        f"Recall of bug 0.5000 against {baseline:.4f}: missed, under the floor of 0.9000; another label is a "
        "regression, below the active model by more than the margin of 0.0200; "
        "not judged for want of test documents: praise."
    )


def test_a_loss_that_may_be_chance_is_told_before_what_would_settle_it() -> None:
    finding = Finding("undecided", of(0.7, 0.75), 0.2, Interval(0.62, 0.77), 900, unsure_loss=True)
    assert said(finding, "at_least", 0.5) == (
        "Recall of bug 0.7000 against 0.7500: undecided, not under the floor of 0.5000 (90 % sure between 0.6200 and "
        "0.7700); 0.0500 below the active model, more than the margin of 0.0200, which averages of so few documents "
        "do not tell from chance; about 900 more test documents would settle it."
    )


@pytest.mark.parametrize(
    ("label", "told"), [("macro", "Macro recall"), ("micro", "Micro recall"), ("worst", "Worst recall"),
                        ("*", "Recall of every label"), ("idea", "Recall of idea")],
)  # fmt: skip
def test_what_is_measured_is_named(label: str, told: str) -> None:
    rule = Rule(Gate(metric="recall", label=label, at_least=0.9), "at_least", 0.9)
    assert sentence(rule, Finding("unknown", None), label, None, 0.02, []) == (
        f"{told}: this exam has nothing to tell it by."
    )


@pytest.mark.parametrize(
    ("new", "old", "whose"),
    [(0.8, None, "the active model"), (None, 0.8, "the candidate"), (None, None, "the candidate")],
)
def test_whose_number_is_missing_is_said(new: float | None, old: float | None, whose: str) -> None:
    exam = Exam("new", Metrics(f1=new), OLD, Metrics(f1=old), has_test_data=True, documents=100)
    policy = golden([{"metric": "f1", "gain_at_least": 0.0}], exam={"kind": "iteration"})
    (result,) = judge(policy, exam, OLD).gates
    assert result.words == f"Macro F1: there is no usable number for {whose}."


# ---- how sure that is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chance", "told"), [(0.0004, "less than 0.1 %"), (0.001, "0.1 %"), (0.0234, "2.3 %")])
def test_how_often_chance_gives_as_much_is_said_of_a_gain(chance: float, told: str) -> None:
    interval = Interval(-0.01, 0.07)
    for baseline in (0.9, 0.0):
        words = said(Finding("met", of(0.93, baseline), 0.03, interval, chance=chance))
        assert words.endswith(f"asked for; chance alone gives as much in {told} of such exams.")
    for candidate in (0.9, 0.87):
        words = said(Finding("undecided", of(candidate, 0.9), 0.0, interval, chance=chance))
        assert "chance" not in words


def test_both_ends_are_told_as_sure_as_both_are_together() -> None:
    words = said(Finding("met", of(0.93, 0.9), 0.03, Interval(-0.01, 0.07)))
    assert "a gain of +0.0300 (90 % sure between -0.0100 and +0.0700) where any gain is asked for" in words
    surer = said(Finding("met", of(0.93, 0.9), 0.03, Interval(-0.01, 0.07)), confidence=0.995)
    assert "(99 % sure between" in surer


@pytest.mark.parametrize(
    ("needed", "told"),
    [
        (1, "about 1 more test document would settle it"),
        (2, "about 2 more test documents would settle it"),
        (9_900, "about 9,900 more test documents would settle it"),
        (MOST_NEEDED, "too close to call, as the numbers stand not even 1,000,000 more test documents would settle it"),
    ],
)
def test_how_many_more_documents_would_settle_it(needed: int, told: str) -> None:
    words = said(Finding("undecided", of(0.93, 0.9), 0.03, Interval(-0.01, 0.07), needed))
    assert words.endswith(f"; {told}.")


@pytest.mark.parametrize(
    ("support", "rests"),
    [(None, "an unknown number of test documents"), (1, "1 test document"), (2, "2 test documents"),
     (1_999, "1,999 test documents")],
)  # fmt: skip
def test_what_rests_on_too_few_documents_says_on_how_many(support: int | None, rests: str) -> None:
    words = said(Finding("undecided", of(0.93, 0.9, support), 0.03, too_few=True), min_support=2_000)
    assert words.endswith(f"; it rests on {rests}, min_support is 2,000.")


def test_without_a_number_of_documents_nothing_is_sure() -> None:
    unsure = "how sure that is cannot be told, because the number of test documents is not known"
    assert said(Finding("undecided", of(0.93, 0.9, None), 0.03)).endswith(f"; {unsure}.")
    assert unsure not in said(Finding("met", of(0.93, 0.9, None), 0.03), confidence=0.5)
    assert unsure not in said(Finding("undecided", of(0.93, 0.9), 0.03, Interval(-0.01, 0.07)))


# ---- names and numbers -----------------------------------------------------------------------------------------------


def test_a_long_name_is_cut_to_sixty_characters() -> None:
    assert short("x" * 60) == "x" * 60
    assert short("x" * 61) == "x" * 57 + "..."


def test_five_labels_are_named_and_the_others_counted() -> None:
    assert listed("abc") == "a, b, c"
    assert listed("abcde") == "a, b, c, d, e"
    assert listed("abcdef") == "a, b, c, d, e and 1 more"
    assert listed("abcdefgh") == "a, b, c, d, e and 3 more"


@pytest.mark.parametrize(
    ("value", "plain", "signed"),
    [(0.03, "0.0300", "+0.0300"), (-0.03, "-0.0300", "-0.0300"), (0.00001, "0.0000", "0.0000"),
     (-0.00001, "0.0000", "0.0000"), (0.0, "0.0000", "0.0000")],
)  # fmt: skip
def test_a_difference_that_rounds_to_nothing_has_no_sign(value: float, plain: str, signed: str) -> None:
    assert (number(value), number(value, signed=True)) == (plain, signed)
