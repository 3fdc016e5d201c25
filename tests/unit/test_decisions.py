"""The ledger of decisions is read record by record, each checked, many at a time, and judged anew."""

import dataclasses
import threading
from typing import Any

import pytest

from governor.domain.decision import DecisionRecord
from governor.domain.errors import ServiceBusyError, UnexpectedReplyError
from governor.domain.replay import Trial
from governor.ports import Recheck
from governor.usecases.backtest import Unread, backtest
from governor.usecases.decisions import contents, read_decision_record
from governor.usecases.explain_batch import Rechecked
from governor.usecases.verify_decision import verify_decision, verify_recheck
from governor_cli.spreading import PAYS_FROM_DOCUMENTS, on_cores, spread_for
from tests.unit.decisions import KeptRecords, a_record, a_row, an_exam
from tests.unit.policies import a_policy

RECORDS = [a_record(batch, exam=an_exam(f1=0.7 + batch / 100)) for batch in range(1, 21)]
STRICTER = a_policy(gates=[{"metric": "f1", "at_least": 0.85, "confidence": 0.5}])


def test_a_record_is_read_and_is_what_was_written() -> None:
    row = a_row(RECORDS[0])

    assert read_decision_record(KeptRecords(RECORDS[0]), row.decision_uri, row.decision_sha256) == RECORDS[0]


def test_a_record_that_was_changed_is_none() -> None:
    kept, row = KeptRecords(RECORDS[0]), a_row(RECORDS[0])
    kept.objects[row.decision_uri] += b" "

    with pytest.raises(UnexpectedReplyError, match="is not what was written: its sha256"):
        read_decision_record(kept, row.decision_uri, row.decision_sha256)


def test_records_come_in_order_and_so_many_at_once() -> None:
    """Each read waits for a second one, so that one at a time would never end; three at once never happen."""
    now, most, barrier, lock = 0, 0, threading.Barrier(2, timeout=20), threading.Lock()

    class Slow(KeptRecords):
        def get(self, uri: str) -> bytes:
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            barrier.wait()
            with lock:
                now -= 1
            return super().get(uri)

    rows = [a_row(record) for record in RECORDS]
    found = list(contents(Slow(*RECORDS), rows, at_once=2))

    assert [each.verdict.batch for each in found] == [record.batch for record in RECORDS]
    assert most == 2


def test_no_more_is_read_than_somebody_wants() -> None:
    asked = []

    class Counting(KeptRecords):
        def get(self, uri: str) -> bytes:
            asked.append(uri)
            return super().get(uri)

    found = contents(Counting(*RECORDS), (a_row(record) for record in RECORDS), at_once=2)
    next(found)
    found.close()  # type: ignore[attr-defined]

    assert len(asked) <= 2 * 4 + 2


def test_one_record_that_cannot_be_read_hides_no_other() -> None:
    kept = KeptRecords(*RECORDS)

    class Failing(KeptRecords):
        def get(self, uri: str) -> bytes:
            if uri.endswith("/7.json"):
                raise ServiceBusyError("GetObject: SlowDown.")
            return kept.get(uri)

    found = list(backtest(Failing(), [a_row(record) for record in RECORDS], STRICTER))

    assert [each.batch for each in found] == [record.batch for record in RECORDS]
    (unread,) = [each for each in found if isinstance(each, Unread)]
    assert (unread.batch, unread.fault) == (7, "GetObject: SlowDown.")


def test_every_decision_is_tried_under_the_policy() -> None:
    found = list(backtest(KeptRecords(*RECORDS), [a_row(record) for record in RECORDS], STRICTER))

    trials = [each for each in found if isinstance(each, Trial)]
    assert len(trials) == 20
    promoted = [trial.batch for trial in trials if trial.now.verdict.word == "PASS"]
    assert promoted == list(range(15, 21)), "from an F1 of 0.85; their own policy began at 0.80"
    assert [trial.batch for trial in trials if trial.differs] == list(range(10, 15))


def test_an_exam_of_other_data_is_not_judged() -> None:
    recognizer = {"model_type": "ENTITY_RECOGNIZER", "language": "en", "entity_types": ["ORDER"]}

    (unread,) = backtest(KeptRecords(RECORDS[0]), [a_row(RECORDS[0])], a_policy(flywheel=recognizer))

    assert isinstance(unread, Unread)
    assert unread.fault == "The exam is of MULTI_CLASS data, and this policy is for ENTITIES."


def test_all_cores_say_what_one_says() -> None:
    rows = [a_row(record) for record in RECORDS]
    kept = KeptRecords(*RECORDS)
    kept.objects[rows[3].decision_uri] = b"{}"

    here = list(backtest(kept, rows, STRICTER))

    assert list(backtest(kept, rows, STRICTER, spread=on_cores(2))) == here
    assert isinstance(here[3], Unread)


def test_processes_are_started_only_where_they_pay() -> None:
    few = [a_row(record) for record in RECORDS]
    many = [a_row(a_record(exam=an_exam(documents=PAYS_FROM_DOCUMENTS)))]

    assert spread_for(few, cores=2) is None
    assert spread_for(many, cores=2) is not None
    assert spread_for(many, cores=1) is None


def test_a_decision_can_be_verified_from_its_record() -> None:
    record = RECORDS[0]

    checks = verify_decision(KeptRecords(record), a_row(record), record)

    assert [(check.name, check.holds) for check in checks] == [
        ("record", True), ("manifest", True), ("row", True), ("verdict", True)
    ]  # fmt: skip
    assert "every number alike" in checks[-1].sentence


def test_what_does_not_fit_is_said() -> None:
    record = a_record()
    other = a_record(exam=an_exam(f1=0.1))
    forged = dataclasses.replace(record, verdict=other.verdict)
    old = dataclasses.replace(forged, code_version="")

    (_, manifest, row, verdict) = verify_decision(KeptRecords(record), a_row(record), forged)

    assert manifest.holds
    assert not row.holds
    assert not verdict.holds
    assert "the verdict is PASS and not FAIL" in verdict.sentence
    assert "older version" in verify_decision(KeptRecords(record), a_row(record), old)[3].sentence
    gone = a_record(manifest_sha256="0" * 64)
    assert not verify_decision(KeptRecords(gone), a_row(gone), gone)[1].holds


def _rechecked(record: DecisionRecord, **changes: Any) -> Rechecked:
    row = a_row(record)
    facts = (record.policy_version, record.verdict.word, record.verdict.reason, row.decision_uri, row.decision_sha256)
    return Rechecked(dataclasses.replace(Recheck(*facts, baseline=record.baseline), **changes), record, None)


def test_a_recheck_can_be_verified_from_its_record_too() -> None:
    first = RECORDS[11]
    again = dataclasses.replace(a_record(12, STRICTER, first.exam), policy_version=2)
    assert (first.verdict.word, again.verdict.word) == ("PASS", "FAIL")

    checks = verify_recheck(_rechecked(again), first)

    assert [(check.name, check.holds) for check in checks] == [
        ("recheck record", True), ("recheck row", True), ("recheck facts", True), ("recheck verdict", True)
    ]  # fmt: skip
    assert checks[-1].sentence.startswith("Under policy version 2: judged again from the record, the verdict is FAIL")
    assert [check.name for check in verify_recheck(_rechecked(again), None)][2:] == ["recheck verdict"]


def test_what_does_not_fit_of_a_recheck_is_said() -> None:
    first = RECORDS[11]
    again = dataclasses.replace(a_record(12, STRICTER, first.exam), policy_version=2)

    def failing(found: Rechecked, before: DecisionRecord = first) -> list[str]:
        return [check.name for check in verify_recheck(found, before) if not check.holds]

    assert failing(_rechecked(again, word="PASS")) == ["recheck row"]
    assert failing(_rechecked(again, policy_version=3)) == ["recheck row"]
    assert failing(_rechecked(again, baseline="arn:another")) == ["recheck row"]
    assert failing(_rechecked(again, baseline="")) == []
    assert failing(_rechecked(again), RECORDS[1]) == ["recheck facts"]
    assert failing(_rechecked(dataclasses.replace(again, verdict=first.verdict))) == ["recheck verdict"]
    gone = dataclasses.replace(_rechecked(again), record=None, fault="It is gone.")
    assert [check.sentence for check in verify_recheck(gone, first)] == [
        "The recheck's record cannot be relied on: It is gone."
    ]
