"""Two attempts of a step at the same time, as after a call that was repeated because its reply was late."""

import pytest

from governor.contracts import Step
from governor.domain.batch import digest_of
from governor.usecases.compare_models import compare_models
from tests.doubles.data import FLYWHEEL, labelled, policy, train
from tests.doubles.stack import Stack


def test_no_attempt_writes_over_the_record_that_the_verdict_s_row_names(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slower one has judged before the other put the verdict, and writes its record, at another time, after it."""
    stack.apply_policy(FLYWHEEL, policy(gates=[{"metric": "f1", "at_least": 0.6}]))
    stack.deliver(stack.drop(train(), labelled(1)), stack.drop(f"{FLYWHEEL}/test/t.csv", labelled(2)))
    assert stack.inspect() == []
    execution = stack.machine.executions["alpha-1"].run_until("CompareModels")
    step = Step(flywheel=FLYWHEEL, turn=1, execution=execution.arn)
    put, written = stack.ports.records.put, list[str]()

    def late(key: str, content: bytes, content_type: str = "application/json") -> str:
        monkeypatch.setattr(stack.ports.records, "put", put)
        stack.clock.advance(1)
        compare_models(stack.ports, step)
        written.append(put(key, content, content_type))
        return written[0]

    monkeypatch.setattr(stack.ports.records, "put", late)
    compare_models(stack.ports, step)

    ((_, (row,)),) = stack.ports.batches.history(FLYWHEEL)
    assert written[0].startswith("s3://records/decisions/alpha/000000001-")
    assert written[0] != row.decision_uri
    assert digest_of(stack.ports.records.get(row.decision_uri)) == row.decision_sha256
    assert row.decision_uri.endswith(f"-{row.decision_sha256[:12]}.json")
