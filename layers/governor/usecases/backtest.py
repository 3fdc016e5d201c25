"""Judges stored exams under another policy, which tells what that one would have decided.

Each decision is taken for itself, against the model that was active then: what would have been trained and compared
after another decision nobody knows.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from governor.domain.decision import from_bytes
from governor.domain.errors import GovernorError
from governor.domain.policy import Policy
from governor.domain.replay import Trial, tried
from governor.ports import Records, VerdictRecord
from governor.usecases.decisions import Content, contents

CHUNK = 8
"""So many records travel together to where they are judged."""


@dataclass(frozen=True)
class Unread:
    """A decision that could not be judged again, and why."""

    batch: int
    reached_at: datetime
    fault: str


Judged = Trial | Unread
Spread = Callable[[Policy, Iterator[list[Content]]], Iterator[list[Judged]]]
"""Where the judging is done: chunk by chunk, in order."""


def backtest(
    records: Records, verdicts: Sequence[VerdictRecord], policy: Policy, *, spread: Spread | None = None
) -> Iterator[Judged]:
    """Yield every decision under `policy`, in the order of `verdicts`. `spread` judges elsewhere than here."""
    chunks = _chunks(contents(records, verdicts))
    judged = (judge_all(policy, chunk) for chunk in chunks) if spread is None else spread(policy, chunks)
    for chunk in judged:
        yield from chunk


def judge_all(policy: Policy, chunk: Sequence[Content]) -> list[Judged]:
    """Judge a few records; one that cannot be judged says so and spoils no other."""
    return [_judge(policy, content) for content in chunk]


def _judge(policy: Policy, content: Content) -> Judged:
    verdict = content.verdict
    if content.fault is not None:
        return Unread(verdict.batch, verdict.reached_at, content.fault)
    try:
        record = from_bytes(content.content)
    except GovernorError as error:
        return Unread(verdict.batch, verdict.reached_at, str(error))
    own, other = record.policy.flywheel.data_mode, policy.flywheel.data_mode
    if own != other:
        fault = f"The exam is of {own} data, and this policy is for {other}."
        return Unread(verdict.batch, verdict.reached_at, fault)
    return replace(tried(record, policy), reached_at=verdict.reached_at)


def _chunks(found: Iterable[Content]) -> Iterator[list[Content]]:
    chunk: list[Content] = []
    for content in found:
        chunk.append(content)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
