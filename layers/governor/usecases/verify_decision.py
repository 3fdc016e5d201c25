"""Checks that a decision can be reached again from its record alone, and that the record belongs to its row."""

from dataclasses import replace

from governor.domain.decision import DecisionRecord
from governor.domain.errors import GovernorError
from governor.domain.replay import judged_again
from governor.domain.verdict import Verdict
from governor.ports import Records, VerdictRecord
from governor.usecases.decisions import read_content
from governor.usecases.explain_batch import Check, Rechecked


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


def verify_recheck(found: Rechecked, first: DecisionRecord | None) -> tuple[Check, ...]:
    """Judge again under the stricter policy, and compare with the recheck's record, its row and the `first` record.

    `first`: the record of the verdict that was judged again; None if that one cannot be read, and then its facts are
    not compared.
    """
    row, record = found.row, found.record
    if record is None:
        return (Check("recheck record", False, f"The recheck's record cannot be relied on: {found.fault}"),)
    told = (record.verdict.word, record.verdict.reason, record.policy_version)
    same = told == (row.word, row.reason, row.policy_version) and row.baseline in {"", record.baseline}
    words = "say the same" if same else "differ: one of them was changed after it was written"
    again = _verdict(record, judged_again(record))
    checks = [
        Check("recheck record", True, f"The recheck's record is what was written: sha256 {row.decision_sha256}."),
        Check("recheck row", same, f"The recheck's record and the batch's row in the ledger {words}."),
    ]
    if first is not None:
        alike = _facts(first) == _facts(record)
        words = "judges the same answers as" if alike else "judges something else than"
        checks.append(Check("recheck facts", alike, f"The recheck's record {words} the verdict's."))
    sentence = f"Under policy version {row.policy_version}: {again.sentence[0].lower()}{again.sentence[1:]}"
    return (*checks, Check("recheck verdict", again.holds, sentence))


def _facts(record: DecisionRecord) -> tuple[object, ...]:
    # Another policy may want other must-pass documents or another exam: then these two say that it was not sat.
    exam = replace(record.exam, must_pass=None, obstacle=None)
    return record.flywheel, record.batch, record.baseline, record.manifest_sha256, exam, record.sheet, record.uses


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
