"""The way of an upload, on the functions' own handlers and the machine's own definition."""

from tests.doubles.data import FLYWHEEL, labelled, policy
from tests.doubles.stack import Stack


def _active(stack: Stack) -> str | None:
    facts = stack.ports.comprehend.describe_flywheel(stack.ports.comprehend.flywheel_arn(FLYWHEEL))
    return facts.active_model if facts is not None else None


def test_promotes_first_model_when_its_floor_is_met(stack: Stack) -> None:
    stack.put_policy(FLYWHEEL, policy())
    stack.deliver(stack.drop(f"{FLYWHEEL}/train/a.csv", labelled(1)), stack.drop(f"{FLYWHEEL}/test/b.csv", labelled(2)))
    assert stack.inspect() == []

    executions = stack.run()
    print([(e.error, e.cause, e.visited[-12:]) for e in executions])

    assert [(each.status, each.state) for each in executions] == [("SUCCEEDED", "ModelPromoted")]
    assert _active(stack) is not None
    assert [subject for subject in stack.notices.subjects()] == ["[alpha] Batch 1: PASS", "[alpha] Model promoted"]
    states = {row["key"]: row["state"] for row in stack.rows() if row["pk"] == f"U#{FLYWHEEL}"}
    assert states == {"alpha/train/a.csv": "REGISTERED", "alpha/test/b.csv": "REGISTERED"}
