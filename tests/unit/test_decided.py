"""Why a verdict came out as it did, in a line, and what would have changed it."""

from typing import Any

import pytest

from governor.domain.decided import deciding_line, rule_in_words, turning_points
from governor.domain.decision import DecisionRecord
from governor.domain.verdict import GateResult, MustPass, Verdict
from tests.unit.decisions import a_record, a_sheet, an_exam
from tests.unit.policies import a_policy

NEVER = "no number of test documents would settle it; the two models are too close to call."
STAY = ", if the numbers stay as they are."
GOLDEN = {"exam": {"kind": "golden"}}


def _points(record: DecisionRecord) -> str:
    return "\n".join(turning_points(record.verdict, record.exam))


def _golden(**gate: Any) -> DecisionRecord:
    exam = an_exam(kind="golden", candidate_digest="d", baseline_digest="d")
    gates = [{"metric": "f1", "label": "macro"} | gate]
    return a_record(policy=a_policy(gates=gates, **GOLDEN), exam=exam, sheet=a_sheet(3))


def test_a_pass_rests_on_all_its_gates_and_shows_the_first_that_compares() -> None:
    verdict = a_record().verdict

    assert [gate.rule for gate in verdict.gates] == ["at_least", "gain_at_least"]
    assert deciding_line(verdict) == f"{verdict.gates[1].words} And 1 more gate met."
    assert deciding_line(
        a_record(policy=a_policy(gates=[{"metric": "f1", "at_least": 0.5, "confidence": 0.5}])).verdict
    )


def test_a_fail_shows_what_was_missed_and_not_what_was_met() -> None:
    record = a_record(exam=an_exam(f1=0.79, baseline_f1=0.8))

    assert [gate.word for gate in record.verdict.gates] == ["met", "missed"]
    assert deciding_line(record.verdict) == record.verdict.gates[1].words


def test_must_pass_documents_come_before_gates() -> None:
    record = a_record(
        policy=a_policy(exam={"must_pass": ("a.csv",)}), exam=an_exam(f1=0.1, must_pass=MustPass(9, ("a.csv:4",), 1))
    )

    assert "a.csv:4" in deciding_line(record.verdict)
    assert "every must-pass document" in _points(record)


@pytest.mark.parametrize("word", ["PASS", "FAIL", "INCONCLUSIVE", "NO_CHANGE"])
def test_a_verdict_without_gates_has_its_reason(word: Any) -> None:
    assert deciding_line(Verdict(word, "Because.")) == "Because."


def test_a_shadow_gate_decides_no_line() -> None:
    gates = [{"metric": "f1", "at_least": 0.5, "confidence": 0.5}, {"metric": "f1", "at_least": 0.99, "mode": "shadow"}]
    record = a_record(policy=a_policy(gates=gates))

    assert deciding_line(record.verdict) == record.verdict.gates[0].words
    assert "0.9900" not in _points(record)


def test_too_close_to_call_says_how_many_documents_settle_it() -> None:
    record = _golden(gain_at_least=0.05)

    (gate,) = record.verdict.gates
    assert gate.word == "undecided"
    assert f"about {gate.needed:,} more test documents would settle it" in _points(record)


def test_missed_says_what_was_missing() -> None:
    record = a_record(policy=a_policy(gates=[{"metric": "f1", "at_least": 0.9, "confidence": 0.5}]))

    assert _points(record).startswith("F1: at least 0.9000, as the numbers stand: 0.0500 more.")
    assert "0.0500 more, and enough test documents to be sure of it." in _points(
        a_record(policy=a_policy(gates=[{"metric": "f1", "at_least": 0.9}]), exam=an_exam(documents=5000))
    )


def test_a_regression_says_what_makes_it_one() -> None:
    record = a_record(exam=an_exam(f1=0.5))

    assert record.verdict.regression
    assert _points(record).count("regression_margin") == 1
    assert "regression_margin" not in _points(a_record(exam=an_exam(f1=0.79)))


def test_the_only_gate_in_the_way_is_told_as_that() -> None:
    record = a_record(exam=an_exam(f1=0.79, baseline_f1=0.8))

    assert "Nothing else stood in the way" in _points(record)
    assert "Nothing else stood in the way" not in _points(a_record(exam=an_exam(f1=0.1)))


def test_a_pass_says_what_it_has_to_spare() -> None:
    points = _points(a_record())

    assert "F1: at least 0.7000, as the numbers stand: 0.1500 to spare." in points
    assert "F1: a gain of at least 0.0000, as the numbers stand: 0.0500 to spare." in points


def test_an_obstacle_is_told_with_its_remedy() -> None:
    record = a_record(exam=an_exam(has_test_data=False))

    assert "Drop a TEST file" in _points(record)
    assert deciding_line(record.verdict) == record.verdict.reason


def test_without_a_candidate_training_data_are_missing() -> None:
    assert "TRAIN documents" in _points(a_record(exam=an_exam(candidate=None, candidate_metrics=None)))


def _gate(**changes: Any) -> GateResult:
    gate: dict[str, Any] = {
        "metric": "f1", "candidate": 0.8, "baseline": 0.7, "word": "met", "regression": False, "words": "It is so.",
        "threshold": 0.8,
    }  # fmt: skip
    return GateResult(**gate | changes)


def _points_of(word: Any, *gates: GateResult, reason: str = "It is so.") -> tuple[str, ...]:
    return turning_points(Verdict(word, reason, gates=gates), an_exam())


@pytest.mark.parametrize(
    ("rule", "threshold", "spare"),
    [
        ("at_least", 0.75, "0.0500"),
        ("gain_at_least", 0.02, "0.0800"),
        ("gain_at_least", "10%", "0.0300"),
        ("gain_at_least", -0.02, "0.1200"),
        ("drop_at_most", 0.02, "0.1200"),
        ("drop_at_most", "10%", "0.1700"),
    ],
)
def test_the_margin_of_every_kind_of_rule(rule: Any, threshold: float | str, spare: str) -> None:
    (point,) = _points_of("PASS", _gate(rule=rule, threshold=threshold))

    assert point.endswith(f": {spare} to spare.")


def test_a_first_model_has_no_margin_over_another() -> None:
    assert _points_of("PASS", _gate(rule="gain_at_least", threshold=0.1, baseline=None)) == ()
    assert _points_of("PASS", _gate(candidate=None)) == ()


@pytest.mark.parametrize(
    ("gate", "end"),
    [
        (_gate(word="undecided", needed=1), f"about 1 more test document would settle it{STAY}"),
        (_gate(word="undecided", needed=1200), f"about 1,200 more test documents would settle it{STAY}"),
        (_gate(word="undecided", needed=1_000_000), NEVER),
        (_gate(word="undecided", needed=999_999), f"about 999,999 more test documents would settle it{STAY}"),
        (_gate(word="undecided"), "knowing how many test documents the numbers rest on; a golden exam always does."),
        (_gate(word="unknown", candidate=None), "a number to judge by. It is so."),
        (_gate(word="missed", threshold=0.81), "0.0100 more, and enough test documents to be sure of it."),
    ],
)  # fmt: skip
def test_what_each_word_of_a_gate_lacks(gate: GateResult, end: str) -> None:
    word = "FAIL" if gate.word == "missed" else "INCONCLUSIVE"

    (point,) = _points_of(word, gate)

    assert point.endswith(f": {end}")


def test_a_gate_that_only_its_margin_fails_lacks_nothing_itself() -> None:
    assert _points_of("FAIL", _gate(word="missed", threshold=0.8)) == ()
    assert _points_of("FAIL", _gate(word="missed", candidate=None)) == ()


@pytest.mark.parametrize("word", ["FAIL", "INCONCLUSIVE"])
def test_alone_in_the_way_is_one_of_several(word: Any) -> None:
    open_one = _gate(word="missed" if word == "FAIL" else "undecided", needed=5, threshold=0.9)
    alone = "Nothing else stood in the way: all other gates are met."

    assert alone in _points_of(word, open_one, _gate())
    assert alone not in _points_of(word, open_one), "there are no others"
    assert alone not in _points_of(word, open_one, open_one)


def test_an_obstacle_is_no_gate() -> None:
    points = _points_of("INCONCLUSIVE", _gate(word="undecided", needed=5), _gate(), reason="No TEST data.")

    assert points[-1] == "No TEST data."
    assert not any("Nothing else" in point for point in points)
    assert "It failed." not in _points_of("FAIL", _gate(word="missed", threshold=0.9), reason="It failed.")


def test_a_line_counts_only_what_decided() -> None:
    missed, met = _gate(word="missed", words="Missed."), _gate(words="Met.")
    shadow = _gate(word="missed", words="Missed.", mode="shadow")

    def line(*gates: GateResult) -> str:
        return deciding_line(Verdict("FAIL", "Missed.", gates=gates))

    assert line(met, missed, shadow) == "Missed."
    assert line(missed, missed) == "Missed. And 1 more gate missed."
    assert line(missed, missed, met, missed) == "Missed. And 2 more gates missed."


def test_a_line_calls_what_is_undecided_or_unknown_open() -> None:
    close, nothing = _gate(word="undecided", words="Too close."), _gate(word="unknown", words="No number.")

    line = deciding_line(Verdict("INCONCLUSIVE", "Too close. No number. Too close.", gates=(close, nothing, close)))

    assert line == "Too close. And 2 more gates open."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "F1: at least 0.8000, 95 % sure"),
        ({"label": "macro"}, "Macro F1: at least 0.8000, 95 % sure"),
        ({"label": "micro", "metric": "precision"}, "Micro precision: at least 0.8000, 95 % sure"),
        ({"metric": "recall", "label": "worst"}, "Worst recall: at least 0.8000, 95 % sure"),
        ({"label": "*", "confidence": 0.975}, "F1 of every label: at least 0.8000, 97.5 % sure"),
        (
            {"label": "complaint", "rule": "gain_at_least", "threshold": "2.5%"},
            "F1 of complaint: a gain of at least 2.5 %, 95 % sure",
        ),
        (
            {"rule": "drop_at_most", "threshold": 0.01, "confidence": 0.5},
            "F1: a drop of at most 0.0100, as the numbers stand",
        ),
    ],
)
def test_rules_in_words(changes: dict[str, Any], words: str) -> None:
    assert rule_in_words(_gate(**changes)) == words
