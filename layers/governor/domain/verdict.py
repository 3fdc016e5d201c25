"""The judgement of a candidate: gates in, verdict out. Deterministic; fails closed on every number that is missing."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from governor.domain.gates import Gate, MetricName, Mode
from governor.domain.policy import Policy

Word = Literal["PASS", "FAIL", "INCONCLUSIVE", "NO_CHANGE"]

SHOWN: dict[MetricName, str] = {"f1": "F1", "precision": "Precision", "recall": "Recall", "accuracy": "Accuracy"}
"""How a metric is called in sentences."""
_ROUNDING = 1e-9
"""0.87 - 0.85 is a hair under 0.02 in binary; a threshold is met when only that hair is missing."""


@dataclass(frozen=True)
class Metrics:
    """One model's averages on the exam, fractions between 0 and 1; None where Comprehend gave none.

    Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_FlywheelModelEvaluationMetrics.html
    """

    f1: float | None = None
    precision: float | None = None
    recall: float | None = None
    accuracy: float | None = None

    def value(self, metric: MetricName) -> float | None:
        """Return the metric if it is a number that can be compared (finite, 0 to 1), else None."""
        number: float | None = getattr(self, metric)
        return number if number is not None and math.isfinite(number) and 0 <= number <= 1 else None


@dataclass(frozen=True)
class Interval:
    """Where a number lies with the gate's confidence, as fractions (a difference: -1 to 1).

    Each end is a one-sided bound: the number is above `low` with that confidence, and below `high` with the same.
    """

    low: float
    high: float


@dataclass(frozen=True)
class GateResult:
    """How one rule of one gate was met, in numbers and in words.

    `label`: what the gate asks about, see `Gate.label`; of `*` and `worst` the numbers are those of `decided_by`, the
    label that decides. `rule` and `threshold`: the rule as the policy has it. `interval`: of the candidate's value for
    a floor, of the difference (candidate minus active model) otherwise. `support`: the documents (mentions) that the
    numbers rest on. `word`: `met` and `missed` are certain at `confidence`; `undecided` is not, and then `needed` says
    about how many more test documents would settle it; `unknown`: a number is missing. `regression`: worse than the
    active model by more than the policy's margin, see `judge`.
    """

    metric: MetricName
    candidate: float | None
    baseline: float | None
    word: Literal["met", "missed", "undecided", "unknown"]
    regression: bool
    words: str
    label: str | None = None
    decided_by: str | None = None
    rule: Literal["at_least", "gain_at_least", "drop_at_most"] = "at_least"
    threshold: float | str = 0.0
    confidence: float = 0.95
    mode: Mode = "enforce"
    interval: Interval | None = None
    support: int | None = None
    needed: int | None = None


@dataclass(frozen=True)
class Verdict:
    """The judgement of one candidate against one baseline.

    `regression`: worse than the baseline by more than the policy's margin. `remarks`: what people should know besides
    (the exam wears out, a shadow gate would have said no).
    """

    word: Word
    reason: str
    regression: bool = False
    gates: tuple[GateResult, ...] = ()
    remarks: tuple[str, ...] = ()

    def digest(self) -> str:
        """Return the sha256 that an approval is bound to."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class MustPass:
    """The candidate's answers to the documents that it must get right: `failed` names them, never quotes them."""

    documents: int
    failed: tuple[str, ...] = ()
    """`<file>:<line>`, at most the first hundred."""
    failures: int = 0


@dataclass(frozen=True)
class Exam:
    """What both models' exam tells, without the answers themselves (`sheet.Sheet`).

    `candidate`: the trained model's ARN, None if nothing was trained. `scored_baseline`: the ARN of the model that sat
    the exam beside it, None if there was none. The metrics are Comprehend's averages (`iteration`) or ours (`golden`).
    `has_test_data`: whether both sat documents that were meant for it. `candidate_digest` and `baseline_digest`: the
    sha256 of the documents that each sat; None if that is not known. `documents` and `support`: how many test documents
    there are, in all and of each label (recognizers: mentions of each type); empty if that is not known.
    """

    candidate: str | None
    candidate_metrics: Metrics | None
    scored_baseline: str | None
    baseline_metrics: Metrics | None
    has_test_data: bool
    kind: Literal["iteration", "golden"] = "iteration"
    candidate_digest: str | None = None
    baseline_digest: str | None = None
    documents: int | None = None
    support: Mapping[str, int] = field(default_factory=dict)
    must_pass: MustPass | None = None


def judge(policy: Policy, exam: Exam, baseline: str | None) -> Verdict:
    """Judge `exam` under `policy`; `baseline` is the ARN of the model that is active now, None if there is none.

    The first model has no baseline and is judged by its `at_least` gates alone.
    """
    if exam.candidate is None:
        return Verdict("NO_CHANGE", "The iteration trained no new model.")
    if not exam.has_test_data:
        return Verdict(
            "INCONCLUSIVE",
            "There is no TEST dataset, so the model was scored on documents picked at random. "
            "Drop a TEST file together with the next TRAIN file.",
        )
    if exam.scored_baseline is None and baseline is not None:
        return Verdict("INCONCLUSIVE", "Comprehend did not score the active model in this iteration.")
    if exam.scored_baseline != baseline:
        return Verdict(
            "INCONCLUSIVE",
            "The active model changed after the iteration scored it, "
            "so the two models have no numbers from the same exam.",
        )
    gates = _gates_that_apply(policy.gates, first=baseline is None)
    if not gates:
        return Verdict("INCONCLUSIVE", "No gate of the policy can judge a first model: give one of them an at_least.")
    return _sum_up(
        tuple(
            _try_gate(
                gate,
                exam.candidate_metrics or Metrics(),
                exam.baseline_metrics or Metrics(),
                policy,
                first=baseline is None,
            )
            for gate in gates
        )
    )


def _gates_that_apply(gates: Sequence[Gate], *, first: bool) -> list[Gate]:
    return [gate for gate in gates if gate.at_least is not None or not first]


def _try_gate(gate: Gate, candidate: Metrics, baseline: Metrics, policy: Policy, *, first: bool) -> GateResult:
    new = candidate.value(gate.metric)
    old = None if first else baseline.value(gate.metric)
    if new is None or (not first and old is None):
        whose = "the candidate" if new is None else "the active model"
        return GateResult(
            gate.metric,
            new,
            old,
            "unknown",
            regression=False,
            words=f"{SHOWN[gate.metric]}: Comprehend gave no usable number for {whose}.",
        )
    faults = []
    if gate.at_least is not None and new < gate.at_least - _ROUNDING:
        faults.append(f"under the floor of {gate.at_least:.4f}")
    regression = False
    if old is not None:
        gain = new - old
        if isinstance(gate.gain_at_least, float) and gain < gate.gain_at_least - _ROUNDING:
            faults.append(f"a gain of {gain:+.4f} where {gate.gain_at_least:+.4f} is asked for")
        regression = -gain > policy.regression_margin + _ROUNDING
        if regression:
            faults.append(
                f"{-gain:.4f} worse than the active model, more than the margin of {policy.regression_margin:.4f}"
            )
    measured = f"{SHOWN[gate.metric]} {new:.4f}" + ("" if old is None else f" against {old:.4f}")
    words = f"{measured}: {', '.join(faults) if faults else 'met'}."
    return GateResult(gate.metric, new, old, "missed" if faults else "met", regression, words)


def _sum_up(results: tuple[GateResult, ...]) -> Verdict:
    missed = [result for result in results if result.word == "missed"]
    unknown = [result for result in results if result.word == "unknown"]
    if missed:
        return Verdict("FAIL", " ".join(r.words for r in missed), any(r.regression for r in missed), results)
    if unknown:
        return Verdict("INCONCLUSIVE", " ".join(r.words for r in unknown), gates=results)
    return Verdict("PASS", " ".join(r.words for r in results), gates=results)
