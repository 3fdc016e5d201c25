"""What a verdict says besides its gates: must-pass documents, what stands in the way, exams that wear out."""

import dataclasses

import pytest

from governor.domain.judgement import judge
from governor.domain.policy import Policy
from governor.domain.verdict import MustPass, Verdict
from tests.unit.judgement.sheets import EXAM, OLD, flipping, golden

GATE = {"metric": "f1", "gain_at_least": 0.0}


def asking(must_pass: MustPass) -> Verdict:
    policy = golden([GATE], exam={"kind": "golden", "must_pass": ["never.csv"]})
    return judge(policy, dataclasses.replace(EXAM, must_pass=must_pass), OLD, flipping(1000, 200, 0))


@pytest.mark.parametrize(
    ("must_pass", "said"),
    [
        (MustPass(1, ("a.csv:1",), 1), "1 of 1 must-pass document wrongly: a.csv:1."),
        (MustPass(2, ("a.csv:1",), 1), "1 of 2 must-pass documents wrongly: a.csv:1."),
        (MustPass(9, tuple("abcde"), 5), "5 of 9 must-pass documents wrongly: a, b, c, d, e."),
        (MustPass(9, tuple("abcdef"), 6), "6 of 9 must-pass documents wrongly: a, b, c, d, e and 1 more."),
        (MustPass(9, tuple("ab")), "2 of 9 must-pass documents wrongly: a, b."),
    ],
)
def test_five_wrong_must_pass_answers_are_named_and_the_others_counted(must_pass: MustPass, said: str) -> None:
    verdict = asking(must_pass)
    assert (verdict.word, verdict.reason) == ("FAIL", f"The candidate answers {said}")


def test_wrong_must_pass_answers_that_nobody_named_fail_too() -> None:
    assert asking(MustPass(9, (), 2)).word == "FAIL"
    assert asking(MustPass(9, (), 0)).word == "PASS"


def wearing_out() -> Policy:
    return golden([GATE], exam={"kind": "golden", "warn_after": 1})


@pytest.mark.parametrize(("uses", "told"), [(1, "1 promotion: "), (2, "2 promotions: "), (1_200, "1,200 promotions: ")])
def test_how_often_an_exam_decided_is_said(uses: int, told: str) -> None:
    (remark,) = judge(wearing_out(), EXAM, OLD, flipping(1000, 200, 0), uses=uses).remarks
    assert remark.startswith(f"This exam has decided {told}")


def test_an_exam_that_is_not_said_to_have_decided_has_not() -> None:
    assert judge(wearing_out(), EXAM, OLD, flipping(1000, 200, 0)).remarks == ()


def test_what_stands_in_the_way_of_an_exam_is_the_reason() -> None:
    exam = dataclasses.replace(EXAM, obstacle="The quota of endpoints is used up.")
    verdict = judge(golden([GATE]), exam, OLD, flipping(1000, 200, 0))
    assert (verdict.word, verdict.reason) == ("INCONCLUSIVE", "The quota of endpoints is used up.")


def test_where_nothing_was_trained_that_is_the_reason() -> None:
    verdict = judge(golden([GATE]), dataclasses.replace(EXAM, candidate=None), OLD, flipping(1000, 200, 0))
    assert (verdict.word, verdict.reason) == ("NO_CHANGE", "The iteration trained no new model.")
