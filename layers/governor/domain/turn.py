"""Turns and holds: who may work on a flywheel, and when nobody may.

A turn is the right to bring the flywheel's open batch forward; the head row names the one execution that has it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from governor.domain.moments import OPEN_END, next_month

LONGEST_FUNCTION_SECONDS = 300
"""The largest `Timeout` in template.yaml; a contract test compares."""
GRACE = timedelta(seconds=LONGEST_FUNCTION_SECONDS + 60)
"""A dead execution's last Lambda call may still be running for this long."""
NEVER_SEEN_GRACE = timedelta(minutes=15)
"""DescribeExecution is eventually consistent: only after this does "does not exist" mean that the holder is gone."""
STALE_ADMISSION = timedelta(minutes=30)
"""An upload that was recorded and is not inspected by then is sent to inspection again."""

Phase = Literal["PLANNED", "REGISTERED", "TRAINED", "JUDGED"]
HoldReason = Literal[
    "Failure",
    "NeedsYou",
    "Aborted",
    "PolicyMissing",
    "Regression",
    "Rejected",
    "TooFewDocuments",
    "QuotaFull",
    "ServingFailed",
    "NoActiveModel",
    "TornDown",
    "Budget",
]

LIFTED_BY_NEW_POLICY: frozenset[HoldReason] = frozenset({"NeedsYou", "Aborted", "PolicyMissing", "Budget"})
LIFTED_BY_PERSON_ALONE: frozenset[HoldReason] = frozenset({"Regression", "Rejected", "ServingFailed", "TornDown"})
LIFTED_BY_NEW_UPLOAD: frozenset[HoldReason] = frozenset({"TooFewDocuments"})

_FAILURES_BEFORE_A_PERSON = 3
_QUOTA_HOLD = timedelta(hours=1)


@dataclass(frozen=True)
class Hold:
    """Why a flywheel rests and until when."""

    reason: HoldReason
    until: datetime
    policy_version: int = 0
    """The policy's version when the hold began; 0 if there was none."""

    def binds(self, now: datetime) -> bool:
        return self.until > now


@dataclass(frozen=True)
class OpenBatch:
    """What conditions need of the batch in work; the rest is in the batch's own row."""

    id: int
    phase: Phase
    attempt: int
    baseline: str
    policy_version: int


@dataclass(frozen=True)
class Head:
    """A flywheel's head row."""

    turn: int = 0
    state: Literal["IDLE", "RUNNING"] = "IDLE"
    holder: str | None = None
    since: datetime | None = None
    failures: int = 0
    hold: Hold | None = None
    generation: int = 1
    flywheel_arn: str | None = None
    batch: OpenBatch | None = None


class Held(Protocol):
    """A row that one execution at a time holds: a flywheel's head, or that of its analyses."""

    @property
    def state(self) -> Literal["IDLE", "RUNNING"]: ...
    @property
    def since(self) -> datetime | None: ...


def execution_name(flywheel: str, turn: int) -> str:
    """Return the name of the execution that may take `turn`: at most 80 characters, as Step Functions wants it."""
    return f"{flywheel}-{turn}"


def may_start(head: Head | None, *, anything_pending: bool, now: datetime, new_upload: bool) -> bool:
    """Tell whether a turn should be asked for.

    `new_upload`: whoever asks has just made an upload pending, which ends a hold that waits for more documents.
    """
    if head is None:
        return anything_pending
    if head.state == "RUNNING":
        return False
    if head.hold is not None and head.hold.binds(now) and not (new_upload and head.hold.reason in LIFTED_BY_NEW_UPLOAD):
        return False
    return head.batch is not None or anything_pending


def may_free(head: Held, *, status: str | None, stopped: datetime | None, now: datetime) -> bool:
    """Tell whether the holder of a running turn is dead for good.

    `status` and `stopped`: what DescribeExecution says of the holder, None if it does not know it.
    """
    if head.state != "RUNNING":
        return False
    if status is None:
        return head.since is not None and now - head.since > NEVER_SEEN_GRACE
    return status != "RUNNING" and stopped is not None and stopped + GRACE < now


def hold_after_failure(
    error: str, *, failures: int, backoff_base_seconds: int, policy_version: int, now: datetime
) -> Hold | None:
    """Return the hold that follows a turn that ended with `error`, the class name of an exception.

    `failures` counts this failure too. Failures rest for one base, then two, then until a person or a new policy
    comes, so that no lasting failure loops (and pays for trainings).
    """
    match error:
        case "DatasetsRefusedError" | "TurnLostError":
            return None
        case "PolicyMissingError":
            return Hold("PolicyMissing", OPEN_END, policy_version)
        case "QuotaFullError":
            return Hold("QuotaFull", now + _QUOTA_HOLD, policy_version)
        case "Aborted":
            return Hold("Aborted", OPEN_END, policy_version)
    if failures >= _FAILURES_BEFORE_A_PERSON:
        return Hold("NeedsYou", OPEN_END, policy_version)
    return Hold("Failure", now + timedelta(seconds=backoff_base_seconds * failures), policy_version)


def hold_for_more_documents(*, backoff_base_seconds: int, policy_version: int, now: datetime) -> Hold:
    """Return the hold of a flywheel whose uploads are too few for a dataset; the next upload ends it sooner."""
    return Hold("TooFewDocuments", now + timedelta(seconds=backoff_base_seconds), policy_version)


def hold_for_budget(*, policy_version: int, now: datetime) -> Hold:
    """Return the hold of a flywheel whose budget of the month is spent: until the next month, or a new policy."""
    return Hold("Budget", next_month(now), policy_version)


def counts_as_failure(error: str) -> bool:
    """Tell whether `error` brings the flywheel nearer to NeedsYou.

    Data that Comprehend refused and a missing policy do not.
    """
    return error not in {"DatasetsRefusedError", "TurnLostError", "PolicyMissingError", "QuotaFullError"}


def next_hold(previous: Hold | None, new: Hold | None) -> Hold | None:
    """Return the hold after a turn: the new one if any, but one that only a person may end outlives every turn."""
    if (
        previous is not None
        and previous.reason in LIFTED_BY_PERSON_ALONE
        and (new is None or new.reason not in LIFTED_BY_PERSON_ALONE)
    ):
        return previous
    return new


def lifted_by_policy(hold: Hold | None, current_policy_version: int) -> bool:
    """Tell whether the policy has changed since `hold` began and that is what it waits for."""
    return hold is not None and hold.reason in LIFTED_BY_NEW_POLICY and hold.policy_version != current_policy_version
