"""Which judgement of a batch decided: its verdict, or the recheck under a stricter policy."""

from dataclasses import replace

import pytest

from governor.domain.outcome import Action
from governor.domain.verdict import Word
from governor.ports import BatchRecord, Recheck
from governor.ports.batches import BatchOutcome
from governor.usecases.last_word import deciding_recheck, recheck_of, told
from tests.unit.decisions import BEGAN, a_record, a_row

VERDICT = a_row(a_record())
BATCH = BatchRecord("reviews", 1, "s3://records/m.json", "d", 1, BEGAN)
RECHECK = Recheck(4, "FAIL", "no", "s3://records/x", "ab", baseline=VERDICT.baseline)


@pytest.mark.parametrize(
    ("word", "action", "outcome", "decided"),
    [
        ("FAIL", "KEEP", "KEPT", True),
        ("FAIL", "KEEP", None, True),
        ("INCONCLUSIVE", "PROMOTE", "PROMOTED", True),
        ("PASS", "ASK", "KEPT", True),
        ("PASS", "PROMOTE", "PROMOTED", False),
        ("FAIL", "KEEP", "PROMOTED", False),
    ],
)
def test_a_recheck_decides_where_something_else_followed_from_it(
    word: Word, action: Action, outcome: BatchOutcome | None, *, decided: bool
) -> None:
    """Of the last one: a later attempt saw a policy that was not stricter any more."""
    assert VERDICT.verdict.word == "PASS"
    recheck = replace(RECHECK, word=word, action=action)
    batch = replace(BATCH, recheck=recheck, outcome=outcome)

    assert recheck_of(batch, VERDICT) == recheck
    assert deciding_recheck(batch, VERDICT) == (recheck if decided else None)


def test_a_recheck_of_an_earlier_verdict_is_not_one_of_this() -> None:
    other = replace(BATCH, recheck=replace(RECHECK, baseline="arn:another"))

    assert recheck_of(other, VERDICT) is deciding_recheck(other, VERDICT) is None
    assert recheck_of(BATCH, VERDICT) is deciding_recheck(BATCH, VERDICT) is None
    older = replace(RECHECK, baseline="")
    assert deciding_recheck(replace(BATCH, recheck=older), VERDICT) == older, "of a version that did not say"


def test_it_is_told_with_its_policy() -> None:
    assert told(RECHECK, "no.") == "FAIL under policy version 4, which came meanwhile: no."
