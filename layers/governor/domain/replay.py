"""Judging a stored decision again: under its own policy, which must say the same, or under another one.

Imports the judgement, and with it numpy: for steps that judge, and for the command line.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from governor.domain.decision import DecisionRecord
from governor.domain.judgement import judge
from governor.domain.outcome import Action, Outcome, outcome_of
from governor.domain.policy import Policy
from governor.domain.verdict import Exam, MustPass, Verdict

Caveat = Literal["averages", "must-pass", "documents"]
"""What another policy would have asked and nobody did: both models' answers; documents that must be right; the
documents of another set.
"""


@dataclass(frozen=True)
class Ending:
    """A verdict and what follows it, automatic promotion not being frozen."""

    verdict: Verdict
    action: Action
    hold: str | None

    @property
    def told(self) -> tuple[str, str, str | None]:
        """What makes two decisions the same: word, action and hold; not the numbers."""
        return self.verdict.word, self.action, self.hold


@dataclass(frozen=True)
class Trial:
    """One stored decision under another policy. `caveats`: what the record lacks that the policy asks for."""

    batch: int
    candidate: str | None
    baseline: str
    reached_at: datetime | None
    policy_version: int
    then: Ending
    now: Ending
    caveats: tuple[Caveat, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the other policy decides otherwise."""
        return self.then.told != self.now.told


def judged_again(record: DecisionRecord) -> Verdict:
    """Return what the judgement says today of all that the record holds."""
    return judge(record.policy, record.exam, record.judged_against, record.sheet, uses=record.uses)


def tried(record: DecisionRecord, policy: Policy) -> Trial:
    """Judge the record's exam under `policy`, which is for the same kind of data.

    A policy whose exam is Comprehend's averages judges by averages, as it would have; so does every policy where the
    record has no answers. What a record cannot tell, because it was not asked then, is left out and is a caveat.
    """
    exam, sheet, caveats = _asked_by(policy, record), record.sheet, list[Caveat]()
    if policy.exam.kind == "iteration":
        # Also of a golden exam the averages alone, which are no answers that are missing.
        exam, sheet = replace(exam, kind="iteration"), None
    elif sheet is None:
        caveats.append("averages")
    elif policy.exam.set != record.policy.exam.set:
        caveats.append("documents")
    if not set(policy.exam.must_pass) <= set(record.policy.exam.must_pass):
        caveats.append("must-pass")
    # What was answered is in the exam; that more was to be asked would make every verdict INCONCLUSIVE.
    policy = policy.model_copy(update={"exam": policy.exam.model_copy(update={"must_pass": ()})})
    verdict = judge(policy, exam, record.judged_against, sheet, uses=record.uses)
    return Trial(
        batch=record.batch,
        candidate=record.exam.candidate,
        baseline=record.baseline,
        reached_at=record.reached_at,
        policy_version=record.policy_version,
        then=_ending(record, record.verdict, record.policy),
        now=_ending(record, verdict, policy),
        caveats=tuple(caveats) if exam.candidate is not None else (),
    )


def _asked_by(policy: Policy, record: DecisionRecord) -> Exam:
    """Return the record's exam with the must-pass documents of the files alone that `policy` names.

    The record names what was answered wrongly (`MustPass.failed`), so failures of other files are left out; how many
    documents each file had it does not say, so `documents` stays that of all files. A text that two files have is the
    first one's.
    """
    exam, asked, wanted = record.exam, set(record.policy.exam.must_pass), set(policy.exam.must_pass)
    found = exam.must_pass
    if found is None or asked <= wanted:
        return exam
    if not asked & wanted:
        return replace(exam, must_pass=None)
    mine = tuple(place for place in found.failed if place.rpartition(":")[0] in wanted)
    if not mine and found.failures > len(found.failed):
        return replace(exam, must_pass=None, obstacle=exam.obstacle or _not_named(found))
    return replace(exam, must_pass=replace(found, failed=mine, failures=len(mine)))


def _not_named(found: MustPass) -> str:
    return (
        f"The record names {len(found.failed):,} of {found.failures:,} must-pass documents that were answered wrongly, "
        "none of a file that this policy names. Whether one of the others is of such a file is not on record."
    )


def _ending(record: DecisionRecord, verdict: Verdict, policy: Policy) -> Ending:
    outcome: Outcome = outcome_of(verdict, policy, has_baseline=record.judged_against is not None, frozen=False)
    return Ending(verdict, outcome.action, outcome.hold)
