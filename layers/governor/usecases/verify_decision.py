"""Checks that a decision can be reached again from its record alone, and that the record belongs to its row."""

from dataclasses import replace

from governor.domain.decision import DecisionRecord
from governor.domain.errors import GovernorError
from governor.domain.replay import judged_again
from governor.domain.verdict import Verdict
from governor.ports import Records, VerdictRecord
from governor.usecases.decisions import read_content
from governor.usecases.explain_batch import Check


def verify_decision(records: Records, row: VerdictRecord, record: DecisionRecord) -> tuple[Check, ...]:
    """Judge again, and compare with the record, its row in the ledger, and the batch's manifest.

    That the record's sha256 fits was checked when it was read.
    """
    return (
        Check("record", True, f"The record is what was written: sha256 {row.decision_sha256}."),
        _manifest(records, record),
        _row(row, record),
        _verdict(record, judged_again(record)),
    )


def _manifest(records: Records, record: DecisionRecord) -> Check:
    try:
        read_content(records, record.manifest_uri, record.manifest_sha256)
    except GovernorError as error:
        return Check("manifest", False, f"The batch's manifest cannot be relied on: {error}")
    return Check("manifest", True, f"The batch's manifest is what was written: sha256 {record.manifest_sha256}.")


def _row(row: VerdictRecord, record: DecisionRecord) -> Check:
    # The row leaves the table of labels out, which may be larger than a row.
    exam = replace(record.exam, support=row.exam.support)
    mine = (record.verdict, exam, record.baseline, record.policy_version)
    same = mine == (row.verdict, row.exam, row.baseline, row.policy_version)
    words = "say the same." if same else "differ: one of them was changed after it was written."
    return Check("row", same, f"The record and the ledger's row {words}")


def _verdict(record: DecisionRecord, again: Verdict) -> Check:
    then = record.verdict
    if again == then:
        return Check("verdict", True, f"Judged again from the record, the verdict is {again.word}, every number alike.")
    age = "" if record.code_version else " It was judged by an older version, to which all numbers were exact."
    if (again.word, again.regression) == (then.word, then.regression):
        return Check(
            "verdict",
            True,
            f"Judged again from the record, the verdict is {again.word} too; numbers or words differ.{age}",
        )
    told = f"Judged again from the record, the verdict is {again.word} and not {then.word}: {again.reason}{age}"
    return Check("verdict", False, told)
