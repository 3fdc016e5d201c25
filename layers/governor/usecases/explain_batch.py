"""All that is known of why a batch was decided as it was. Reads, and writes nothing."""

from dataclasses import dataclass

from governor.domain.approval import Approval
from governor.domain.decision import DecisionRecord
from governor.domain.errors import GovernorError, InvalidInputError
from governor.domain.verdict import Exam, Verdict
from governor.ports import BatchRecord, Ports, Recheck, ServingChange, VerdictRecord
from governor.usecases.batch_history import Line, batch_history
from governor.usecases.decisions import read_decision_record


@dataclass(frozen=True)
class Rechecked:
    """What a stricter policy said of the verdict that came meanwhile. `record`: its own; None with the `fault`."""

    row: Recheck
    record: DecisionRecord | None
    fault: str | None

    @property
    def verdict(self) -> Verdict:
        """Its verdict; without its record the word and the reason alone."""
        return self.record.verdict if self.record is not None else Verdict(self.row.word, self.row.reason)


@dataclass(frozen=True)
class Explanation:
    """One batch. `record`: the decision's record, which is None with the reason in `fault` if it cannot be read.

    `earlier`: verdicts against models that were active before the one that it was finally compared with.
    `changes`: of the active model by this batch's own hand, or to its candidate and away from it.
    `rechecked`: the verdict under a stricter policy that came meanwhile. `line.instead_of` tells whether it decided.
    """

    line: Line
    batch: BatchRecord
    verdict: VerdictRecord | None
    earlier: tuple[VerdictRecord, ...]
    record: DecisionRecord | None
    fault: str | None
    approval: Approval | None
    changes: tuple[ServingChange, ...]
    rechecked: Rechecked | None = None

    @property
    def decided(self) -> tuple[Verdict, Exam] | None:
        """The judgement that decided, with what it was given; None if there was none."""
        if self.verdict is None:
            return None
        if self.rechecked is None or self.line.instead_of is None:
            return self.verdict.verdict, self.verdict.exam
        record = self.rechecked.record
        return self.rechecked.verdict, record.exam if record is not None else self.verdict.exam

    @property
    def faults(self) -> list[str]:
        """Why records cannot be read."""
        found = [self.fault, self.rechecked.fault if self.rechecked is not None else None]
        return [fault for fault in found if fault is not None]


@dataclass(frozen=True)
class Check:
    """Something that must hold, whether it does, and what was found in a sentence."""

    name: str
    holds: bool
    sentence: str


def explain_batch(ports: Ports, flywheel: str, batch: int) -> Explanation:
    """Raise InvalidInputError if there is no such batch, with those that there are."""
    batches = ports.batches.history(flywheel)
    history = {record.id: (record, verdicts) for record, verdicts in batches}
    if batch not in history:
        there = f"it has {_listed(list(history))}" if history else "it has none yet"
        raise InvalidInputError(f"Flywheel {flywheel} has no batch {batch}: {there}.")
    row, verdicts = history[batch]
    verdict = verdicts[-1] if verdicts else None
    record, fault = (
        _record(ports, verdict.decision_uri, verdict.decision_sha256) if verdict is not None else (None, None)
    )
    line = next(each for each in batch_history(ports, flywheel, batches) if each.batch == batch)
    candidate = verdict.candidate if verdict is not None else None
    return Explanation(
        line=line,
        batch=row,
        verdict=verdict,
        earlier=tuple(verdicts[:-1]),
        record=record,
        fault=fault,
        approval=ports.approvals.read(row.approval) if row.approval is not None else None,
        changes=tuple(
            change
            for change in ports.serving.history(flywheel)
            if change.batch == batch or (candidate is not None and candidate in {change.source, change.target})
        ),
        rechecked=_rechecked(ports, line.recheck),
    )


def _rechecked(ports: Ports, row: Recheck | None) -> Rechecked | None:
    return Rechecked(row, *_record(ports, row.decision_uri, row.decision_sha256)) if row is not None else None


def _record(ports: Ports, uri: str, sha256: str) -> tuple[DecisionRecord | None, str | None]:
    try:
        return read_decision_record(ports.records, uri, sha256), None
    except GovernorError as error:
        return None, str(error)


def _listed(batches: list[int]) -> str:
    if len(batches) == 1:
        return f"batch {batches[0]} alone"
    if batches == list(range(batches[0], batches[-1] + 1)):
        return f"batches {batches[0]} to {batches[-1]}"
    return f"batches {', '.join(map(str, batches))}"
