"""Which judgement had the last word: a batch's verdict, or the recheck under a stricter policy that came meanwhile."""

from governor.ports import BatchRecord, Recheck, VerdictRecord


def recheck_of(record: BatchRecord, verdict: VerdictRecord) -> Recheck | None:
    """Return the recheck of exactly this verdict; None also if the row's is of an earlier one, against another model.

    Rechecks that are older than their field `baseline` count as those of the verdict.
    """
    recheck = record.recheck
    return recheck if recheck is not None and recheck.baseline in {"", verdict.baseline} else None


def deciding_recheck(record: BatchRecord, verdict: VerdictRecord) -> Recheck | None:
    """Return the recheck if something else followed from it than from the verdict.

    It did not decide if it has the same word and the promotion went on; nor if it kept the active model, the attempt
    died, and by the next one the policy was not stricter any more.
    """
    recheck = recheck_of(record, verdict)
    if recheck is None or (recheck.word == verdict.verdict.word and recheck.action == "PROMOTE"):
        return None
    return None if record.outcome == "PROMOTED" and recheck.action == "KEEP" else recheck


def told(recheck: Recheck, why: str) -> str:
    """Return `FAIL under policy version 4, which came meanwhile: <why>`."""
    return f"{recheck.word} under policy version {recheck.policy_version}, which came meanwhile: {why}"
