"""What many tests begin with, and what they ask of the ledger."""

from typing import Any

from comprehend_local import Settings
from tests.doubles.data import FLYWHEEL, exam, labelled, policy, train
from tests.doubles.stack import ACCOUNT, Stack

SOON = Settings.instant(account=ACCOUNT, dataset_ingestion_seconds=3, training_seconds=20, evaluation_seconds=5)
"""A Comprehend that takes a few seconds for everything."""


def first_model(stack: Stack, content: bytes) -> None:
    """Drop a TRAIN and a TEST file and let everything run."""
    stack.deliver(stack.drop(train(), content), stack.drop(exam(), labelled(2)))
    assert stack.inspect() == []
    stack.run()


def promoted(stack: Stack, **changes: Any) -> None:
    """Bring the flywheel to its first active model. `changes`: of the policy."""
    stack.apply_policy(FLYWHEEL, policy(**changes))
    first_model(stack, labelled(1))
    assert ends(stack) == ["ModelPromoted"]


def ends(stack: Stack) -> list[str]:
    """Return in which state each execution is, oldest first."""
    return [execution.state for execution in stack.machine.executions.values()]


def holds(stack: Stack, flywheel: str = FLYWHEEL) -> str | None:
    """Return the reason of the flywheel's hold."""
    head = stack.ports.heads.read(flywheel)
    return head.hold.reason if head is not None and head.hold is not None else None


def states(stack: Stack, flywheel: str = FLYWHEEL) -> dict[str, str]:
    """Return the state of each upload by its key."""
    return {row["key"]: row["state"] for row in stack.rows() if row["pk"] == f"U#{flywheel}"}


def reasons(stack: Stack, of: str = "F") -> dict[Any, str]:
    """Return the reasons of verdicts by batch (`F`), or of uploads by key (`U`)."""
    if of == "U":
        return {row["key"]: row.get("reason", "") for row in stack.rows() if row["pk"] == f"U#{FLYWHEEL}"}
    return {int(row["sk"].split("#")[1]): row["reason"] for row in stack.rows() if "digest" in row and "reason" in row}
