"""Stored decisions, judged again: under their own policy the same, under another one what that one says."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governor.domain.decision import DecisionRecord, from_bytes, to_bytes
from governor.domain.policy import Policy
from governor.domain.replay import _asked_by, judged_again, tried
from governor.domain.verdict import MustPass
from tests.unit.decisions import a_record, a_sheet, an_exam
from tests.unit.policies import a_policy

GOLDEN = {"exam": {"kind": "golden"}}
GATES: list[list[dict[str, Any]]] = [
    [{"metric": "f1", "at_least": 0.7, "gain_at_least": 0.0}],
    [{"metric": "f1", "at_least": 0.8, "confidence": 0.5}],
    [{"metric": "accuracy", "gain_at_least": "2%"}, {"metric": "recall", "label": "complaint", "drop_at_most": 0.05}],
    [{"metric": "f1", "label": "*", "at_least": 0.6, "min_support": 20}],
    [],
]


def _policies() -> st.SearchStrategy[Policy]:
    approvals = st.sampled_from(["never", "always", "replacement"])
    return st.builds(
        lambda gates, approval: a_policy(gates=gates, approval=approval, **GOLDEN), st.sampled_from(GATES), approvals
    )


@st.composite
def _records(draw: st.DrawFn) -> DecisionRecord:
    scores = st.floats(0.5, 0.99)
    sheet = a_sheet(
        draw(st.integers(0, 9)), draw(st.sampled_from([20, 200])), candidate=draw(scores), baseline=draw(scores)
    )
    has_answers = draw(st.booleans())
    first = draw(st.booleans())
    digests = {"candidate_digest": "d", "baseline_digest": None if first else "d"}
    exam = an_exam(f1=draw(scores), baseline_f1=None if first else draw(scores), kind="golden", **digests)
    if first:
        sheet = dataclasses.replace(
            sheet, has_baseline=False, rows=tuple(row._replace(baseline=()) for row in sheet.rows)
        )
    return a_record(
        policy=draw(_policies()), exam=exam, sheet=sheet if has_answers else None, uses=draw(st.integers(0, 9))
    )


@given(_records())
def test_a_record_that_was_read_back_is_judged_as_it_was(record: DecisionRecord) -> None:
    assert judged_again(from_bytes(to_bytes(record))) == record.verdict


@given(_records())
def test_its_own_policy_decides_no_record_otherwise(record: DecisionRecord) -> None:
    trial = tried(record, record.policy)

    assert not trial.differs
    assert trial.now == trial.then


@given(_records(), _policies())
def test_what_another_policy_says_is_what_its_own_record_would_have(record: DecisionRecord, policy: Policy) -> None:
    trial = tried(record, policy)
    own = a_record(policy=policy, exam=record.exam, sheet=record.sheet, uses=record.uses)

    assert trial.now.verdict == own.verdict
    assert trial.then.verdict == record.verdict
    assert trial.differs == (trial.then.told != trial.now.told)


@given(_records())
def test_a_policy_without_gates_promotes_nothing(record: DecisionRecord) -> None:
    trial = tried(record, a_policy(gates=[], approval="never", **GOLDEN))

    assert trial.now.action == "KEEP"
    assert trial.now.verdict.word != "PASS"


def test_a_trial_says_which_decision_it_is_of() -> None:
    record = a_record(7)
    trial = tried(record, a_policy())

    assert (trial.batch, trial.candidate, trial.baseline) == (7, record.exam.candidate, record.baseline)
    assert (trial.reached_at, trial.policy_version) == (record.reached_at, record.policy_version)


@pytest.mark.parametrize(("baseline_f1", "action"), [(None, "PROMOTE"), (0.8, "ASK")])
def test_a_first_model_replaces_none(baseline_f1: float | None, action: str) -> None:
    policy = a_policy(approval="replacement")
    trial = tried(a_record(policy=policy, exam=an_exam(baseline_f1=baseline_f1)), policy)

    assert trial.then.verdict.word == "PASS"
    assert trial.then.action == trial.now.action == action


def test_who_decides_is_part_of_the_decision() -> None:
    record = a_record(policy=a_policy(approval="never"))
    trial = tried(record, a_policy(approval="always"))

    assert (trial.then.action, trial.now.action) == ("PROMOTE", "ASK")
    assert trial.then.verdict == trial.now.verdict
    assert trial.differs


def test_what_follows_a_regression_is_part_of_it_too() -> None:
    record = a_record(exam=an_exam(f1=0.5), policy=a_policy(on_regression="hold"))
    trial = tried(record, a_policy(on_regression="continue"))

    assert (trial.then.hold, trial.now.hold) == ("Regression", None)
    assert trial.differs


def test_averages_judge_where_there_are_no_answers_and_it_is_said() -> None:
    gates = [{"metric": "f1", "label": "complaint", "at_least": 0.5}]
    trial = tried(a_record(), a_policy(gates=gates, **GOLDEN))

    assert trial.caveats == ("averages",)
    assert trial.now.verdict.word == "INCONCLUSIVE"
    assert tried(a_record(), a_policy()).caveats == ()


def test_a_policy_of_averages_does_not_look_at_answers() -> None:
    record = a_record(
        policy=a_policy(**GOLDEN),
        exam=an_exam(f1=0.6, kind="golden", candidate_digest="d", baseline_digest="d"),
        sheet=a_sheet(1, candidate=1.0, baseline=0.8),
    )
    assert record.verdict.word == "PASS"

    trial = tried(record, a_policy())

    assert trial.now.verdict.word == "FAIL", "0.6 is under the floor"
    assert trial.caveats == ()


@pytest.mark.parametrize(
    ("asked", "wanted", "failures", "word", "caveats"),
    [
        ((), ("a.csv",), None, "PASS", ("must-pass",)),
        (("a.csv",), ("a.csv",), 1, "FAIL", ()),
        (("a.csv",), ("a.csv", "b.csv"), 0, "PASS", ("must-pass",)),
        (("a.csv",), (), 1, "PASS", ()),
        (("a.csv",), ("a.csv",), None, "PASS", ()),
    ],
)
def test_must_pass_documents_count_as_far_as_they_were_asked(
    asked: tuple[str, ...], wanted: tuple[str, ...], failures: int | None, word: str, caveats: tuple[str, ...]
) -> None:
    known = None if failures is None else MustPass(3, ("a.csv:1",) if failures else (), failures)
    record = a_record(policy=a_policy(exam={"must_pass": asked}), exam=an_exam(must_pass=known))

    trial = tried(record, a_policy(exam={"must_pass": wanted}))

    assert (trial.now.verdict.word, trial.caveats) == (word, caveats)


@pytest.mark.parametrize(
    ("failed", "failures", "wanted", "word", "caveats"),
    [
        (("b.csv:3",), 1, ("a.csv",), "PASS", ()),
        (("a.csv:1", "b.csv:3"), 2, ("a.csv",), "FAIL", ()),
        (("a.csv:1", "b.csv:3"), 2, ("a.csv", "b.csv", "c.csv"), "FAIL", ("must-pass",)),
        (("b.csv:3",), 1, ("a.csv", "c.csv"), "PASS", ("must-pass",)),
        (("b.csv:3",), 1, ("c.csv",), "PASS", ("must-pass",)),
        (("b.csv:3",), 2, ("b.csv",), "FAIL", ()),
        (("b.csv:3",), 2, ("a.csv",), "INCONCLUSIVE", ()),
        (("b.csv:3",), 2, ("c.csv",), "PASS", ("must-pass",)),
    ],
)
def test_wrong_answers_count_only_for_files_that_the_policy_names(
    failed: tuple[str, ...], failures: int, wanted: tuple[str, ...], word: str, caveats: tuple[str, ...]
) -> None:
    """Of more wrong answers than the record names it is not known whose file they are of."""
    asked = a_policy(exam={"must_pass": ("a.csv", "b.csv")})
    record = a_record(policy=asked, exam=an_exam(must_pass=MustPass(9, failed, failures)))
    assert record.verdict.word == "FAIL"

    trial = tried(record, a_policy(exam={"must_pass": wanted}))

    assert (trial.now.verdict.word, trial.caveats) == (word, caveats)


def test_only_places_of_named_files_are_told() -> None:
    asked, known = a_policy(exam={"must_pass": ("a.csv", "b.csv")}), MustPass(9, ("a.csv:1", "b.csv:3"), 2)

    reason = tried(a_record(policy=asked, exam=an_exam(must_pass=known)), a_policy(exam={"must_pass": ("a.csv",)}))

    assert "1 of 9 must-pass documents wrongly: a.csv:1." in reason.now.verdict.reason
    none = tried(
        a_record(policy=asked, exam=an_exam(must_pass=MustPass(200, ("b.csv:3",), 101))),
        a_policy(exam={"must_pass": ("a.csv",)}),
    )
    assert none.now.verdict.reason.startswith("The record names 1 of 101 must-pass documents")


def test_another_set_is_another_exam_and_it_is_said() -> None:
    exam = an_exam(kind="golden", candidate_digest="d", baseline_digest="d")
    record = a_record(policy=a_policy(exam={"kind": "golden", "set": "spring"}), exam=exam, sheet=a_sheet(1))

    assert tried(record, a_policy(exam={"kind": "golden", "set": "autumn"})).caveats == ("documents",)


def test_without_a_candidate_there_is_nothing_to_try() -> None:
    exam = an_exam(candidate=None, candidate_metrics=None)

    trial = tried(a_record(exam=exam), a_policy(exam={"kind": "golden", "must_pass": ("a.csv",)}, gates=[]))

    assert (trial.now.verdict.word, trial.differs, trial.caveats) == ("NO_CHANGE", False, ())


@pytest.mark.parametrize(
    ("asked", "wanted", "known", "left"),
    [
        (("a.csv", "b.csv"), ("a.csv",), None, None),
        (("a.csv",), ("a.csv",), MustPass(200, ("a.csv:1",), 120), MustPass(200, ("a.csv:1",), 120)),
        (("a:1.csv", "b.csv"), ("a:1.csv",), MustPass(9, ("a:1.csv:4", "b.csv:2"), 2), MustPass(9, ("a:1.csv:4",), 1)),
    ],
)
def test_of_must_pass_documents_those_of_the_tried_policy_s_files_are_left(
    asked: tuple[str, ...], wanted: tuple[str, ...], known: MustPass | None, left: MustPass | None
) -> None:
    record = a_record(policy=a_policy(exam={"must_pass": asked}), exam=an_exam(must_pass=known))
    assert _asked_by(a_policy(exam={"must_pass": wanted}), record).must_pass == left
